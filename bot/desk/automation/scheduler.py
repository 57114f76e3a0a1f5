"""Checks the tickets whose time has come, and sets their next check."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.desk.automation.actions import Batch, ScheduledActions
from bot.desk.history.timeline import read_timeline
from bot.desk.ports.clock import Clock
from bot.desk.ports.unit_of_work import UnitOfWork, UnitsOfWork
from bot.desk.staff.queue_rooms import QueueRooms
from bot.domain.errors import StorageBusy
from bot.domain.people import Absence
from bot.domain.tickets.queues import Queue
from bot.domain.tickets.schedule import (
    ScheduledStep,
    TicketTimeline,
    find_next_check,
    make_timing_key,
    plan_steps,
    select_due_steps,
)
from bot.domain.tickets.ticket import Status, Ticket

BATCH = 50  # tickets in one transaction
PUT_OFF = timedelta(minutes=15)  # for a ticket that could not be checked
LATE = timedelta(minutes=15)  # a step that is later than this, outside the hours, waits for the next opening


class Scheduler:
    """Scheduler of checks; several replicas share the tickets without knowing of each other."""

    def __init__(
        self, begin: UnitsOfWork, rooms: QueueRooms, actions: ScheduledActions, clock: Clock
    ) -> None:
        self._begin = begin
        self._rooms = rooms
        self._actions = actions
        self._clock = clock

    def round(self) -> int:
        """Check one batch of tickets in one transaction; return how many it held."""
        now = self._clock()
        with self._begin() as work:
            return self._check_all(work, work.schedule.lock_due(now, BATCH), now)

    def one_by_one(self) -> tuple[str, ...]:
        """Check tickets one by one after a batch that failed, and put off those that fail.

        Return the references of those. A database that is down stops this too.
        """
        now = self._clock()
        failed: list[str] = []
        for _ in range(BATCH):
            with self._begin() as work:
                due = work.schedule.lock_due(now, 1)
            if not due:
                break
            try:
                with self._begin() as work:
                    self._check_all(work, due, now)
            except StorageBusy:
                raise
            except Exception:  # noqa: BLE001  # whatever fails for this ticket, the others are due too
                with self._begin() as work:
                    work.schedule.set_next_check(due[0].id, now + PUT_OFF)
                failed.append(due[0].reference)
        return tuple(failed)

    def _check_all(self, work: UnitOfWork, tickets: Sequence[Ticket], now: datetime) -> int:
        batch = Batch(work, now)
        for ticket in tickets:
            self._check(batch, ticket)
        self._actions.finish(batch)
        for ticket in tickets:
            self._set_next_check(batch, ticket)
        return len(tickets)

    def _check(self, batch: Batch, ticket: Ticket) -> None:
        queue, timeline, absence = self._read(batch, ticket)
        asked = timeline.asked_at is not None
        self._actions.remove_stale_buttons(batch, ticket, asked=asked, away=absence is not None)
        if absence is not None and str(absence.id) not in timeline.offered_for:
            self._actions.offer(batch, ticket, queue, absence)
        ticket = self._with_current_deadlines(batch, ticket, queue, timeline)
        steps = select_due_steps(plan_steps(ticket, timeline, queue), batch.now)
        if steps and not _missed_while_closed(steps, queue, batch.now):
            for step in steps:
                self._actions.perform(batch, ticket, queue, step)

    def _set_next_check(self, batch: Batch, seen: Ticket) -> None:
        ticket = batch.work.tickets.current(seen)
        queue, timeline, _ = self._read(batch, ticket)
        batch.work.schedule.set_next_check(ticket.id, find_next_check(ticket, timeline, queue, batch.now))

    def _read(self, batch: Batch, ticket: Ticket) -> tuple[Queue, TicketTimeline, Absence | None]:
        events = batch.work.tickets.events(ticket.id)
        queue, timeline = self._rooms.queues.of(ticket.queue), read_timeline(events, ticket.assignee)
        held = ticket.assignee if ticket.status is Status.CLAIMED else None
        absence = batch.work.absences.of(held, batch.now) if held is not None else None
        # Nobody is asked while they are away, and nothing is taken from them for their silence.
        return (queue if absence is None else replace(queue, silent_after=None)), timeline, absence

    def _with_current_deadlines(
        self, batch: Batch, ticket: Ticket, queue: Queue, timeline: TicketTimeline
    ) -> Ticket:
        timing_key = make_timing_key(queue, ticket.priority, timeline.since)
        # A ticket from before there were targets has none.
        if not ticket.live or ticket.timing_key in ("", timing_key):
            return ticket
        batch.work.schedule.retime(ticket, queue.deadlines(ticket.priority, timeline.since), timing_key)
        batch.show(ticket)
        return batch.work.tickets.current(ticket)


def _missed_while_closed(steps: tuple[ScheduledStep, ...], queue: Queue, now: datetime) -> bool:
    """Tell whether the bot was down when their time came, and nobody is there to read about it now."""
    return steps[0].at < now - LATE and not queue.hours.is_open(now)
