"""Parses questions with known answers from JSON lines."""

import json
from dataclasses import dataclass

from bot.domain.knowledge.ids import composed


@dataclass(frozen=True, slots=True)
class Question:
    """Question; `expected` is the id that should answer it, None where nothing in the content does."""

    text: str
    expected: str | None
    language: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """Line that is no question: what is wrong with it, and how to correct it."""

    line: int
    message: str


def parse(data: bytes) -> tuple[list[Question], list[Fault]]:
    """Parse lines of `{"text": ..., "expected": id or null, "lang": ...}`, one object a line.

    A byte order mark, CRLF and empty lines are accepted.
    """
    questions: list[Question] = []
    faults: list[Fault] = []
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        found = _question(line, number)
        if isinstance(found, Question):
            questions.append(found)
        else:
            faults.append(Fault(number, found))
    return questions, faults


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
    if any("\ud800" <= sign <= "\udfff" for sign in text + (expected or "")):
        return "half of a character is written here as an escape; write the whole character"
    if language is not None and not isinstance(language, str):
        return '"lang" must be a language code between quotes, such as "en"; or leave it out'
    return Question(text, None if expected is None else composed(expected), language or "", number)
