"""Renders a reply as an Adaptive Card, always small enough for Teams."""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.channels.teams.inbound.events import FIELD, FILLED
from bot.channels.teams.outbound import articles, folding, markdown
from bot.channels.teams.outbound.elements import (
    Element,
    byline,
    called,
    chart,
    container,
    cut,
    fact,
    lines,
    literal,
    moment,
)
from bot.desk.ports.channels import NO_PICTURES, Pictures
from bot.desk.ports.wording import Wording
from bot.domain.charts import BarChart
from bot.domain.conversations.messages import (
    BACK,
    Banner,
    Block,
    Button,
    Byline,
    Details,
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
FOLDED, DETAILS = "more", "details"  # ids of what is folded away
_ROWS = (Facts, When)
_STYLES = {"primary": "positive", "danger": "destructive"}
# How long one block may be, tried from left to right until the card fits.
_BUDGETS = (12_000, 6_000, 3_000, 1_500, 800, 400, 200, 100)


def card(reply: Reply, wording: Wording, pictures: Pictures = NO_PICTURES) -> Element:
    """Render a reply; what does not fit is cut, with an ellipsis."""
    missing = wording.say(reply.language, "teams.missing")
    all_steps = wording.say(reply.language, "teams.all_steps") if folding.folds(reply) else ""
    # What can be pressed need not be told in words as well.
    blocks = reply.blocks[:-1] if reply.suggestions else reply.blocks
    for budget in _BUDGETS:
        rendered = _card(reply, blocks, budget, missing, pictures, all_steps)
        if articles.size(rendered) <= LARGEST:
            return rendered
    kept = list(blocks)
    while len(kept) > 1:
        kept = kept[: len(kept) // 2]
        rendered = _card(reply, (*kept, Line("…")), _BUDGETS[-1], missing, pictures, all_steps)
        if articles.size(rendered) <= LARGEST:
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


def dialog(asked: Reply, send: str, mark: str) -> Element:
    """The card of one of Teams' own dialogs: its button sends what was filled in, with a mark beside it."""
    inputs = [_input(field, "", LONGEST_INPUT) | {"id": field.name} for field in asked.fields]
    submit = {"type": "Action.Submit", "title": send, "data": {mark: True}}
    return _card(asked, asked.blocks, _BUDGETS[0], "", NO_PICTURES) | {"body": inputs, "actions": [submit]}


def summary(reply: Reply) -> str:
    """One line for notifications."""
    return cut(" ".join(literal(reply.summary or text(reply)).split()), LONGEST_SUMMARY)


def text(reply: Reply) -> str:
    """A reply as plain text, for a client's own notice."""
    whole = "\n".join(line for block in reply.blocks for line in _plain(block))
    return cut(literal(whole).strip(), LONGEST_NOTICE)


def _card(
    reply: Reply,
    blocks: tuple[Block, ...],
    budget: int,
    missing: str,
    pictures: Pictures,
    all_steps: str = "",
) -> Element:
    # What an answer is about comes first, and stays.
    steps = (
        next((block for block in reversed(blocks) if isinstance(block, Prose)), None) if all_steps else None
    )
    body = []
    for before, block in _with_the_one_before(blocks):
        found = _set(block, before, budget, pictures)
        body += folding.fold(found, all_steps) if block is steps else found
    body += [_input(field, missing, budget) for field in reply.fields[:MOST_FIELDS]]
    buttons = [_execute(button) for button in reply.buttons[:MOST_BUTTONS]]
    buttons += [_write(text) for text in reply.suggestions]
    buttons += [_unfold(block) for block in blocks if isinstance(block, Details)]
    # A menu is drawn from the actions of the card alone, on phones too; it came with version 1.5.
    menu = [_execute(button, mode="secondary") for button in reply.menu[:MOST_BUTTONS]]
    rows = [buttons[i : i + ACTIONS_IN_A_ROW] for i in range(0, len(buttons), ACTIONS_IN_A_ROW)]
    # A client hides the actions of a card beyond the sixth, so the first ones go into the body.
    body += [{"type": "ActionSet", "actions": row} for row in rows[:-1]]
    actions = [*(rows[-1] if rows else ()), *menu]
    return {
        "type": "AdaptiveCard",
        "$schema": SCHEMA,
        "version": "1.5" if menu or _has_table(body) else "1.4",
        "lang": reply.language,
        "fallbackText": summary(reply),
        "body": body or lines("…"),
        **_entities(blocks),
        **({"actions": actions} if actions else {}),
    }


def _with_the_one_before(blocks: tuple[Block, ...]) -> Iterator[tuple[Block | None, Block]]:
    return zip((None, *blocks), blocks, strict=False)


def _has_table(elements: list[Element]) -> bool:
    return any(one["type"] == "Table" or _has_table(one.get("items", [])) for one in elements)


def _set(block: Block, before: Block | None, budget: int, pictures: Pictures) -> list[Element]:
    """Rows of labels stand closely together, and a little apart from what is above them."""
    found = _elements(block, budget, pictures)
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


def _elements(block: Block, budget: int, pictures: Pictures) -> list[Element]:
    match block:
        case Prose():
            return articles.render(block.markdown, budget, pictures)
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
        case More():  # with the text: what is below it answers us
            opener = {"type": "ActionSet", "actions": [_unfold(block)]}
            return [opener, _folded(block, budget, pictures)]
        case Details():
            return [_folded(block, budget, pictures)]
        case Link() | Small() | Mention() | Byline() | Banner() | BarChart():
            return _line(block, budget)


def _line(block: Link | Small | Mention | Byline | Banner | BarChart, budget: int) -> list[Element]:
    match block:
        case BarChart():
            return [chart(block)]
        case Banner():
            return [_banner(block, budget)]
        case Byline():
            return [byline(block, min(budget, LONGEST_LABEL))]
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


def _folded(block: More | Details, budget: int, pictures: Pictures) -> Element:
    # What is seen at once comes first where the card is too large.
    if isinstance(block, More):
        items = articles.render(block.markdown, budget // 2, pictures)
    else:
        items = [
            element
            for before, one in _with_the_one_before(block.blocks)
            for element in _set(one, before, budget // 2, pictures)
        ]
    return {"type": "Container", "id": _id_of(block), "isVisible": False, "items": items or lines("…")}


def _id_of(block: More | Details) -> str:
    return FOLDED if isinstance(block, More) else DETAILS


def _banner(banner: Banner, budget: int) -> Element:
    """A title on a coloured ground from edge to edge, unlike any ticket's."""
    style = "good" if banner.over else "attention"
    items = lines(cut(banner.text, min(budget, 300)), weight="Bolder", size="Medium")
    return container(items) | {"style": style, "bleed": True}


def _unfold(block: More | Details) -> Element:
    title = literal(cut(block.label, LONGEST_LABEL)) or "…"
    return {"type": "Action.ToggleVisibility", "title": title, "targetElements": [_id_of(block)]}


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


def _write(text: str) -> Element:
    """A button that writes for whoever presses it, as if they had typed it; for their personal chat alone."""
    title = literal(cut(text, LONGEST_LABEL)) or "…"
    return {"type": "Action.Submit", "title": title, "data": {"msteams": {"type": "imBack", "value": text}}}


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
        case Facts() | BarChart():
            if isinstance(block, BarChart):
                yield block.title
            yield from (f"{label}: {value}" for label, value in block.rows)
        case Link():
            yield f"{block.label}: {block.url}"
        case When():
            yield f"{block.label}: {block.text}"
        case Mention():
            yield block.name
        case Byline():
            yield " · ".join(filter(None, (block.who, block.alarm, *block.facts)))
        case Heading() | Line() | Quote() | Small() | Banner():
            yield block.text
