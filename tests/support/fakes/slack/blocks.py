"""What Slack refuses in blocks and views, and what it would make markup of."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.support.fakes.slack.parts import (
    Json,
    feedback_buttons,
    length,
    overflow,
    repeated,
    static_select,
    text,
    unknown,
)

MESSAGE_TYPES = frozenset(
    {
        *("section", "header", "actions", "context", "context_actions"),
        *("divider", "image", "markdown", "rich_text", "table", "data_visualization"),
    }
)
VIEW_TYPES = (MESSAGE_TYPES - {"markdown", "table", "data_visualization", "context_actions"}) | {"input"}
# Undocumented: all blocks of one message together (slackapi/bolt-js#2509).
ALL_BLOCKS = 13_200
ALL_MARKDOWN = 12_000
ONE_TABLE = "only_one_table_allowed"


def message_problems(blocks: Any) -> list[str]:
    """Everything for which Slack refuses the blocks of a message."""
    if not isinstance(blocks, list):
        return ["blocks is no list"]
    found = list(_blocks(blocks, MESSAGE_TYPES, 50))
    markdown = sum(len(str(block.get("text"))) for block in blocks if block.get("type") == "markdown")
    if markdown > ALL_MARKDOWN:
        found.append(f"{markdown} characters of markdown in one message")
    if tables(blocks) > 1:
        found.append(ONE_TABLE)
    return found


def tables(blocks: list[Any]) -> int:
    """How many tables Slack would make of a message: it makes some of Markdown, too."""
    own = len([block for block in blocks if block.get("type") == "table"])
    written = (str(block.get("text")) for block in blocks if block.get("type") == "markdown")
    return own + sum(len(_TABLE.findall(text)) for text in written)


def unfetchable(blocks: list[Any]) -> list[str]:
    """The pictures that Slack cannot download: those of this machine and of private networks."""
    urls = [str(block.get("image_url")) for block in blocks if block.get("type") == "image"]
    return [url for url in urls if _INNER.match(url)]


def too_long(blocks: Any) -> bool:
    """Whether Slack says `msg_blocks_too_long`."""
    return len(json.dumps(blocks, ensure_ascii=False)) > ALL_BLOCKS


def view_problems(view: Any) -> list[str]:
    """Everything for which Slack refuses a view."""
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return ["view is neither a modal nor a home tab"]
    known = {"type", "blocks", "callback_id", "private_metadata", "external_id"}
    modal = view["type"] == "modal"
    if modal:
        known |= {"title", "submit", "close", "clear_on_close", "notify_on_close"}
    found = list(unknown(view, known, "view"))
    blocks = view.get("blocks")
    if not isinstance(blocks, list) or not blocks:
        return [*found, "view without blocks"]
    found += _blocks(blocks, VIEW_TYPES, 100)
    found += length(view.get("private_metadata", ""), 3000, "private_metadata", least=0)
    found += length(view.get("callback_id", ""), 255, "callback_id", least=0)
    if modal:
        found += text(view.get("title"), 24, "title", plain=True)
        for name in ("submit", "close"):
            if name in view:
                found += text(view[name], 24, name, plain=True)
        if "submit" not in view and any(block.get("type") == "input" for block in blocks):
            found.append("an input without submit")
    return found


def markup_in(payload: Any) -> list[str]:
    """What Slack would parse in a message or view: mentions, links and formatting, wherever text is parsed.

    `text` of a message counts unless `mrkdwn` is false, and its control sequences count even then. A
    `markdown` block is left out: it is formatting by purpose.
    """
    found: list[str] = []
    if isinstance(payload, dict) and isinstance(payload.get("text"), str) and "type" not in payload:
        found += _CONTROL.findall(payload["text"])
        if payload.get("mrkdwn", True):
            found += _formatting(payload["text"])
        if payload.get("link_names") or payload.get("parse") == "full":
            found += re.findall(r"@\w+", payload["text"])
    for part in _parts(payload):
        if part.get("type") == "mrkdwn":
            found += _CONTROL.findall(str(part.get("text"))) + _formatting(str(part.get("text")))
        elif part.get("type") in ("plain_text", "text"):
            found += _CONTROL.findall(str(part.get("text")))
        elif part.get("type") in ("user", "usergroup", "broadcast", "channel"):
            found.append(str(part))
    return found


_INNER = re.compile(r"https?://(?:127\.|10\.|192\.168\.|localhost|[\w-]+(?:[:/]|$))")
_TABLE = re.compile(r"^ *\|?[ :-]*-[ :|-]*\|[ :|-]*$", re.MULTILINE)
_CONTROL = re.compile(r"<[!@#][^>]*>?|<(?:https?|mailto|tel):[^>]*>?")
_FORMATTING = re.compile(r"(?<!\w)([*_~`])(?=\S)[^\n]*?\S?\1(?!\w)|^(?:&gt;|>)", re.MULTILINE)


def _formatting(text: str) -> list[str]:
    return [match[0] for match in _FORMATTING.finditer(text)]


def _parts(payload: Any) -> Iterator[Json]:
    if isinstance(payload, dict):
        yield payload
        for value in payload.values():
            yield from _parts(value)
    elif isinstance(payload, list):
        for value in payload:
            yield from _parts(value)


# --- blocks -------------------------------------------------------------------------------------------


def _blocks(blocks: list[Any], types: frozenset[str], most: int) -> Iterator[str]:
    if len(blocks) > most:
        yield f"{len(blocks)} blocks"
    yield from _unpaired(blocks)
    yield from repeated("block_id", [block.get("block_id") for block in blocks if isinstance(block, dict)])
    for block in blocks:
        # Each block's own: two inputs of a form may have the same.
        yield from repeated("action_id", [part["action_id"] for part in _parts(block) if "action_id" in part])
    pressed = [p["action_id"] for p in _parts(blocks) if "action_id" in p and p.get("type") == "button"]
    yield from repeated("action_id", pressed)
    for index, block in enumerate(blocks):
        kind = block.get("type") if isinstance(block, dict) else None
        if kind not in types:
            yield f"block {index}: type {kind!r} is not allowed here"
            continue
        yield from length(block.get("block_id", "x"), 255, f"block {index}: block_id")
        yield from (f"block {index}: {problem}" for problem in _BLOCKS[str(kind)](block))


def _section(block: Json) -> Iterator[str]:
    yield from unknown(block, {"type", "block_id", "text", "fields", "accessory", "expand"}, "section")
    if "text" not in block and "fields" not in block:
        yield "section without text and fields"
    if "text" in block:
        yield from text(block["text"], 3000, "section.text")
    fields = block.get("fields", [])
    if len(fields) > 10:
        yield "more than 10 fields"
    for field in fields:
        yield from text(field, 2000, "section.field")
    if "accessory" in block:
        yield from _interactive(block["accessory"])


def _header(block: Json) -> Iterator[str]:
    yield from unknown(block, {"type", "block_id", "text"}, "header")
    yield from text(block.get("text"), 150, "header", plain=True)


def _actions(block: Json) -> Iterator[str]:
    yield from unknown(block, {"type", "block_id", "elements"}, "actions")
    elements = block.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= 25:
        yield "actions needs 1 to 25 elements"
        return
    for element in elements:
        yield from _interactive(element)


def _context_actions(block: Json) -> Iterator[str]:
    yield from unknown(block, {"type", "block_id", "elements"}, "context_actions")
    elements = block.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= 5:
        yield "context_actions needs 1 to 5 elements"
        return
    for element in elements:
        yield from feedback_buttons(element)


def _interactive(element: Any) -> Iterator[str]:
    kind = element.get("type") if isinstance(element, dict) else None
    check = {"overflow": overflow, "static_select": static_select}.get(str(kind), _button)
    yield from check(element)


def _button(button: Any) -> Iterator[str]:
    if not isinstance(button, dict) or button.get("type") != "button":
        yield f"unknown element {button!r}"
        return
    known = {"type", "action_id", "text", "url", "value", "style", "confirm", "accessibility_label"}
    yield from unknown(button, known, "button")
    yield from text(button.get("text"), 75, "button.text", plain=True)
    yield from length(button.get("action_id"), 255, "button.action_id")
    yield from length(button.get("value", "x"), 2000, "button.value")
    yield from length(button.get("url", "x"), 3000, "button.url")
    yield from length(button.get("accessibility_label", "x"), 75, "button.accessibility_label")
    if button.get("style", "primary") not in ("primary", "danger"):
        yield f"button.style {button['style']!r}"


def _context(block: Json) -> Iterator[str]:
    yield from unknown(block, {"type", "block_id", "elements"}, "context")
    elements = block.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= 10:
        yield "context needs 1 to 10 elements"
        return
    for element in elements:
        yield from text(element, 3000, "context")


def _divider(block: Json) -> Iterator[str]:
    yield from unknown(block, {"type", "block_id"}, "divider")


def _image(block: Json) -> Iterator[str]:
    yield from unknown(block, {"type", "block_id", "image_url", "alt_text", "title"}, "image")
    yield from length(block.get("image_url"), 3000, "image_url")
    yield from length(block.get("alt_text"), 2000, "alt_text")
    if not str(block.get("image_url")).startswith(("http://", "https://")):
        yield "image_url is no address"


def _table(block: Json) -> Iterator[str]:
    yield from unknown(block, {"type", "block_id", "rows", "column_settings"}, "table")
    rows, columns = block.get("rows") or [], block.get("column_settings") or []
    if not 1 <= len(rows) <= 100:
        yield f"table of {len(rows)} rows"
    if any(not 1 <= len(row) <= 20 for row in rows) or len({len(row) for row in rows}) > 1:
        yield "table with rows of different lengths, or of none or more than 20 cells"
    if len(columns) > 20:
        yield "more than 20 column_settings"
    for column in columns:
        yield from unknown(column, {"align", "is_wrapped"}, "column_settings")
        if column.get("align", "left") not in ("left", "center", "right"):
            yield f"align {column['align']!r}"
    for cell in (cell for row in rows for cell in row):
        if cell.get("type") == "raw_text":
            yield from unknown(cell, {"type", "text"}, "raw_text")
            yield from length(cell.get("text"), 3000, "raw_text")
        elif cell.get("type") == "rich_text":
            yield from _rich_text(cell)
        else:
            yield f"table cell {cell.get('type')!r}"


def _chart(block: Json) -> Iterator[str]:
    yield from unknown(block, {"type", "block_id", "title", "chart"}, "data_visualization")
    yield from length(block.get("title"), 50, "data_visualization.title")
    drawn = block.get("chart") or {}
    yield from unknown(drawn, {"type", "series", "axis_config"}, "chart")
    yield from unknown(drawn.get("axis_config") or {}, {"categories", "x_label", "y_label"}, "axis_config")
    categories = (drawn.get("axis_config") or {}).get("categories") or []
    if drawn.get("type") not in ("bar", "area", "line") or not 1 <= len(drawn.get("series") or []) <= 6:
        yield "a chart of another type, or without one to six series"
    for name in categories:
        yield from length(name, 20, "category")
    names = [one.get("name") for one in drawn.get("series") or []]
    if len(set(names)) < len(names) or len(set(categories)) < len(categories):
        yield "two series or categories of one name"
    for one in drawn.get("series") or []:
        yield from length(one.get("name"), 20, "series")
        points = one.get("data") or []
        if [point.get("label") for point in points] != categories:
            yield "points of a series that are not those of the categories"
        if any(not isinstance(point.get("value"), int | float) for point in points):
            yield "a point without a number"


def _markdown(block: Json) -> Iterator[str]:
    yield from unknown(block, {"type", "block_id", "text"}, "markdown")
    yield from length(block.get("text"), 12_000, "markdown.text")


def _rich_text(block: Json) -> Iterator[str]:
    yield from unknown(block, {"type", "block_id", "elements"}, "rich_text")
    parts = block.get("elements")
    if not isinstance(parts, list) or not parts:
        yield "rich_text without elements"
        return
    for part in parts:
        if part.get("type") not in ("rich_text_section", "rich_text_quote", "rich_text_preformatted"):
            yield f"rich_text element {part.get('type')!r}"
            continue
        yield from unknown(part, {"type", "elements", "border"}, "rich_text element")
        for run in part.get("elements") or [{}]:
            yield from _run(run)


def _run(run: Json) -> Iterator[str]:
    if run.get("type") == "date":
        yield from unknown(run, {"type", "timestamp", "format", "url", "fallback", "style"}, "date")
        yield from length(run.get("format"), 300, "date.format")
        if not isinstance(run.get("timestamp"), int) or "{" not in str(run.get("format")):
            yield "date without a timestamp or a format"
        return
    if run.get("type") == "user":
        yield from unknown(run, {"type", "user_id", "style"}, "user")
        if not re.fullmatch(r"[UW][A-Z0-9]+", str(run.get("user_id"))):
            yield f"no user {run.get('user_id')!r}"
        return
    if run.get("type") not in ("text", "link"):
        yield f"rich text run {run.get('type')!r}"
        return
    yield from unknown(run, {"type", "text", "url", "style", "unsafe"}, "rich text run")
    yield from length(run.get("text"), 3_000, "rich text run")
    if run["type"] == "link":
        yield from length(run.get("url"), 3000, "link.url")
    for name, on in run.get("style", {}).items():
        if name not in ("bold", "italic", "strike", "code") or not isinstance(on, bool):
            yield f"rich text style {name}"


def _input(block: Json) -> Iterator[str]:
    yield from unknown(
        block, {"type", "block_id", "label", "element", "optional", "hint", "dispatch_action"}, "input"
    )
    yield from text(block.get("label"), 2000, "label", plain=True)
    if "hint" in block:
        yield from text(block["hint"], 2000, "hint", plain=True)
    element = block.get("element")
    if not isinstance(element, dict) or element.get("type") not in ("plain_text_input", "static_select"):
        yield f"input element {element!r}"
        return
    yield from (static_select if element["type"] == "static_select" else _plain_text_input)(element)


def _plain_text_input(element: Json) -> Iterator[str]:
    known = {"type", "action_id", "multiline", "max_length", "min_length", "placeholder", "initial_value"}
    yield from unknown(element, known, "plain_text_input")
    yield from length(element.get("action_id"), 255, "input.action_id")
    most = element.get("max_length", 3000)
    if not 1 <= most <= 3000:
        yield "max_length"
    yield from length(element.get("initial_value", "x"), most, "initial_value", least=0)
    if "placeholder" in element:
        yield from text(element["placeholder"], 150, "placeholder", plain=True)


_BLOCKS: dict[str, Callable[[Json], Iterator[str]]] = {
    "section": _section,
    "header": _header,
    "actions": _actions,
    "context": _context,
    "context_actions": _context_actions,
    "divider": _divider,
    "image": _image,
    "markdown": _markdown,
    "table": _table,
    "data_visualization": _chart,
    "rich_text": _rich_text,
    "input": _input,
}


def _unpaired(blocks: list[Any]) -> Iterator[str]:
    for part in _parts(blocks):
        if any(isinstance(v, str) and re.search("[\ud800-\udfff\0]", v) for v in part.values()):
            yield "a lone surrogate or NUL"
