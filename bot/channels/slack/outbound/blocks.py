"""Renders a reply as Slack blocks, within Slack's limits."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from bot.channels.slack.outbound.elements import Json, controls, plain_text
from bot.channels.slack.outbound.mrkdwn import to_mrkdwn
from bot.channels.slack.text import cut, escaped, literal, sendable
from bot.domain.conversations.messages import (
    Block,
    Facts,
    Heading,
    Line,
    Link,
    Mention,
    More,
    Prose,
    Quote,
    Reply,
    Small,
    When,
)

Surface = Literal["message", "view"]

# Slack's documented limits, and one that is not: all blocks of a message together may hold about 13,200
# characters of JSON (slackapi/bolt-js#2509), else `msg_blocks_too_long`. What follows stays below it.
MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
SECTION_TEXT, HEADER_TEXT, URL = 3000, 150, 3000
ALL_TEXT, ALL_JSON = 9_000, 13_000
FACT_TEXT, SMALL_TEXT = 2_000, 300
_BUDGETS = (ALL_TEXT, ALL_TEXT // 2, ALL_TEXT // 4, ALL_TEXT // 16)
NOTIFICATION_TEXT = 2_000
CHANNEL = "slack"


@dataclass(frozen=True, slots=True)
class Rendered:
    """What `chat.postMessage` takes: blocks, and the text of the notification."""

    text: str
    blocks: list[Json]


def render(
    reply: Reply, surface: Surface = "message", most: int = 0, more: str = "…", post: str = ""
) -> Rendered:
    """Render a reply; `most` bounds the blocks (0: what the surface takes), `more` names a long menu and
    `post` this showing of it.
    """
    most = most or (MESSAGE_BLOCKS if surface == "message" else VIEW_BLOCKS)
    below = controls(reply, more, post)
    most -= len(below)
    for budget in _BUDGETS:
        blocks = _body(reply, surface, most, budget) + below
        # Quotation marks and line ends count twice, and many small blocks weigh more than their text.
        if surface == "view" or len(json.dumps(blocks, ensure_ascii=False)) <= ALL_JSON:
            break
    return Rendered(notification(reply), blocks)


def _body(reply: Reply, surface: Surface, room: int, budget: int) -> list[Json]:
    body = [shown for block in _fitted(reply.blocks, budget) for shown in _block(block, surface)]
    # Where there are blocks Slack shows the text in notifications only.
    body = body or [_section(cut(literal(_summary(reply)), SECTION_TEXT))]
    return body if len(body) <= room else [*body[: room - 1], _section("…")]


def render_plainly(reply: Reply, more: str = "…", post: str = "") -> Rendered:
    """Render a reply in the oldest blocks alone and at most 3,000 characters, for when Slack refuses it."""
    text = cut(literal("\n".join(_plain_lines(reply.blocks)).strip() or _summary(reply)), SECTION_TEXT)
    return Rendered(notification(reply), [_section(text), *controls(reply, more, post)])


def notification(reply: Reply) -> str:
    """The plain line of a notification; entities keep it from being markup."""
    return escaped(cut(_summary(reply), NOTIFICATION_TEXT // 5))


def _summary(reply: Reply) -> str:
    return reply.summary.strip() or next(iter(_plain_lines(reply.blocks)), "").strip() or "…"


# --- fitting ------------------------------------------------------------------------------------------


def _fitted(blocks: tuple[Block, ...], budget: int) -> list[Block]:
    """Make everything literal, then cut the longest texts until all of them together fit."""
    shown = [_made_literal(block) for block in blocks]
    cap = _cap([len(text) for block in shown for text in _texts(block)], budget)
    return [_mapped(block, lambda text: cut(text, cap)) for block in shown]


def _made_literal(block: Block) -> Block:
    return _mapped(block, sendable if isinstance(block, Prose) else literal)


def _mapped(block: Block, change: Callable[[str], str]) -> Block:
    match block:
        case Facts(rows):
            return Facts(tuple((change(label), change(value)) for label, value in rows))
        case Link() | More():
            return block
        case When(label, at, text):
            return When(change(label), at, change(text))
        case Mention(name, identities):
            return Mention(change(name), identities)
        case Prose(text) | Line(text) | Quote(text) | Heading(text) | Small(text):
            return type(block)(change(text))


def _cap(lengths: list[int], budget: int) -> int:
    """The longest that a single text may be so that all together hold at most `budget` characters."""
    left, waiting = budget, sorted(lengths)
    for index, length in enumerate(waiting):
        share = left // (len(waiting) - index)
        if length > share:
            return max(share, 1)
        left -= length
    return budget


def _texts(block: Block) -> Iterable[str]:
    match block:
        case Prose(text) | Line(text) | Quote(text) | Heading(text) | Small(text):
            return (text,)
        case More():  # a button, and no text here
            return ()
        case Facts(rows):
            return tuple(part for row in rows for part in row)
        case Link(label, url):
            return (label, url)
        case When(label, _, text):
            return (label, text)
        case Mention(name):
            return (name,)


def _pieces(text: str, size: int = SECTION_TEXT) -> Iterator[str]:
    """Split a text at line ends where there are any, else at spaces, else anywhere."""
    while len(text) > size:
        at = max(text.rfind("\n", size // 2, size), -1)
        if at < 0:
            at = text.rfind(" ", size // 2, size)
        at = at + 1 if at >= 0 else size
        yield text[:at]
        text = text[at:]
    yield text


# --- blocks -------------------------------------------------------------------------------------------


def _block(block: Block, surface: Surface) -> Iterator[Json]:
    match block:
        case Prose(markdown) if markdown.strip():
            yield from _prose(markdown, surface)
        case Heading(text) if text.strip():
            yield {"type": "header", "text": plain_text(" ".join(text.split()), HEADER_TEXT)}
        case Line(text) if text.strip():
            yield from (_section(piece) for piece in _pieces(text) if piece.strip())
        case Quote(text) if text.strip():
            for piece in _pieces(text):
                yield _rich("rich_text_quote", [_run(piece)])
        case Facts(rows) if rows:
            yield from _facts(rows)
        case Link() | When() | Mention() | Small():
            yield _line(block)


def _line(block: Link | When | Mention | Small) -> Json:
    match block:
        case Link(label, url):
            return _link(label, url)
        case When():
            return _when(block)
        case Mention():
            return _mention(block)
        case Small(text):
            return {"type": "context", "elements": [plain_text(text, SMALL_TEXT)]}


def _prose(markdown: str, surface: Surface) -> Iterator[Json]:
    if surface == "message":
        yield {"type": "markdown", "text": markdown.strip()}
        return
    # The markdown block is for messages only.
    for piece in _pieces(to_mrkdwn(markdown.strip())):
        if piece.strip():
            yield {"type": "section", "text": {"type": "mrkdwn", "text": piece, "verbatim": True}}


def _facts(rows: tuple[tuple[str, str], ...]) -> Iterator[Json]:
    runs: list[Json] = []
    for index, (label, value) in enumerate(rows):
        end = "\n" if index < len(rows) - 1 else ""
        shown = cut(value, FACT_TEXT) + end
        runs += [_run(f"{cut(label.strip(), HEADER_TEXT) or '…'}: ", bold=True), _run(shown or "…")]
    yield _rich("rich_text_section", runs)


def _link(label: str, url: str) -> Json:
    if len(url) > URL or not _is_web(url):
        return _section(cut(literal(f"{label}: {url}"), SECTION_TEXT))
    text = cut(literal(label), HEADER_TEXT) or url
    return _rich("rich_text_section", [{"type": "link", "url": url, "text": text}])


def _when(when: When) -> Json:
    """A time that Slack shows in the reader's own zone."""
    shown = {
        "type": "date",
        "timestamp": int(when.at.timestamp()),
        "format": "{date_short_pretty}, {time}",
        "fallback": cut(when.text, HEADER_TEXT) or "…",
    }
    label = _run(f"{cut(when.label, HEADER_TEXT)}: ", bold=True)
    return _rich("rich_text_section", [label, shown])


def _mention(mention: Mention) -> Json:
    """The one thing that notifies somebody: a user element, which no text can become."""
    own = mention.in_channel(CHANNEL)
    if own is None:
        return _rich("rich_text_section", [_run(mention.name.strip() or "…", bold=True)])
    return _rich("rich_text_section", [{"type": "user", "user_id": own.external_id}])


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not any(c.isspace() for c in url)


def _section(text: str) -> Json:
    return {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _rich(kind: str, elements: list[Json]) -> Json:
    """Rich text is never parsed: markup, mentions and links exist in it as elements only."""
    return {"type": "rich_text", "elements": [{"type": kind, "elements": elements}]}


def _run(text: str, *, bold: bool = False) -> Json:
    run: Json = {"type": "text", "text": literal(text)}
    return run | {"style": {"bold": True}} if bold else run


def _plain_lines(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Facts(rows):
                yield from (f"{label}: {value}" for label, value in rows)
            case Link(label, url):
                yield f"{label}: {url}"
            case When(label, _, text):
                yield f"{label}: {text}"
            case Mention(name):
                yield name
            case Quote(text):
                yield "\n".join(f"> {line}" for line in text.splitlines())
            case Prose(text) | Heading(text) | Line(text) | Small(text):
                yield text
