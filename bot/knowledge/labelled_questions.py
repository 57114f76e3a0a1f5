"""Reads the file of labelled questions, beside whatever sources there are."""

import asyncio
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bot.domain.knowledge.content import Problem
from bot.domain.knowledge.labelled_question import Question, parse
from bot.knowledge.files.text_files import Stamp, read_bytes, shown, stamp_of

LARGEST = 20_000_000  # bytes
MOST_TOLD = 20  # bad lines
POLL = 0.5  # seconds between looks at the file


@dataclass(frozen=True, slots=True)
class LabelledQuestions:
    """The questions in the file at one moment."""

    questions: tuple[Question, ...]
    hash: str
    problems: tuple[Problem, ...] = ()


class LabelledFile:
    """Reads FIRSTLINE_QUESTIONS; what is wrong with it becomes problems, never an exception."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.file = shown(path)
        self._loaded_stamp: Stamp | None = None

    def load(self) -> LabelledQuestions:
        """Read all of it; a file that is not there, or a line that is no question, is an error."""
        # Before reading, so that an edit in between counts as a change.
        self._loaded_stamp = stamp_of(self._path)
        data, fault = read_bytes(self._path, LARGEST, missing="write it or correct FIRSTLINE_QUESTIONS")
        digest = sha256(data).hexdigest()
        if fault:
            return LabelledQuestions((), digest, (Problem(self.file, 1, fault),))
        questions, faults = parse(data)
        problems = [Problem(self.file, one.line, one.message) for one in faults[:MOST_TOLD]]
        if len(faults) > MOST_TOLD:
            more = f"so are {len(faults) - MOST_TOLD} more lines from here on"
            problems.append(Problem(self.file, faults[MOST_TOLD].line, more))
        return LabelledQuestions(tuple(questions), digest, tuple(problems))

    async def changes(self) -> None:
        """Return when the file has changed since the last load."""
        # By its stamp alone: what else its folder holds does not concern us.
        while await asyncio.to_thread(stamp_of, self._path) == self._loaded_stamp:  # noqa: ASYNC110  # others write the file
            await asyncio.sleep(POLL)
