"""Windows of real questions close once, in lots, with the outcome of what people did."""

from collections import Counter
from typing import Any

from sqlalchemy import event, func, select

from bot.desk.history.outcomes import LATEST, OutcomeWindows
from bot.domain.conversations.outcome import NO_WORD, EpisodeOutcome, TargetFigures
from bot.domain.people import JoinHow
from bot.storage import Database
from bot.storage.personal.erasure import Erasure
from bot.storage.personal.search import search
from bot.storage.schema.outcomes import outcomes, shown_targets
from bot.storage.schema.tables import episodes
from tests.support.desk.helpdesk import Helpdesk
from tests.support.desk.outcomes import close_windows, press
from tests.support.desk.shadow import UNSURE
from tests.support.unknown import UNKNOWN

QUESTION = "I forgot my password"
OTHER = "the printer does not print"


def entered(database: Database) -> list[tuple[Any, ...]]:
    with database.transaction(reading=True) as connection:
        return [tuple(row) for row in connection.execute(select(outcomes).order_by(outcomes.c.episode_id))]


def outcomes_of(database: Database) -> list[str]:
    return [row[1] for row in entered(database)]


def count(helpdesk: Helpdesk) -> Counter[EpisodeOutcome]:
    with helpdesk.begin.reading() as work:
        found = work.outcomes.count(None, None)
    with helpdesk.database.transaction(reading=True) as connection:
        asked = connection.execute(select(func.count(episodes.c.id))).scalar_one()
    assert found.total == asked, "the parts sum to the whole"
    return Counter({outcome: number for outcome, number in found.counts.items() if number})


def test_each_question_has_one_outcome_and_the_parts_sum_to_the_whole(helpdesk: Helpdesk) -> None:
    helpdesk.say("a1", QUESTION)
    press(helpdesk, "a1", "solved")
    helpdesk.say("a2", QUESTION)
    helpdesk.say("a3", QUESTION)
    press(helpdesk, "a3", "not_helpful")
    press(helpdesk, "a3", "reason", "out_of_date")
    helpdesk.say("a4", UNKNOWN)
    helpdesk.say("a5", UNKNOWN)
    press(helpdesk, "a5", "cancel")
    helpdesk.say("a6", "it does not work")
    helpdesk.say("a7", "hello")
    helpdesk.say("a8", QUESTION, thread="1.0")
    helpdesk.say("a8", "never mind", thread="1.0")
    assert count(helpdesk) == {EpisodeOutcome.PENDING: 8}
    close_windows(helpdesk, NO_WORD + 2 * LATEST)
    assert outcomes_of(helpdesk.database) == ["small_talk"], "nobody is expected to say more"
    close_windows(helpdesk)
    assert outcomes_of(helpdesk.database) == [
        *("confirmed", "assumed", "not_helpful", "ticket", "withdrawn"),
        *("unanswered_question", "small_talk", "withdrawn"),
    ]
    before = entered(helpdesk.database)
    press(helpdesk, "a2", "not_helpful")  # weeks later
    close_windows(helpdesk)
    assert entered(helpdesk.database) == before, "final: computed again, nothing changes"
    assert count(helpdesk).total() == 8
    with helpdesk.begin.reading() as work:
        (figures,) = work.outcomes.figures(None, None)
    assert figures == TargetFigures(
        "password-reset", shown=4, solved=1, not_helpful=1, reasons={"out_of_date": 1}
    )


def test_who_comes_back_takes_an_answer_off_with_whatever_account(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", QUESTION)
    helpdesk.say("bob", QUESTION)
    press(helpdesk, "bob", "solved")
    helpdesk.say("cat", QUESTION)
    helpdesk.clock.move(days=2)
    helpdesk.say("ana", QUESTION)
    helpdesk.say("bob2", UNKNOWN, channel="teams")
    helpdesk.say("cat", OTHER)
    with helpdesk.begin() as work:
        bob, bob2 = (
            work.people.meet(utterance.sender, "Bob", None, helpdesk.clock()).id
            for utterance in (helpdesk.utterance("bob"), helpdesk.utterance("bob2", channel="teams"))
        )
        work.joins.join(bob, bob2, JoinHow.OPERATOR, helpdesk.clock())
    close_windows(helpdesk)
    rows = [(row[1], row[3]) for row in entered(helpdesk.database)]
    assert rows[:3] == [("not_helpful", True), ("confirmed", True), ("assumed", False)]
    with helpdesk.begin.reading() as work:
        found = work.outcomes.count(None, None)
    assert found.deflected(EpisodeOutcome.CONFIRMED) == 0
    assert found.counts[EpisodeOutcome.CONFIRMED] == 1


def test_what_was_chosen_from_a_list_counts_as_chosen(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNSURE)
    press(helpdesk, "ana", "choose", "0")
    close_windows(helpdesk)
    with helpdesk.begin.reading() as work:
        (figures,) = work.outcomes.figures(None, None)
    assert (figures.shown, figures.chosen) == (1, 1)


def test_the_cost_grows_with_what_closes_and_not_with_the_history(helpdesk: Helpdesk) -> None:
    for number in range(6):
        helpdesk.say(f"a{number}", QUESTION)
    close_windows(helpdesk)
    statements: list[str] = []
    event.listen(
        helpdesk.database.engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )
    assert not OutcomeWindows(helpdesk.begin, helpdesk.clock).close_lot()
    looked = [one for one in statements if one.lstrip().upper().startswith("SELECT")]
    assert len(looked) == 1, "nothing is due: one look at an index, and nothing is read"


def test_erasing_a_person_keeps_the_figures_whole_and_no_word(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", QUESTION)
    press(helpdesk, "ana", "not_helpful")
    close_windows(helpdesk)
    helpdesk.say("ana", OTHER)
    before, counts = entered(helpdesk.database), count(helpdesk)
    erasure = Erasure(helpdesk.database, helpdesk.clock)
    with helpdesk.database.transaction(reading=True) as connection:
        (ana,) = search(connection, "ana")
    (number,) = erasure.begin(ana.id, "operator")
    while not erasure.step(number).finished:
        helpdesk.clock.move(minutes=1)
        helpdesk.deliver()
    assert entered(helpdesk.database) == before
    assert count(helpdesk) == counts
    with helpdesk.database.transaction(reading=True) as connection:
        rows = [*connection.execute(select(outcomes)), *connection.execute(select(shown_targets))]
    assert "ana" not in str(rows)
