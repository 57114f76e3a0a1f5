"""Reads the timeline of a ticket from the events of its history."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.desk.ports.tickets import TicketEvent
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.domain.people import Person
from bot.domain.tickets.schedule import StepKind, TicketTimeline
from bot.domain.tickets.ticket import Ticket

# Kinds of events, as they are recorded.
OPENING_EVENTS = frozenset({"opened", "reopened"})
UNASSIGNING_EVENTS = OPENING_EVENTS | {"released", "transferred", "split", "ungrouped"}
ENGINEER_WROTE_EVENTS = frozenset({"sent", "asked_details"})  # to the employee
# The employee wrote, or another one whose ticket was merged into this one.
EMPLOYEE_WROTE_EVENTS = frozenset({"added", "details"})
ASSIGNING_EVENTS = frozenset({"claimed", "assigned"})
NO_WORK_EVENTS = EMPLOYEE_WROTE_EVENTS | {"refused"}  # even where the assignee caused them
STEP_OF_EVENT: Mapping[str, StepKind] = {"reminded": StepKind.REMIND, "breached": StepKind.BREACH}
CALLED, NUDGED, KEPT, CLOSED, OFFERED = "called", "nudged", "kept", "closed", "offered"
DELAYED = "delayed"  # the employee was told so
DESK_EVENTS = frozenset({CALLED, NUDGED, OFFERED, DELAYED})  # of steps that are no target's
DESK = "desk"  # the channel of events that the desk causes by itself


class _TimelineReader:
    """Reader of events, which builds the timeline event by event."""

    def __init__(self, assignee: Person | None) -> None:
        self._assignee = assignee
        self.timeline: TicketTimeline | None = None
        self.steps_done: set[tuple[str, str, datetime]] = set()

    def read(self, event: TicketEvent) -> None:
        """Read the next event."""
        timeline = self.timeline
        if timeline is None or event.kind in OPENING_EVENTS:
            self.timeline = TicketTimeline(event.at, event.at)
            return
        if event.kind in UNASSIGNING_EVENTS:
            timeline = replace(timeline, open_since=event.at, calls=0, called_at=None, asked_at=None)
        elif event.kind in STEP_OF_EVENT:
            due = datetime.fromisoformat(event.detail["due"])
            self.steps_done.add((STEP_OF_EVENT[event.kind], event.detail["target"], due))
        elif event.kind in DESK_EVENTS:
            timeline = _with_desk_event(timeline, event)
        elif event.kind in EMPLOYEE_WROTE_EVENTS:
            timeline = replace(
                timeline,
                employee_wrote_at=event.at,
                employee_replied_at=event.at if timeline.awaits_employee else timeline.employee_replied_at,
            )
        if self._is_work(event):
            timeline = replace(timeline, worked_at=event.at, asked_at=None)
        if event.kind in ENGINEER_WROTE_EVENTS:
            timeline = replace(timeline, engineer_wrote_at=event.at, employee_wrote_at=None)
        self.timeline = timeline

    def _is_work(self, event: TicketEvent) -> bool:
        if event.kind in ASSIGNING_EVENTS:
            return True
        return event.kind not in NO_WORK_EVENTS and _is(event.actor, self._assignee)


def follow_up_reference(work: UnitOfWork, ticket: Ticket) -> str:
    """Return the reference of the ticket that follows a closed one; empty where there is none."""
    later = (event for event in work.tickets.events(ticket.id) if event.kind == "followed")
    return next((event.detail["ticket"] for event in later), "")


def read_timeline(events: Iterable[TicketEvent], assignee: Person | None) -> TicketTimeline:
    """Read the timeline from a ticket's events, oldest first; a reopened ticket begins a new one."""
    reader = _TimelineReader(assignee)
    for event in events:
        reader.read(event)
    if reader.timeline is None:
        raise LookupError("a ticket has no history")
    return replace(reader.timeline, steps_done=frozenset(reader.steps_done))


def _with_desk_event(timeline: TicketTimeline, event: TicketEvent) -> TicketTimeline:
    match event.kind:
        case "called":
            return replace(timeline, calls=timeline.calls + 1, called_at=event.at)
        case "nudged":
            return replace(timeline, asked_at=event.at)
        case "delayed":
            return replace(timeline, delay_told=True)
        case _:
            offered = timeline.offered_for | {event.detail.get("absence", "")}
            return replace(timeline, offered_for=offered)


def _is(actor: Person | None, person: Person | None) -> bool:
    return actor is not None and person is not None and actor.is_same(person)
