"""Types questions with errors: a letter dropped, doubled, replaced, or swapped with the next."""

import string
import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bot.domain.knowledge.labelled_question import Question

EVERY = 2  # of so many questions one is typed with errors
LETTERS_AN_ERROR = 20  # letters that are typed well for each that is not


def some_mistyped(questions: Sequence[Question]) -> list[Question]:
    """The questions, some of them typed with errors; always the same."""
    return [
        replace(question, text=mistyped(question.text)) if at % EVERY == 0 else question
        for at, question in enumerate(questions)
    ]


def mistyped(text: str) -> str:
    """The text typed with errors; always the same ones."""
    rng = np.random.default_rng(zlib.crc32(text.encode(errors="replace")))
    letters = list(text)
    for at in np.flatnonzero(rng.random(len(letters)) < 1 / LETTERS_AN_ERROR).tolist():
        if not letters[at].isalpha():
            continue
        other = string.ascii_lowercase[int(rng.integers(len(string.ascii_lowercase)))]
        following = letters[at + 1] if at + 1 < len(letters) else ""
        slips = ("", letters[at] * 2, other, following + letters[at])
        kind = int(rng.integers(len(slips)))
        letters[at] = slips[kind]
        if kind == 3 and following:
            letters[at + 1] = ""
    return "".join(letters)
