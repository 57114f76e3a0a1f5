"""Combines the content of all sources."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace

import structlog

from bot.desk.ports.content import KnowledgeSource
from bot.domain.errors import SourceUnavailable
from bot.domain.knowledge.content import Content, Problem, SourceContent
from bot.domain.knowledge.labelled_question import Question
from bot.domain.tickets.queues import SINGLE_QUEUE
from bot.knowledge.canned_responses import group_versions
from bot.knowledge.check import check, without_unknown_targets
from bot.knowledge.labelled_questions import LabelledFile
from bot.knowledge.queues import QueueFile

log = structlog.get_logger()
EMPTY = SourceContent((), (), "")


class Collection:
    """Combines the sources, the labelled questions and the queues; of duplicates the first source's counts.

    A source that cannot be reached keeps what it held before, with a warning; one that never could be
    reached is an error, so that what nobody has seen is never taken for all there is.
    """

    def __init__(
        self,
        sources: Sequence[KnowledgeSource],
        labelled: LabelledFile | None = None,
        queues: QueueFile | None = None,
    ) -> None:
        self._sources = tuple(sources)
        self._labelled = labelled
        self._queues = queues
        self._last: dict[str, SourceContent] = {}

    def load(self) -> Content:
        """Read every source; the content's `problems` come errors first."""
        problems: list[Problem] = []
        found = [self._read(source, problems) for source in self._sources]
        for one in found:
            problems += one.problems
        articles = [draft for one in found for draft in one.articles]
        intents = [draft for one in found for draft in one.intents]
        examples = [draft for one in found for draft in one.examples]
        checked = check(articles, intents, examples)
        problems += checked.problems
        replies, faults = group_versions(draft for one in found for draft in one.replies)
        problems += faults
        queues = SINGLE_QUEUE
        if self._queues is not None:
            queues, wrong = self._queues.load(intents)
            problems += wrong
        hashes = [one.hash for one in found]
        questions: tuple[Question, ...] = ()
        if self._labelled is not None:
            read = self._labelled.load()
            hashes.append(f"questions {read.hash}")
            questions, unknown = without_unknown_targets(self._labelled.file, read.questions, checked)
            problems += [*read.problems, *unknown]
        digest = hashlib.sha256("\n".join(hashes).encode()).hexdigest()
        if not articles and not any(problem.error for problem in problems):
            problems = self._without_articles(found, problems)
        ordered = sorted(problems, key=lambda p: (not p.error, p.file, p.line))
        return Content(checked.articles, checked.intents, digest, tuple(ordered), questions, replies, queues)

    def _read(self, source: KnowledgeSource, problems: list[Problem]) -> SourceContent:
        try:
            found = self._last[source.name] = source.load()
        except SourceUnavailable as error:
            before = self._last.get(source.name)
            log.warning(
                "source_unavailable",
                source=source.name,
                kept=before is not None,
                next_step="see that the source is reached; what it gave before stays in force",
            )
            problems.append(Problem(source.name, 1, str(error), error=before is None))
            return before or EMPTY
        return found

    def _without_articles(self, found: Sequence[SourceContent], problems: list[Problem]) -> list[Problem]:
        # What is wrong with the place where they should be, such as a folder that is missing, says why.
        places = [one.place or source.name for source, one in zip(self._sources, found, strict=True)]
        if any(problem.file in places for problem in problems):
            return [replace(one, error=one.error or one.file in places) for one in problems]
        message = (
            "there is no article; write one "
            "(`firstline docs content` shows how) or correct FIRSTLINE_ARTICLES"
        )
        return [*problems, Problem(next(iter(places), "content"), 1, message)]

    async def changes(self) -> None:
        """Return when any source, the file of labelled questions or that of the queues has changed."""
        waiting = [asyncio.create_task(source.changes()) for source in self._sources]
        files = [file for file in (self._labelled, self._queues) if file is not None]
        waiting += [asyncio.create_task(file.changes()) for file in files]
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
