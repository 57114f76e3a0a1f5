"""Reads what was written in a message, and what others said in it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.teams.inbound.text import Html, from_html, read_html, with_bare_mentions, without_quoted
from bot.domain.conversations.messages import Quotation
from bot.domain.secrets.masking import clean

HTML = "text/html"
_REPLY, _FORWARD = "messageReference", "forwardedMessageReference"
# Why an HTML body is read where there is a text: the text has these too, but does not set them apart.
_SETS_APART = ("<blockquote", "<emoji", "schema.skype.com/emoji")

Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """The words of a message's writer, in the form of Teams' plain text, and others' words in it.

    `sprites` are the addresses of signs that are shown as pictures, `places` the ids of what has a place in
    the body and is no message that is quoted.
    """

    markup: str
    quotations: tuple[Quotation, ...]
    sprites: frozenset[str]
    places: frozenset[str]


def read_writing(
    text: str, attachments: Sequence[Part], entities: Sequence[Part], *, is_html: bool
) -> Written:
    """Read a message's text with what Teams sends beside it."""
    whole = "" if is_html else text
    body = text if is_html and text.strip() else _body(attachments)
    html = read_html(body) if body else Html("", (), frozenset(), frozenset())
    named = tuple(_named(attachments, entities))
    use_html = not whole.strip() or any(sign in body.lower() for sign in _SETS_APART)
    markup = html.markup if use_html else whole
    for quotation in () if use_html else named:
        markup = without_quoted(markup, quotation)
    referred = frozenset(
        _string(a, "id") for a in attachments if _string(a, "contentType") in (_REPLY, _FORWARD)
    )
    return Written(
        with_bare_mentions(markup), named or html.quotations, html.sprites, html.attachments - referred
    )


def _body(attachments: Sequence[Part]) -> str:
    bodies = (_string(one, "content") for one in attachments if _string(one, "contentType") == HTML)
    return clean(next((body for body in bodies if body), ""))


def _named(attachments: Sequence[Part], entities: Sequence[Part]) -> Iterator[Quotation]:
    """The quoted and forwarded messages that Teams names beside the text."""
    for attachment in attachments:
        kind = _string(attachment, "contentType")
        if kind not in (_REPLY, _FORWARD):
            continue
        told = _told(attachment.get("content"))
        name = "messageSender" if kind == _REPLY else "originalMessageSender"
        shown = told.get("messagePreview" if kind == _REPLY else "originalMessageContent")
        said = clean(shown) if isinstance(shown, str) else ""
        if said:
            yield Quotation(_sender(told.get(name)), from_html(said), forwarded=kind == _FORWARD)
    for entity in entities:
        inner = entity.get("quotedReply")
        quoted = inner if isinstance(inner, Mapping) else entity
        if _string(entity, "type") == "quotedReply" and (said := _string(quoted, "preview")):
            yield Quotation(_string(quoted, "senderName"), said, forwarded=False)


def _told(content: object) -> Part:
    if isinstance(content, str):
        try:
            content = json.loads(content)
        except (ValueError, RecursionError):
            return {}
    return content if isinstance(content, Mapping) else {}


def _sender(sender: object) -> str:
    for kind in ("user", "application"):
        who = sender.get(kind) if isinstance(sender, Mapping) else None
        if isinstance(who, Mapping) and (name := _string(who, "displayName")):
            return name
    return ""


def _string(part: Part, name: str) -> str:
    value = part.get(name)
    return clean(value) if isinstance(value, str) else ""
