"""Questions that were asked before are read in lots, with what is known of their answers."""

from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import event, select, update

from bot.desk.ports.feedback import PastQuestion
from bot.domain.knowledge.shadow import NO_ARTICLE
from bot.storage.personal.erasure import Erasure
from bot.storage.personal.search import search
from bot.storage.schema.shadow import shadow_verdicts
from bot.storage.schema.tables import decisions, tickets
from tests.support.desk.helpdesk import Helpdesk
from tests.support.unknown import UNKNOWN

QUESTION = "I forgot my password"
MONTH = timedelta(days=30)


def press(helpdesk: Helpdesk, person: str, action: str) -> None:
    helpdesk.click(person, helpdesk.button(helpdesk.last(person), action))


def read(helpdesk: Helpdesk, limit: int = 2, days: float = 30) -> list[PastQuestion]:
    """Everything that was asked in the last days, lot by lot."""
    since = helpdesk.clock() - timedelta(days=days)
    found: list[PastQuestion] = []
    before: int | None = None
    for _ in count():
        with helpdesk.begin.reading() as work:
            lot, before = work.outcomes.past_questions(since, before, limit)
        found += lot
        if before is None:
            return found
    raise AssertionError


def test_questions_come_the_newest_first_each_once_whatever_the_lot(helpdesk: Helpdesk) -> None:
    helpdesk.say("old", QUESTION)
    helpdesk.clock.move(days=40)
    for number in range(5):
        helpdesk.say(f"a{number}", QUESTION)
    helpdesk.say("b", UNKNOWN)
    helpdesk.say("c", "it does not work")
    found = read(helpdesk, limit=100)
    assert [one.text for one in found] == ["it does not work", UNKNOWN, *[QUESTION] * 5]
    assert [one.decision for one in found] == ["askback", "escalate", *["answer"] * 5]
    assert [one.ticket for one in found] == [False, True, *[False] * 5]
    assert {one.targets[0] for one in found[2:]} == {"password-reset"}
    for limit in (1, 2, 3, 7):
        assert read(helpdesk, limit) == found
    assert len(read(helpdesk, days=60)) == 8


def test_what_helped_and_what_did_not_is_known_by_what_people_said(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", QUESTION)
    press(helpdesk, "ana", "solved")
    helpdesk.say("bob", QUESTION)
    press(helpdesk, "bob", "not_helpful")
    helpdesk.say("cat", QUESTION)
    helpdesk.say("dan", UNKNOWN)
    helpdesk.say("eve", UNKNOWN)
    with helpdesk.database.transaction() as db:
        ids = [row.id for row in db.execute(select(tickets.c.id).order_by(tickets.c.id))]
        decided = db.execute(select(decisions.c.id)).scalars().all()[0]
        common: dict[str, Any] = {"decision_id": decided, "channel": "slack", "at": helpdesk.clock()}
        common |= {"kind": "answer", "candidates": [], "shown": 0}
        for number, named in zip(ids, ("vpn", NO_ARTICLE), strict=True):
            db.execute(shadow_verdicts.insert().values(ticket_id=number, named=named, **common))
    known = {one.id: (one.right, one.wrong) for one in read(helpdesk)}
    assert [known[number] for number in sorted(known)] == [
        ("password-reset", frozenset()),
        (None, {"password-reset"}),
        (None, frozenset()),
        ("vpn", frozenset()),
        (NO_ARTICLE, frozenset()),
    ]


def test_of_somebody_who_was_erased_no_word_is_read(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", QUESTION)
    helpdesk.say("bob", UNKNOWN)
    erasure = Erasure(helpdesk.database, helpdesk.clock)
    with helpdesk.database.transaction(reading=True) as connection:
        (ana,) = search(connection, "ana")
    (number,) = erasure.begin(ana.id, "operator")
    while not erasure.step(number).finished:
        helpdesk.clock.move(minutes=1)
        helpdesk.deliver()
    assert [one.text for one in read(helpdesk)] == [UNKNOWN, ""]


def test_a_lot_costs_four_statements_whatever_was_asked_in_all(helpdesk: Helpdesk) -> None:
    statements: list[str] = []
    for number in range(12):
        helpdesk.say(f"a{number}", QUESTION)
    with helpdesk.begin.reading() as work:
        since = helpdesk.clock() - MONTH
        event.listen(
            helpdesk.database.engine, "before_cursor_execute", lambda *seen: statements.append(seen[2])
        )
        work.outcomes.past_questions(since, None, 3)
    assert len(statements) == 4


def test_a_decision_about_nothing_is_no_question(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", QUESTION)
    with helpdesk.database.transaction() as db:
        db.execute(update(decisions).values(kind="outage"))
    assert read(helpdesk) == []
