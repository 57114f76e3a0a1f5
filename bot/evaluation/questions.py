"""Questions with known answers, read from a file of JSON lines."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.domain.errors import FirstlineError

MOST_TOLD = 20
LARGEST = 200_000_000  # bytes; more is a mistake, and would fill the memory


class QuestionsInvalid(FirstlineError):
    """The questions cannot be read; correct the lines named and run it again."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `expected` is the id that should answer it, None where nothing here does."""

    text: str
    expected: str | None
    language: str = ""
    line: int = 0


def read_questions(path: Path) -> list[Question]:
    """Read a file of `{"text": ..., "expected": id or null, "lang": ...}`, one a line.

    A byte order mark, CRLF and empty lines are fine. Raises `QuestionsInvalid` with every bad line.
    """
    questions: list[Question] = []
    wrong: list[str] = []
    for number, line in enumerate(_bytes(path).split(b"\n"), 1):
        if not line.strip():
            continue
        question = _question(line, number)
        if isinstance(question, Question):
            questions.append(question)
        else:
            wrong.append(f"{path}:{number}: {question}")
    if wrong:
        more = [f"and {len(wrong) - MOST_TOLD} more lines"] if len(wrong) > MOST_TOLD else []
        raise QuestionsInvalid("\n".join([*wrong[:MOST_TOLD], *more]))
    if not questions:
        raise QuestionsInvalid(
            f'{path} has no questions; write one a line: {{"text": "...", "expected": "id or null"}}'
        )
    return questions


def _bytes(path: Path) -> bytes:
    try:
        if path.is_file() and path.stat().st_size > LARGEST:
            raise QuestionsInvalid(f"{path} is larger than {LARGEST // 1_000_000} MB; split it.")
        return path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise QuestionsInvalid(f"{path} cannot be read ({error.strerror}); correct the path.") from error


def _question(line: bytes, number: int) -> Question | str:
    # -> the question, or what is wrong with the line
    try:
        data = json.loads(line.decode())
    except UnicodeDecodeError:
        return "this is not UTF-8; save the file as UTF-8"
    except (ValueError, RecursionError) as error:
        what = error.msg if isinstance(error, json.JSONDecodeError) else "it cannot be read"
        return f"this is not JSON ({what}); write one object a line"
    if not isinstance(data, dict):
        return 'this is not an object; write {"text": "...", "expected": "id or null"}'
    text, expected, language = data.get("text"), data.get("expected"), data.get("lang")
    if not isinstance(text, str) or not text.strip():
        return '"text" must be the question; write it, or remove the line'
    if "expected" not in data:
        return '"expected" is missing; write the id that should answer, or null where nothing does'
    if expected is not None and (not isinstance(expected, str) or not expected):
        return '"expected" must be an id between quotes, or null where nothing answers'
    if language is not None and not isinstance(language, str):
        return '"lang" must be a language code between quotes, such as "en"; or leave it out'
    return Question(text, expected, language or "", number)


def repeated(questions: Sequence[Question]) -> list[str]:
    """Say what stands in the file more than once, and what contradicts itself."""
    said: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        said[" ".join(question.text.casefold().split())].append(question)
    twice = [same for same in said.values() if len(same) > 1]
    torn = [same for same in twice if len({question.expected for question in same}) > 1]
    warnings = []
    if twice:
        extra = sum(len(same) - 1 for same in twice)
        warnings.append(
            f"questions that stood in the file before, and count again: {extra} (lines {_lines(twice)})"
        )
    if torn:
        warnings.append(
            f"the same question expects different answers: lines {_lines(torn)}; keep the right one"
        )
    return warnings


def _lines(groups: Sequence[Sequence[Question]]) -> str:
    shown = "; ".join(", ".join(str(question.line) for question in same[:4]) for same in groups[:5])
    return shown + ("; ..." if len(groups) > 5 else "")
