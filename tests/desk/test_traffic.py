"""The desk learns from its own questions how much is asked in vain, and answers by it."""

from collections.abc import Callable

import pytest

from bot.desk.knowledge.library import Library
from bot.desk.knowledge.traffic import FEWEST
from bot.domain.knowledge.decision import Tolerance
from bot.domain.knowledge.traffic import Traffic
from bot.domain.tickets.queues import Queue, Queues
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Given, Helpdesk, with_queues
from tests.support.desk.promise import button_of
from tests.support.desk.shadow import SURE, UNSURE
from tests.support.unknown import UNKNOWN

LAPTOP = "I need a new laptop"
Open = Callable[..., Helpdesk]


@pytest.fixture
def open_desk(database: Database, library: Library, clock: Clock) -> Open:
    """A desk with a library of its own, so that what it learns is nobody else's."""

    def opened(**changes: object) -> Helpdesk:
        own = with_queues(library, library.snapshot.content.queues)
        own.unanswered = changes.pop("unanswered", None)  # type: ignore[assignment]  # the test's own
        return Helpdesk(database, own, clock, **changes)  # type: ignore[arg-type]  # as above

    return opened


def ask(helpdesk: Helpdesk, text: str, number: int = FEWEST) -> None:
    for place in range(number):
        helpdesk.say(f"{text.split()[-1]}{place}", text)


def learn(helpdesk: Helpdesk) -> Traffic | None:
    learner = helpdesk.desk.traffic
    return learner.learn(learner.read())


def test_few_questions_change_nothing(open_desk: Open) -> None:
    helpdesk = open_desk()
    ask(helpdesk, UNKNOWN, FEWEST - 1)
    assumed = helpdesk.library.traffic
    assert learn(helpdesk) is None
    assert (helpdesk.library.learned, helpdesk.library.traffic) == (None, assumed)


def test_what_is_asked_in_vain_makes_the_next_answers_more_careful(open_desk: Open) -> None:
    helpdesk, tolerance = open_desk(), Tolerance()
    before, sure = helpdesk.library.traffic, helpdesk.library.match(SURE)
    threshold = helpdesk.library.thresholds(tolerance, sure).answer
    unsure = helpdesk.library.match(UNSURE)
    ask(helpdesk, UNKNOWN)
    learned = learn(helpdesk)
    assert learned is not None
    assert before is not None
    assert (helpdesk.library.learned, learned.questions) == (learned, FEWEST)
    assert learned.mix.unanswered > before.mix.unanswered + 0.1
    assert helpdesk.library.match(UNSURE).nothing > unsure.nothing
    assert helpdesk.library.thresholds(tolerance, sure).answer >= threshold
    assert helpdesk.library.find_matches(UNSURE) == helpdesk.library.match(UNSURE, here=True).matches


def test_a_remembered_match_follows_what_is_learned(open_desk: Open) -> None:
    helpdesk = open_desk()
    before = helpdesk.library.find_matches(UNSURE)
    ask(helpdesk, UNKNOWN)
    learn(helpdesk)
    after = helpdesk.library.find_matches(UNSURE)
    assert [one.target for one in after] == [one.target for one in before]
    assert sum(one.confidence for one in after) < sum(one.confidence for one in before)


def test_answers_that_helped_count_for_sure(open_desk: Open) -> None:
    helpdesk = open_desk()
    ask(helpdesk, UNSURE)
    by_likelihood = learn(helpdesk)
    for place in range(FEWEST):
        for button in ("choose", "solved"):
            helpdesk.click(f"connect{place}", button_of(helpdesk, f"connect{place}", button))
    known = learn(helpdesk)
    assert by_likelihood is not None
    assert known is not None
    assert known.mix.answers > by_likelihood.mix.answers


def test_the_share_is_told_by_the_queue_of_the_best_candidate(open_desk: Open) -> None:
    helpdesk = open_desk(queues=Queues({"it": Queue("it"), "hardware": Queue("hardware")}, "it"))
    ask(helpdesk, SURE, 15)
    ask(helpdesk, LAPTOP, 10)
    learned = learn(helpdesk)
    assert learned is not None
    assert {name: share.questions for name, share in learned.by_queue.items()} == {"it": 15, "hardware": 10}
    assert learned.by_queue["it"].unanswered < 0.1 < 0.9 < learned.by_queue["hardware"].unanswered


def test_a_fixed_share_stays(open_desk: Open) -> None:
    helpdesk = open_desk(unanswered=0.1)
    ask(helpdesk, UNKNOWN)
    learned = learn(helpdesk)
    assert learned is not None
    assert learned.mix.unanswered == pytest.approx(0.1)
    assert learned.questions == FEWEST


def test_with_a_certainty_the_traffic_plays_no_part(
    database: Database, library: Library, clock: Clock
) -> None:
    snapshot = library.snapshot
    certain = Library(Given(snapshot.content), lambda _content, _before: snapshot.matcher, certain=True)
    assert certain.load()
    helpdesk = Helpdesk(database, certain, clock)
    ask(helpdesk, UNKNOWN)
    assert helpdesk.desk.traffic.read() == ()
    assert learn(helpdesk) is None
    assert certain.traffic is None
