"""Reads an incoming activity into plain values, checked and cleaned, without a type of the SDK."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from mimetypes import guess_type
from typing import Any
from urllib.parse import urlsplit

from bot.channels.teams.inbound.text import from_text, with_bare_mentions
from bot.channels.teams.inbound.writing import HTML, Written, read_writing
from bot.domain.conversations.messages import Attachment, Quotation
from bot.domain.errors import FirstlineError
from bot.domain.secrets.masking import clean

FILES = ("image/", "video/", "audio/", "application/vnd.microsoft.teams.file.", "reference")
DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"
DOWNLOADED, PASTED = "download:", "pasted:"
UNNAMED = "\N{PAPERCLIP}"  # a file of which Teams does not tell the name
LONGEST_ID = 500
MOST_MENTIONS = 50


_UTTERANCES = ("message", "messageUpdate", "messageDelete", "invoke")
_SHAPE: Mapping[str, type] = {
    **dict.fromkeys(
        ("id", "text", "textFormat", "name", "channelId", "timestamp", "locale", "localTimezone"), str
    ),
    **dict.fromkeys(("from", "recipient", "conversation", "channelData"), dict),
    **dict.fromkeys(("attachments", "entities"), list),
}


class NotAnActivity(FirstlineError):
    """The body is not an activity."""


class Kind(StrEnum):
    """The kind of a conversation."""

    PERSONAL = "personal"
    GROUP = "groupChat"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody in Teams; `id` addresses them, `object_id` is the directory's."""

    id: str
    name: str = ""
    object_id: str = ""
    role: str = ""
    tenant: str = ""
    principal: str = ""  # the name with which they sign in

    @property
    def external_id(self) -> str:
        """The id that stays the same in every conversation, where Teams tells it."""
        return self.object_id or self.id


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody who is mentioned; `markup` is how it stands in the text."""

    account: Account
    markup: str


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity; `space` and `thread` are the two halves of a channel's conversation id."""

    type: str
    id: str
    name: str
    action: str
    service_url: str
    channel_id: str
    tenant: str
    home: str  # the tenant in which the conversation is, where Teams tells it
    sender: Account
    recipient: Account
    kind: Kind
    space: str
    thread: str
    markup: str  # the writer's own words in the form of Teams' plain text, with their mentions
    quotations: tuple[Quotation, ...]
    mentions: tuple[Mention, ...]
    files: tuple[Attachment, ...]
    event: str  # what was done to a message that was changed
    timestamp: str
    value: object
    locale: str | None
    zone: str
    team: str
    group: str
    channel: str
    channel_kind: str
    targeted: bool = False  # its writer and the bot alone see it, in a channel or group chat
    reply_to: str = ""  # the message that was clicked

    @property
    def conversation(self) -> str:
        """The conversation's id as Teams writes it."""
        return joined(self.space, self.thread)

    @property
    def mentions_us(self) -> bool:
        """Whether the bot is mentioned."""
        return any(mention.account.id == self.recipient.id for mention in self.mentions)


def joined(space: str, thread: str) -> str:
    """The id of a thread of a channel, or of a conversation that has no threads."""
    return f"{space};messageid={thread}" if thread else space


def split(conversation_id: str) -> tuple[str, str]:
    """The channel and the thread of a conversation id."""
    space, _, thread = conversation_id.partition(";messageid=")
    return space, thread


def read(body: object) -> Activity:
    """Read a decoded JSON body; raise `NotAnActivity`."""
    if not isinstance(body, Mapping):
        raise NotAnActivity("The body is not an object.")
    kind, service_url = _text(body, "type"), _text(body, "serviceUrl")
    _check_shape(body, kind)
    data, conversation = _map(body, "channelData"), _map(body, "conversation")
    space, thread = split(_id(conversation, "id"))
    team, channel = _map(data, "team"), _map(data, "channel")
    written, kind_of_place = _writing(body), _kind(conversation, thread)
    return Activity(
        type=kind,
        id=_id(body, "id"),
        name=_text(body, "name"),
        action=_text(body, "action"),
        service_url=service_url,
        channel_id=_text(body, "channelId"),
        tenant=_id(_map(data, "tenant"), "id") or _id(conversation, "tenantId"),
        home=_id(conversation, "tenantId"),
        sender=_account(_map(body, "from")),
        recipient=_account(_map(body, "recipient")),
        kind=kind_of_place,
        space=space,
        thread=thread,
        markup=written.markup,
        quotations=written.quotations,
        mentions=_mentions(body),
        files=_files(body, written, service_url, personal=kind_of_place is Kind.PERSONAL),
        event=_text(data, "eventType"),
        timestamp=_text(body, "timestamp"),
        value=body.get("value"),
        locale=_text(body, "locale") or None,
        zone=_text(body, "localTimezone"),
        team=_id(team, "id"),
        group=_id(team, "aadGroupId"),
        channel=_id(channel, "id"),
        channel_kind=_id(channel, "type").lower(),
        targeted=kind_of_place is not Kind.PERSONAL and _is_targeted(body),
        reply_to=_id(body, "replyToId"),
    )


def _is_targeted(body: Mapping[str, Any]) -> bool:
    """Whether a message is for the bot alone; Teams says so of the recipient, or beside the text."""
    beside = (_text(entity, "treatment") for entity in _list(body, "entities"))
    return _map(body, "recipient").get("isTargeted") is True or "targeted" in beside


def _check_shape(body: Mapping[str, Any], kind: str) -> None:
    """Raise `NotAnActivity` where a part is not what the Activity schema says, or an utterance has no ids."""
    for name in ("type", "serviceUrl"):
        if not _text(body, name):
            raise NotAnActivity(f"The activity has no {name}.")
    for name, wanted in _SHAPE.items():
        value = body.get(name)
        if value is not None and not isinstance(value, wanted):
            raise NotAnActivity(f"The activity's {name} is of another type.")
    if kind not in _UTTERANCES:
        return
    for whole, name in ((body, "id"), (_map(body, "conversation"), "id"), (_map(body, "from"), "id")):
        if not _text(whole, name).strip():
            raise NotAnActivity("The activity does not say what it is, where, or from whom.")


def words(activity: Activity, markup: str | None = None) -> str:
    """The text as the person wrote it: our own name left out, other names readable."""
    text = activity.markup if markup is None else markup
    for mention in activity.mentions:
        if mention.account.id == activity.recipient.id and mention.markup:
            text = text.replace(mention.markup, " ")
    return clean(from_text(text))


def _kind(conversation: Mapping[str, Any], thread: str) -> Kind:
    said = _text(conversation, "conversationType")
    for kind in Kind:
        if said == kind:
            return kind
    if thread:
        return Kind.CHANNEL
    return Kind.GROUP if conversation.get("isGroup") is True else Kind.PERSONAL


def _writing(body: Mapping[str, Any]) -> Written:
    beside = (_list(body, "attachments"), _list(body, "entities"))
    return read_writing(_text(body, "text"), *beside, is_html=_text(body, "textFormat") == "xml")


def _mentions(body: Mapping[str, Any]) -> tuple[Mention, ...]:
    found = []
    for entity in _list(body, "entities"):
        account = _account(_map(entity, "mentioned"))
        if _text(entity, "type") == "mention" and account.id:
            markup = _text(entity, "text") or f"<at>{account.name}</at>"
            found.append(Mention(account, with_bare_mentions(markup)))
    return tuple(found[:MOST_MENTIONS])


def _files(
    body: Mapping[str, Any], written: Written, service_url: str, *, personal: bool
) -> tuple[Attachment, ...]:
    attachments = _list(body, "attachments")
    found = [
        one
        for one in attachments
        if _text(one, "contentType").startswith(FILES) and _text(one, "contentUrl") not in written.sprites
    ]
    if not found and not personal and _hides_files(body, written, attachments):
        return (Attachment(UNNAMED, "reference"),)
    return tuple(_file(attachment, service_url) for attachment in found)


def _hides_files(body: Mapping[str, Any], written: Written, attachments: list[Mapping[str, Any]]) -> bool:
    """Whether a message holds what Teams does not show to bots.

    Of a file or a voice message in a channel a bot gets an empty HTML body at most, or its place in one;
    beside a text it may get nothing at all.
    """
    if _text(body, "type") != "message":
        return False
    if written.places:
        return True
    has_body = any(_text(one, "contentType") == HTML for one in attachments)
    return has_body and not from_text(written.markup) and not written.quotations


def _file(attachment: Mapping[str, Any], service_url: str) -> Attachment:
    """A file; without a source where Teams gives a bot no way to read it, as for files of a channel."""
    kind, source = _text(attachment, "contentType"), ""
    name = _text(attachment, "name")
    if kind == DOWNLOAD:
        url = _text(_map(attachment, "content"), "downloadUrl")
        source = f"{DOWNLOADED}{url}" if url else ""
        kind = guess_type(name)[0] or ""
    elif kind.startswith("image/"):
        url = _text(attachment, "contentUrl")
        # Our token goes only to where we post anyway.
        source = f"{PASTED}{url}" if url and origin(url) == origin(service_url) else ""
        name = name or f"image.{kind.removeprefix('image/').strip('*') or 'png'}"
    return Attachment(name or "file", kind, 0, source)


def origin(url: str) -> tuple[str, str]:
    """Scheme, host and port of an address; one that cannot be read is nobody's."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", url
    return parts.scheme, parts.netloc.lower()


def _account(source: Mapping[str, Any]) -> Account:
    return Account(
        id=_id(source, "id"),
        name=" ".join(_text(source, "name").split())[:200],
        object_id=_id(source, "aadObjectId"),
        role=_text(source, "userRole") or _text(source, "role"),
        tenant=_id(source, "tenantId"),
        principal=_text(source, "userPrincipalName"),
    )


def _text(source: Mapping[str, Any], key: str) -> str:
    value = source.get(key)
    return clean(value) if isinstance(value, str) else ""


def _id(source: Mapping[str, Any], key: str) -> str:
    value = _text(source, key).strip()
    if len(value) > LONGEST_ID:
        raise NotAnActivity(f"The activity's {key} is too long.")
    return value


def _map(source: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = source.get(key)
    return value if isinstance(value, Mapping) else {}


def _list(source: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = source.get(key)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
