"""Writes examples that somebody approves into the content, takes them back, and keeps who did it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.desk.ports.unit_of_work import UnitOfWork, UnitsOfWork
from bot.domain.errors import ExampleNotFound
from bot.domain.knowledge.proposal import ConfirmedQuestion, ExampleStatus, LearnedExample, ShownExample
from bot.knowledge.files.branches import commit_on_branch
from bot.knowledge.files.learned_files import with_learned, without_learned
from bot.knowledge.files.writing import Files, write_files

Who = Callable[[UnitOfWork], str]  # who decides, as it is kept


@dataclass(frozen=True, slots=True)
class WrittenExamples:
    """What was written: the files, and the branch on which they are, if it is one."""

    files: Files
    branch: str = ""


class ExampleFiles:
    """Files of the examples in the folder of intents, or on a branch of its checkout."""

    def __init__(self, begin: UnitsOfWork, intents: Path, *, on_branch: bool) -> None:
        self._begin = begin
        self._intents = intents
        self._on_branch = on_branch

    def approve(self, chosen: Sequence[ShownExample], who: Who, at: datetime) -> WrittenExamples:
        """Write proposals and record who approved them: all or none.

        Raises `ExampleNotFound` where somebody decided on one meanwhile, `ArticleNotWritten`.
        """
        files = with_learned(self._intents, [_question(one) for one in chosen])
        ids = [one.kept.id for one in chosen]
        with self._begin() as work:  # where the files cannot be written, nothing is approved
            if work.examples.approve(ids, who(work), at) != len(ids):
                raise ExampleNotFound(
                    "Somebody else has decided on some of these meanwhile, and nothing was written; "
                    "look again with `firstline examples list`."
                )
            return self._write(files, f"learned-{min(ids)}", f"Add {len(ids)} examples")

    def take_back(self, number: int, who: Who, at: datetime) -> WrittenExamples:
        """Take an approved example out again, and record who did it; raises as `approve` does."""
        with self._begin() as work:
            kept = _approved(work, number)
            if kept is None or not work.examples.take_back(number, who(work), at):
                raise ExampleNotFound(
                    f"No approved example has the number {number}; "
                    "`firstline examples list --approved` shows all."
                )
            files = without_learned(self._intents, kept.target, kept.digest)
            return self._write(files, f"take-back-{number}", "Take back an example")

    def _write(self, files: Files, name: str, message: str) -> WrittenExamples:
        if self._on_branch:
            return WrittenExamples(files, commit_on_branch(name, message, files, over=True))
        write_files(files, over=True)
        return WrittenExamples(files)


def _approved(work: UnitOfWork, number: int) -> LearnedExample | None:
    return next((one for one in work.examples.listed(ExampleStatus.APPROVED) if one.id == number), None)


def _question(one: ShownExample) -> ConfirmedQuestion:
    kept = one.kept
    return ConfirmedQuestion(kept.episode_id, one.text, kept.language, kept.target, 0, kept.confirmed)
