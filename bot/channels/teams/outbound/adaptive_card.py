"""Renders a reply as an Adaptive Card, always small enough for Teams."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

from bot.channels.teams.inbound.events import FIELD, FILLED
from bot.channels.teams.outbound import markdown
from bot.channels.teams.outbound.elements import Element, called, container, cut, fact, lines, literal, moment
from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import (
    BACK,
    Block,
    Button,
    Facts,
    Field,
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

SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
LARGEST = 24_000  # bytes; Teams refuses messages of about 28 KB, and the activity around it counts too
LONGEST_LABEL = 120
LONGEST_SUMMARY = 300
LONGEST_NOTICE = 2_000
ACTIONS_IN_A_ROW = 6
MOST_BUTTONS = 24
MOST_FIELDS = 10
LONGEST_INPUT = 3_000
MOST_CHOICES = 100
LONGEST_CHOICE = 100
CHANNEL = "teams"
FOLDED = "more"  # id of what is folded away
_ROWS = (Facts, When)
_STYLES = {"primary": "positive", "danger": "destructive"}
# How long one block may be, tried from left to right until the card fits.
_BUDGETS = (12_000, 6_000, 3_000, 1_500, 800, 400, 200, 100)


def card(reply: Reply, wording: Wording) -> Element:
    """Render a reply; what does not fit is cut, with an ellipsis."""
    missing = wording.say(reply.language, "teams.missing")
    for budget in _BUDGETS:
        rendered = _card(reply, reply.blocks, budget, missing)
        if _size(rendered) <= LARGEST:
            return rendered
    kept = list(reply.blocks)
    while len(kept) > 1:
        kept = kept[: len(kept) // 2]
        rendered = _card(reply, (*kept, Line("…")), _BUDGETS[-1], missing)
        if _size(rendered) <= LARGEST:
            break
    return rendered


def form(asked: Reply, wording: Wording) -> Element:
    """The card that takes the place of another one, to ask for something, with a way back to it.

    Where there is only something to take away, its own button is the way back, and sends nothing.
    """
    first = asked.buttons[0]
    back = Button(BACK, wording.say(asked.language, "teams.back"), first.token, first.argument)
    to_read = all(field.copyable for field in asked.fields)
    buttons = (replace(first, with_fields=False),) if to_read else (replace(first, with_fields=True), back)
    blocks = (Heading(asked.summary), *asked.blocks) if asked.summary else asked.blocks
    return card(replace(asked, blocks=blocks, buttons=buttons, menu=()), wording)


def summary(reply: Reply) -> str:
    """One line for notifications."""
    return cut(" ".join(literal(reply.summary or text(reply)).split()), LONGEST_SUMMARY)


def text(reply: Reply) -> str:
    """A reply as plain text, for a client's own notice."""
    whole = "\n".join(line for block in reply.blocks for line in _plain(block))
    return cut(literal(whole).strip(), LONGEST_NOTICE)


def _card(reply: Reply, blocks: tuple[Block, ...], budget: int, missing: str) -> Element:
    body = [
        element for before, block in _with_the_one_before(blocks) for element in _set(block, before, budget)
    ]
    body += [_input(field, missing, budget) for field in reply.fields[:MOST_FIELDS]]
    buttons = [_execute(button) for button in reply.buttons[:MOST_BUTTONS]]
    buttons += [_unfold(block) for block in blocks if isinstance(block, More)]
    # A menu is drawn from the actions of the card alone, on phones too; it came with version 1.5.
    menu = [_execute(button, mode="secondary") for button in reply.menu[:MOST_BUTTONS]]
    rows = [buttons[i : i + ACTIONS_IN_A_ROW] for i in range(0, len(buttons), ACTIONS_IN_A_ROW)]
    # A client hides the actions of a card beyond the sixth, so the first ones go into the body.
    body += [{"type": "ActionSet", "actions": row} for row in rows[:-1]]
    actions = [*(rows[-1] if rows else ()), *menu]
    return {
        "type": "AdaptiveCard",
        "$schema": SCHEMA,
        "version": "1.5" if menu else "1.4",
        "lang": reply.language,
        "fallbackText": summary(reply),
        "body": body or lines("…"),
        **_entities(blocks),
        **({"actions": actions} if actions else {}),
    }


def _with_the_one_before(blocks: tuple[Block, ...]) -> Iterator[tuple[Block | None, Block]]:
    return zip((None, *blocks), blocks, strict=False)


def _set(block: Block, before: Block | None, budget: int) -> list[Element]:
    """Rows of labels stand closely together, and a little apart from what is above them."""
    found = _elements(block, budget)
    if not isinstance(block, _ROWS):
        return found
    first = "None" if isinstance(before, _ROWS) else "Small"
    return [row | {"spacing": "None" if index else first} for index, row in enumerate(found)]


def _entities(blocks: tuple[Block, ...]) -> Element:
    """Who is really mentioned: Teams asks for their ids beside the card's own text."""
    entities = []
    for block in blocks:
        own = block.in_channel(CHANNEL) if isinstance(block, Mention) else None
        if isinstance(block, Mention) and own is not None:
            mentioned = {"id": own.external_id, "name": _plain_name(block)}
            entities.append({"type": "mention", "text": _at(block), "mentioned": mentioned})
    return {"msteams": {"entities": entities}} if entities else {}


def _at(mention: Mention) -> str:
    return f"<at>{_plain_name(mention)}</at>"


def _plain_name(mention: Mention) -> str:
    # It stands in a TextBlock, where Markdown and tags would count.
    return cut(re.sub(r"[^\w .'’-]", "", mention.name).replace("_", " ").strip(), 80) or "…"


def _elements(block: Block, budget: int) -> list[Element]:
    match block:
        case Prose():
            return _cut_elements(markdown.elements(cut(block.markdown, budget)), budget)
        case Heading():
            return lines(cut(block.text, min(budget, 300)), weight="Bolder", size="Medium")
        case Line():
            return lines(cut(block.text, budget))
        case Quote():
            return [container(lines(cut(block.text, budget)))]
        case Facts():
            each = max(budget // max(len(block.rows), 1), 40)
            return [fact(cut(label, 80), cut(value, each)) for label, value in block.rows]
        case When():
            return [moment(cut(block.label, 120), block.at)]
        case More():
            return [_folded(block, budget)]
        case Link() | Small() | Mention():
            return _line(block, budget)


def _line(block: Link | Small | Mention, budget: int) -> list[Element]:
    match block:
        case Link():
            return _link(block)
        case Small():
            return lines(cut(block.text, min(budget, 300)), size="Small", isSubtle=True)
        case Mention():
            return (
                [called(_at(block))]
                if block.in_channel(CHANNEL)
                else lines(cut(block.name, min(budget, 80)), weight="Bolder")
            )


def _folded(more: More, budget: int) -> Element:
    # What is seen at once comes first where the card is too large.
    items = _cut_elements(markdown.elements(cut(more.markdown, budget // 2)), budget // 2)
    return {"type": "Container", "id": FOLDED, "isVisible": False, "items": items or lines("…")}


def _unfold(more: More) -> Element:
    title = literal(cut(more.label, LONGEST_LABEL)) or "…"
    return {"type": "Action.ToggleVisibility", "title": title, "targetElements": [FOLDED]}


def _cut_elements(found: list[Element], budget: int) -> list[Element]:
    kept: list[Element] = []
    left = budget * 4  # an element's JSON is a few times its text
    for element in found:
        left -= _size(element)
        if left < 0:
            return [*kept, *lines("…")]
        kept.append(element)
    return kept


def _link(link: Link) -> list[Element]:
    if not markdown.openable(link.url) or len(link.url) > 2_000:
        return lines(f"{cut(link.label, LONGEST_LABEL)}: {cut(link.url, 300)}")
    action = {
        "type": "Action.OpenUrl",
        "title": literal(cut(link.label, LONGEST_LABEL)) or "…",
        "url": link.url,
    }
    return [{"type": "ActionSet", "actions": [action]}]


def _execute(button: Button, **more: str) -> Element:
    title = literal(cut(" ".join(button.label.split()), LONGEST_LABEL)) or "…"
    inputs = "auto" if button.with_fields else "none"
    data: Element = {"token": button.token, "argument": button.argument}
    if button.with_fields:
        # A client leaves out what nobody filled in: this says that there was something to fill in.
        data[FILLED] = True
    # An older client knows no Action.Execute; a submit carries its verb in the data.
    submit = {
        "type": "Action.Submit",
        "title": title,
        "associatedInputs": inputs,
        "data": {"verb": button.action, **data},
        **more,
    }
    execute = {
        "type": "Action.Execute",
        "title": title,
        "verb": button.action,
        "data": data,
        "associatedInputs": inputs,
        "fallback": submit,
        **more,
    }
    if button.style in _STYLES:
        execute["style"] = _STYLES[button.style]
    return execute


def _input(field: Field, missing: str, budget: int) -> Element:
    element: Element = {
        **(_choices(field, budget) if field.options else _text(field, budget)),
        "id": FIELD + field.name,
        "label": literal(cut(field.label, LONGEST_LABEL)) or "…",
    }
    if field.hint:
        element["placeholder"] = literal(cut(field.hint, LONGEST_LABEL))
    if field.required:
        element |= {"isRequired": True, "errorMessage": missing}
    return element


def _text(field: Field, budget: int) -> Element:
    element: Element = {"type": "Input.Text", "isMultiline": field.multiline, "maxLength": LONGEST_INPUT}
    written = literal(cut(field.initial, min(LONGEST_INPUT, budget)))
    return element | {"value": written} if written else element


def _choices(field: Field, budget: int) -> Element:
    longest = max(min(LONGEST_CHOICE, budget // 8), 20)
    shown = field.limited_options(max(min(MOST_CHOICES, budget // 8), 1))
    choices = [
        {"title": literal(cut(" ".join(option.label.split()), longest)) or "…", "value": option.value}
        for option in shown
    ]
    element: Element = {"type": "Input.ChoiceSet", "style": "compact", "choices": choices}
    known = field.initial in [option.value for option in shown]
    return element | {"value": field.initial} if known else element


def _plain(block: Block) -> Iterator[str]:
    match block:
        case Prose():
            yield markdown.plain(cut(block.markdown, LONGEST_NOTICE))
        case Facts():
            yield from (f"{label}: {value}" for label, value in block.rows)
        case Link():
            yield f"{block.label}: {block.url}"
        case When():
            yield f"{block.label}: {block.text}"
        case Mention():
            yield block.name
        case Heading() | Line() | Quote() | Small():
            yield block.text


def _size(element: Element) -> int:
    return len(json.dumps(element))
