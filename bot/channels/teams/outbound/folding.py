"""Folds the last steps of an answer away, so that its buttons are seen without scrolling in a narrow pane."""

from collections.abc import Sequence
from math import ceil

from bot.channels.teams.outbound.elements import Element, literal
from bot.domain.conversations.messages import Line, Reply, Small

LINE = 42  # characters that stand side by side in Teams' pane beside a meeting, or on a phone
SEEN = 10  # lines of the steps that are seen at once
WHOLE = 15  # lines of steps that are short enough to be shown whole
PICTURE = 8  # lines that a picture takes
STEPS, OPENER = "steps", "steps-opener"  # ids


def folds(reply: Reply) -> bool:
    """Tell whether a reply is an answer to try out, or was one: what may not wait is shown whole."""
    answer = any(isinstance(block, Small) for block in reply.blocks)
    return answer and (bool(reply.buttons) or isinstance(reply.blocks[-1], Line))


def fold(steps: Sequence[Element], title: str) -> list[Element]:
    """Leave the first steps, and put the others behind a button that goes away when it is pressed."""
    height, kept = 0, 0
    for step in steps:
        height += _lines(step)
        kept += height <= SEEN
    kept = max(kept, 1)
    if height <= WHOLE or kept >= len(steps):
        return list(steps)
    open_all = {
        "type": "Action.ToggleVisibility",
        "title": literal(title) or "…",
        "targetElements": [STEPS, OPENER],
    }
    opener = {"type": "ActionSet", "id": OPENER, "actions": [open_all]}
    rest = {"type": "Container", "id": STEPS, "isVisible": False, "items": list(steps[kept:])}
    return [*steps[:kept], opener, rest]


def _lines(element: Element) -> int:
    """Return about how many lines an element takes."""
    match element["type"]:
        case "RichTextBlock":
            return max(ceil(sum(len(run["text"]) for run in element["inlines"]) / LINE), 1)
        case "Image":
            return PICTURE
        case "ColumnSet":
            return max(sum(map(_lines, column["items"])) for column in element["columns"])
        case "Table":
            return sum(max(_height_of(row["cells"]), 1) for row in element["rows"])
        case _:
            return sum(map(_lines, element.get("items", [])))


def _height_of(cells: Sequence[Element]) -> int:
    # Cells share the width of a line.
    return sum(_lines(item) for cell in cells for item in cell["items"])
