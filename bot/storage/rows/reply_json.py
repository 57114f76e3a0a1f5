"""Replies as JSON text, so that what waits in the outbox can be read by the next version."""

import json
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

from bot.domain.charts import BarChart
from bot.domain.conversations.messages import (
    Banner,
    Block,
    Button,
    Byline,
    Details,
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

_Part = TypeVar("_Part")
# Kinds of blocks that every version reads which may serve beside this one.
_READ_BY_ALL: tuple[type[Any], ...] = (Prose, Heading, Line, Quote, Facts, Link, When, Mention, Small, More)


def _plain_banner(banner: Banner) -> tuple[Block, ...]:
    return (Heading(banner.text),)


def _plain_byline(byline: Byline) -> tuple[Block, ...]:
    said = " · ".join(filter(None, (byline.who, byline.alarm, *byline.facts)))
    return (Line(said), *([byline.due] if byline.due else []))


def _plain_details(details: Details) -> tuple[Block, ...]:
    return (Heading(details.label), *_plain_blocks(details.blocks))


def _plain_chart(chart: BarChart) -> tuple[Block, ...]:
    return (Line(chart.title), Facts(chart.rows))


# Kinds that came later, each with what says the same to a version that does not know it.
PLAIN_FORMS: dict[type[Any], Callable[[Any], tuple[Block, ...]]] = {
    Banner: _plain_banner,
    Byline: _plain_byline,
    Details: _plain_details,
    BarChart: _plain_chart,
}
_BLOCKS = {cls.__name__.lower(): cls for cls in (*_READ_BY_ALL, *PLAIN_FORMS)}
# What reading a reply raises that another version wrote.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
_NAMES = {
    cls: tuple(field.name for field in fields(cls))
    for cls in (Reply, Button, Field, Option, Identity, *_BLOCKS.values())
}
_KINDS = {cls: name for name, cls in _BLOCKS.items()}


def dump(reply: Reply) -> str:
    """A reply as JSON: `blocks` for every version, and where they say it in plain ones, `newer_blocks`."""
    plain = _plain_blocks(reply.blocks)
    if plain == reply.blocks:
        return _ENCODER.encode(reply)
    return _ENCODER.encode({**_plain(reply), "blocks": plain, "newer_blocks": reply.blocks})


def _plain_blocks(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    return tuple(
        plain
        for block in blocks
        for plain in (PLAIN_FORMS[type(block)](block) if type(block) in PLAIN_FORMS else (block,))
    )


def _plain(value: Any) -> Any:
    # As `dataclasses.asdict`, which copies every value on its way and takes ten times as long.
    if isinstance(value, datetime):
        return value.isoformat()
    plain = {name: getattr(value, name) for name in _NAMES[type(value)]}
    kind = _KINDS.get(type(value))
    return plain if kind is None else {"type": kind, **plain}


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_plain)


def load(text: str) -> Reply:
    """A reply from its JSON, without what only a later version knows."""
    data = json.loads(text)
    return Reply(
        blocks=_blocks(data),
        buttons=tuple(_known(Button, button) for button in data["buttons"]),
        fields=tuple(_field(dict(field)) for field in data["fields"]),
        summary=data["summary"],
        language=data["language"],
        menu=tuple(_known(Button, button) for button in data.get("menu", ())),
        menu_label=data.get("menu_label", ""),
        suggestions=tuple(data.get("suggestions", ())),
    )


def load_or_nothing(text: str | None) -> Reply:
    """A reply from its JSON; one that shows and asks nothing where this version cannot read it.

    For whoever looks at earlier posts, for their buttons or to list them: one hides nothing else.
    """
    try:
        return load(text or "")
    except UNREADABLE:
        return Reply(())


def _field(data: dict[str, Any]) -> Field:
    options = tuple(_known(Option, option) for option in data.pop("options", ()))
    return _known(Field, {**data, "options": options})


def _known(cls: type[_Part], data: dict[str, Any]) -> _Part:
    """Build a value of what this version knows of it."""
    return cls(**{name: value for name, value in data.items() if name in _NAMES[cls]})


def _blocks(data: dict[str, Any]) -> tuple[Block, ...]:
    try:
        return tuple(_block(dict(block)) for block in data["newer_blocks"])
    except UNREADABLE:  # there are none, or a later version wrote them: the plain ones say the same
        return tuple(_block(dict(block)) for block in data["blocks"])


def _block(data: dict[str, Any]) -> Block:
    kind = data.pop("type")
    if kind == "facts":
        return Facts(tuple((label, value) for label, value in data["rows"]))
    if kind == "when":
        data["at"] = datetime.fromisoformat(data["at"])
    if kind == "mention":
        data["identities"] = tuple(_known(Identity, identity) for identity in data["identities"])
    if kind == "byline":
        due = data["due"]
        data |= {"facts": tuple(data["facts"]), "due": due and _block(dict(due))}
    if kind == "details":
        data["blocks"] = tuple(_block(dict(block)) for block in data["blocks"])
    if kind == "barchart":
        data["labels"] = tuple(data["labels"])
        data["series"] = tuple((name, tuple(counts)) for name, counts in data["series"])
    block: Block = _known(_BLOCKS[kind], data)
    return block
