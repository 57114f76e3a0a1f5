"""Few wrong answers, promised with a certainty: what is offered instead, and what closes and opens it."""

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import OutcomeKind
from bot.domain.knowledge.labelled_question import Question
from bot.domain.knowledge.promise import PromiseState
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, Helpdesk, buttons_of
from tests.support.desk.promise import (
    ASKED,
    SURE,
    SURE_ANSWER,
    button_of,
    certified,
    counts_of,
    judge,
    state_of,
)
from tests.support.desk.shadow import resolve
from tests.support.desk.simultaneous import at_once, press_of
from tests.support.unknown import UNKNOWN

PEOPLE = ("ana", "tom", "cat")  # so many wrong answers, and no right one, are enough


@pytest.fixture
def promised(database: Database, library: Library, clock: Clock) -> Helpdesk:
    return Helpdesk(database, certified(library), clock, certainty=0.95)


def close(helpdesk: Helpdesk) -> None:
    for person in PEOPLE:
        assert judge(helpdesk, person).kind is OutcomeKind.TICKET


def tell(helpdesk: Helpdesk) -> int:
    told = helpdesk.desk.promise_notice.round()
    helpdesk.deliver()
    return told


def test_without_labelled_questions_articles_are_offered_only(
    database: Database, library: Library, clock: Clock
) -> None:
    helpdesk = Helpdesk(database, library, clock, certainty=0.95)
    assert helpdesk.say("ana", SURE).kind is OutcomeKind.CHOICE
    assert buttons_of(helpdesk.last("ana")) == ["choose", "none"]
    chosen = helpdesk.click("ana", button_of(helpdesk, "ana", "choose"))
    assert chosen.kind is OutcomeKind.ANSWERED
    assert helpdesk.click("ana", button_of(helpdesk, "ana", "solved")).kind is OutcomeKind.DONE
    assert counts_of(helpdesk) == (0, 0), "they chose it themselves"
    helpdesk.say("tom", "hello")
    assert "choose" not in buttons_of(helpdesk.last("tom")), "an action of the desk is no article"
    helpdesk.say("tom", SURE)
    helpdesk.say("cat", "it does not work")
    assert helpdesk.say("cat", SURE).kind is OutcomeKind.TICKET, "one question back is enough"
    assert helpdesk.say("dan", "I think I clicked a phishing link").kind is OutcomeKind.TICKET
    assert any("phishing" in text.lower() for text in helpdesk.texts_in("Ddan")), "first aid is given"


def test_what_employees_say_of_answers_is_counted_once(promised: Helpdesk) -> None:
    judge(promised, "ana", "solved")
    judge(promised, "tom", "person")
    promised.say("cat", SURE, thread="7.0")
    promised.say("cat", "that did not help", thread="7.0")
    promised.say("dan", SURE, thread="8.0")
    promised.say("dan", "it is solved", thread="8.0")
    promised.say("fay", SURE, thread="6.0")
    assert promised.say("fay", "???", thread="6.0").kind is OutcomeKind.TICKET
    assert counts_of(promised) == (4, 2)
    promised.say("dan", "it still does not work", thread="8.0")
    promised.say("eli", SURE, thread="9.0")
    assert promised.say("eli", "get me a person", thread="9.0").kind is OutcomeKind.TICKET
    assert counts_of(promised) == (4, 2), "a wish for a person alone says nothing of the answer"


def test_what_is_not_promised_is_not_counted(
    promised: Helpdesk, database: Database, library: Library, clock: Clock
) -> None:
    promised.say("ana", "I think I clicked a phishing link")
    without = Helpdesk(database, certified(library), clock, first_key=5000)
    judge(without, "tom")
    assert (without.desk.promise.key, without.desk.promise_notice.round()) == ("", 0)
    assert counts_of(promised) == (0, 0)


def test_too_many_wrong_ones_close_it_and_the_rooms_are_told_once(
    promised: Helpdesk, database: Database, library: Library, clock: Clock
) -> None:
    assert tell(promised) == 0
    close(promised)
    state = state_of(promised)
    assert (state.evidence.judged, state.evidence.wrong, state.closed_at) == (3, 3, clock())
    assert promised.say("dan", SURE).kind is OutcomeKind.CHOICE
    assert tell(promised) == 1
    told = promised.texts_in("CROOM")[-1]
    for part in ("Of 3 judged answers 3 were wrong", "at most 5 %", "95 %", "firstline promise --reopen"):
        assert part in told
    # A replica that starts later finds the same, and says nothing more.
    other = Helpdesk(database, certified(library), clock, certainty=0.95, first_key=5000)
    assert other.say("eli", SURE).kind is OutcomeKind.CHOICE
    assert [tell(other), tell(promised)] == [0, 0]


def test_the_rooms_are_told_in_their_places(database: Database, library: Library, clock: Clock) -> None:
    helpdesk = Helpdesk(database, certified(library), clock, certainty=0.95, rooms=())
    close(helpdesk)
    assert tell(helpdesk) == 0, "there is nobody to tell"
    rooms = Helpdesk(
        database, certified(library), clock, certainty=0.95, rooms=(ROOM, OTHER_ROOM), first_key=5000
    )
    assert tell(rooms) == 2
    assert [tell(rooms), tell(helpdesk)] == [0, 0]


def test_new_labelled_questions_or_the_operator_open_it(
    promised: Helpdesk, database: Database, library: Library, clock: Clock
) -> None:
    close(promised)
    more = (*ASKED, Question("no password any more", SURE_ANSWER, "en"))
    other = Helpdesk(database, certified(library, more), clock, certainty=0.95, first_key=5000)
    assert other.say("dan", SURE).kind is OutcomeKind.ANSWERED
    assert promised.say("eli", SURE).kind is OutcomeKind.CHOICE, "the questions of before are still closed"
    tell(promised)
    with promised.begin() as work:
        work.promises.save(promised.desk.promise.key, PromiseState())
    assert promised.say("fay", SURE).kind is OutcomeKind.ANSWERED
    assert tell(promised) == 0
    promised.click("fay", button_of(promised, "fay", "person"))
    for person in ("gil", "hal"):
        judge(promised, person)
    assert tell(promised) == 1, "it was closed again"


def test_an_answer_that_was_shown_already_is_not_offered_again(promised: Helpdesk) -> None:
    promised.say("dan", SURE, thread="8.0")
    close(promised)
    promised.clock.move(minutes=10)
    assert promised.say("dan", f"but {SURE}!", thread="8.0").kind is OutcomeKind.TICKET


def test_judging_at_once_loses_nothing(promised: Helpdesk) -> None:
    people = [f"p{number}" for number in range(6)]
    for person in people:
        promised.say(person, SURE)
    at_once(promised, [(person, press_of(button_of(promised, person, "solved"))) for person in people])
    assert counts_of(promised) == (6, 0)


def test_an_engineers_verdict_counts_once(database: Database, library: Library, clock: Clock) -> None:
    helpdesk = Helpdesk(database, certified(library), clock, certainty=0.95, shadow="all")
    helpdesk.say("ana", SURE)
    resolve(helpdesk, article="none")
    assert counts_of(helpdesk) == (1, 1)
    helpdesk.say("tom", SURE)
    resolve(helpdesk, "HELP-1002", other=SURE_ANSWER)
    assert counts_of(helpdesk) == (2, 1)
    helpdesk.say("cat", UNKNOWN)
    resolve(helpdesk, "HELP-1003", article="none")
    assert counts_of(helpdesk) == (2, 1), "nothing would have been answered"
    card = helpdesk.card("HELP-1001")
    later = helpdesk.button(card, "name_article")
    helpdesk.click("eva", later, conversation=ROOM, inputs={"other": SURE_ANSWER})
    assert counts_of(helpdesk) == (2, 1), "a second verdict on the same answer is no second answer"
