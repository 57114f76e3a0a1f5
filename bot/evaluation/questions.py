"""Reads questions with known answers from a file of JSON lines."""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from bot.domain.errors import FirstlineError
from bot.domain.knowledge.labelled_question import Question, parse

MOST_TOLD = 20
LARGEST = 200_000_000  # bytes; more is a mistake, and would fill the memory


class QuestionsInvalid(FirstlineError):
    """The questions cannot be read; correct the lines named and run it again."""


def read_questions(path: Path) -> list[Question]:
    """Read a file of `{"text": ..., "expected": id or null, "lang": ...}`, one a line.

    A byte order mark, CRLF and empty lines are fine. Raises `QuestionsInvalid` with every bad line.
    """
    questions, faults = parse(_bytes(path))
    wrong = [f"{path}:{fault.line}: {fault.message}" for fault in faults]
    if wrong:
        more = [f"and {len(wrong) - MOST_TOLD} more lines"] if len(wrong) > MOST_TOLD else []
        raise QuestionsInvalid("\n".join([*wrong[:MOST_TOLD], *more]))
    if not questions:
        raise QuestionsInvalid(
            f'{path} has no questions; write one a line: {{"text": "...", "expected": "id or null"}}'
        )
    return questions


def read_texts(path: Path) -> list[str]:
    """Read the texts of a file, one a line: plain, or as `{"text": ...}`; raise `QuestionsInvalid`."""
    texts = []
    for line in _bytes(path).decode("utf-8-sig", "replace").splitlines():
        try:
            read = json.loads(line)
        except ValueError:
            read = line
        text = read.get("text") if isinstance(read, dict) else line
        texts += [text] if isinstance(text, str) and text.strip() else []
    if not texts:
        raise QuestionsInvalid(f'{path} has no texts; write one a line, plain or as {{"text": "..."}}')
    return texts


def _bytes(path: Path) -> bytes:
    try:
        if path.is_file() and path.stat().st_size > LARGEST:
            raise QuestionsInvalid(f"{path} is larger than {LARGEST // 1_000_000} MB; split it.")
        return path.read_bytes()
    except OSError as error:
        raise QuestionsInvalid(f"{path} cannot be read ({error.strerror}); correct the path.") from error


def repeated(questions: Sequence[Question]) -> list[str]:
    """Warnings of questions that are in the file more than once, and of those that contradict themselves."""
    by_text: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        by_text[" ".join(question.text.casefold().split())].append(question)
    twice = [same for same in by_text.values() if len(same) > 1]
    contradictory = [same for same in twice if len({question.expected for question in same}) > 1]
    warnings = []
    if twice:
        extra = sum(len(same) - 1 for same in twice)
        warnings.append(
            f"questions that stood in the file before, and count again: {extra} (lines {_lines(twice)})"
        )
    if contradictory:
        warnings.append(
            f"the same question expects different answers: lines {_lines(contradictory)}; keep the right one"
        )
    return warnings


def _lines(groups: Sequence[Sequence[Question]]) -> str:
    shown = "; ".join(", ".join(str(question.line) for question in same[:4]) for same in groups[:5])
    return shown + ("; ..." if len(groups) > 5 else "")
