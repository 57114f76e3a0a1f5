"""How soon everything is out after a platform was away, and how little it is asked while it is."""

import random

import pytest

from bot.desk.delivery.retry import FOLLOWERS, LONGEST_WAIT_SECONDS, RETRIES_A_SECOND, retry_after
from bot.desk.ports.channels import Delivery
from bot.domain.conversations.messages import ConversationRef, Reply
from bot.domain.errors import DeliveryFailed
from tests.support.desk.helpdesk import Helpdesk
from tests.support.unknown import OTHER, THIRD, UNKNOWN

PASSING = DeliveryFailed("service_unavailable")
OUT_WITHIN = 30  # seconds after the end of an outage


def waiting(helpdesk: Helpdesk) -> int:
    """How many posts are still to be delivered."""
    with helpdesk.begin.reading() as work:
        return len(work.deliveries.listed(("waiting",), 1000))


def outage(helpdesk: Helpdesk, seconds: int, people: int) -> None:
    """Let everything fail for so long, while so many people ask, and three of them open a ticket."""
    questions = [UNKNOWN, OTHER, THIRD] + ["I forgot my password"] * (people - 3)
    helpdesk.failing = dict.fromkeys(("CROOM", *(f"Dp{number}" for number in range(people))), PASSING)
    for number, question in enumerate(questions):
        helpdesk.desk.intake.receive(helpdesk.utterance(f"p{number}", question))
        for _ in range(4):
            helpdesk.clock.move(seconds=seconds / people / 4)
            helpdesk.deliver()


@pytest.mark.parametrize("seconds", [60, 600])
def test_everything_is_out_soon_after_an_outage_however_long_it_was(helpdesk: Helpdesk, seconds: int) -> None:
    outage(helpdesk, seconds, people=12)
    assert waiting(helpdesk) >= 15
    helpdesk.failing.clear()
    for _ in range(OUT_WITHIN):
        helpdesk.clock.move(seconds=1)
        helpdesk.deliver()
    assert waiting(helpdesk) == 0
    assert len(helpdesk.in_space("CROOM")) == 3
    assert all(helpdesk.in_space(f"Dp{number}") for number in range(12))


def test_the_first_that_succeeds_calls_the_others(helpdesk: Helpdesk) -> None:
    outage(helpdesk, 120, people=12)
    helpdesk.failing.clear()
    while not helpdesk.screen:
        helpdesk.clock.move(seconds=0.1)
        helpdesk.deliver()
    assert waiting(helpdesk) == 0


def test_where_most_still_fails_a_success_calls_a_few(helpdesk: Helpdesk) -> None:
    outage(helpdesk, 60, people=40)
    del helpdesk.failing["Dp3"]
    while not helpdesk.screen:
        helpdesk.clock.move(seconds=0.1)
        before = len(helpdesk.posts)
        helpdesk.deliver()
    assert waiting(helpdesk) > 4 * FOLLOWERS
    assert len(helpdesk.posts) - before < 2 * FOLLOWERS


def test_a_place_that_is_not_there_is_not_tried_with_every_success_elsewhere(helpdesk: Helpdesk) -> None:
    helpdesk.failing["CROOM"] = DeliveryFailed("channel_not_found")
    helpdesk.say("ana", UNKNOWN)
    for number in range(20):
        helpdesk.say(f"p{number}", "I forgot my password")
    assert len([post for post in helpdesk.posts if post.conversation.space == "CROOM"]) == 1


def test_the_more_wait_the_less_often_each_is_tried() -> None:
    random.seed(7)
    tenth = Delivery(1, 1, 1, ConversationRef("slack", "T1", "C1"), Reply(()), attempt=10)

    def longest(count: int) -> float:
        waits = [retry_after(tenth, PASSING, count) for _ in range(200)]
        return max(wait.total_seconds() for wait in waits if wait is not None)

    assert longest(0) <= 10
    for count in (1000, 4000):
        assert count / RETRIES_A_SECOND / 2 < longest(count) <= count / RETRIES_A_SECOND
    assert longest(10**6) <= LONGEST_WAIT_SECONDS
