"""What Teams refuses in an Adaptive Card."""

import json
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

LARGEST = 28 * 1024
_TEXT = frozenset({"weight", "size", "color", "fontType", "isSubtle"})
ELEMENTS = {
    "TextBlock": _TEXT | {"text", "wrap", "maxLines", "style"},
    "RichTextBlock": frozenset({"inlines", "horizontalAlignment"}),
    "Container": frozenset({"items", "style", "bleed"}),
    "ColumnSet": frozenset({"columns"}),
    "FactSet": frozenset({"facts"}),
    "Image": frozenset({"url", "altText", "size", "msTeams"}),
    "Table": frozenset({"columns", "rows", "firstRowAsHeader", "showGridLines", "gridStyle", "fallback"}),
    "Chart.VerticalBar.Grouped": frozenset({"title", "data", "stacked", "fallback"}),
    "ActionSet": frozenset({"actions"}),
    "Input.Text": frozenset(
        {"label", "isMultiline", "maxLength", "placeholder", "isRequired", "errorMessage", "value"}
    ),
    "Input.ChoiceSet": frozenset(
        {"label", "choices", "style", "placeholder", "isRequired", "errorMessage", "value", "isMultiSelect"}
    ),
}
_COMMON = frozenset({"type", "id", "spacing", "separator", "isVisible", "height"})
_RUN = _TEXT | {
    "type",
    "text",
    "italic",
    "strikethrough",
    "underline",
    "highlight",
    "selectAction",
}
ACTIONS = {
    "Action.Execute": frozenset({"verb", "data", "associatedInputs"}),
    "Action.Submit": frozenset({"data", "associatedInputs"}),
    "Action.OpenUrl": frozenset({"url"}),
    "Action.ToggleVisibility": frozenset({"targetElements"}),
}
_ACTION = frozenset({"type", "title", "style", "fallback", "id", "tooltip", "mode"})
_ROOT = frozenset(
    {"type", "$schema", "version", "lang", "fallbackText", "msteams", "body", "actions", "speak"}
)


def card_problems(card: Any) -> list[str]:
    """Everything for which Teams refuses a card, or shows less than was meant."""
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
        return ["no AdaptiveCard"]
    found = list(_unknown(card, _ROOT))
    found += _menu_problems(card)
    if not card.get("body"):
        found.append("no body")
    if "refresh" in card:
        found.append("refresh is for named people only")
    if len(json.dumps(card)) > LARGEST:
        found.append("card too large")
    found += [p for element in card.get("body", []) for p in _element(element)]
    found += [p for action in card.get("actions", []) for p in _action(action)]
    found += _mention_problems(card)
    found += _toggle_problems(card)
    ids = [
        e["id"] for e in _walk(card.get("body", [])) if str(e.get("type")).startswith("Input.") and "id" in e
    ]
    if len(ids) != len(set(ids)):
        found.append("two inputs of one id")
    return found


def button(card: Json, title: str) -> Json:
    """The button with this title on a card, in its menu or not."""
    rows = [card.get("actions", [])]
    rows += [e["actions"] for e in card["body"] if e["type"] == "ActionSet"]
    found: Json = next(a for row in rows for a in row if a["title"] == title)
    return found


def untouched(card: Json) -> Json:
    """What a client sends for inputs that nobody touched: nothing for a list in which nothing is picked."""
    inputs = [e for e in _walk(card.get("body", [])) if str(e.get("type")).startswith("Input.")]
    return {e["id"]: e.get("value", "") for e in inputs if e["type"] == "Input.Text" or "value" in e}


def _menu_problems(card: Json) -> Iterator[str]:
    """A client shows six actions of a card, and those of mode `secondary` in a menu, from version 1.5 on."""
    actions = card.get("actions", [])
    menu = [action for action in actions if action.get("mode") == "secondary"]
    tables = [element for element in _walk(card.get("body", [])) if element.get("type") == "Table"]
    if card.get("version") not in (("1.5",) if menu or tables else ("1.4",)):
        yield f"version {card.get('version')}"
    if len(actions) - len(menu) > 6:
        yield "more than six actions"
    in_body = [a for element in _walk(card.get("body", [])) for a in element.get("actions", [])]
    if any("mode" in action for action in in_body):
        yield "a menu in an ActionSet, which phones do not show"


def _toggle_problems(card: Json) -> Iterator[str]:
    ids = [element["id"] for element in _walk(card.get("body", [])) if "id" in element]
    for action in card.get("actions", []):
        for target in action.get("targetElements", ()):
            if ids.count(target) != 1:
                yield f"a button shows {target}, which is there {ids.count(target)} times"


def _mention_problems(card: Json) -> Iterator[str]:
    shown = " ".join(e["text"] for e in _walk(card.get("body", [])) if e.get("type") == "TextBlock")
    entities = card.get("msteams", {}).get("entities", [])
    for entity in entities:
        if entity.get("type") != "mention" or not entity.get("mentioned", {}).get("id"):
            yield "an entity that mentions nobody"
        if entity.get("text") != f"<at>{entity.get('mentioned', {}).get('name')}</at>":
            yield "a mention whose text is not its name"
        if entity.get("text") not in shown:
            yield "a mention that no TextBlock shows"
    if shown.count("<at>") != len(entities):
        yield "an <at> without its entity"


def texts_in(card: Any) -> list[str]:
    """Every text of a card that a person reads, a paragraph each."""
    found = []
    for element in _walk(card.get("body", [])):
        if element.get("type") == "RichTextBlock":
            found.append("".join(run["text"] for run in element["inlines"]))
        elif element.get("type") == "TextBlock":
            found.append(element["text"])
        elif element.get("type") == "Image":
            found.append(element["altText"])
    return found


def _walk(elements: Any) -> Iterator[Json]:
    for element in elements:
        yield element
        for inner in ("items", "columns", "rows", "cells"):
            yield from _walk(element.get(inner, []))


def _unknown(thing: Json, known: frozenset[str]) -> Iterator[str]:
    for key in thing.keys() - known:
        yield f"{thing.get('type')} has {key}"


def _element(element: Json) -> Iterator[str]:
    kind = str(element.get("type"))
    if kind not in ELEMENTS:
        yield f"unknown element {kind}"
        return
    yield from _unknown(element, ELEMENTS[kind] | _COMMON)
    if kind == "RichTextBlock":
        yield from _runs(element.get("inlines"))
    if kind == "TextBlock" and not element.get("text"):
        yield "empty TextBlock"
    if kind.startswith("Input."):
        yield from _input(element)
    if kind in _CHECKS:
        yield from _CHECKS[kind](element)
    for column in element.get("columns", []) if kind == "ColumnSet" else ():
        yield from _unknown(column, _COMMON | {"width", "items"})
    for inner in (element.get("items"), *(c.get("items") for c in element.get("columns", []))):
        for child in inner or []:
            yield from _element(child)
    for action in element.get("actions", []):
        yield from _action(action)


def _image(element: Json) -> Iterator[str]:
    if not str(element.get("url")).startswith("https://"):
        yield "image that Teams does not fetch"
    if not element.get("altText"):
        yield "image without altText"
    if element.get("msTeams", {}).keys() - {"allowExpand"}:
        yield "unknown msTeams of an image"


def _chart(chart: Json) -> Iterator[str]:
    if not chart.get("title") or not chart.get("data") or not chart.get("fallback"):
        yield "chart without a title, data, or what older clients show"
    else:
        yield from _element(chart["fallback"])
    for one in chart.get("data") or []:
        yield from (f"series has {key}" for key in one.keys() - {"legend", "values", "color"})
        if not one.get("legend") or any(value.keys() != {"x", "y"} for value in one.get("values", [])):
            yield "series without a legend, or with other values than x and y"


def _table(table: Json) -> Iterator[str]:
    columns, rows = table.get("columns") or [], table.get("rows") or []
    if not columns or not rows:
        yield "table without columns or rows"
    for column in columns:
        known = {"width", "horizontalCellContentAlignment", "verticalCellContentAlignment"}
        yield from (f"column has {key}" for key in column.keys() - known)
        if column.get("horizontalCellContentAlignment", "left") not in ("left", "center", "right"):
            yield "column aligned nowhere"
    for row in rows:
        if row.get("type") != "TableRow" or len(row.get("cells", [])) != len(columns):
            yield "row that has not the columns of its table"
        for cell in row.get("cells", []):
            if cell.get("type") != "TableCell" or not cell.get("items"):
                yield "cell without items"
            for child in cell.get("items", []):
                yield from _element(child)
    yield from _element(table.get("fallback", {}))


_CHECKS = {"Image": _image, "Chart.VerticalBar.Grouped": _chart, "Table": _table}


def _input(element: Json) -> Iterator[str]:
    if element["type"] == "Input.ChoiceSet":
        yield from _choice_set(element)
    yield from (f"input without {name}" for name in ("id", "label") if not element.get(name))
    if element.get("isRequired") and not element.get("errorMessage"):
        yield "required input without errorMessage"


def _choice_set(element: Json) -> Iterator[str]:
    choices = element.get("choices")
    if not isinstance(choices, list) or not choices:
        yield "ChoiceSet without choices"
        return
    for choice in choices:
        yield from _unknown(choice, frozenset({"title", "value"}))
        if not all(isinstance(choice.get(name), str) and choice[name] for name in ("title", "value")):
            yield "choice without title or value"
    values = [choice.get("value") for choice in choices]
    if len(values) != len(set(values)):
        yield "two choices of one value"
    if len(choices) > 100 or any(len(str(choice.get("title"))) > 150 for choice in choices):
        yield "more choices, or longer ones, than a person can read in a list"
    if element.get("style", "compact") != "compact" or element.get("isMultiSelect"):
        yield "a ChoiceSet that is no drop-down"
    if "value" in element and element["value"] not in values:
        yield "value is none of the choices"


def _runs(runs: Any) -> Iterator[str]:
    if not runs:
        yield "RichTextBlock without inlines"
    for run in runs or []:
        if run.get("type") != "TextRun" or not isinstance(run.get("text"), str) or not run["text"]:
            yield "empty run"
        yield from _unknown(run, _RUN)
        if "selectAction" in run:
            yield from _action(run["selectAction"], titled=False)


def _action(action: Json, *, titled: bool = True) -> Iterator[str]:
    kind = str(action.get("type"))
    if kind not in ACTIONS:
        yield f"unknown action {kind}"
        return
    yield from _unknown(action, ACTIONS[kind] | _ACTION)
    if titled and not action.get("title"):
        yield "action without title"
    if action.get("style", "default") not in ("default", "positive", "destructive"):
        yield f"style {action['style']}"
    if action.get("mode", "secondary") != "secondary":
        yield f"mode {action['mode']}"
    if kind == "Action.OpenUrl" and not str(action.get("url")).startswith(("http://", "https://", "mailto:")):
        yield "address that Teams does not open"
    written = action.get("data", {}).get("msteams") if kind == "Action.Submit" else None
    if written is not None and (written.get("type") != "imBack" or not written.get("value")):
        yield f"a button that writes {written}"
    if kind == "Action.Execute":
        yield from _execute(action)
    if isinstance(action.get("fallback"), dict):
        yield from _action(action["fallback"])


def _execute(action: Json) -> Iterator[str]:
    if not isinstance(action.get("verb"), str) or not action["verb"]:
        yield "Action.Execute without verb"
    data = action.get("data")
    if not isinstance(data, dict) or "msteams" in data:
        yield "Action.Execute needs data without msteams"
    if action.get("associatedInputs") not in ("auto", "none"):
        yield "Action.Execute without associatedInputs"
