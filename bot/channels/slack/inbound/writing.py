"""Reads what was written in a message, and what others said in it."""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.slack.directory import Directory
from bot.channels.slack.inbound.block_text import (
    parts_of,
    signs_in,
    text_of_attachment,
    text_of_blocks,
    text_of_bot,
)
from bot.channels.slack.inbound.senders import name_in, text_of
from bot.channels.slack.installation import Installation
from bot.channels.slack.text import mentioned, readable, without_mention
from bot.domain.conversations.messages import Quotation
from bot.domain.secrets.masking import clean

Body = Mapping[str, Any]

MOST_NAMES = 50  # people mentioned in one text whose names are asked for
MOST_POSTS, LONGEST_POST = 1_000, 4_000  # of bots in channels, and characters of one
_USER_ID = re.compile(r"[UW][A-Z0-9]+")
_CODE = re.compile(r":[^:\s]{1,100}:(?::skin-tone-[2-6]:)?")


@dataclass(frozen=True, slots=True)
class Written:
    """The words of a message's writer, others' words in it, and the number of its files."""

    text: str
    quotations: tuple[Quotation, ...] = ()
    files: int = 0


class MessageReader:
    """Reads messages: names for mentions, signs for their codes, forwarded messages apart.

    What bots and workflows post in channels is remembered for a while, in this process alone: somebody may
    ask about it in its thread, and the question does not bring it along.
    """

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._posts: OrderedDict[tuple[str, str], Body] = OrderedDict()

    async def read(self, message: Body, installation: Installation, *, under: str = "") -> Written:
        """A person's message: their own words, what they forward, and a bot's post that it is `under`."""
        text = without_mention(text_of(message, "text"), installation.bot_user)
        own = await self.text(_with_signs(text, signs_in(message)))
        forwarded = [one for one in parts_of(message, "attachments") if _is_forwarded(one, text)]
        quotations = [await self._forwarded(one) for one in forwarded]
        if post := self._posts.get((text_of(message, "channel"), under)):
            quotations.append(await self._of_bot(post))
        files = _files(message) + sum(map(_files, forwarded))
        return Written(own, tuple(quotations), files)

    async def pointed_at(self, message: Body, user: str, installation: Installation) -> Written:
        """A message that somebody points at: another's words, unless it is their own."""
        written = await self.read(message, installation)
        author = text_of(message, "user")
        if author == user:
            return written
        if text_of(message, "bot_id"):
            quotation = await self._of_bot(message)
        else:
            quotation = Quotation(await self._name(author, name_in(message)), written.text)
        return Written("", (quotation, *written.quotations), written.files)

    def remember_post(self, channel: str, event: Body) -> None:
        """Remember what a bot or a workflow posted at the top level of a channel."""
        ts = text_of(event, "ts")
        if (
            ts
            and text_of(event, "thread_ts") in ("", ts)
            and text_of(event, "subtype") in ("", "bot_message")
        ):
            kept = ("bot_id", "username", "bot_profile", "user")
            post = {name: event[name] for name in kept if name in event}
            self._posts[channel, ts] = post | {"text": text_of_bot(event)[:LONGEST_POST]}
            if len(self._posts) > MOST_POSTS:
                self._posts.popitem(last=False)

    async def text(self, text: str) -> str:
        """A text of Slack's as its reader sees it."""
        for user in sorted(mentioned(text))[:MOST_NAMES]:
            await self._directory.profile(user)  # asks for the name where it is not known yet
        return clean(readable(text, self._directory.name)).strip()

    async def _of_bot(self, message: Body) -> Quotation:
        profile = message.get("bot_profile")
        name = text_of(message, "username") or (
            text_of(profile, "name") if isinstance(profile, Mapping) else ""
        )
        return Quotation(clean(name), await self.text(text_of_bot(message)))

    async def _forwarded(self, attachment: Body) -> Quotation:
        inner = [found for part in parts_of(attachment, "message_blocks") if (found := _message_in(part))]
        signs = {code: sign for message in inner for code, sign in signs_in(message).items()}
        # The blocks of a forwarded message are whole; the text beside them may be cut, or a bot's hint.
        shown = "\n".join(filter(None, map(text_of_blocks, inner))) or text_of_attachment(attachment)
        name = text_of(attachment, "author_name") or text_of(attachment, "author_subname")
        author = await self._name(text_of(attachment, "author_id"), name)
        return Quotation(author, await self.text(_with_signs(shown, signs)))

    async def _name(self, user: str, given: str) -> str:
        if given or not _USER_ID.fullmatch(user):
            return clean(given)
        await self._directory.profile(user)
        return clean(self._directory.name(user) or f"@{user}")


def _message_in(part: Body) -> Body | None:
    message = part.get("message")
    return message if isinstance(message, Mapping) else None


def _is_forwarded(attachment: Body, text: str) -> bool:
    """Tell a forwarded message from the preview of a link, which stands in the text."""
    if attachment.get("is_share") is True:
        return True
    link = text_of(attachment, "from_url")
    return attachment.get("is_msg_unfurl") is True and not (link and link in text.replace("&amp;", "&"))


def _files(message: Body) -> int:
    files = message.get("files")
    return len(files) if isinstance(files, list) else 0


def _with_signs(text: str, signs: Mapping[str, str]) -> str:
    return _CODE.sub(lambda code: signs.get(code[0], code[0]), text) if signs else text
