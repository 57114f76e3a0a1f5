"""Counts tickets and questions for the figures, lot by lot: what changed is counted anew."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from bot.desk.ports.clock import Clock
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.insights.figures import TicketFigures, TicketHistory, measure
from bot.domain.tickets.business_hours import BusinessClock, Hours
from bot.domain.tickets.queues import Queues

TICKETS, QUESTIONS = 50, 100  # in one transaction, which holds up others for some milliseconds
RECOUNTED = 500  # tickets in one transaction of a recount
DAY = timedelta(days=1)


class FigureCounting:
    """Counting of what changed; replicas take turns, and skip what somebody else is changing just now."""

    def __init__(self, begin: UnitsOfWork, queues: Callable[[], Queues], clock: Clock) -> None:
        self._begin = begin
        self._queues = queues
        self._ruler = _Ruler(clock)

    def count_lot(self) -> bool:
        """Count the next lot; return whether there may be more."""
        with self._begin.reading() as work:
            if not work.insights.waiting():
                return False
        with self._begin() as work:
            tickets = work.figures.lock_tickets(TICKETS)
            work.figures.enter_tickets(self._measure(tickets))
        with self._begin() as work:
            questions = work.figures.lock_questions(QUESTIONS)
            work.figures.enter_questions(questions)
        return len(tickets) >= TICKETS or len(questions) == QUESTIONS

    def recount(self, told: Callable[[int], None] = lambda _tickets: None) -> None:
        """Count everything anew, by the hours and queues in force; `told` hears of the tickets so far."""
        for number in self._recount_tickets():
            told(number)
        with self._begin.reading() as work:
            days = work.figures.days()
        if days is None:
            return
        first, last = days
        with self._begin() as work:
            work.figures.keep_days(first, last)
        for number in range((last - first).days + 1):
            with self._begin() as work:
                work.figures.recount_day(first + number * DAY)

    def _recount_tickets(self) -> Iterator[int]:
        after = done = 0
        while True:
            with self._begin() as work:
                tickets = work.figures.lock_tickets_after(after, RECOUNTED)
                work.figures.keep(self._measure(tickets))
            if not tickets:
                return
            after, done = tickets[-1].id, done + len(tickets)
            yield done

    def _measure(self, tickets: Sequence[TicketHistory]) -> list[TicketFigures]:
        queues = self._queues()
        return [self._ruler.measure(one, queues) for one in tickets]


class _Ruler:
    """Measures tickets; the business time of each queue is looked up where it was counted before."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, tuple[Hours, datetime, datetime, BusinessClock]] = {}

    def measure(self, ticket: TicketHistory, queues: Queues) -> TicketFigures:
        """Measure one ticket by the hours of its queue."""
        queue = queues.of(ticket.queue)
        due = None
        if ticket.counts_since != ticket.opened_at:
            due = queue.deadlines(ticket.priority, ticket.opened_at).first_response
        until = max((ticket.closed_at or ticket.opened_at, *(at for _, at in ticket.events)))
        clock = self._business_clock(queue.id, queue.hours, ticket.opened_at, until)
        return measure(ticket, queues.name_of(ticket.queue), clock, due)

    def _business_clock(self, queue: str, hours: Hours, since: datetime, until: datetime) -> BusinessClock:
        known = self._known.get(queue)
        if known is not None and known[0] is hours and known[1] <= since and until < known[2]:
            return known[3]
        begin, end = since - 30 * DAY, max(until, self._clock()) + DAY
        if known is not None and known[0] is hours:
            begin, end = min(begin, known[1]), max(end, known[2])
        clock = BusinessClock(hours, begin, end)
        self._known[queue] = hours, begin, end, clock
        return clock
