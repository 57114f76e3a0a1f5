"""Replies as JSON text, so that what waits in the outbox can be read by the next version."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.domain.conversation import (
    Block,
    Button,
    Facts,
    Field,
    Heading,
    Line,
    Link,
    Option,
    Prose,
    Quote,
    Reply,
    When,
)

_BLOCKS: dict[str, type[Any]] = {
    cls.__name__.lower(): cls for cls in (Prose, Heading, Line, Quote, Facts, Link, When)
}


def dump(reply: Reply) -> str:
    """A reply as JSON."""
    blocks = [{"type": type(block).__name__.lower(), **asdict(block)} for block in reply.blocks]
    return json.dumps({**asdict(reply), "blocks": blocks}, ensure_ascii=False, default=datetime.isoformat)


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
    block: Block = _BLOCKS[kind](**data)
    return block
