"""When the desk looks at a ticket, and which lists are read."""

from datetime import timedelta

from sqlalchemy import text, update

from bot.desk.ports.schedule import Counts
from bot.domain.tickets.queues import Deadlines, QueueFilter
from bot.domain.tickets.ticket import Priority
from bot.storage.schema.tables import tickets
from tests.support.desk.helpdesk import Helpdesk
from tests.support.unknown import UNKNOWN

IT, NET = QueueFilter(("net",), others=True), QueueFilter(("net",))
HOUR = timedelta(hours=1)


def due(helpdesk: Helpdesk) -> list[int]:
    with helpdesk.begin() as work:
        return [ticket.id for ticket in work.schedule.lock_due(helpdesk.clock(), 10)]


def test_any_change_of_a_ticket_lets_the_desk_look_at_once(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    assert due(helpdesk) == []  # without queues nothing waits
    with helpdesk.database.transaction() as connection:
        connection.execute(update(tickets).values(priority=int(Priority.URGENT)))
    assert due(helpdesk) == [1]
    with helpdesk.begin() as work:
        work.schedule.set_next_check(1, helpdesk.clock() + HOUR)
    assert due(helpdesk) == []
    helpdesk.clock.move(hours=1)
    assert due(helpdesk) == [1]
    with helpdesk.begin() as work:
        work.schedule.set_next_check(1, None)
    assert due(helpdesk) == []


def test_a_ticket_that_another_replica_holds_is_left_out(helpdesk: Helpdesk) -> None:
    if helpdesk.database.sqlite:  # there, whoever writes is alone
        return
    for name in ("ana", "bob"):
        helpdesk.say(name, UNKNOWN)
    with helpdesk.begin() as work:
        for number in (1, 2):
            work.schedule.set_next_check(number, helpdesk.clock())
    with helpdesk.begin() as first, helpdesk.begin() as second:
        assert [ticket.id for ticket in first.schedule.lock_due(helpdesk.clock(), 1)] == [1]
        assert [ticket.id for ticket in second.schedule.lock_due(helpdesk.clock(), 10)] == [2]


def test_lists_by_queue_priority_age_and_time(helpdesk: Helpdesk) -> None:
    for name in ("ana", "bob", "cat", "dan"):
        helpdesk.say(name, UNKNOWN)
    now = helpdesk.clock()
    with helpdesk.database.transaction() as connection:
        for number, queue, priority in ((1, "", 2), (2, "net", 2), (3, "gone", 4), (4, "net", 4)):
            change = update(tickets).where(tickets.c.id == number)
            connection.execute(change.values(queue=queue, priority=priority))
    with helpdesk.begin() as work:
        for number, first, last in ((1, 2, 5), (2, -1, 8), (3, 9, 9)):
            ticket = work.tickets.get(number)
            assert ticket is not None
            work.schedule.retime(ticket, Deadlines(now + first * HOUR, now + last * HOUR), "x")
        waiting = [
            [one.id for one in work.schedule.unclaimed(filed, 10)] for filed in ([IT], [NET], [IT, NET], [])
        ]
        assert waiting == [[3, 1], [4, 2], [3, 4, 1, 2], []]
        pressing = [
            [one.id for one in work.schedule.near_deadline([IT, NET], now + soon * HOUR, 10)]
            for soon in (1, 6)
        ]
        assert pressing == [[2], [2, 1]]
        assert work.schedule.counts(NET, now) == Counts(open=2, claimed=0, missed=1)
        assert work.schedule.counts(IT, now) == Counts(open=2, claimed=0, missed=0)


def test_a_summary_is_noted_once(helpdesk: Helpdesk) -> None:
    with helpdesk.begin() as work:
        noted = [work.schedule.mark_summary_posted("it", day, helpdesk.clock()) for day in ("1", "1", "2")]
        assert noted == [True, False, True]
        assert work.schedule.mark_summary_posted("net", "1", helpdesk.clock())


def test_a_look_goes_by_its_index(helpdesk: Helpdesk) -> None:
    query = "SELECT id FROM tickets WHERE look_at <= '2026-03-02 09:00:00' ORDER BY look_at LIMIT 50"
    with helpdesk.database.transaction() as connection:
        if helpdesk.database.sqlite:
            shown = str(connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all())
        else:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            shown = str(connection.execute(text(f"EXPLAIN {query}")).all())
    assert "ix_tickets_look_at" in shown
