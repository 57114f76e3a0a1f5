"""Renders a reply as Slack blocks, within Slack's limits."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from bot.channels.slack.outbound.elements import THUMBS, Json, controls, plain_text
from bot.channels.slack.outbound.mrkdwn import to_mrkdwn
from bot.channels.slack.outbound.tables import (
    MOST_CELLS,
    MOST_COLUMNS,
    chart_block,
    image_block,
    table_block,
)
from bot.channels.slack.text import cut, escaped, is_web, literal, sendable
from bot.desk.ports.channels import NO_PICTURES, Pictures
from bot.domain.charts import BarChart
from bot.domain.conversations.messages import (
    Banner,
    Block,
    Byline,
    Details,
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
from bot.domain.knowledge.markdown_blocks import Image, Table, Text, as_list, cut_apart, in_words

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
OUTAGE_SIGN, OVER_SIGN, ALARM_SIGN = "🔴", "🟢", "🔺"  # a message has no colours of its own
RICH = ("image", "table", "data_visualization", THUMBS)  # blocks without which a message says the same


@dataclass(frozen=True, slots=True)
class _Picture:
    """A picture that Slack may fetch, and its words."""

    url: str
    words: str


_Shown = Block | _Picture | Table


@dataclass(frozen=True, slots=True)
class Rendered:
    """What `chat.postMessage` takes: blocks, and the text of the notification."""

    text: str
    blocks: list[Json]


def render(
    reply: Reply,
    surface: Surface = "message",
    most: int = 0,
    more: str = "…",
    post: str = "",
    *,
    pictures: Pictures = NO_PICTURES,
    rich: bool = True,
) -> Rendered:
    """Render a reply; `most` bounds the blocks (0: what the surface takes), `more` names a long menu and
    `post` this showing of it. Unless it is `rich`, pictures and tables are told in words and thumbs are
    buttons, as in a view: while one is opened somebody waits, and Slack would fetch the pictures first.
    """
    most = most or (MESSAGE_BLOCKS if surface == "message" else VIEW_BLOCKS)
    below = controls(reply, more, post, thumbs=rich and surface == "message")
    most -= len(below)
    parts = _apart(reply.blocks, pictures, rich=rich and surface == "message")
    for budget in _BUDGETS:
        blocks = _body(reply, parts, surface, most, budget) + below
        # Quotation marks and line ends count twice, and many small blocks weigh more than their text.
        if surface == "view" or len(json.dumps(blocks, ensure_ascii=False)) <= ALL_JSON:
            break
    return Rendered(notification(reply), blocks)


def _apart(blocks: tuple[Block, ...], pictures: Pictures, *, rich: bool) -> tuple[_Shown, ...]:
    """Cut tables and pictures out of what articles say, where they can be shown; the others are told so."""
    found: list[_Shown] = []
    tables = 0
    for block in blocks:
        for piece in cut_apart(block.markdown) if isinstance(block, Prose) else (block,):
            match piece:
                case Image(alt):
                    url = pictures.address(piece.name)
                    fetched = rich and url and pictures.fetched
                    found.append(_Picture(url, alt) if fetched else Prose(piece.in_words(url)))
                case Table():
                    tables += 1
                    found += _table(piece) if rich and tables == 1 else [Prose(as_list(piece))]
                case Text(markdown):
                    found.append(Prose(markdown))
                case BarChart(title) if not rich:
                    found += [Line(title), Facts(piece.rows)]
                case _:
                    found.append(piece)
    return tuple(found)


def _table(table: Table) -> list[_Shown]:
    shown = table.within(max(MOST_CELLS // len(table.header), 1), MOST_COLUMNS)
    return [shown] if shown == table else [shown, Prose("…")]


def _body(reply: Reply, parts: tuple[_Shown, ...], surface: Surface, room: int, budget: int) -> list[Json]:
    body = [shown for block in _fitted(parts, budget) for shown in _block(block, surface)]
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


def _fitted(blocks: tuple[_Shown, ...], budget: int) -> list[_Shown]:
    """Make everything literal, then cut the longest texts until all of them together fit."""
    shown = [_made_literal(block) for block in blocks]
    cap = _cap([len(text) for block in shown for text in _texts(block)], budget)
    return [_mapped(block, lambda text: cut(text, cap)) for block in shown]


def _made_literal(block: _Shown) -> _Shown:
    return _mapped(block, sendable if isinstance(block, Prose | Table) else literal)


def _mapped(block: _Shown, change: Callable[[str], str]) -> _Shown:
    match block:
        case Table(header, rows, alignments):
            changed = tuple(tuple(map(change, row)) for row in rows)
            return Table(tuple(map(change, header)), changed, alignments)
        case _Picture(url, words):
            return _Picture(url, change(words))
        case Facts(rows):
            return Facts(tuple((change(label), change(value)) for label, value in rows))
        case Link() | More() | Details() | BarChart():
            return block
        case Byline(who, facts, alarm, due):
            shown_due = due and When(change(due.label), due.at, change(due.text))
            return Byline(change(who), tuple(map(change, facts)), change(alarm), shown_due)
        case Banner(text, over):
            return Banner(change(text), over)
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


def _texts(block: _Shown) -> Iterable[str]:
    match block:
        case Table(header, rows):
            return (*header, *(cell for row in rows for cell in row))
        case _Picture(url, words):
            return (url, words)
        case Prose(text) | Line(text) | Quote(text) | Heading(text) | Small(text) | Banner(text):
            return (text,)
        case Byline(who, facts, alarm):
            return (who, *facts, alarm)
        case More() | Details() | BarChart():  # a button, and no text here; a chart's names are short
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


def _block(block: _Shown, surface: Surface) -> Iterator[Json]:
    match block:
        case Table() | BarChart():
            yield table_block(block) if isinstance(block, Table) else chart_block(block)
        case _Picture(url, words):
            yield image_block(url, words)
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
        case Link() | When() | Mention() | Small() | Byline() | Banner():
            yield _line(block)


def _line(block: Link | When | Mention | Small | Byline | Banner) -> Json:
    match block:
        case Banner():
            return {"type": "header", "text": plain_text(_signed(block), HEADER_TEXT)}
        case Byline():
            return _byline(block)
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
    if len(url) > URL or not is_web(url):
        return _section(cut(literal(f"{label}: {url}"), SECTION_TEXT))
    text = cut(literal(label), HEADER_TEXT) or url
    return _rich("rich_text_section", [{"type": "link", "url": url, "text": text}])


def _when(when: When) -> Json:
    """A time that Slack shows in the reader's own zone."""
    label = _run(f"{cut(when.label, HEADER_TEXT)}: ", bold=True)
    return _rich("rich_text_section", [label, _date(when)])


def _date(when: When) -> Json:
    return {
        "type": "date",
        "timestamp": int(when.at.timestamp()),
        "format": "{date_short_pretty}, {time}",
        "fallback": cut(when.text, HEADER_TEXT) or "…",
    }


def _byline(byline: Byline) -> Json:
    runs = [_run(cut(byline.who.strip(), HEADER_TEXT) or "…", bold=True)]
    if byline.alarm.strip():
        runs += [_run(f" · {ALARM_SIGN} "), _run(cut(byline.alarm, HEADER_TEXT), bold=True)]
    runs += [_run(f" · {cut(fact, HEADER_TEXT)}") for fact in byline.facts if fact.strip()]
    if byline.due is not None:
        runs += [_run(f" · {cut(byline.due.label, HEADER_TEXT)}: "), _date(byline.due)]
    return _rich("rich_text_section", runs)


def _mention(mention: Mention) -> Json:
    """The one thing that notifies somebody: a user element, which no text can become."""
    own = mention.in_channel(CHANNEL)
    if own is None:
        return _rich("rich_text_section", [_run(mention.name.strip() or "…", bold=True)])
    return _rich("rich_text_section", [{"type": "user", "user_id": own.external_id}])


def _section(text: str) -> Json:
    return {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _rich(kind: str, elements: list[Json]) -> Json:
    """Rich text is never parsed: markup, mentions and links exist in it as elements only."""
    return {"type": "rich_text", "elements": [{"type": kind, "elements": elements}]}


def _run(text: str, *, bold: bool = False) -> Json:
    run: Json = {"type": "text", "text": literal(text)}
    return run | {"style": {"bold": True}} if bold else run


def _signed(banner: Banner) -> str:
    sign = OVER_SIGN if banner.over else OUTAGE_SIGN
    return f"{sign} {' '.join(banner.text.split())}"


def _plain_byline(byline: Byline) -> str:
    due = f"{byline.due.label}: {byline.due.text}" if byline.due is not None else ""
    return " · ".join(filter(None, (byline.who, byline.alarm, *byline.facts, due)))


def _plain_lines(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Facts() | BarChart():
                yield from [block.title] if isinstance(block, BarChart) else []
                yield from (f"{label}: {value}" for label, value in block.rows)
            case Link(label, url):
                yield f"{label}: {url}"
            case When(label, _, text):
                yield f"{label}: {text}"
            case Mention(name):
                yield name
            case Byline() | Banner():
                yield _signed(block) if isinstance(block, Banner) else _plain_byline(block)
            case Quote(text):
                yield "\n".join(f"> {line}" for line in text.splitlines())
            case Prose(text):
                yield in_words(text)
            case Heading(text) | Line(text) | Small(text):
                yield text
