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
