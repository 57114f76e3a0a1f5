"""Plans what the desk does to a ticket by itself, and when: reminders, calls, releases, closing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.tickets.queues import Deadlines, Queue
from bot.domain.tickets.ticket import Priority, Status, Ticket

FIRST_RESPONSE, RESOLUTION = "first_response", "resolution"
MOST_CALLS = 8  # the wait between two calls doubles: after these it is too long to be of use


class StepKind(StrEnum):
    """Kind of a scheduled step."""

    REMIND = "remind"  # a target is near: remind whoever has the ticket, else whoever is on call
    BREACH = "breach"  # a target is missed: tell the same people, and the room
    CALL = "call"  # nobody has claimed it: tell the room again
    ASK = "ask"  # its assignee has been silent: ask whether they are still working on it
    RELEASE = "release"  # they have not answered: give it back to the team
    DELAY = "delay"  # nobody has answered by when somebody usually does: tell the employee once
    CLOSE = "close"  # the employee has not answered: close it


@dataclass(frozen=True, slots=True)
class ScheduledStep:
    """Step that the desk takes by itself at a time; `target` is the target that it is about, if any."""

    kind: StepKind
    at: datetime
    target: str = ""


@dataclass(frozen=True, slots=True)
class TicketTimeline:
    """Timeline of a ticket, as far as scheduled steps need it.

    `since` is when it was opened or reopened, `open_since` since when it is unassigned. `worked_at` is the
    assignee's last action, `asked_at` the desk's question after it whether they are still working.
    `engineer_wrote_at` is the engineers' last message to the employee, `employee_wrote_at` the employee's
    last message since then, and `employee_replied_at` their first one after a message of the engineers.
    `offered_for` holds the absences for which it was offered to the room. `steps_done` holds the steps that
    were taken for targets: kind, target, and the deadline that it had. `delay_told`: the employee
    was told that it takes longer than usual.
    """

    since: datetime
    open_since: datetime
    calls: int = 0
    called_at: datetime | None = None
    worked_at: datetime | None = None
    asked_at: datetime | None = None
    engineer_wrote_at: datetime | None = None
    employee_wrote_at: datetime | None = None
    employee_replied_at: datetime | None = None
    steps_done: frozenset[tuple[str, str, datetime]] = frozenset()
    offered_for: frozenset[str] = frozenset()
    delay_told: bool = False

    @property
    def silent_since(self) -> datetime:
        """Return since when the assignee has been silent while it is their turn."""
        return max(at for at in (self.since, self.worked_at, self.employee_replied_at) if at is not None)

    @property
    def awaits_employee(self) -> bool:
        """Tell whether the next message is the employee's to write."""
        if self.engineer_wrote_at is None:
            return False
        return self.employee_wrote_at is None or self.employee_wrote_at <= self.engineer_wrote_at


def make_timing_key(queue: Queue, priority: Priority, since: datetime) -> str:
    """Make the key of what deadlines are computed from; when it changes they are computed again."""
    return f"{queue.id}/{priority.name.lower()}/{since.isoformat()}"


def counts_since(ticket: Ticket) -> datetime:
    """Return since when a ticket's deadlines count: since it was opened or, where it has any, reopened."""
    since = ticket.timing_key.rpartition("/")[2]
    return datetime.fromisoformat(since) if since else ticket.opened_at


def plan_steps(ticket: Ticket, timeline: TicketTimeline, queue: Queue) -> tuple[ScheduledStep, ...]:
    """Plan every step for a ticket if nothing happens to it, the first one first."""
    if not ticket.live or ticket.outage_id is not None:  # an outage ends all its tickets
        return ()
    steps = [*_plan_targets(ticket, timeline, queue), *_plan_delay(ticket, timeline, queue)]
    steps += _plan_open(timeline, queue) if ticket.status is Status.OPEN else _plan_claimed(timeline, queue)
    return tuple(sorted(steps, key=lambda step: step.at))


def find_next_check(ticket: Ticket, timeline: TicketTimeline, queue: Queue, now: datetime) -> datetime | None:
    """Find when to check a ticket next, if only messages are added to it until then; None for never.

    A message is no change of the ticket's row, so it sets no new check: this one comes before a message that
    is written from now on could make any step due.
    """
    times = [step.at for step in plan_steps(ticket, timeline, queue)]
    if ticket.status is Status.CLAIMED:
        if timeline.awaits_employee and queue.silent_after is not None:
            times.append(queue.hours.after(now, queue.silent_after))
        if not timeline.awaits_employee and queue.close_after is not None:
            times.append(now + queue.close_after)
    at = min(times, default=None)
    return queue.hours.opening(now) if at is not None and at <= now else at


def select_due_steps(steps: tuple[ScheduledStep, ...], now: datetime) -> tuple[ScheduledStep, ...]:
    """Select the steps whose time has come: one for each target, and a breach in place of its reminder."""
    due = [step for step in steps if step.at <= now]
    missed = {step.target for step in due if step.kind is StepKind.BREACH}
    return tuple(step for step in due if not (step.kind is StepKind.REMIND and step.target in missed))


def first_response_due(ticket: Ticket) -> datetime | None:
    """Return by when somebody must claim the ticket; None when somebody has."""
    given = ticket.responded_at is not None or ticket.assignee is not None
    return None if given else ticket.first_response_due


def _plan_targets(ticket: Ticket, timeline: TicketTimeline, queue: Queue) -> Iterator[ScheduledStep]:
    reminders = queue.reminder_times(ticket.priority, timeline.since)
    deadlines = Deadlines(first_response_due(ticket), ticket.resolution_due)
    for target in (FIRST_RESPONSE, RESOLUTION):
        due: datetime | None = getattr(deadlines, target)
        if due is None or (StepKind.BREACH, target, due) in timeline.steps_done:
            continue
        yield ScheduledStep(StepKind.BREACH, due, target)
        reminder: datetime | None = getattr(reminders, target)
        if (
            reminder is not None
            and reminder < due
            and (StepKind.REMIND, target, due) not in timeline.steps_done
        ):
            yield ScheduledStep(StepKind.REMIND, reminder, target)


def _plan_delay(ticket: Ticket, timeline: TicketTimeline, queue: Queue) -> Iterator[ScheduledStep]:
    answered = ticket.responded_at is not None or ticket.assignee is not None
    if ticket.expected_by is not None and not answered and not timeline.delay_told:
        yield ScheduledStep(StepKind.DELAY, queue.hours.opening(ticket.expected_by))


def _plan_open(timeline: TicketTimeline, queue: Queue) -> Iterator[ScheduledStep]:
    if queue.unclaimed_after is not None and timeline.calls < MOST_CALLS:
        wait = queue.unclaimed_after * 2**timeline.calls
        yield ScheduledStep(StepKind.CALL, queue.hours.after(timeline.called_at or timeline.open_since, wait))


def _plan_claimed(timeline: TicketTimeline, queue: Queue) -> Iterator[ScheduledStep]:
    if timeline.awaits_employee and timeline.engineer_wrote_at is not None:
        if queue.close_after is not None:
            yield ScheduledStep(
                StepKind.CLOSE, queue.hours.opening(timeline.engineer_wrote_at + queue.close_after)
            )
        return
    if queue.silent_after is None:
        return
    if timeline.asked_at is None:
        yield ScheduledStep(StepKind.ASK, queue.hours.after(timeline.silent_since, queue.silent_after))
    elif queue.release_after is not None:
        yield ScheduledStep(StepKind.RELEASE, queue.hours.after(timeline.asked_at, queue.release_after))
