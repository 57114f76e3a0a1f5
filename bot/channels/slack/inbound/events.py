"""Reads Slack's events and interactions as utterances."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.channels.slack.directory import CHANNEL, Directory
from bot.channels.slack.inbound import edits
from bot.channels.slack.inbound.senders import Sender, Senders, name_in, team_of, text_of
from bot.channels.slack.inbound.writing import MessageReader, Written
from bot.channels.slack.installation import Installation
from bot.channels.slack.outbound import modals
from bot.channels.slack.outbound.elements import PREFIX, read_value, written_in
from bot.channels.slack.outbound.sender import HOME, PERSON
from bot.channels.slack.settings import Settings
from bot.channels.slack.text import mentioned
from bot.desk.ports.clock import Clock
from bot.domain.conversations.messages import (
    MORE,
    SHOW_DETAILS,
    Addressed,
    Behalf,
    Click,
    ConversationRef,
    Utterance,
)
from bot.domain.people import Identity
from bot.domain.secrets.masking import clean

Body = Mapping[str, Any]

PEOPLES_SUBTYPES = frozenset({"", "file_share", "thread_broadcast", "me_message"})
LINK_ACTION = f"{PREFIX}link"
_BEHALF = re.compile(
    r"\s*(?:for|para)\s+<@([UW][A-Z0-9]+)(?:\|([^<>]*))?>[\s,:]*(.*)", re.IGNORECASE | re.DOTALL
)
# A name that was typed, and not picked: Slack says of nobody that it is theirs.
_BEHALF_TYPED = re.compile(r"\s*(?:for|para)\s+@([\w.'’-]{1,80})[\s,:]*(.*)", re.IGNORECASE | re.DOTALL)
_SHOWN_BY_ID = re.compile(r"@([UW][A-Z0-9]+)")


class EventReader:
    """Reads events as utterances; returns None for what is none."""

    def __init__(self, settings: Settings, directory: Directory, clock: Clock, scope: str = "") -> None:
        """`scope` stands before the ids of files, where there are several workspaces."""
        self._scope = scope
        self._settings = settings
        self._directory = directory
        self._clock = clock
        self.senders = Senders(settings, directory)
        self._messages = MessageReader(directory)

    async def message(self, body: Body, installation: Installation) -> Utterance | None:
        """A `message` or `app_mention` event; of edits and deletions see `edits`."""
        event: Body = body.get("event") or {}
        if text_of(event, "subtype") in edits.SUBTYPES:
            return await self._changed(body, event, installation)
        user, channel, ts = text_of(event, "user"), text_of(event, "channel"), text_of(event, "ts")
        if _by_other_bot(event, installation):
            self._messages.remember_post(channel, event)
        if not (user and channel and ts) or not _by_person(event, installation):
            return None
        kind = await self._kind_of(event, channel)
        addressed = self._addressed(event, kind, installation)
        if addressed is None:
            return None
        sender = await self.senders.of(user, installation, team_of(event, body, installation), name_in(event))
        text, thread = text_of(event, "text"), text_of(event, "thread_ts")
        others = mentioned(text) - {installation.bot_user}
        under = thread if addressed is Addressed.MENTION else ""
        written = await self._messages.read(event, installation, under=under)
        return Utterance(
            keys=(f"slack:{installation.team}:message:{channel}:{ts}", *_event_key(body, installation)),
            sender=sender.identity,
            sender_name=sender.name,
            conversation=_thread_of(channel, thread or ts, kind, installation),
            at=_moment(ts, self._clock),
            addressed=addressed,
            text=written.text,
            quotations=written.quotations,
            files=written.files,
            attachments=edits.attachments(event, self._scope),
            message=ts,
            locale=sender.locale,
            zone=sender.zone,
            to_others=bool(others) and installation.bot_user not in mentioned(text),
            stranger=sender.stranger,
            link=installation.permalink(channel, ts, thread) if kind == "channel" else "",
        )

    async def _kind_of(self, event: Body, channel: str) -> str:
        kind = text_of(event, "channel_type") or ("im" if channel.startswith("D") else "")
        if not kind:
            return await self._directory.channel_kind(channel)
        await self._directory.note_channel_kind(channel, kind)
        return kind

    async def _changed(self, body: Body, event: Body, installation: Installation) -> Utterance | None:
        found = edits.read(event)
        if found is None or not _by_person(found.message, installation):
            return None
        channel, user = text_of(event, "channel"), text_of(found.message, "user")
        kind = text_of(event, "channel_type") or await self._directory.channel_kind(channel)
        sender = await self.senders.of(user, installation, team_of(found.message, body, installation), "")
        what = f"{found.change}:{channel}:{found.ts}:{found.changed_ts}"
        written = await self._messages.read(found.message, installation)
        return Utterance(
            keys=(f"slack:{installation.team}:{what}", *_event_key(body, installation)),
            sender=sender.identity,
            sender_name=sender.name,
            conversation=_thread_of(channel, found.thread or found.ts, kind, installation),
            at=_moment(found.changed_ts, self._clock),
            addressed=Addressed.DIRECT if kind == "im" else Addressed.THREAD,
            text=written.text,
            quotations=written.quotations,
            locale=sender.locale,
            zone=sender.zone,
            stranger=sender.stranger,
            message=found.ts,
            change=found.change,
        )

    async def opened(self, body: Body, installation: Installation) -> Utterance | None:
        """An `app_home_opened` event of the messages tab: somebody opened their chat with us."""
        event: Body = body.get("event") or {}
        user, channel = text_of(event, "user"), text_of(event, "channel")
        if not user or not channel:
            return None
        sender = await self.senders.of(user, installation, team_of(event, body, installation), "")
        at = text_of(event, "event_ts")
        return Utterance(
            keys=_event_key(body, installation) or (f"slack:{installation.team}:opened:{user}:{at}",),
            sender=sender.identity,
            sender_name=sender.name,
            conversation=ConversationRef(CHANNEL, installation.team, channel),
            at=self._clock(),
            addressed=Addressed.OPENED,
            locale=sender.locale,
            zone=sender.zone,
            stranger=sender.stranger,
        )

    async def home(self, body: Body, installation: Installation) -> Utterance | None:
        """An `app_home_opened` event of the home tab."""
        event: Body = body.get("event") or {}
        user = text_of(event, "user")
        if not user:
            return None
        sender = await self.senders.of(user, installation, team_of(event, body, installation), "")
        return Utterance(
            keys=_event_key(body, installation)
            or (f"slack:{installation.team}:home:{user}:{text_of(event, 'event_ts')}",),
            sender=sender.identity,
            sender_name=sender.name,
            conversation=ConversationRef(CHANNEL, installation.team, HOME + user),
            at=self._clock(),
            addressed=Addressed.HOME,
            locale=sender.locale,
            zone=sender.zone,
            stranger=sender.stranger,
        )

    async def command(self, body: Body, installation: Installation) -> Utterance:
        """A slash command: answered in a DM, for oneself or for somebody else."""
        text, key = text_of(body, "text"), text_of(body, "trigger_id")
        team = "" if installation.serves(body) else text_of(body, "team_id")
        name = text_of(body, "user_name")
        sender = await self.senders.of(text_of(body, "user_id"), installation, team, name)
        behalf, match, typed = None, _BEHALF.fullmatch(text), _BEHALF_TYPED.fullmatch(text)
        if match and match[1] != installation.bot_user:
            text = match[3]
            behalf = await self._behalf(match[1], match[2] or "", key, installation)
        elif typed:
            text, nobody = typed[2], Identity(CHANNEL, installation.team, "")
            behalf = Behalf(
                nobody, clean(typed[1]), private_chat(installation.team, sender.identity.external_id, key)
            )
        # The private line of the command shows what is private: there is no message to answer to.
        written = Written(await self._messages.text(text))
        return self._asked(sender, installation, key, written, inline=True, behalf=behalf)

    async def shortcut(self, body: Body, installation: Installation) -> Utterance:
        """The message shortcut: who clicks asks; the message's author is not contacted."""
        message: Body = body.get("message") or {}
        sender = await self.senders.who_clicked(body, installation)
        written = await self._messages.pointed_at(message, sender.identity.external_id, installation)
        return self._asked(sender, installation, text_of(body, "trigger_id"), written)

    async def question(self, body: Body, installation: Installation) -> Utterance:
        """The question from the global shortcut's modal."""
        view: Body = body.get("view") or {}
        sender = await self.senders.who_clicked(body, installation)
        written = Written(clean(modals.question_of(view)).strip())
        return self._asked(sender, installation, _view_key(view), written, inline=True, source="view")

    async def click(self, body: Body, installation: Installation) -> Utterance | None:
        """A button, or what was picked in a menu; None for one that only opens a link."""
        action: Body = next(iter(body.get("actions") or ()), {})
        name = text_of(action, "action_id")
        if action.get("url") or name.startswith(LINK_ACTION):
            return None
        lasting = text_of(action, "type") == "static_select"
        if lasting and not written_in(action):  # picked once more: Slack takes that for picking nothing
            return None
        # What is not readable as ours goes on as an unknown action: the core has a sentence for it.
        carried = read_value(written_in(action)) or ("unknown", "", "")
        sender = await self.senders.who_clicked(body, installation)
        trigger = text_of(body, "trigger_id") or text_of(action, "action_ts")
        conversation = _clicked_in(body, installation, sender.identity.external_id)
        return Utterance(
            keys=(f"slack:{installation.team}:trigger:{trigger}",),
            sender=sender.identity,
            sender_name=sender.name,
            conversation=conversation,
            at=self._clock(),
            addressed=_addressed_in(conversation),
            locale=sender.locale,
            zone=sender.zone,
            click=Click(*carried, lasting=lasting),
            stranger=sender.stranger,
            inline=carried[0] in (MORE, SHOW_DETAILS),  # a modal shows it
        )

    async def submission(self, body: Body, installation: Installation) -> Utterance | None:
        """A form that was sent; None when it is none of ours."""
        view: Body = body.get("view") or {}
        sent = modals.submission_of(view)
        if sent is None:
            return None
        sender = await self.senders.who_clicked(body, installation)
        private = sent.space.startswith(("D", PERSON, HOME))
        conversation = ConversationRef(CHANNEL, installation.team, sent.space, sent.thread, private=private)
        return Utterance(
            keys=(f"slack:{installation.team}:view:{_view_key(view)}",),
            sender=sender.identity,
            sender_name=sender.name,
            conversation=conversation,
            at=self._clock(),
            addressed=_addressed_in(conversation),
            locale=sender.locale,
            zone=sender.zone,
            click=sent.click,
            stranger=sender.stranger,
            inline=True,
        )

    async def correct_names(self, utterance: Utterance) -> None:
        """Correct whom this shows by their id, where the name came before the desk had it."""
        behalf = {utterance.behalf.identity.external_id} if utterance.behalf else set()
        shown = (utterance.text, *(f"{one.author} {one.text}" for one in utterance.quotations))
        named = {found for text in shown for found in _SHOWN_BY_ID.findall(text)}
        await self._directory.correct({utterance.sender.external_id} | behalf | named)

    # --- parts ----------------------------------------------------------------------------------------

    def _addressed(self, event: Body, kind: str, installation: Installation) -> Addressed | None:
        if kind == "im":
            return Addressed.DIRECT
        # Slack sends a mention twice, as `message` and as `app_mention`: both must mean the same.
        if event.get("type") == "app_mention" or installation.bot_user in mentioned(text_of(event, "text")):
            return Addressed.MENTION
        thread = text_of(event, "thread_ts")
        if thread and thread != text_of(event, "ts"):
            return Addressed.THREAD
        return Addressed.HELP if event.get("channel") in self._settings.help_channels else None

    def _asked(
        self,
        sender: Sender,
        installation: Installation,
        key: str,
        written: Written,
        *,
        inline: bool = False,
        source: str = "trigger",
        behalf: Behalf | None = None,
    ) -> Utterance:
        return Utterance(
            keys=(f"slack:{installation.team}:{source}:{key}",),
            sender=sender.identity,
            sender_name=sender.name,
            conversation=private_chat(installation.team, sender.identity.external_id, key),
            at=self._clock(),
            addressed=Addressed.DIRECT,
            text=written.text,
            quotations=written.quotations,
            files=written.files,
            locale=sender.locale,
            zone=sender.zone,
            behalf=behalf,
            stranger=sender.stranger,
            inline=inline,
        )

    async def _behalf(self, user: str, given: str, key: str, installation: Installation) -> Behalf:
        await self._directory.profile(user)
        name = self._directory.name(user) or given or user
        return Behalf(
            Identity(CHANNEL, installation.team, user),
            clean(name),
            private_chat(installation.team, user, key),
        )


def _thread_of(channel: str, thread: str, kind: str, installation: Installation) -> ConversationRef:
    return ConversationRef(CHANNEL, installation.team, channel, thread, private=kind == "im")


def private_chat(team: str, user: str, key: str) -> ConversationRef:
    """Name a thread that is yet to begin in the bot's own chat with somebody."""
    return ConversationRef(CHANNEL, team, PERSON + user, f"new:{key}")


def _clicked_in(body: Body, installation: Installation, user: str) -> ConversationRef:
    container: Body = body.get("container") or {}
    message: Body = body.get("message") or {}
    channel = text_of(body.get("channel") or {}, "id") or text_of(container, "channel_id")
    if not channel:
        return ConversationRef(CHANNEL, installation.team, HOME + user)
    private = channel.startswith("D")
    thread = text_of(message, "thread_ts") or text_of(container, "thread_ts")
    ts = text_of(message, "ts") or text_of(container, "message_ts")
    if thread in ("", ts):
        # Pressed at the channel's top level: a private line in a thread would not be seen from there.
        thread = ts if private else ""
    return ConversationRef(CHANNEL, installation.team, channel, thread, private=private)


def _addressed_in(conversation: ConversationRef) -> Addressed:
    # The Home tab shows its new state by itself; only the core knows when.
    return Addressed.HOME if conversation.space.startswith(HOME) else Addressed.CLICK


def _by_person(event: Body, installation: Installation) -> bool:
    user, subtype = text_of(event, "user"), text_of(event, "subtype")
    if subtype not in PEOPLES_SUBTYPES or event.get("bot_id") or event.get("hidden"):
        return False
    return user not in (installation.bot_user, "USLACKBOT")


def _by_other_bot(event: Body, installation: Installation) -> bool:
    bot = text_of(event, "bot_id")
    return bot not in ("", installation.bot) and text_of(event, "user") != installation.bot_user


def _event_key(body: Body, installation: Installation) -> tuple[str, ...]:
    event_id = text_of(body, "event_id")
    return (f"slack:{installation.team}:event:{event_id}",) if event_id else ()


def _view_key(view: Body) -> str:
    # The hash changes with the view, not with what is written: a corrected form is another submission.
    return f"{text_of(view, 'id')}:{text_of(view, 'hash')}:{modals.digest(view)}"


def _moment(ts: str, clock: Clock) -> datetime:
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return clock()
