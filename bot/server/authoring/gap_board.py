"""Keeps the gaps that were found last, and has them found anew beside the requests."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock

from bot.desk.knowledge.gaps import GapQuery, Gaps, MissedLog, read_missed, read_questions
from bot.desk.ports.content import GapsView
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.gap import Gap, GapReport
from bot.domain.knowledge.traffic import Traffic
from bot.matching.clustering.grouping import QuestionGrouping
from bot.server.authoring.desk import AuthoringDesk
from bot.server.authoring.jobs import Job, Jobs, Reached
from bot.server.content import library_of
from bot.server.settings import Settings

DAYS = timedelta(days=90)
KEPT = timedelta(hours=1)  # what was asked may be erased meanwhile


@dataclass(frozen=True)
class InForce:
    """Source of the content that is in force."""

    content: Content

    def load(self) -> Content:
        """Return it, without what was said of its files."""
        return replace(self.content, problems=())

    async def changes(self) -> None:
        """Return at once: it is asked once."""


class GapBoard:
    """Board of gaps; the newest report is kept in memory, with the moment and the content that it is of."""

    def __init__(self, desk: AuthoringDesk, jobs: Jobs) -> None:
        self._desk = desk
        self._jobs = jobs
        self._lock = Lock()
        self._job: Job | None = None
        self._began: tuple[datetime, str, int] | None = None
        self._kept = GapsView()

    def look(self, fewest: int) -> None:
        """Begin to find the gaps anew, unless they are being found."""
        with self._lock:
            if self._job is not None and not self._job.over:
                return
            at = self._desk.clock()
            self._began = at, self._desk.library.snapshot.content.hash, fewest
            self._job = self.find(GapQuery(at - DAYS, fewest=fewest))

    def find(self, query: GapQuery) -> Job:
        """Begin to find the gaps of a query; the board does not keep them. Raises `Overloaded`."""
        given = self._desk.settings, self._desk.library.snapshot.content, self._desk.library.learned
        begin = self._desk.begin
        return self._jobs.start(find_gaps, lambda: (*given, read_missed(begin, query), query))

    def view(self) -> GapsView:
        """Return what was found last, and how far the next is."""
        with self._lock:
            self._forget()
            job, began = self._job, self._began
            if job is None or began is None:
                return self._kept
            if not job.over:
                kept = self._kept
                return GapsView(kept.report, kept.at, kept.fewest, kept.outdated, (job.done, job.of))
            if job.failed:
                kept = self._kept
                return GapsView(kept.report, kept.at, kept.fewest, kept.outdated, failed=job.failed)
            outdated = began[1] != self._desk.library.snapshot.content.hash
            self._kept = GapsView(job.result, began[0], began[2], outdated)
            return self._kept

    def drop_erased(self) -> None:
        """Show nothing more of what was erased since the gaps were found; on a thread that may wait."""
        report = self.view().report
        if report is None:
            return
        ids = [number for gap in report.gaps for number in gap.ids]
        found = {one.id: one for one in read_questions(self._desk.begin, ids)}
        if all(one.text for one in found.values()):
            return
        asked = [(gap, [found[number] for number in gap.ids if number in found]) for gap in report.gaps]
        whole = [gap if all(one.text for one in those) else gap.in_words_of(those) for gap, those in asked]
        left = replace(report, gaps=tuple(gap for gap in whole if gap is not None))
        with self._lock:
            if self._kept.report is report:
                self._kept = replace(self._kept, report=left)
            if self._job is not None and self._job.result is report:
                self._job.result = left

    def _forget(self) -> None:
        """Drop what is too old to be shown."""
        until = self._desk.clock() - KEPT
        if self._kept.at is not None and self._kept.at < until:
            self._kept = GapsView()
        if self._job is not None and self._job.over and self._began is not None and self._began[0] < until:
            self._job = None

    def gap(self, number: int) -> Gap | None:
        """Return a gap by the number of its most central question."""
        return self._first(lambda gap: gap.ids[0] == number)

    def gap_with(self, number: int) -> Gap | None:
        """Return the gap that has a question."""
        return self._first(lambda gap: number in gap.ids)

    def _first(self, fits: Callable[[Gap], bool]) -> Gap | None:
        report = self.view().report
        return next(filter(fits, report.gaps), None) if report is not None else None


def find_gaps(
    reached: Reached,
    settings: Settings,
    content: Content,
    learned: Traffic | None,
    log: MissedLog,
    query: GapQuery,
) -> GapReport:
    """Find the gaps, in a process of its own."""
    library = library_of(settings, InForce(content))
    library.load()
    library.learned = learned
    return Gaps(library, QuestionGrouping(), settings.tolerance).find(log, query, reached)
