"""What the desk does by itself when time passes."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from bot.desk.automation.actions import Batch
from bot.desk.automation.scheduler import Scheduler
from bot.desk.knowledge.library import Library
from bot.desk.ports.unit_of_work import TicketEvent
from bot.domain.conversations.messages import Mention, OutcomeKind, Reply
from bot.domain.people import Identity
from bot.domain.tickets.business_hours import Hours, Span
from bot.domain.tickets.queues import Queue, Queues, Rota, Target
from bot.domain.tickets.ticket import Priority, Status, Ticket
from bot.storage import Database
from bot.storage.schema.tables import tickets
from tests.conftest import Clock
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, Helpdesk, buttons_of, text_of

UNKNOWN = "my flurbostat is leaking green goo"
MADRID = ZoneInfo("Europe/Madrid")
OFFICE = Hours(
    MADRID,
    ((Span(9 * 60, 14 * 60), Span(16 * 60, 19 * 60)),) * 5 + ((), ()),
    is_holiday={date(2026, 4, 3), date(2026, 4, 6)}.__contains__,  # Good Friday, Easter Monday
)
HOURS, MINUTES = timedelta(hours=1), timedelta(minutes=1)
TARGETS = dict.fromkeys(Priority, Target(1 * HOURS, 8 * HOURS))
ROTA = Rota(datetime.fromisoformat("2026-03-02"), (Identity("slack", "T1", "eric"),))
Play = Callable[..., Helpdesk]


@pytest.fixture
def play(database: Database, library: Library, clock: Clock) -> Play:
    """A desk with one queue, in Madrid, at ten o'clock on a Monday."""
    clock.now = at("2026-03-02 10:00")

    def make(rooms: tuple[object, ...] = (ROOM,), **changes: object) -> Helpdesk:
        queue = Queue("it", {"en": "IT desk"}, hours=OFFICE, **changes)  # type: ignore[arg-type]  # the test's own
        return Helpdesk(database, library, clock, rooms=rooms, queues=Queues({"it": queue}, "it"))  # type: ignore[arg-type]  # as above

    return make


def at(wall: str) -> datetime:
    """A time in Madrid."""
    return datetime.fromisoformat(wall).replace(tzinfo=MADRID).astimezone(UTC)


def pass_to(helpdesk: Helpdesk, wall: str) -> None:
    """Let the clock jump, and let the desk do what is due, as often as its loop would."""
    helpdesk.clock.now = at(wall)
    while helpdesk.desk.scheduler.round():
        pass
    helpdesk.deliver()


def walk_to(helpdesk: Helpdesk, wall: str) -> None:
    """Let every quarter of an hour pass."""
    while helpdesk.clock.now < at(wall):
        helpdesk.clock.move(minutes=15)
        while helpdesk.desk.scheduler.round():
            pass
        helpdesk.deliver()


def kinds(helpdesk: Helpdesk, ticket_id: int = 1) -> list[str]:
    with helpdesk.begin() as work:
        return [event.kind for event in work.tickets.events(ticket_id)]


def ticket(helpdesk: Helpdesk, ticket_id: int = 1) -> Ticket:
    with helpdesk.begin() as work:
        found = work.tickets.get(ticket_id)
    assert found is not None
    return found


def in_room(helpdesk: Helpdesk) -> list[str]:
    """What was said at the top of the room."""
    return [
        text_of(shown.reply)
        for shown in helpdesk.screen.values()
        if shown.conversation.space == ROOM.space and not shown.conversation.thread
    ]


def in_threads(helpdesk: Helpdesk, space: str = ROOM.space) -> list[Reply]:
    """What was said under the cards."""
    return [
        shown.reply
        for shown in helpdesk.screen.values()
        if shown.conversation.space == space
        and shown.conversation.thread
        and not shown.reply.summary.startswith("HELP-1001 · ")
    ]


def claim(helpdesk: Helpdesk, who: str = "eva", number: str = "HELP-1001") -> None:
    outcome = helpdesk.click(who, helpdesk.button(helpdesk.card(number), "claim"), conversation=ROOM)
    assert outcome.kind is OutcomeKind.DONE


# --- targets ------------------------------------------------------------------------------------------


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


# --- reminders ----------------------------------------------------------------------------------------


def test_before_and_at_a_breach_once_each(play: Play) -> None:
    helpdesk = play(targets=TARGETS, remind_before=0.25, rota=ROTA)
    helpdesk.say("ana", UNKNOWN)
    pass_to(helpdesk, "2026-03-02 10:44")
    assert in_threads(helpdesk) == []
    pass_to(helpdesk, "2026-03-02 10:45")
    [near] = in_threads(helpdesk)
    assert "due soon" in text_of(near)
    assert near.blocks[0] == Mention("eric", (Identity("slack", "T1", "eric"),))
    assert in_room(helpdesk) == []
    pass_to(helpdesk, "2026-03-02 11:00")
    assert len(in_threads(helpdesk)) == 2
    [told] = in_room(helpdesk)
    assert "@eric" in told
    assert "HELP-1001 (Ana; nobody has it): first response was due: Mar 2, 2026, 10:00" in told
    walk_to(helpdesk, "2026-03-02 14:00")
    assert len(in_room(helpdesk)) == 1
    assert kinds(helpdesk) == ["opened", "reminded", "breached"]


def test_the_assignee_is_named_by_every_account_they_have(play: Play) -> None:
    helpdesk = play(rooms=(ROOM, OTHER_ROOM), targets=TARGETS)
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    pass_to(helpdesk, "2026-03-03 10:00")  # eight hours of business are over
    eva = Mention("Eva", (Identity("slack", "T1", "eva"),))
    for space in (ROOM.space, OTHER_ROOM.space):
        assert [reply.blocks[0] for reply in in_threads(helpdesk, space)][-1] == eva
    assert "HELP-1001 (Ana; Eva): resolution was due" in in_room(helpdesk)[0]


def test_a_clock_that_jumps_tells_once_and_in_one_post(play: Play) -> None:
    helpdesk = play(targets=TARGETS, remind_before=30 * MINUTES, unclaimed_after=2 * HOURS, rota=ROTA)
    for number in range(12):
        helpdesk.say(f"ana{number}", UNKNOWN)
    before = len(in_threads(helpdesk))
    pass_to(helpdesk, "2026-04-08 11:00")  # over a change of the clocks, weekends and Easter
    assert len(in_room(helpdesk)) == 1
    assert "and 26 more" in in_room(helpdesk)[0]
    assert len(in_threads(helpdesk)) - before == 12 * 2  # two targets each, and no reminder of what is missed
    pass_to(helpdesk, "2026-04-08 11:05")
    assert len(in_room(helpdesk)) == 1
    assert kinds(helpdesk).count("breached") == 2
    assert "reminded" not in kinds(helpdesk)


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


# --- nobody, silence, no answer -----------------------------------------------------------------------


def test_an_unclaimed_ticket_is_called_out_again_and_more_seldom(play: Play) -> None:
    helpdesk = play(unclaimed_after=1 * HOURS, rota=ROTA)
    helpdesk.say("ana", UNKNOWN)
    walk_to(helpdesk, "2026-03-02 11:00")
    assert "@eric" in in_room(helpdesk)[0]
    assert "is waiting since: Mar 2, 2026, 9:00" in in_room(helpdesk)[0]
    walk_to(helpdesk, "2026-03-02 12:45")
    assert len(in_room(helpdesk)) == 1
    walk_to(helpdesk, "2026-03-02 13:00")
    assert len(in_room(helpdesk)) == 2
    claim(helpdesk)
    walk_to(helpdesk, "2026-03-06 19:00")
    assert len(in_room(helpdesk)) == 2


def silent(play: Play) -> tuple[Helpdesk, Reply]:
    helpdesk = play(silent_after=2 * HOURS, release_after=1 * HOURS)
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    walk_to(helpdesk, "2026-03-02 12:00")
    [question] = in_threads(helpdesk)
    assert buttons_of(question) == ["keep", "let_go"]
    assert question.blocks[0] == Mention("Eva", (Identity("slack", "T1", "eva"),))
    return helpdesk, question


def test_a_silent_assignee_is_asked_and_then_the_ticket_is_open_again(play: Play) -> None:
    helpdesk, _ = silent(play)
    walk_to(helpdesk, "2026-03-02 13:00")
    assert ticket(helpdesk).status is Status.OPEN
    assert "I have given it back to the team" in text_of(helpdesk.last("ana"))
    assert "HELP-1001 (Ana) is open again, as Eva did not answer" in in_room(helpdesk)[0]
    with helpdesk.begin() as work:
        last = work.tickets.events(1)[-1]
    assert (last.kind, last.actor, last.channel) == ("released", None, "desk")
    walk_to(helpdesk, "2026-03-02 13:15")
    assert buttons_of(in_threads(helpdesk)[0]) == []


def test_whoever_goes_on_is_asked_again_later(play: Play) -> None:
    helpdesk, question = silent(play)
    keep = helpdesk.button(question, "keep")
    refused = helpdesk.click("eric", keep, conversation=ROOM)
    assert refused.kind is OutcomeKind.REFUSED
    done = helpdesk.click("eva", keep, conversation=ROOM, inline=True)
    assert done.kind is OutcomeKind.DONE
    assert done.card is not None
    assert "✓ Eva is still on it." in text_of(done.card)
    assert buttons_of(in_threads(helpdesk)[0]) == []
    walk_to(helpdesk, "2026-03-02 13:45")
    assert len(in_threads(helpdesk)) == 1
    walk_to(helpdesk, "2026-03-02 14:00")
    assert len(in_threads(helpdesk)) == 2
    assert ticket(helpdesk).status is Status.CLAIMED


def test_whoever_lets_go_releases_it(play: Play) -> None:
    helpdesk, question = silent(play)
    done = helpdesk.click("eva", helpdesk.button(question, "let_go"), conversation=ROOM)
    assert done.kind is OutcomeKind.DONE
    assert ticket(helpdesk).status is Status.OPEN
    assert "✓ Eva has released it." in text_of(in_threads(helpdesk)[0])
    assert "passed" in text_of(helpdesk.last("ana"))
    late = helpdesk.click("eva", helpdesk.button(question, "keep"), conversation=ROOM)
    assert late.kind is OutcomeKind.REFUSED


def test_a_resolved_ticket_asks_nobody(play: Play) -> None:
    helpdesk, _ = silent(play)
    resolve = helpdesk.button(helpdesk.card("HELP-1001"), "resolve")
    helpdesk.click("eva", resolve, conversation=ROOM, inputs={"note": "done"})
    walk_to(helpdesk, "2026-03-02 14:00")
    assert ticket(helpdesk).status is Status.RESOLVED
    assert buttons_of(in_threads(helpdesk)[0]) == []
    assert in_room(helpdesk) == []


def word(helpdesk: Helpdesk, kind: str, who: str) -> None:
    """Word between an engineer and the employee, as the history has it."""
    with helpdesk.begin() as work:
        person = work.people.known(Identity("slack", "T1", who))
        work.tickets.record(TicketEvent(1, helpdesk.clock(), kind, person, "slack"))


@pytest.mark.parametrize("kind", ["sent", "asked_details"])
def test_who_waits_for_the_employee_is_not_asked_and_the_ticket_closes_by_itself(
    play: Play, kind: str
) -> None:
    helpdesk = play(silent_after=2 * HOURS, close_after=timedelta(days=5))
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    word(helpdesk, kind, "eva")
    walk_to(helpdesk, "2026-03-06 19:00")
    assert in_threads(helpdesk) == []
    walk_to(helpdesk, "2026-03-07 12:00")  # five days are over, on a Saturday
    assert ticket(helpdesk).status is Status.CLAIMED
    walk_to(helpdesk, "2026-03-09 09:00")
    assert ticket(helpdesk).status is Status.RESOLVED
    assert "so I have closed it" in text_of(helpdesk.last("ana"))
    assert kinds(helpdesk)[-1] == "closed"


def test_details_that_were_asked_for_and_sent_are_words_too(play: Play) -> None:
    helpdesk = play(close_after=timedelta(days=5))
    helpdesk.say("ana", UNKNOWN, thread="1.0")
    claim(helpdesk)
    word(helpdesk, "sent", "eva")
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "ask_details"), conversation=ROOM)
    walk_to(helpdesk, "2026-03-03 09:00")
    helpdesk.click("ana", helpdesk.button(helpdesk.last("ana"), "details"), inputs={"ask0": "FL-2000"})
    walk_to(helpdesk, "2026-03-16 12:00")
    assert ticket(helpdesk).status is Status.CLAIMED  # the engineer has the word


def test_who_is_asked_for_details_and_says_nothing_lets_the_ticket_close(play: Play) -> None:
    helpdesk = play(close_after=timedelta(days=5))
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "ask_details"), conversation=ROOM)
    walk_to(helpdesk, "2026-03-09 09:00")
    assert ticket(helpdesk).status is Status.RESOLVED


def test_whose_ticket_was_merged_hears_when_the_desk_closes_the_other(play: Play) -> None:
    helpdesk = play(close_after=timedelta(days=5))
    helpdesk.say("ana", UNKNOWN)
    helpdesk.say("ben", UNKNOWN)
    form = helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1002"), "merge"), conversation=ROOM)
    assert form.card is not None
    helpdesk.click("eva", form.card.buttons[0], conversation=ROOM, inputs={"ticket": "1001"})
    claim(helpdesk)
    word(helpdesk, "sent", "eva")
    walk_to(helpdesk, "2026-03-09 09:00")
    assert ticket(helpdesk).status is Status.RESOLVED
    assert "so I have closed it" in text_of(helpdesk.last("ana"))
    assert text_of(helpdesk.last("ben")) == "HELP-1001, with which HELP-1002 was joined, is resolved."


@pytest.mark.parametrize("kind", ["added", "details"])
def test_an_answer_of_the_employee_gives_the_word_back(play: Play, kind: str) -> None:
    helpdesk = play(silent_after=2 * HOURS, close_after=timedelta(days=5))
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    word(helpdesk, "sent", "eva")
    walk_to(helpdesk, "2026-03-03 09:00")
    word(helpdesk, kind, "ana")
    walk_to(helpdesk, "2026-03-03 10:45")
    assert in_threads(helpdesk) == []
    walk_to(helpdesk, "2026-03-03 11:00")
    assert buttons_of(in_threads(helpdesk)[-1]) == ["keep", "let_go"]


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
