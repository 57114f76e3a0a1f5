"""Leaves the last steps of an answer to its button for more, so that the buttons are seen at once."""

import re
from collections.abc import Iterator
from dataclasses import replace
from math import ceil

from bot.domain.conversations.messages import Block, Line, Link, More, Prose, Reply, Small
from bot.domain.knowledge.code_blocks import code_lines
from bot.domain.knowledge.markdown_blocks import Image, cut_apart

LINE = 43  # characters that stand side by side in the pane of a thread
SEEN = 11  # lines of the steps that are seen at once
WHOLE = 13  # lines of steps that are short enough to be shown whole
_BEGINS = re.compile(r"(?:\d{1,9}[.)]|[-*+]) +\S")


def fold(reply: Reply, label: str) -> Reply:
    """Cut an answer after its first steps where a button or a link leads to all of them.

    The button is named `label`. What may not wait has no buttons, and is shown whole.
    """
    blocks = reply.blocks
    answer = any(isinstance(block, Small) for block in blocks)
    if not answer or not (reply.buttons or isinstance(blocks[-1], Line)):
        return reply
    if not any(isinstance(block, More | Link) for block in blocks):
        return reply
    steps = next((block for block in reversed(blocks) if isinstance(block, Prose)), None)
    first = _first_steps(steps.markdown) if steps is not None else ""
    if not first:
        return reply
    return replace(reply, blocks=tuple(_folded(block, steps, first, label) for block in blocks))


def _folded(block: Block, steps: Prose | None, first: str, label: str) -> Block:
    if block is steps:
        return Prose(f"{first}\n\n…")
    return replace(block, label=label) if isinstance(block, More) else block


def _first_steps(markdown: str) -> str:
    """Return the first steps of a text that is too long, else nothing.

    What the button opens tells pictures in words, so that what is cut off has none.
    """
    steps, height, kept = list(_steps(markdown)), 0, 1
    for at, step in enumerate(steps):
        height += sum(ceil(len(line.strip()) / LINE) for line in step.splitlines())
        if height <= SEEN or any(isinstance(piece, Image) for piece in cut_apart(step)):
            kept = at + 1
    return "\n".join(steps[:kept]) if height > WHOLE and kept < len(steps) else ""


def _steps(markdown: str) -> Iterator[str]:
    lines = markdown.splitlines()
    code, step = code_lines(lines), list[str]()
    for at, line in enumerate(lines):
        if step and at not in code and _BEGINS.match(line):
            yield "\n".join(step)
            step = []
        step.append(line)
    yield "\n".join(step)
