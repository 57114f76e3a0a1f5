"""When the desk looks at a ticket: due times in business hours, jumps of the clock, replicas, failures."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.desk.automation.actions import Batch
from bot.desk.automation.scheduler import Scheduler
from bot.domain.tickets.queues import Target
from bot.domain.tickets.ticket import Priority, Ticket
from bot.storage import Database
from bot.storage.schema.tables import tickets
from tests.support.desk.engineers import claim
from tests.support.desk.helpdesk import ROOM, Helpdesk, text_of
from tests.support.desk.passing_time import HOURS, MINUTES, TARGETS, Play, at, pass_to, walk_to
from tests.support.desk.places import in_room
from tests.support.desk.records import kinds, ticket
from tests.support.unknown import UNKNOWN


def test_due_times_are_counted_in_business_hours_and_shown_on_the_card(play: Play) -> None:
    helpdesk = play(targets=TARGETS)
    helpdesk.clock.now = at("2026-03-27 13:30")  # the Friday before the clocks are put forward
    helpdesk.say("ana", UNKNOWN)
    held = ticket(helpdesk)
    assert held.first_response_due == at("2026-03-27 16:30")
    assert held.resolution_due == at("2026-03-30 13:30")
    card = text_of(helpdesk.card("HELP-1001"))
    assert "First response due: Mar 27, 2026, 3:30:00\u202fPM UTC" in card
    assert "Resolution due: Mar 30, 2026, 11:30:00\u202fAM UTC" in card


def test_the_claim_is_the_first_response(play: Play) -> None:
    helpdesk = play(targets=TARGETS)
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    assert "First response" not in text_of(helpdesk.card("HELP-1001"))
    assert "Resolution due" in text_of(helpdesk.card("HELP-1001"))
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "release"), conversation=ROOM)
    walk_to(helpdesk, "2026-03-02 13:00")
    assert "First response" not in text_of(helpdesk.card("HELP-1001"))
    assert kinds(helpdesk) == ["opened", "claimed", "released"]


def test_another_priority_or_queue_counts_anew_from_the_start(play: Play, database: Database) -> None:
    helpdesk = play(targets={**TARGETS, Priority.URGENT: Target(30 * MINUTES, 2 * HOURS)})
    helpdesk.say("ana", UNKNOWN)
    with database.transaction() as connection:  # whoever changes a ticket need not know of due times
        connection.execute(update(tickets).values(priority=int(Priority.URGENT)))
    pass_to(helpdesk, "2026-03-02 10:05")
    assert ticket(helpdesk).first_response_due == at("2026-03-02 10:30")
    assert ticket(helpdesk).resolution_due == at("2026-03-02 12:00")
    assert "9:30:00" in text_of(helpdesk.card("HELP-1001"))


def test_without_targets_nothing_is_due_and_nothing_waits(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    helpdesk.clock.move(days=30)
    assert helpdesk.desk.scheduler.round() == 0
    assert "due" not in text_of(helpdesk.card("HELP-1001"))


def test_what_was_missed_while_closed_waits_for_the_opening(play: Play) -> None:
    helpdesk = play(targets=TARGETS)
    helpdesk.clock.now = at("2026-04-02 17:30")  # Thursday; Friday and Monday are holidays
    helpdesk.say("ana", UNKNOWN)
    pass_to(helpdesk, "2026-04-04 03:00")
    assert in_room(helpdesk) == []
    pass_to(helpdesk, "2026-04-07 08:59")
    assert in_room(helpdesk) == []
    pass_to(helpdesk, "2026-04-07 09:00")
    assert len(in_room(helpdesk)) == 1


def test_replicas_share_what_is_due_and_double_nothing(play: Play) -> None:
    helpdesk = play(targets=TARGETS, remind_before=30 * MINUTES)
    for number in range(6):
        helpdesk.say(f"ana{number}", UNKNOWN)
    helpdesk.clock.now = at("2026-03-02 12:00")
    start = threading.Barrier(4)

    def look() -> None:
        start.wait()
        helpdesk.desk.scheduler.round()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pass_to(helpdesk, "2026-03-02 12:00")
    assert [kinds(helpdesk, number).count("breached") for number in range(1, 7)] == [1] * 6
    assert sum(told.count("first response was due") for told in in_room(helpdesk)) == 6


def test_a_ticket_that_fails_stops_no_other(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    helpdesk = play(unclaimed_after=timedelta(minutes=30))
    helpdesk.say("ana", UNKNOWN)
    helpdesk.say("tom", UNKNOWN)
    keeper = helpdesk.desk.scheduler
    pass_to(helpdesk, "2026-03-02 10:05")
    helpdesk.clock.now = at("2026-03-02 11:30")
    look = Scheduler._check

    def broken(self: Scheduler, lot: Batch, one: Ticket) -> None:
        if one.reference == "HELP-1001":
            raise ValueError("nobody can read this one")
        look(self, lot, one)

    monkeypatch.setattr(Scheduler, "_check", broken)
    with pytest.raises(ValueError, match="nobody"):
        keeper.round()
    assert keeper.one_by_one() == ("HELP-1001",)
    assert keeper.round() == 0
    assert len(kinds(helpdesk, 2)) > 1
    assert kinds(helpdesk, 1) == ["opened"]
