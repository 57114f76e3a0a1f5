"""The parts of blocks: texts, lengths, and the menus that hold options."""

from collections.abc import Iterable, Iterator
from typing import Any

Json = dict[str, Any]


def overflow(element: Json) -> Iterator[str]:
    """What Slack refuses in an overflow menu; two options were the documented least for long."""
    yield from unknown(element, {"type", "action_id", "options", "confirm"}, "overflow")
    yield from length(element.get("action_id"), 255, "overflow.action_id")
    yield from _options(element.get("options"), 2, 5, "overflow")


def static_select(element: Json) -> Iterator[str]:
    """What Slack refuses in a select menu."""
    known = {"type", "action_id", "options", "initial_option", "placeholder", "confirm", "focus_on_load"}
    yield from unknown(element, known, "static_select")
    yield from length(element.get("action_id"), 255, "static_select.action_id")
    yield from _options(element.get("options"), 1, 100, "static_select")
    if "placeholder" in element:
        yield from text(element["placeholder"], 150, "placeholder", plain=True)
    if "initial_option" in element and element["initial_option"] not in element.get("options", []):
        yield "initial_option is none of the options"


def feedback_buttons(element: Json) -> Iterator[str]:
    """What Slack refuses in a pair of thumbs."""
    names = ("positive_button", "negative_button")
    yield from unknown(element, {"type", "action_id", *names}, "feedback_buttons")
    if element.get("type") != "feedback_buttons":
        yield f"unknown element {element!r}"
    yield from length(element.get("action_id", "x"), 255, "feedback_buttons.action_id")
    for name in names:
        thumb = element.get(name) or {}
        yield from unknown(thumb, {"text", "value", "accessibility_label"}, name)
        yield from text(thumb.get("text"), 75, f"{name}.text", plain=True)
        yield from length(thumb.get("value"), 2000, f"{name}.value")
        yield from length(thumb.get("accessibility_label", "x"), 75, f"{name}.accessibility_label")


def pressable(message: Json) -> list[Json]:
    """What can be pressed on a message; of thumbs what Slack sends when one of them is."""
    rows = [b for b in message.get("blocks", []) if b["type"] in ("actions", "context_actions")]
    found: list[Json] = []
    for element in (element for row in rows for element in row["elements"]):
        thumbs = [element[name] for name in ("positive_button", "negative_button") if name in element]
        sent = {"type": element["type"], "action_id": element["action_id"]}
        found += [{**sent, "text": one["text"], "value": one["value"]} for one in thumbs] or [element]
    return found


def _options(options: Any, least: int, most: int, where: str) -> Iterator[str]:
    if not isinstance(options, list) or not least <= len(options) <= most:
        yield f"{where} needs {least} to {most} options"
        return
    yield from repeated(f"{where}: option value", [option.get("value") for option in options])
    for option in options:
        yield from unknown(option, {"text", "value", "description", "url"}, f"{where} option")
        yield from text(option.get("text"), 75, f"{where} option.text", plain=True)
        yield from length(option.get("value"), 150, f"{where} option.value")


def text(value: Any, most: int, where: str, *, plain: bool = False) -> Iterator[str]:
    """What Slack refuses in a text object."""
    if not isinstance(value, dict) or value.get("type") not in ("plain_text", "mrkdwn"):
        yield f"{where}: no text object"
        return
    if plain and value["type"] != "plain_text":
        yield f"{where}: mrkdwn where only plain_text may be"
    own = {"emoji"} if value["type"] == "plain_text" else {"verbatim"}
    yield from unknown(value, {"type", "text"} | own, where)
    yield from length(value.get("text"), most, where)


def length(value: Any, most: int, where: str, *, least: int = 1) -> Iterator[str]:
    """A string that is missing, empty or too long."""
    if not isinstance(value, str) or not least <= len(value) <= most:
        size = len(value) if isinstance(value, str) else repr(value)
        yield f"{where}: {size}, not {least} to {most} characters"


def unknown(value: Json, known: set[str], where: str) -> Iterator[str]:
    """Properties that Slack does not know."""
    for name in sorted(set(value) - known):
        yield f"{where}: unknown property {name}"


def repeated(name: str, values: Iterable[str | None]) -> Iterator[str]:
    """Values that must be distinct and are not."""
    given = [value for value in values if value is not None]
    for value in sorted({value for value in given if given.count(value) > 1}):
        yield f"{name} {value} twice"
