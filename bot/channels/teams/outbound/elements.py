"""The few Adaptive Card elements that we use.

All text stands in a RichTextBlock: its runs are shown as they are, while a TextBlock reads them as Markdown.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bot.domain.charts import BarChart
from bot.domain.conversations.messages import Byline

Element = dict[str, Any]

MOST_LINES = 60
LONGEST_NAME, LONGEST_ROW = 80, 300  # characters of a chart's names, and of its counts in a line
_UNSENDABLE = re.compile(r"[\0\ud800-\udfff]")


def literal(text: str) -> str:
    """Text for a run; a client fills in `{{DATE(...)}}` even there, so the braces are parted."""
    return _UNSENDABLE.sub("\N{REPLACEMENT CHARACTER}", text).replace("{{", "{\N{ZERO WIDTH SPACE}{")


def cut(text: str, limit: int) -> str:
    """The text, at most this many characters long, with an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


def runs_block(runs: Sequence[Element]) -> Element:
    """One paragraph of runs."""
    return {"type": "RichTextBlock", "inlines": list(runs)}


def lines(text: str, **run: object) -> list[Element]:
    """A paragraph for each line, closely set; a client folds line breaks inside a run."""
    parts = text.strip().splitlines() or [""]
    if len(parts) > MOST_LINES:
        parts = [*parts[: MOST_LINES - 1], " ".join(parts[MOST_LINES - 1 :])]
    found = []
    for index, part in enumerate(parts):
        shown = literal(part.rstrip()) or "\N{NO-BREAK SPACE}"
        block = runs_block([{"type": "TextRun", "text": shown, **run}])
        found.append(block | ({"spacing": "None"} if index else {}))
    return found


def container(items: Sequence[Element]) -> Element:
    """Elements that are set apart."""
    return {"type": "Container", "style": "emphasis", "items": list(items) or lines("")}


def row(marker: str, items: Sequence[Element]) -> Element:
    """A list's item: its marker, then its contents beside it."""
    return {
        "type": "ColumnSet",
        "spacing": "Small",
        "columns": [
            {"type": "Column", "width": "auto", "items": lines(marker)},
            {"type": "Column", "width": "stretch", "spacing": "Small", "items": list(items) or lines("")},
        ],
    }


def image(url: str, words: str) -> Element:
    """A picture, as wide as the card, which opens in its own size; it is fetched whenever it is shown."""
    return {
        "type": "Image",
        "url": url,
        "altText": literal(words) or "…",
        "size": "Stretch",
        "msTeams": {"allowExpand": True},
    }


def fact(label: str, value: str) -> Element:
    """A label and its value on one line."""
    first, *rest = value.strip().splitlines() or [""]
    runs = [
        {"type": "TextRun", "text": literal(label) + ":", "weight": "Bolder"},
        {"type": "TextRun", "text": " " + literal(" ".join([first, *rest]))},
    ]
    return runs_block(runs)


def called(markup: str) -> Element:
    """A mention, which Teams fills in here and in no other element."""
    return {"type": "TextBlock", "text": markup, "wrap": True}


def moment(label: str, at: datetime) -> Element:
    """A time that the client fills in, in the reader's own zone and language."""
    runs = [
        {"type": "TextRun", "text": literal(label) + ":", "weight": "Bolder"},
        {"type": "TextRun", "text": f" {_filled_in(at)}"},
    ]
    return runs_block(runs)


def byline(shown: Byline, limit: int) -> Element:
    """Who asks, what is urgent, facts and the due time on one line, each at most `limit` characters."""
    runs = [{"type": "TextRun", "text": literal(cut(shown.who.strip(), limit)) or "…", "weight": "Bolder"}]
    if shown.alarm.strip():
        alarm = {"text": literal(cut(shown.alarm, limit)), "weight": "Bolder", "color": "Attention"}
        runs += [{"type": "TextRun", "text": " · "}, {"type": "TextRun", **alarm}]
    facts = [f" · {literal(cut(fact, limit))}" for fact in shown.facts if fact.strip()]
    if shown.due is not None:
        facts.append(f" · {literal(cut(shown.due.label, limit))}: {_filled_in(shown.due.at)}")
    runs += [{"type": "TextRun", "text": fact} for fact in facts]
    return runs_block(runs) | {"spacing": "Small"}


def chart(shown: BarChart) -> Element:
    """A chart that newer clients draw, stacked; the others show its counts in lines."""
    title, named = _named(shown.title), [_named(label) for label in shown.labels]
    told = [
        *lines(title, weight="Bolder"),
        *(fact(_named(label), cut(value, LONGEST_ROW)) for label, value in shown.rows),
    ]
    data = [
        {
            "legend": _named(name),
            "values": [{"x": label, "y": count} for label, count in zip(named, counts, strict=True)],
        }
        for name, counts in shown.series
    ]
    return {
        "type": "Chart.VerticalBar.Grouped",
        "title": title,
        "stacked": True,
        "data": data,
        "fallback": {"type": "Container", "items": told},
    }


def _named(name: str) -> str:
    return literal(cut(name.strip(), LONGEST_NAME)) or "…"


def _filled_in(at: datetime) -> str:
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{{{{DATE({stamp}, SHORT)}}}} {{{{TIME({stamp})}}}}"
