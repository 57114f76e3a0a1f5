"""Replies as JSON text, so that what waits in the outbox can be read by the next version."""

import json
from dataclasses import fields
from datetime import datetime
from typing import Any

from bot.domain.conversations.messages import (
    Block,
    Button,
    Facts,
    Field,
    Heading,
    Line,
    Link,
    Mention,
    More,
    Option,
    Prose,
    Quote,
    Reply,
    Small,
    When,
)
from bot.domain.people import Identity

_BLOCKS: dict[str, type[Any]] = {
    cls.__name__.lower(): cls
    for cls in (Prose, Heading, Line, Quote, Facts, Link, When, Mention, Small, More)
}


_NAMES = {
    cls: tuple(field.name for field in fields(cls))
    for cls in (Reply, Button, Field, Option, Identity, *_BLOCKS.values())
}
_KINDS = {cls: name for name, cls in _BLOCKS.items()}


def dump(reply: Reply) -> str:
    """A reply as JSON."""
    return _ENCODER.encode(reply)


def _plain(value: Any) -> Any:
    # As `dataclasses.asdict`, which copies every value on its way and takes ten times as long.
    if isinstance(value, datetime):
        return value.isoformat()
    plain = {name: getattr(value, name) for name in _NAMES[type(value)]}
    kind = _KINDS.get(type(value))
    return plain if kind is None else {"type": kind, **plain}


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_plain)


def load(text: str) -> Reply:
    """A reply from its JSON."""
    data = json.loads(text)
    return Reply(
        blocks=tuple(_block(dict(block)) for block in data["blocks"]),
        buttons=tuple(Button(**button) for button in data["buttons"]),
        fields=tuple(_field(dict(field)) for field in data["fields"]),
        summary=data["summary"],
        language=data["language"],
        menu=tuple(Button(**button) for button in data.get("menu", ())),
    )


def _field(data: dict[str, Any]) -> Field:
    options = tuple(Option(**option) for option in data.pop("options", ()))
    return Field(**data, options=options)


def _block(data: dict[str, Any]) -> Block:
    kind = data.pop("type")
    if kind == "facts":
        return Facts(tuple((label, value) for label, value in data["rows"]))
    if kind == "when":
        data["at"] = datetime.fromisoformat(data["at"])
    if kind == "mention":
        data["identities"] = tuple(Identity(**identity) for identity in data["identities"])
    block: Block = _BLOCKS[kind](**data)
    return block
