"""Renders tables, pictures and charts as Slack's own blocks."""

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.channels.slack.outbound.elements import Json
from bot.channels.slack.text import cut, is_web, literal
from bot.domain.charts import BarChart
from bot.domain.knowledge.markdown_blocks import Table

MOST_ROWS, MOST_COLUMNS = 100, 20  # of one table, its header among them; a message has one table
MOST_CELLS = 150  # below the header, so that a message is not too long
CHART_TITLE, CHART_NAME, MOST_SERIES, MOST_LABELS = 50, 20, 6, 20  # characters, and parts of a chart
ALT_TEXT = 2_000  # characters
_INLINE = MarkdownIt("commonmark").enable("strikethrough")
_STYLES = {"strong": "bold", "em": "italic", "s": "strike"}


def table_block(table: Table) -> Json:
    """A table of at most 100 rows, its header among them, and 20 columns."""
    rows = [[_cell(cell, head=True) for cell in table.header]]
    rows += [[_cell(cell) for cell in row] for row in table.rows[: MOST_ROWS - 1]]
    settings = [{"align": alignment or "left", "is_wrapped": True} for alignment in table.alignments]
    return {"type": "table", "rows": rows, "column_settings": settings}


def image_block(url: str, words: str) -> Json:
    """A picture that Slack fetches when the message is posted, and keeps."""
    return {"type": "image", "image_url": url, "alt_text": cut(literal(words), ALT_TEXT) or "…"}


def _cell(markdown: str, *, head: bool = False) -> Json:
    runs = list(_runs(markdown, head))
    if all(run["type"] == "text" and "style" not in run for run in runs):
        # Slack refuses a cell that is empty.
        return {"type": "raw_text", "text": "".join(run["text"] for run in runs).strip() or " "}
    section = {"type": "rich_text_section", "elements": runs}
    return {"type": "rich_text", "elements": [section]}


def _runs(markdown: str, head: bool) -> Iterator[Json]:
    """The runs of one line of Markdown, each with its style and the link that it is in."""
    styles = {"bold": 1} if head else {}
    urls: list[str] = []
    for token in _INLINE.parseInline(markdown)[0].children or ():
        kind, _, step = token.type.rpartition("_")
        if kind in _STYLES:
            name = _STYLES[kind]
            styles[name] = styles.get(name, 0) + (1 if step == "open" else -1)
        elif kind == "link" and step == "open":
            urls.append(str(token.attrGet("href") or ""))
        elif kind == "link":
            urls.pop()
        elif shown := literal(_shown(token)):
            style = {name: True for name, depth in styles.items() if depth}
            style |= {"code": True} if token.type == "code_inline" else {}
            yield _run(shown, urls[-1] if urls else "", style)


def _shown(token: Token) -> str:
    return " " if token.type in ("softbreak", "hardbreak") else token.content


def _run(text: str, url: str, style: dict[str, bool]) -> Json:
    run: Json = {"type": "link", "url": url, "text": text} if is_web(url) else {"type": "text", "text": text}
    return run | {"style": style} if style else run


def chart_block(chart: BarChart) -> Json:
    """Render a chart as Slack draws it; what is more than it draws is left out."""
    labels = [cut(literal(label), CHART_NAME) for label in chart.labels[:MOST_LABELS]]
    series = [
        {
            "name": cut(literal(name), CHART_NAME),
            "data": [{"label": label, "value": count} for label, count in zip(labels, counts, strict=False)],
        }
        for name, counts in chart.series[:MOST_SERIES]
    ]
    drawn = {"type": "bar", "series": series, "axis_config": {"categories": labels}}
    return {
        "type": "data_visualization",
        "title": cut(literal(chart.title).strip(), CHART_TITLE) or "…",
        "chart": drawn,
    }
