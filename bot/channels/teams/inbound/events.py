"""Reads an activity as an utterance of the desk."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote, urlencode

from bot.channels.teams.inbound.activities import Account, Activity, Kind, Mention, joined, words
from bot.channels.teams.inbound.feedback import FETCH
from bot.channels.teams.inbound.guests import is_guest
from bot.channels.teams.settings import Settings
from bot.domain.conversations.messages import Addressed, Behalf, Change, Click, ConversationRef, Utterance
from bot.domain.people import Identity
from bot.domain.secrets.masking import clean

FIELD = "field."  # the ids of inputs on our cards begin with this
FILLED = "filled"  # in the data of a button that takes inputs
BEHALF = "@"  # a space that begins with this is the personal chat of that account, not made yet
CHANGES = {"messageUpdate": Change.EDITED, "messageDelete": Change.DELETED}
_FOR = re.compile(r"^\s*(?:for|para)\s+", re.IGNORECASE)
_TYPED = re.compile(r"@([\w.'’-]{1,80})")  # a name that was typed, and not picked
_BOT_ACCOUNT = "28:"


@dataclass(frozen=True, slots=True)
class EventReader:
    """Reads activities as utterances; returns None for what is none."""

    settings: Settings
    anonymous: bool

    def tenant(self, activity: Activity) -> str:
        """The tenant's name in our keys.

        An anonymous sender can name any tenant, so without a configured one there is none.
        """
        if self.anonymous and not self.settings.tenant_id:
            return ""
        return activity.tenant.lower()

    def identity(self, activity: Activity, account: Account) -> Identity:
        """The identity of an account."""
        return Identity("teams", self.tenant(activity), account.external_id)

    def conversation(self, activity: Activity) -> ConversationRef:
        """The conversation of an activity; a post at a channel's top level is the root of its thread."""
        thread = activity.thread
        if activity.kind is Kind.CHANNEL and not thread and activity.type in ("message", *CHANGES):
            thread = activity.id
        return ConversationRef(
            "teams",
            self.tenant(activity),
            activity.space,
            thread if activity.kind is Kind.CHANNEL else "",
            private=activity.kind is Kind.PERSONAL,
        )

    def is_stranger(self, activity: Activity, *, known_guest: bool = False) -> bool:
        """Tell whether the sender is a guest, of another organisation, or of none that Teams names."""
        sender, own = activity.sender, self.settings.tenant_id
        if not self.anonymous and not (activity.tenant and sender.object_id):
            return True
        elsewhere = bool(own) and bool(
            {place.lower() for place in (activity.tenant, activity.home)} - {own, ""}
        )
        guest = known_guest or elsewhere or is_guest(sender, own)
        return guest and not self.settings.allow_guests

    def utterance(
        self,
        activity: Activity,
        now: datetime,
        addressee: Account | None,
        answer: Click | None = None,
        *,
        known_guest: bool = False,
    ) -> Utterance | None:
        """What was said or clicked; None for what is nobody's utterance.

        `addressee` is whom an engineer asks for (`asks_for`), `answer` a click on a control of Teams' own.
        """
        click, change = answer or clicked(activity), CHANGES.get(activity.type, Change.NEW)
        if not (click or _says_something(activity)) or not _is_of_somebody(activity):
            return None
        return Utterance(
            keys=(self._key(activity),),
            sender=self.identity(activity, activity.sender),
            sender_name=activity.sender.name or activity.sender.external_id,
            conversation=self.conversation(activity),
            at=now,
            addressed=Addressed.CLICK if click else self._addressed(activity),
            text="" if click else (_question(activity) if addressee else words(activity)),
            quotations=() if click else activity.quotations,
            files=len(activity.files),
            attachments=activity.files,
            message=activity.id,
            change=change,
            locale=activity.locale,
            zone=activity.zone,
            click=click,
            behalf=None if click else self._behalf(activity, addressee),
            to_others=bool(activity.mentions) and not activity.mentions_us,
            stranger=self.is_stranger(activity, known_guest=known_guest),
            inline=activity.type == "invoke" and (answer is None or activity.name == FETCH),
            link=self._link(activity),
        )

    def _key(self, activity: Activity) -> str:
        key = f"teams:{self.tenant(activity)}:{joined(activity.space, activity.thread)}:{activity.id}"
        if activity.type not in CHANGES:
            return key
        # An edit has its message's id; the time tells one edit from the next, and is the same in a repeat.
        print_of = sha256(f"{activity.timestamp}\n{activity.markup}".encode("utf-8", "replace")).hexdigest()[
            :16
        ]
        return f"{key}:{activity.type}:{activity.event}:{print_of}"

    def _addressed(self, activity: Activity) -> Addressed:
        if arrives(activity):
            return Addressed.OPENED
        if activity.kind is Kind.PERSONAL or activity.targeted:
            return Addressed.DIRECT
        if activity.mentions_us:
            return Addressed.MENTION
        top = activity.thread in ("", activity.id)
        if activity.kind is Kind.CHANNEL and top and activity.space in self.settings.help_channels:
            return Addressed.HELP
        return Addressed.THREAD

    def _behalf(self, activity: Activity, account: Account | None) -> Behalf | None:
        tenant = self.tenant(activity)
        if account is None:
            name = _typed_name(activity)
            return Behalf(Identity("teams", tenant, ""), name, self.conversation(activity)) if name else None
        place = ConversationRef("teams", tenant, BEHALF + account.id)
        return Behalf(self.identity(activity, account), account.name or account.external_id, place)

    def _link(self, activity: Activity) -> str:
        if activity.kind is not Kind.CHANNEL or activity.targeted or self.anonymous:
            return ""
        query = {"tenantId": activity.tenant, "groupId": activity.group}
        query["parentMessageId"] = activity.thread or activity.id
        path = f"{quote(activity.space, safe='')}/{quote(activity.id, safe='')}"
        present = {name: value for name, value in query.items() if value}
        return f"https://teams.microsoft.com/l/message/{path}?{urlencode(present)}"


def in_chat(said: Utterance, chat: str) -> Utterance:
    """Take what somebody said that they alone see in a channel as said in their personal chat."""
    there = ConversationRef("teams", said.conversation.tenant, chat)
    behalf = said.behalf
    if behalf is not None and behalf.conversation == said.conversation:
        behalf = replace(behalf, conversation=there)
    asked_at = said.conversation if said.change is Change.NEW else None
    return replace(said, conversation=there, behalf=behalf, asked_at=asked_at)


def arrives(activity: Activity) -> bool:
    """Tell whether somebody has installed the bot for themselves; a newer version of it is no arrival."""
    personal = activity.kind is Kind.PERSONAL
    return personal and activity.type == "installationUpdate" and activity.action == "add"


def _says_something(activity: Activity) -> bool:
    return activity.type == "message" or activity.type in CHANGES or arrives(activity)


def _is_of_somebody(activity: Activity) -> bool:
    return bool(activity.id and activity.space and activity.sender.id) and not _is_bot(activity)


def asks_for(activity: Activity) -> Mention | None:
    """The mention in `for @person question` or `para @persona pregunta`, addressed to us."""
    if activity.type != "message" or not (activity.mentions_us or activity.kind is Kind.PERSONAL):
        return None
    rest = _after_for(activity)
    for mention in activity.mentions:
        ours = mention.account.id == activity.recipient.id
        if rest is not None and not ours and mention.markup and rest.startswith(mention.markup):
            return mention
    return None


def _typed_name(activity: Activity) -> str:
    """The name in `for @person question` where nobody is mentioned by it."""
    if activity.type != "message" or not (activity.mentions_us or activity.kind is Kind.PERSONAL):
        return ""
    found = _TYPED.match(_after_for(activity) or "")
    return found[1] if found else ""


def _after_for(activity: Activity) -> str | None:
    text = activity.markup
    for mention in activity.mentions:
        if mention.account.id == activity.recipient.id and mention.markup:
            text = text.replace(mention.markup, " ")
    text = text.replace("&nbsp;", " ").replace("\N{NO-BREAK SPACE}", " ")
    found = _FOR.match(text)
    return text[found.end() :] if found else None


def _question(activity: Activity) -> str:
    mention, rest = asks_for(activity), _after_for(activity)
    if mention is None or rest is None:
        return words(activity)
    return words(activity, rest[len(mention.markup) :]).lstrip(" :,-\n")


def clicked(activity: Activity) -> Click | None:
    """The button of ours that was clicked: an Action.Execute, or an Action.Submit of an older client."""
    if activity.type == "invoke":
        action = activity.value.get("action") if isinstance(activity.value, Mapping) else None
        return _click(action.get("verb"), action.get("data")) if isinstance(action, Mapping) else None
    if activity.type == "message" and isinstance(activity.value, Mapping):
        return _click(activity.value.get("verb"), activity.value)
    return None


def _click(verb: object, data: object) -> Click | None:
    if isinstance(data, str):  # some clients send the data as JSON text
        try:
            data = json.loads(data)
        except (ValueError, RecursionError):
            return None
    if not isinstance(verb, str) or not verb or not isinstance(data, Mapping):
        return None
    token, argument = data.get("token"), data.get("argument")
    if not isinstance(token, str) or not token:
        return None
    inputs = {
        key.removeprefix(FIELD): clean(value)
        for key, value in data.items()
        if isinstance(key, str) and key.startswith(FIELD) and isinstance(value, str)
    }
    filled = bool(inputs) or data.get(FILLED) is True
    return Click(
        clean(verb),
        clean(token),
        clean(argument) if isinstance(argument, str) else "",
        inputs if filled else None,
    )


def _is_bot(activity: Activity) -> bool:
    sender = activity.sender
    return (
        sender.id == activity.recipient.id
        or sender.id.startswith(_BOT_ACCOUNT)
        or sender.role in ("bot", "skill")
    )
