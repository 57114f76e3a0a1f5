"""The sums by day are what a count of all rows gives, whatever people do and whenever it is counted."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select, update

from bot.desk.history.figures import FigureCounting
from bot.desk.history.outcomes import OutcomeWindows
from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import Button
from bot.domain.insights.figures import Figure
from bot.domain.tickets.business_hours import Hours, Span
from bot.domain.tickets.queues import Queue, Queues, Target
from bot.domain.tickets.ticket import LIVE, Priority, Status, Ticket
from bot.storage import Database
from bot.storage.schema.figures import day_figures
from bot.storage.schema.tables import tickets
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk, with_queues
from tests.support.desk_model.ground import without_waiting_for_the_disk
from tests.support.desk_model.raw_figures import Sums, kept_sums, raw_sums
from tests.support.unknown import UNKNOWN

QUESTION = "I forgot my password"
WEEK = ((Span(9 * 60, 17 * 60),),) * 5 + ((), ())
HOURS = Hours(ZoneInfo("Atlantic/Canary"), WEEK)
SOON, LATER = Target(timedelta(hours=1), timedelta(hours=8)), Target(None, timedelta(hours=4))
QUEUES = Queues(
    {
        "it": Queue(
            "it", hours=Hours(ZoneInfo("Atlantic/Canary"), WEEK), targets=dict.fromkeys(Priority, SOON)
        ),
        "hr": Queue("hr", targets={Priority.NORMAL: LATER}),
    },
    "it",
)
ACTS = ("ask", "question", "claim", "resolve", "reopen", "withdraw", "transfer", "rate", "wrong", "raise")


@pytest.fixture
def desk(database: Database, library: Library, clock: Clock) -> Helpdesk:
    without_waiting_for_the_disk(database)
    return Helpdesk(database, with_queues(library, QUEUES), clock)


def counting(desk: Helpdesk) -> FigureCounting:
    return FigureCounting(desk.begin, lambda: QUEUES, desk.clock)


def count(desk: Helpdesk) -> None:
    while OutcomeWindows(desk.begin, desk.clock).close_lot():
        pass
    lots = counting(desk)
    while lots.count_lot():
        pass


def newest(desk: Helpdesk, *statuses: Status) -> Ticket | None:
    with desk.begin.reading() as work:
        return max(work.tickets.listed(statuses, 50), key=lambda one: one.id, default=None)


def act(desk: Helpdesk, what: str, number: int) -> None:
    person = f"p{number % 3}"
    if what == "ask":
        desk.say(person, UNKNOWN, thread=f"{desk.clock().timestamp()}")
    elif what == "question":
        desk.say(person, QUESTION, thread=f"{desk.clock().timestamp()}")
    elif what == "wrong":
        for reply in desk.in_space(f"D{person}"):
            for button in (*reply.buttons, *reply.menu):
                if button.action == "not_helpful":
                    desk.click(person, button)
    else:
        wanted = {"claim": (Status.OPEN,), "resolve": (Status.CLAIMED,), "transfer": LIVE, "withdraw": LIVE}
        ticket = newest(desk, *wanted.get(what, (Status.RESOLVED, Status.WITHDRAWN)))
        if ticket is not None:
            on_ticket(desk, what, ticket, number)


def on_ticket(desk: Helpdesk, what: str, ticket: Ticket, number: int) -> None:
    by = "eva"
    if what == "claim":
        desk.click(by, Button("claim", "?", ticket.token))
    elif what == "resolve":
        desk.click(by, Button("resolve", "?", ticket.token), inputs={"note": "Done"})
    elif what == "reopen":
        desk.click(by, Button("reopen", "?", ticket.token))
    elif what == "withdraw":
        requester = f"p{number % 3}"
        desk.click(requester, Button("cancel", "?", ticket.token))
    elif what == "transfer":
        with desk.begin() as work:
            work.assignments.transfer(ticket, "hr" if ticket.queue != "hr" else "it")
    elif what == "raise":
        with desk.begin() as work:
            work.assignments.prioritize(ticket, Priority.URGENT, "")
    elif what == "rate":
        with desk.begin() as work:
            rating = work.ratings.newest(ticket.id)
            if rating is not None:
                work.ratings.mark(rating, number % 5 + 1, desk.clock())


def difference(expected: Sums, kept: Sums) -> dict[object, tuple[int, int]]:
    return {key: (expected[key], kept[key]) for key in {*expected, *kept} if expected[key] != kept[key]}


steps = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 29), st.sampled_from((0, 0, 3, 30, 200)), st.booleans()),
    min_size=5,
    max_size=30,
)


def test_sums_are_what_a_count_of_all_rows_gives(desk: Helpdesk) -> None:
    @settings(max_examples=12, phases=(Phase.generate,), deadline=None, database=None)
    @given(steps=steps)
    def play(steps: list[tuple[str, int, int, bool]]) -> None:
        for what, number, hours, counts in steps:
            desk.clock.move(hours=hours, minutes=7)
            act(desk, what, number)
            if counts:
                count(desk)
        desk.clock.move(days=9)
        count(desk)
        expected = raw_sums(desk.database, QUEUES)
        assert difference(expected, kept_sums(desk.database)) == {}
        counting(desk).recount()
        assert difference(expected, kept_sums(desk.database)) == {}

    play()


def test_all_kinds_of_figures_are_counted(desk: Helpdesk) -> None:
    """What the test above compares is not empty."""
    for what, number in (
        *(("question", 0), ("wrong", 0), ("ask", 1), ("claim", 0), ("resolve", 0), ("rate", 4)),
        *(("ask", 2), ("claim", 0), ("resolve", 0), ("reopen", 0), ("ask", 0), ("withdraw", 0)),
    ):
        desk.clock.move(minutes=20)
        act(desk, what, number)
    desk.clock.move(days=9)
    count(desk)
    figures = {key[4] for key in kept_sums(desk.database)}
    assert {figure.value for figure in Figure} - figures == {"response_missed", "resolution_missed", "wrong"}
    assert {"question_ticket", "question_not_helpful", "question_withdrawn"} <= figures


def test_what_is_wrong_in_the_sums_is_mended_by_a_recount(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    count(desk)
    with desk.database.transaction() as connection:
        connection.execute(update(day_figures).values(count=7))
    counting(desk).recount()
    assert raw_sums(desk.database, QUEUES) == kept_sums(desk.database)


def test_looking_at_a_ticket_does_not_have_it_counted_nor_counting_have_it_looked_at(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    count(desk)

    def marks() -> list[tuple[object, ...]]:
        with desk.database.transaction(reading=True) as connection:
            return [tuple(row) for row in connection.execute(select(tickets.c.count_at, tickets.c.look_at))]

    while desk.desk.scheduler.round():
        pass
    (counted,) = marks()
    assert counted[0] is None
    with desk.database.transaction() as connection:
        connection.execute(update(tickets).values(count_at=desk.clock(), look_at=tickets.c.look_at))
    count(desk)
    assert marks() == [counted]


def test_nothing_is_read_or_locked_where_nothing_has_changed(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    count(desk)
    statements: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert not counting(desk).count_lot()
    assert [
        one for one in statements if one.lstrip().upper().startswith(("UPDATE", "INSERT", "DELETE"))
    ] == []
    assert len([one for one in statements if "SELECT" in one.upper()]) == 2
