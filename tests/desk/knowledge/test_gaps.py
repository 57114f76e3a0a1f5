"""Gaps are found in what a real desk was asked, with what they cost, and without anybody's name."""

from collections import Counter
from dataclasses import asdict
from datetime import timedelta

import pytest

from bot.desk.history.outcomes import LATEST, OutcomeWindows
from bot.desk.knowledge.library import Library
from bot.domain.conversations.outcome import NO_WORD, RE_CONTACT
from bot.domain.knowledge.content import Article
from bot.domain.knowledge.gap import MOST_PER_TICKET, Missed
from bot.domain.people import JoinHow
from bot.domain.tickets.queues import Queue, Queues
from bot.matching.matcher import WordMatcher
from bot.storage.personal.erasure import Erasure
from bot.storage.personal.retention import ClosedTickets, Days
from bot.storage.personal.search import search
from tests.support.desk.helpdesk import Given, Helpdesk, with_article, with_queues
from tests.support.desk.shadow import UNSURE
from tests.support.matching.gaps import GREENHOUSE, SPECTROMETER, ask_all, gaps_of

ANSWERED = "I forgot my password"
# What is decided after the rows are read needs one database.
once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def press(helpdesk: Helpdesk, person: str, action: str) -> None:
    helpdesk.click(person, helpdesk.button(helpdesk.last(person), action))


def resolve(helpdesk: Helpdesk, ticket: str, after: timedelta) -> None:
    helpdesk.click("eva", helpdesk.button(helpdesk.card(ticket), "claim"))
    helpdesk.clock.move(seconds=after.total_seconds())
    helpdesk.click("eva", helpdesk.button(helpdesk.card(ticket), "resolve"), inputs={"note": "Done"})


def close_windows(helpdesk: Helpdesk) -> None:
    helpdesk.clock.move(seconds=(RE_CONTACT + NO_WORD + 2 * LATEST).total_seconds())
    windows = OutcomeWindows(helpdesk.begin, helpdesk.clock)
    while windows.close_lot():
        pass


@once
def test_what_people_ask_in_vain_comes_in_groups_in_both_languages(helpdesk: Helpdesk) -> None:
    ask_all(helpdesk, SPECTROMETER, "lab")
    ask_all(helpdesk, GREENHOUSE, "inv")
    helpdesk.say("ana", ANSWERED)
    helpdesk.say("bob", "who has seen my umbrella")

    report = gaps_of(helpdesk)

    assert [set(gap.sentences) for gap in report.gaps] == [set(SPECTROMETER), set(GREENHOUSE)]
    assert [gap.languages for gap in report.gaps] == [("en",), ("es",)]
    assert [gap.people for gap in report.gaps] == [5, 5]
    assert report.gaps[0].missed == {
        Missed.TICKET: 5,
        Missed.WRONG_ANSWER: 0,
        Missed.ABANDONED_CHOICE: 0,
    }
    assert "spectrometer" in report.gaps[0].words
    assert "invernadero" in report.gaps[1].words
    assert (report.questions, report.left_out.alone) == (11, 1)


def test_nothing_changes_when_the_windows_close(helpdesk: Helpdesk) -> None:
    ask_all(helpdesk, SPECTROMETER, "lab")
    cancelled = helpdesk.say("zoe", SPECTROMETER[0])
    assert cancelled.ticket
    press(helpdesk, "zoe", "cancel")
    before = gaps_of(helpdesk)

    close_windows(helpdesk)

    assert gaps_of(helpdesk) == before
    assert before.questions == 5, "who cancelled wants nothing any more"


def test_wrong_answers_and_choices_that_nobody_made_count_too(helpdesk: Helpdesk) -> None:
    for person in ("a1", "a2", "a3"):
        helpdesk.say(person, ANSWERED)
        press(helpdesk, person, "not_helpful")
    for person in ("b1", "b2"):
        helpdesk.say(person, UNSURE)
    assert gaps_of(helpdesk, fewest=2).gaps[0].missed[Missed.WRONG_ANSWER] == 3
    assert gaps_of(helpdesk, fewest=2).questions == 3, "of a choice it is too early to say"

    close_windows(helpdesk)

    counts = Counter[Missed]()
    for gap in gaps_of(helpdesk, fewest=2).gaps:
        counts.update(gap.missed)
    assert +counts == {Missed.WRONG_ANSWER: 3, Missed.ABANDONED_CHOICE: 2}


@once
def test_engineers_time_is_capped_and_puts_gaps_in_order(helpdesk: Helpdesk) -> None:
    first = ask_all(helpdesk, SPECTROMETER, "lab")
    second = ask_all(helpdesk, GREENHOUSE, "inv")
    resolve(helpdesk, first[0], timedelta(minutes=20))
    resolve(helpdesk, second[0], timedelta(days=3))

    dear, cheap = gaps_of(helpdesk).gaps

    assert set(dear.sentences) == set(GREENHOUSE)
    assert (dear.work, cheap.work) == (MOST_PER_TICKET, timedelta(minutes=20))


def test_a_gap_has_people_and_not_accounts(helpdesk: Helpdesk) -> None:
    ask_all(helpdesk, SPECTROMETER[1:], "lab")
    helpdesk.say("first", SPECTROMETER[0], channel="teams")
    accounts = (helpdesk.utterance("lab0"), helpdesk.utterance("first", channel="teams"))
    with helpdesk.begin() as work:
        one, other = (work.people.meet(account.sender, "", None, helpdesk.clock()).id for account in accounts)
        work.joins.join(one, other, JoinHow.OPERATOR, helpdesk.clock())

    assert gaps_of(helpdesk, fewest=5).gaps == (), "four people"
    (gap,) = gaps_of(helpdesk, fewest=4).gaps
    assert (gap.people, gap.questions) == (4, 5)


@once
def test_a_new_article_closes_a_gap(helpdesk: Helpdesk) -> None:
    ask_all(helpdesk, SPECTROMETER, "lab")
    (gap,) = gaps_of(helpdesk).gaps
    assert gap.nearest is None or "spectrometer" in gap.nearest.lacks

    title, body = "Calibrate the spectrometer", "1. Open the lid."
    article = Article("spectrometer", title, body, "en", questions=SPECTROMETER[:4])
    content = with_article(helpdesk.library, article).snapshot.content
    helpdesk.library = Library(Given(content), lambda it, _before: WordMatcher(it, at_once=True))
    assert helpdesk.library.load()

    report = gaps_of(helpdesk)
    assert (report.gaps, report.left_out.answered_now) == ((), 5)


def test_erased_and_expired_words_are_counted_and_never_shown(helpdesk: Helpdesk) -> None:
    tickets = ask_all(helpdesk, (*SPECTROMETER, "SECRETWORD spectrometer calibration in the lab"), "lab")
    resolve(helpdesk, tickets[0], timedelta(minutes=5))
    erasure = Erasure(helpdesk.database, helpdesk.clock)
    with helpdesk.database.transaction(reading=True) as connection:
        (asker,) = search(connection, "lab5")
    (number,) = erasure.begin(asker.id, "operator")
    while not erasure.step(number).finished:
        helpdesk.clock.move(minutes=1)
        helpdesk.deliver()
    helpdesk.clock.move(days=40)
    retention = ClosedTickets(helpdesk.database, helpdesk.clock, Days(texts=30))
    while retention.look():
        pass

    report = gaps_of(helpdesk, fewest=3)

    assert report.left_out.erased >= 2
    assert "SECRETWORD" not in str(asdict(report))
    assert SPECTROMETER[0] not in str(asdict(report))
    (gap,) = report.gaps
    assert gap.people == 4


@once
def test_no_name_address_or_long_number_of_anybody_is_shown(helpdesk: Helpdesk) -> None:
    ask_all(helpdesk, SPECTROMETER, "lab")
    helpdesk.say(
        "wilhelmina",
        "Hi, Wilhelmina here (wilhelmina@example.com, +34 600 123 456, https://example.com/w): how do I "
        "calibrate the spectrometer in the lab?\n\nThanks,\nWilhelmina",
    )

    shown = str(asdict(gaps_of(helpdesk)))

    assert "calibrate the spectrometer" in shown
    for private in ("ilhelmina", "example.com", "600", "lab0", "Lab0"):
        assert private not in shown


def test_only_the_newest_are_looked_at_and_the_others_counted(helpdesk: Helpdesk) -> None:
    ask_all(helpdesk, GREENHOUSE, "inv")
    helpdesk.clock.move(days=1)
    since = helpdesk.clock()
    ask_all(helpdesk, SPECTROMETER, "lab")

    report = gaps_of(helpdesk, most=6)
    assert [set(gap.sentences) for gap in report.gaps] == [set(SPECTROMETER)]
    assert (report.questions, report.left_out.beyond, report.left_out.alone) == (10, 4, 1)
    assert gaps_of(helpdesk, since=since).questions == 5
    assert gaps_of(helpdesk, until=since).questions == 5


def test_a_ticket_that_was_opened_as_it_should_is_no_gap(helpdesk: Helpdesk) -> None:
    for number in range(5):
        helpdesk.say(f"p{number}", "I need a parking permit for the garage")

    report = gaps_of(helpdesk)

    assert (report.gaps, report.left_out.recognised) == ((), 5)


@once
def test_a_queue_has_gaps_of_its_own(helpdesk: Helpdesk) -> None:
    ask_all(helpdesk, SPECTROMETER, "lab")
    helpdesk.say("ana", ANSWERED)
    press(helpdesk, "ana", "not_helpful")
    helpdesk.queues = Queues({"first": Queue("first"), "second": Queue("second")}, "first")
    helpdesk.library = with_queues(helpdesk.library, helpdesk.queues)

    (gap,) = gaps_of(helpdesk, queue="first").gaps
    assert gap.queues == ("first",)
    assert gaps_of(helpdesk, queue="first").questions == 5, "what no ticket was opened for has no queue"
    assert gaps_of(helpdesk, queue="second").questions == 0
    assert gaps_of(helpdesk).questions == 6
