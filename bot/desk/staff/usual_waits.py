"""Knows how long the queues usually take to answer, and tells employees."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.desk.knowledge.library import Library
from bot.desk.ports.clock import Clock
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.desk.ports.wording import Wording
from bot.domain.tickets import usual_wait
from bot.domain.tickets.business_hours import find_zone
from bot.domain.tickets.queues import Queue
from bot.domain.tickets.ticket import Priority, Status, Ticket
from bot.domain.tickets.usual_wait import ExpectedWait, FirstResponse

NEWEST = 10_000  # tickets from which is learned


@dataclass
class UsualWaits:
    """Usual waits for a first response, by queue, as they were learned last; `told` is the setting.

    Each replica learns for itself from the same tickets; nothing is stored.
    """

    library: Library
    told: bool = True
    by_queue: Mapping[str, usual_wait.UsualWaits] = field(default_factory=dict)

    def expected_by(self, name: str, priority: Priority, at: datetime, zone: str) -> datetime | None:
        """Return by when to expect the first response to a new ticket; None where nothing is known."""
        queue = self.library.snapshot.content.queues.of(name)
        wait = self._usual(queue, priority, at) if self.tells(queue) else None
        reader = find_zone(zone) or queue.hours.zone
        return None if wait is None else usual_wait.expect_first_response(queue.hours, wait, at, reader)

    def tells(self, queue: Queue) -> bool:
        """Tell whether employees are told when this queue opens and answers."""
        return self.told and queue.has_hours

    def _usual(self, queue: Queue, priority: Priority, at: datetime) -> timedelta | None:
        waits = self.by_queue.get(queue.id)
        return waits.get((priority, queue.hours.is_open(at))) if waits else None


class WaitLearner:
    """Learner of the usual waits, from the newest tickets; reading and learning are apart."""

    def __init__(self, begin: UnitsOfWork, waits: UsualWaits, clock: Clock) -> None:
        self._begin = begin
        self._waits = waits
        self._clock = clock

    def read(self) -> tuple[FirstResponse, ...]:
        """Read the first responses of the last weeks; none where nobody is told."""
        if not any(self._waits.tells(queue) for queue in self._waits.library.snapshot.content.queues):
            return ()
        now = self._clock()
        with self._begin.reading() as work:
            return work.schedule.newest_first_responses(now - usual_wait.WINDOW, now, NEWEST)

    def learn(self, responses: tuple[FirstResponse, ...]) -> None:
        """Learn from these what is usual in each queue."""
        queues, now = self._waits.library.snapshot.content.queues, self._clock()
        of_queue: dict[str, list[FirstResponse]] = {}
        for one in responses:
            of_queue.setdefault(queues.of(one.queue).id, []).append(one)
        self._waits.by_queue = {
            queue.id: usual_wait.learn_usual_waits(queue, of_queue[queue.id], now)
            for queue in queues
            if queue.id in of_queue and self._waits.tells(queue)
        }


class WaitTexts:
    """Words for when a queue opens and answers, by the reader's clock."""

    def __init__(self, wording: Wording, waits: UsualWaits) -> None:
        self._wording = wording
        self._waits = waits

    def confirmation(self, ticket: Ticket, language: str, zone: str) -> str:
        """Say when the queue of a new ticket opens and answers; nothing where nothing is known."""
        queue = self._waits.library.snapshot.content.queues.of(ticket.queue)
        if not self._waits.tells(queue):
            return ""
        reader, at = find_zone(zone) or queue.hours.zone, ticket.opened_at
        told = usual_wait.describe_wait(queue.hours, at, ticket.expected_by, reader)
        sentences = []
        if told.opens is not None:
            opens = self._opening(told.opens, at, language)
            sentences.append(self._say(language, "wait.opens", opens=self._in_zone(opens, told, language)))
        if told.within is not None:
            key = "wait.within" if told.opens is None else "wait.after_opening"
            sentences.append(self._say(language, key, amount=self._wording.amount(language, told.within)))
        if told.by is not None:
            by = self._by(told.by, at, language)
            named = self._in_zone(by, told, language) if told.opens is None else by
            sentences.append(self._say(language, "wait.by", by=named))
        return " ".join(sentences)

    def state(self, ticket: Ticket, language: str, now: datetime, zone: str) -> str:
        """Say in a list by when an open ticket is usually answered, or that it takes longer."""
        waiting = ticket.status is Status.OPEN and ticket.responded_at is None
        if ticket.expected_by is None or not waiting or ticket.outage_id is not None:
            return ""
        if ticket.expected_by <= now:
            return self._say(language, "mine.longer")
        hours = self._waits.library.snapshot.content.queues.of(ticket.queue).hours
        reader = find_zone(zone) or hours.zone
        told = usual_wait.describe_moment(hours, ticket.expected_by, now, reader)
        by = self._by(told.by or ticket.expected_by, now, language)
        return self._say(language, "mine.expected", by=self._in_zone(by, told, language))

    def _opening(self, opens: datetime, at: datetime, language: str) -> str:
        day = self._wording.moment(language, f"wait.on.{_near(opens, at)}", opens)
        return f"{day} {self._clock(opens, language)}"

    def _by(self, by: datetime, now: datetime, language: str) -> str:
        if usual_wait.is_by_clock(by, now):
            return self._wording.moment(language, f"wait.by.clock{_one(by)}", by)
        last = usual_wait.last_moment_before(by)
        near, part = _near(last, now), usual_wait.part_of_day(by)
        if near == "date":
            return self._wording.moment(language, "wait.by.date", last)
        if near == "today":
            return self._say(language, "wait.by.tonight")
        day = self._wording.moment(language, f"wait.by.{near}", last)
        return self._say(language, f"wait.by.{part}", day=day)

    def _clock(self, moment: datetime, language: str) -> str:
        return self._wording.moment(language, f"wait.clock{_one(moment)}", moment)

    def _in_zone(self, text: str, told: ExpectedWait, language: str) -> str:
        if not told.zone:
            return text
        return self._say(language, "wait.zone", time=text, zone=self._wording.place(language, told.zone))

    def _say(self, language: str, key: str, **values: object) -> str:
        return self._wording.say(language, key, **values)


def _near(moment: datetime, now: datetime) -> str:
    """Return how a day is called, seen from now: its name is clear within a week."""
    days = (moment.date() - now.astimezone(moment.tzinfo).date()).days
    if days < 2:
        return ("today", "tomorrow")[days]
    return "weekday" if days <= usual_wait.WEEK_AHEAD else "date"


def _one(moment: datetime) -> str:
    """Return what marks one o'clock, which Spanish counts as one."""
    return ".one" if moment.hour == 1 else ""
