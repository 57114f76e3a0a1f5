"""Renders buttons, menus and fields as Slack's elements, within their limits."""

import json
from collections.abc import Mapping
from typing import Any

import structlog

from bot.channels.slack.text import cut, literal, sendable
from bot.desk.ports.button_actions import NOT_HELPFUL, SOLVED
from bot.domain.conversations.messages import (
    MORE,
    SHOW_DETAILS,
    Block,
    Button,
    Details,
    Field,
    More,
    Option,
    Reply,
)

log = structlog.get_logger()

Json = dict[str, Any]

BUTTON_TEXT, OPTION_TEXT, OPTION_VALUE, INPUT, HINT = 75, 75, 150, 3000, 150
BUTTONS_A_ROW = 5
OVERFLOW, OPTIONS = 5, 100  # how many an overflow menu and a select menu hold
PREFIX = "firstline:"
VALUE = "value"
THUMBS = "context_actions"  # the kind of block that holds Slack's own thumbs
MOST_BESIDE_A_MENU = 2


def controls(reply: Reply, more: str, post: str = "", *, thumbs: bool = False) -> list[Json]:
    """The rows of buttons, with the menu at the end of the last one; `more` names a menu with many things.

    A message cannot fold, so what is folded away is opened by a button, too.

    Such a menu is a list, and a client keeps what was picked in it as long as its block has the same name:
    then the same cannot be picked again. So the block is named after the `post` that shows it, which is
    another one at each change. With `thumbs` “solved” and “not helpful” are Slack's own thumbs, in a row of
    their own. There are three controls at most under an answer: what would be the fourth goes into the menu.
    """
    distinct = {button_value(button): button for button in reply.menu}
    menu = tuple(button for value, button in distinct.items() if len(value) <= OPTION_VALUE)
    # One thing alone needs no menu, and what does not fit into an option's value is a button still.
    beside = tuple(b for b in distinct.values() if b not in menu or len(menu) == 1)
    openers = {button_value(one): one for block in reply.blocks for one in _openers(block)}
    folded = tuple(one for value, one in openers.items() if value not in distinct)
    up, down = (_of(reply, action) for action in (SOLVED, NOT_HELPFUL))
    rated = [_thumbs(up, down, post)] if thumbs and up and down else []
    single = tuple(button for button in reply.buttons if not rated or button not in (up, down))
    if len(menu) > 1 and len(single) >= MOST_BESIDE_A_MENU:
        into = tuple(button for button in folded if button.action == MORE)
        folded, menu = tuple(button for button in folded if button not in into), (*into, *menu)
    all_buttons, about = (*single, *folded, *beside), " ".join(reply.summary.split())
    shown = [_button(button, index, about) for index, button in enumerate(all_buttons)]
    rows = [shown[start : start + BUTTONS_A_ROW] for start in range(0, len(shown), BUTTONS_A_ROW)]
    if len(menu) > 1:
        rows = [*rows[:-1], [*(rows[-1] if rows else ()), _menu(menu, reply.menu_label or more, reply)]]
    return [
        {"type": "actions", "block_id": _row_name(index, row, post), "elements": row}
        for index, row in enumerate(rows)
    ] + rated


def _of(reply: Reply, action: str) -> Button | None:
    return next((button for button in reply.buttons if button.action == action), None)


def _thumbs(up: Button, down: Button, post: str) -> Json:
    """Slack's own thumbs; a client keeps what was pressed as long as their block has the same name."""
    pressed = {
        f"{name}_button": {"text": plain_text(button.label, BUTTON_TEXT), "value": button_value(button)}
        for name, button in (("positive", up), ("negative", down))
    }
    element = {"type": "feedback_buttons", "action_id": f"{PREFIX}feedback", **pressed}
    return {"type": THUMBS, "block_id": f"{PREFIX}feedback:{post}", "elements": [element]}


def _openers(block: Block) -> tuple[Button, ...]:
    match block:
        case More():
            return (Button(MORE, block.label, block.token, block.article),)
        case Details():
            return (Button(SHOW_DETAILS, block.label, block.token),)
    return ()


def _row_name(index: int, row: list[Json], post: str) -> str:
    listed = any(element["type"] == "static_select" for element in row)
    return f"{PREFIX}buttons:{index}" + (f":{post}" if listed and post else "")


def field_element(field: Field) -> Json:
    """The element that a field is filled in with."""
    return _select(field) if field.options else _text_input(field)


def written_in(element: Mapping[str, Any]) -> str:
    """The value of an element of a submitted form; empty where nothing was written or picked."""
    picked = element.get("selected_option")
    source = picked if isinstance(picked, Mapping) else element
    value = source.get("value")
    return value if isinstance(value, str) else ""


def plain_text(text: str, limit: int) -> Json:
    """A text object that is shown literally, never empty."""
    return {"type": "plain_text", "text": cut(literal(text.strip()), limit) or "…", "emoji": False}


def button_value(button: Button) -> str:
    """The value of a button: action, token, argument."""
    return json.dumps([button.action, button.token, button.argument], separators=(",", ":"))


def read_value(value: str) -> tuple[str, str, str] | None:
    """Read what a button or a menu's option carried; None when it is none of ours."""
    try:
        parts = json.loads(value)
    except (ValueError, RecursionError):
        return None
    match parts:
        case [str(action), str(token), str(argument)]:
            return action, token, argument
    return None


def _button(button: Button, index: int, about: str) -> Json:
    label = " ".join(button.label.split())
    shown: Json = {
        "type": "button",
        "action_id": f"{PREFIX}{button.action}:{index}",
        "text": plain_text(label, BUTTON_TEXT),
        "value": button_value(button),
    }
    if about:
        # Who hears the page read out jumps from button to button, away from what each is about.
        shown["accessibility_label"] = cut(literal(f"{label}: {about}"), BUTTON_TEXT)
    return shown | {"style": button.style} if button.style in ("primary", "danger") else shown


def _menu(buttons: tuple[Button, ...], more: str, reply: Reply) -> Json:
    options = [_option(button_value(button), button.label) for button in buttons[:OPTIONS]]
    menu: Json = {"type": "overflow", "action_id": f"{PREFIX}menu", "options": options}
    if len(options) > OVERFLOW or reply.menu_label:  # three dots have no name
        menu |= {"type": "static_select", "placeholder": plain_text(more, HINT)}
    return menu


def _select(field: Field) -> Json:
    fitting = tuple(option for option in field.options if _fits(option))
    if len(fitting) < len(field.options):
        log.warning(
            "slack_options_left_out",
            field=field.name,
            count=len(field.options) - len(fitting),
            next_step="shorten the list's labels",
        )
    shown = Field(field.name, field.label, options=fitting, initial=field.initial).limited_options(OPTIONS)
    if not shown:
        return _text_input(field)
    element: Json = {
        "type": "static_select",
        "action_id": VALUE,
        "options": [_option(option.value, option.label) for option in shown],
    }
    if field.hint:
        element["placeholder"] = plain_text(field.hint, HINT)
    if field.initial in [option.value for option in shown]:
        picked = next(option for option in shown if option.value == field.initial)
        element["initial_option"] = _option(picked.value, picked.label)
    return element


def _fits(option: Option) -> bool:
    return len(option.value) <= OPTION_VALUE and sendable(option.value) == option.value


def _option(value: str, label: str) -> Json:
    return {"text": plain_text(" ".join(label.split()), OPTION_TEXT), "value": value}


def _text_input(field: Field) -> Json:
    element: Json = {
        "type": "plain_text_input",
        "action_id": VALUE,
        "multiline": field.multiline,
        "max_length": INPUT,
    }
    if field.hint:
        element["placeholder"] = plain_text(field.hint, HINT)
    if field.initial:
        element["initial_value"] = cut(sendable(field.initial), INPUT)
    return element
