"""The desk's agenda for a ticket: never in the past of what was done, never twice, never late."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.desk.history.timeline import read_timeline
from bot.desk.ports.tickets import TicketEvent
from bot.domain.people import Identity, Person
from bot.domain.tickets.business_hours import Hours, Span
from bot.domain.tickets.queues import Deadlines, Queue, Queues, Target
from bot.domain.tickets.rota import Override, Rota
from bot.domain.tickets.schedule import (
    ScheduledStep,
    StepKind,
    find_next_check,
    make_timing_key,
    plan_steps,
    select_due_steps,
)
from bot.domain.tickets.ticket import Priority, Status, Ticket

ANA, EVA, ERIC = Person(1, "Ana"), Person(2, "Eva"), Person(3, "Eric")
OPENED = datetime(2026, 3, 26, 8, 0, tzinfo=UTC)  # the Thursday before the clocks are put forward
MADRID = Hours(ZoneInfo("Europe/Madrid"), ((Span(540, 1140),),) * 5 + ((), ()))
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
QUEUE = Queue(
    "it",
    hours=MADRID,
    targets=dict.fromkeys(Priority, Target(2 * HOUR, 12 * HOUR)),
    remind_before=0.25,
    unclaimed_after=HOUR,
    silent_after=3 * HOUR,
    release_after=HOUR,
    close_after=timedelta(days=3),
)
wall = datetime.fromisoformat  # a time on the wall's clock has no zone


def made(**changes: object) -> Ticket:
    deadlines = QUEUE.deadlines(Priority.NORMAL, OPENED)
    ticket = Ticket(
        id=1,
        token="t",
        status=Status.OPEN,
        priority=Priority.NORMAL,
        queue="it",
        language="en",
        requester=ANA,
        episode_id=1,
        question_id=1,
        opened_at=OPENED,
        first_response_due=deadlines.first_response,
        resolution_due=deadlines.resolution,
        timing_key=make_timing_key(QUEUE, Priority.NORMAL, OPENED),
    )
    return replace(ticket, **changes)  # type: ignore[arg-type]  # checked by replace


class Played:
    """A ticket with its history, and a desk that looks at it when it said it would, and at every change."""

    def __init__(self) -> None:
        self.ticket = made()
        self.events = [TicketEvent(1, OPENED, "opened", ANA, "slack")]
        self.now = OPENED
        self.next_check: datetime | None = OPENED
        self.taken: list[ScheduledStep] = []

    def add(self, kind: str, actor: Person | None = None, **detail: str) -> None:
        self.events.append(TicketEvent(1, self.now, kind, actor, "slack", detail))

    def change(self, kind: str, actor: Person | None, **changes: object) -> None:
        self.ticket = replace(self.ticket, **changes)  # type: ignore[arg-type]  # as above
        self.add(kind, actor)
        self.next_check = self.now

    def look(self) -> None:
        timeline = read_timeline(self.events, self.ticket.assignee)
        for step in select_due_steps(plan_steps(self.ticket, timeline, QUEUE), self.now):
            self.taken.append(step)
            self.take(step)
        timeline = read_timeline(self.events, self.ticket.assignee)
        self.next_check = find_next_check(self.ticket, timeline, QUEUE, self.now)

    def take(self, step: ScheduledStep) -> None:
        due = (
            self.ticket.first_response_due if step.target == "first_response" else self.ticket.resolution_due
        )
        match step.kind:
            case StepKind.REMIND | StepKind.BREACH:
                kind = "reminded" if step.kind is StepKind.REMIND else "breached"
                self.add(kind, target=step.target, due=due.isoformat() if due else "")
            case StepKind.CALL:
                self.add("called")
            case StepKind.ASK:
                self.add("nudged")
            case StepKind.RELEASE:
                self.change("released", None, status=Status.OPEN, assignee=None)
            case StepKind.CLOSE:
                self.change("closed", None, status=Status.RESOLVED)

    def pass_to(self, now: datetime) -> None:
        """Let time pass; the desk looks only when it said it would."""
        while self.next_check is not None and self.next_check <= now:
            self.now = max(self.now, self.next_check)
            self.look()
        self.now = now


ACTS = st.sampled_from(("claim", "assign", "release", "say", "answer", "keep", "resolve", "wait"))


def play(played: Played, act: str) -> None:
    status, assignee = played.ticket.status, played.ticket.assignee
    if act == "claim" and status is Status.OPEN:
        played.change("claimed", EVA, status=Status.CLAIMED, assignee=EVA, responded_at=played.now)
    elif act == "assign" and status is Status.CLAIMED:
        played.change("assigned", ERIC, assignee=EVA)
    elif act == "release" and status is Status.CLAIMED:
        played.change("released", assignee, status=Status.OPEN, assignee=None)
    elif act == "say" and status is Status.CLAIMED:
        played.add("sent", assignee)
    elif act == "answer" and played.ticket.live:
        played.add("added", ANA)
    elif act == "keep" and status is Status.CLAIMED:
        played.change("kept", assignee)
    elif act == "resolve" and status is Status.CLAIMED:
        played.change("resolved", assignee, status=Status.RESOLVED)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(ACTS, st.integers(1, 3000)), min_size=1, max_size=12))
def test_whatever_happens_each_act_comes_at_its_time_and_once(story: list[tuple[str, int]]) -> None:
    played = Played()
    for act, minutes in story:
        play(played, act)
        target = played.now + minutes * MINUTE
        while played.now < target:  # whoever comes by sees nothing due that was not done
            played.pass_to(min(played.now + 7 * HOUR, target))
            timeline = read_timeline(played.events, played.ticket.assignee)
            late = [step for step in plan_steps(played.ticket, timeline, QUEUE) if step.at < played.now]
            assert late == [], (late, played.now)
    told = [(step.kind, step.target) for step in played.taken if step.target]
    assert len(told) == len(set(told))
    for step in played.taken:
        if step.kind is not StepKind.CLOSE:  # what is due to the minute is due while somebody is there
            assert MADRID.is_open(step.at - timedelta.resolution)
    if not played.ticket.live:
        assert played.next_check is None


def test_the_agenda_of_a_new_ticket() -> None:
    played = Played()
    timeline = read_timeline(played.events, None)
    assert [
        (step.kind, step.target, step.at.isoformat()[5:16])
        for step in plan_steps(played.ticket, timeline, QUEUE)
    ] == [
        (StepKind.CALL, "", "03-26T09:00"),
        (StepKind.REMIND, "first_response", "03-26T09:30"),
        (StepKind.BREACH, "first_response", "03-26T10:00"),
        (StepKind.REMIND, "resolution", "03-26T17:00"),
        (StepKind.BREACH, "resolution", "03-27T10:00"),
    ]


def test_a_breach_takes_the_place_of_its_reminder() -> None:
    played = Played()
    steps = plan_steps(played.ticket, read_timeline(played.events, None), QUEUE)
    found = select_due_steps(steps, OPENED + timedelta(days=30))
    assert [(step.kind, step.target) for step in found] == [
        (StepKind.CALL, ""),
        (StepKind.BREACH, "first_response"),
        (StepKind.BREACH, "resolution"),
    ]


def test_a_ticket_that_is_opened_again_begins_anew() -> None:
    played = Played()
    played.pass_to(OPENED + timedelta(days=7))
    played.change("reopened", ANA, status=Status.OPEN, responded_at=None)
    timeline = read_timeline(played.events, None)
    assert (timeline.since, timeline.calls) == (played.now, 0)
    assert played.ticket.timing_key != make_timing_key(QUEUE, Priority.NORMAL, timeline.since)


# --- who is on call, which queue -----------------------------------------------------------------------


ROTA = Rota(
    wall("2026-03-02 09:00"),
    (Identity("", "", "eva"), Identity("", "", "eric")),
    (
        Override(wall("2026-03-10 09:00"), wall("2026-03-12 18:00"), Identity("", "", "maya")),
        Override(wall("2026-03-11 00:00"), wall("2026-03-12 00:00"), Identity("", "", "leo")),
    ),
)


def test_a_rota_goes_by_weeks_and_its_overrides() -> None:
    seen = {
        at: (found.external_id if (found := ROTA.on_call(wall(at))) else "")
        for at in (
            "2026-03-02 08:59",
            "2026-03-02 09:00",
            "2026-03-09 08:59",
            "2026-03-09 09:00",
            "2026-03-10 09:00",
            "2026-03-11 12:00",
            "2026-03-12 17:59",
            "2026-03-12 18:00",
            "2026-03-30 09:00",
        )
    }
    assert list(seen.values()) == ["", "eva", "eva", "eric", "maya", "leo", "maya", "eric", "eva"]


@given(st.integers(0, 500))
def test_somebody_is_on_call_every_week_in_turn(weeks: int) -> None:
    at = wall("2026-03-02 09:00") + timedelta(weeks=weeks)
    found = replace(ROTA, overrides=()).on_call(at)
    assert found == ROTA.turns[weeks % 2]


def test_the_handover_keeps_to_the_wall_over_a_change_of_the_clocks() -> None:
    queue = Queue("it", hours=MADRID, rota=replace(ROTA, overrides=()))
    before = datetime(2026, 3, 30, 6, 59, tzinfo=UTC)
    first = [queue.on_call_order(at) for at in (before, before + MINUTE)]
    assert first == [ROTA.turns[::-1], ROTA.turns]


def test_a_name_that_no_queue_has_is_the_default_ones() -> None:
    queues = Queues({"it": Queue("it"), "net": Queue("net", {"es": "Redes"})}, "it")
    assert [queues.of(name).id for name in ("", "gone", "net")] == ["it", "it", "net"]
    assert queues.filter_for(queues.of("it")).others
    assert (queues.label("net", "en"), queues.label("", "en")) == ("Redes", "it")


def test_a_reminder_is_a_share_or_a_time_before() -> None:
    by_time = replace(QUEUE, remind_before=30 * MINUTE)
    assert by_time.reminder_times(Priority.LOW, OPENED).first_response == OPENED + 90 * MINUTE
    assert QUEUE.reminder_times(Priority.LOW, OPENED).first_response == OPENED + 90 * MINUTE
    too_long = replace(QUEUE, remind_before=3 * HOUR)
    assert too_long.reminder_times(Priority.LOW, OPENED).first_response is None
    assert Queue("x").deadlines(Priority.LOW, OPENED) == Deadlines()
    assert date(2026, 3, 26).weekday() == 3
