"""Reads reports, and the lists behind their numbers."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from bot.desk.ports.clock import Clock
from bot.desk.ports.feedback import (
    BacklogFilter,
    FigureFilter,
    Insights,
    ListedQuestion,
    ListedTicket,
)
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.conversations.outcome import DEFLECTED, NO_QUESTION, EpisodeOutcome
from bot.domain.insights.comparison import Compared, compare
from bot.domain.insights.figures import EVERY_QUEUE, Dimension, Figure
from bot.domain.insights.report import (
    AGES,
    Backlog,
    Part,
    Period,
    Report,
    by_value,
    by_week,
    monday_of,
    summarise,
)
from bot.domain.tickets.queues import Queues

MOST_LISTED = 200
ANSWERS = (Figure.SHOWN, Figure.NOT_HELPFUL, Figure.WRONG)
_QUESTIONS = tuple(one.value for one in EpisodeOutcome if one not in NO_QUESTION)


class InsightsReader:
    """Reader of figures; queues are named as the content names them."""

    def __init__(self, begin: UnitsOfWork, queues: Callable[[], Queues], clock: Clock) -> None:
        self._begin = begin
        self._queues = queues
        self._clock = clock

    def report(
        self, period: Period, queue: str = EVERY_QUEUE, dimension: Dimension = Dimension.QUEUE
    ) -> Report:
        """Report on a period, and on its parts by one dimension."""
        before = period.before
        with self._begin.reading() as work:
            insights = work.insights
            sums = insights.sums(_of(period, queue), by_week=True)
            now = Compared(summarise(sums), _opened(insights, period, queue))
            then = Compared(summarise(insights.sums(_of(before, queue))), _opened(insights, before, queue))
            return Report(
                period,
                queue,
                summary=now.summary,
                before=then.summary,
                changes=compare(now, then),
                weeks=by_week(sums, period),
                dimension=dimension,
                parts=self._parts(insights, period, queue, dimension),
                backlog=self._backlog(insights, queue),
                pending=_by_week(insights.pending(*_moments(period))) if queue == EVERY_QUEUE else {},
                waiting=insights.waiting(),
            )

    def by(self, period: Period, queue: str, dimension: Dimension | None) -> Sequence[tuple[str, Part]]:
        """Summarise each part of a period by its value, or each week by its Monday."""
        with self._begin.reading() as work:
            if dimension is not None:
                return [(one.value, one) for one in self._parts(work.insights, period, queue, dimension)]
            sums = work.insights.sums(_of(period, queue), by_week=True)
        return [(day.isoformat(), Part("", one)) for day, one in by_week(sums, period).items()]

    def queues(self) -> Sequence[str]:
        """Return the names of the queues in force."""
        queues = self._queues()
        return [queue.id for queue in queues] if queues.configured else []

    def label(self, queue: str, language: str) -> str:
        """Return the title of a queue."""
        return self._queues().label(queue, language)

    def tickets(self, figure: Figure, of: FigureFilter) -> Sequence[ListedTicket]:
        """List the newest tickets that a figure counts."""
        with self._begin.reading() as work:
            return work.insights.tickets(figure, of, MOST_LISTED)

    def backlog(self, queue: str, age: int | None, *, overdue: bool) -> Sequence[ListedTicket]:
        """List the oldest tickets of the backlog: of one of the ages, all, or those that miss a target."""
        queues = self._queues()
        older = AGES[age - 1] if age else None
        at_most = AGES[age] if age is not None and age < len(AGES) else None
        which = queues.filter_for(queues.of(queue)) if queue != EVERY_QUEUE else None
        of = BacklogFilter(self._clock(), which, older, at_most, overdue)
        with self._begin.reading() as work:
            return work.insights.live_tickets(of, MOST_LISTED)

    def questions(self, figure: str, of: FigureFilter) -> Sequence[ListedQuestion]:
        """List the newest questions that a figure counts, by the names of `Summary.row`."""
        with self._begin.reading() as work:
            if figure in ANSWERS:
                return work.insights.answers(Figure(figure), of, MOST_LISTED)
            name = figure.removeprefix("questions_").removeprefix("deflected_")
            if name in ("questions", "deflected"):
                names = _QUESTIONS if name == "questions" else tuple(one.value for one in DEFLECTED)
            else:
                names = (EpisodeOutcome(name).value,)
            again = False if figure.startswith("deflected") else None
            return work.insights.questions(names, of, MOST_LISTED, again=again)

    def _parts(self, insights: Insights, period: Period, queue: str, dimension: Dimension) -> Sequence[Part]:
        if dimension is Dimension.QUEUE and queue != EVERY_QUEUE:
            return ()
        return by_value(insights.sums(_of(period, queue, dimension)))

    def _backlog(self, insights: Insights, queue: str) -> Backlog:
        queues = self._queues()
        found = insights.backlog(self._clock(), AGES)
        mine = [one for one in found if queue in (EVERY_QUEUE, queues.name_of(one.queue))]
        ages = tuple(sum(one.ages[index] for one in mine) for index in range(len(AGES) + 1))
        return Backlog(ages, sum(one.overdue for one in mine))


def _of(period: Period, queue: str, dimension: Dimension = Dimension.WHOLE) -> FigureFilter:
    return FigureFilter(period.since, period.until, queue, dimension)


def _opened(insights: Insights, period: Period, queue: str) -> Sequence[int]:
    return period.each_day(insights.by_day(Figure.OPENED, _of(period, queue)))


def _moments(period: Period) -> tuple[datetime, datetime]:
    since, until = (datetime.combine(day, time(), UTC) for day in (period.since, period.until))
    return since, until + timedelta(days=1)


def _by_week(days: Mapping[date, int]) -> Mapping[date, int]:
    found: Counter[date] = Counter()
    for day, count in days.items():
        found[monday_of(day)] += count
    return found
