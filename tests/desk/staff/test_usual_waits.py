"""What employees are told of when the desk opens and answers: at once, in their list, if it takes longer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.tickets.queues import Queue, Queues
from bot.domain.tickets.ticket import Priority
from bot.domain.tickets.usual_wait import FirstResponse
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.days.planted_words import erase
from tests.support.desk.engineers import claim, resolve
from tests.support.desk.helpdesk import Helpdesk, text_of
from tests.support.desk.passing_time import OFFICE, at, look, pass_to
from tests.support.desk.records import kinds, ticket
from tests.support.unknown import UNKNOWN

Made = Callable[..., Helpdesk]
DAYS = (
    "02",
    "03",
    "04",
    "05",
    "06",
    "09",
    "10",
    "11",
    "12",
    "13",
)  # of March 2026, all of them business days


@pytest.fixture
def made(database: Database, library: Library, clock: Clock) -> Made:
    """A desk with one queue, in Madrid."""

    def make(**changes: object) -> Helpdesk:
        queue = Queue("it", {"en": "IT desk"}, hours=OFFICE)
        queue = replace(queue, **{name: changes.pop(name) for name in ("has_hours",) if name in changes})  # type: ignore[arg-type]  # the test's own
        return Helpdesk(database, library, clock, queues=Queues({"it": queue}, "it"), **changes)  # type: ignore[arg-type]  # as above

    return make


def learn(helpdesk: Helpdesk) -> None:
    """Learn the usual waits, as the server does every ten minutes."""
    helpdesk.desk.wait_learner.learn(helpdesk.desk.wait_learner.read())


def history(helpdesk: Helpdesk) -> None:
    """Two tickets on each of ten days, each claimed after 18 minutes."""
    for day in DAYS:
        for person in ("tom", "lea"):
            helpdesk.clock.now = at(f"2026-03-{day} 10:00")
            asked = helpdesk.say(f"{person}{day}", UNKNOWN)
            helpdesk.clock.move(minutes=18)
            claim(helpdesk, str(asked.ticket))


def usual(helpdesk: Helpdesk, minutes: int) -> None:
    """Let the desk learn that tickets are answered after so many minutes, when it is open and when not."""
    begun = [
        at(f"2026-03-{day} {wall}") for day in DAYS for wall in ("10:00", "10:30", "19:30", "20:00", "20:30")
    ]
    wait = timedelta(minutes=minutes)
    helpdesk.clock.now = at("2026-03-13 21:00")
    helpdesk.desk.wait_learner.learn(
        tuple(
            FirstResponse("it", Priority.NORMAL, since, OFFICE.after(since, wait), responded=True)
            for since in begun
            if OFFICE.after(since, wait) <= helpdesk.clock.now
        )
    )


def told(helpdesk: Helpdesk, person: str = "ana") -> str:
    return text_of(helpdesk.last(person))


def test_within_the_hours_the_usual_wait_is_told(made: Made) -> None:
    helpdesk = made()
    history(helpdesk)
    learn(helpdesk)
    helpdesk.clock.now = at("2026-03-16 10:00")
    helpdesk.say("ana", UNKNOWN)
    assert "An engineer usually answers within 20 minutes." in told(helpdesk)
    helpdesk.say("carmen", "mis tickets", locale="es")
    helpdesk.say("carmen", "el perro verde canta ópera en la luna", locale="es")
    assert "El equipo técnico suele responder en menos de 20 minutos." in told(helpdesk, "carmen")


def test_outside_the_hours_the_opening_is_told_by_the_readers_clock(made: Made) -> None:
    helpdesk = made()
    usual(helpdesk, 35)
    helpdesk.clock.now = at("2026-03-13 19:30")  # a Friday
    helpdesk.say("ana", UNKNOWN)
    assert (
        "We are closed at the moment and open again on Monday at 09:00. "
        "From then on, the first answer usually takes about 45 minutes." in told(helpdesk)
    )
    # New York has changed its clocks already, Madrid has not: five hours.
    helpdesk.say("bob", UNKNOWN, zone="America/New_York")
    assert "open again on Monday at 04:00 (New York time). From then on" in told(helpdesk, "bob")


def test_what_ends_after_the_desk_has_closed_is_told_by_a_part_of_the_day(made: Made) -> None:
    helpdesk = made()
    usual(helpdesk, 18)
    helpdesk.clock.now = at("2026-03-16 18:50")
    helpdesk.say("ana", UNKNOWN)
    assert "An engineer usually answers by tomorrow morning." in told(helpdesk)
    assert ticket(helpdesk).expected_by == at("2026-03-17 12:00")
    helpdesk.clock.now = at("2026-03-16 13:50")
    helpdesk.say("bob", UNKNOWN)
    assert "An engineer usually answers by 16:15." in told(helpdesk, "bob")


def test_where_little_is_known_only_the_opening_is_told(made: Made) -> None:
    helpdesk = made()
    helpdesk.clock.now = at("2026-03-13 19:30")
    learn(helpdesk)
    helpdesk.say("ana", UNKNOWN)
    assert "open again on Monday at 09:00." in told(helpdesk)
    assert "usually" not in told(helpdesk)
    helpdesk.clock.now = at("2026-03-16 10:00")
    helpdesk.say("bob", UNKNOWN)
    assert "usually" not in told(helpdesk, "bob")
    assert ticket(helpdesk, 2).expected_by is None


@pytest.mark.parametrize("changes", [{"has_hours": False}, {"tell_wait": False}])
def test_nothing_is_told_where_it_is_not_known_or_not_wanted(made: Made, changes: dict[str, object]) -> None:
    helpdesk = made(**changes)
    usual(helpdesk, 18)
    for wall in ("2026-03-16 10:00", "2026-03-16 19:30"):
        helpdesk.clock.now = at(wall)
        helpdesk.say("ana", UNKNOWN)
        words = " ".join(helpdesk.texts_in(helpdesk.direct("ana").space))
        assert "usually" not in words
        assert "closed" not in words
    assert ticket(helpdesk).expected_by is None


def test_my_tickets_says_by_when_and_then_that_it_takes_longer(made: Made) -> None:
    helpdesk = made()
    usual(helpdesk, 18)
    helpdesk.clock.now = at("2026-03-16 10:00")
    helpdesk.say("ana", UNKNOWN)
    helpdesk.clock.now = at("2026-03-16 10:05")
    helpdesk.say("ana", "my tickets")
    assert "waiting for an engineer · 5 minutes ago · usually answered by 10:30" in told(helpdesk)
    helpdesk.say("ana", "my tickets", zone="Asia/Kolkata")
    assert "usually answered by 15:00 (Kolkata time)" in told(helpdesk)
    helpdesk.clock.now = at("2026-03-16 10:21")
    helpdesk.say("ana", "my tickets")
    assert "taking longer than usual" in told(helpdesk)
    claim(helpdesk, "HELP-1001")
    helpdesk.say("ana", "my tickets")
    assert "usual" not in told(helpdesk)


def test_what_takes_longer_is_told_once(made: Made) -> None:
    helpdesk = made()
    usual(helpdesk, 18)
    helpdesk.clock.now = at("2026-03-16 10:00")
    helpdesk.say("ana", UNKNOWN)
    for wall in ("10:00", "10:19"):
        pass_to(helpdesk, f"2026-03-16 {wall}")
    assert "longer" not in told(helpdesk)
    for wall in ("10:20", "10:25", "18:00"):
        pass_to(helpdesk, f"2026-03-16 {wall}")
    words = helpdesk.texts_in(helpdesk.direct("ana").space)
    assert ["longer than usual" in text for text in words].count(True) == 1
    assert "Sorry, HELP-1001 is taking longer than usual." in told(helpdesk)
    assert kinds(helpdesk) == ["opened", "delayed"]


def test_what_was_answered_in_time_hears_nothing_more(made: Made) -> None:
    helpdesk = made()
    usual(helpdesk, 18)
    helpdesk.clock.now = at("2026-03-16 10:00")
    helpdesk.say("ana", UNKNOWN)
    look(helpdesk)
    helpdesk.clock.now = at("2026-03-16 10:15")
    claim(helpdesk, "HELP-1001")
    pass_to(helpdesk, "2026-03-16 18:00")
    assert kinds(helpdesk) == ["opened", "claimed"]


def test_erasing_people_changes_no_figure(made: Made) -> None:
    helpdesk = made()
    history(helpdesk)
    before = helpdesk.desk.wait_learner.read()
    assert len(before) == 20
    erase(helpdesk, "tom02")
    assert helpdesk.desk.wait_learner.read() == before


def test_what_was_reopened_counts_no_more(made: Made) -> None:
    helpdesk = made()
    helpdesk.clock.now = at("2026-03-16 10:00")
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    assert len(helpdesk.desk.wait_learner.read()) == 1
    resolve(helpdesk)
    helpdesk.clock.now = at("2026-03-17 10:00")
    helpdesk.click("ana", helpdesk.button(helpdesk.last("ana"), "came_back"))
    look(helpdesk)
    assert helpdesk.desk.wait_learner.read() == ()
