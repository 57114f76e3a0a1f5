"""A clock that is set, back or forward, while posts wait: they go out as if it had not been."""

import pytest

from bot.domain.errors import DeliveryFailed
from tests.support.desk.helpdesk import CHANNELS, Helpdesk
from tests.support.unknown import UNKNOWN

HOURS = [-24, -1, -0.05, 0.05, 1, 24]
QUESTION = "I forgot my password"


def pass_seconds(helpdesk: Helpdesk, seconds: int) -> None:
    """Let time pass and deliver, as the loop lives it."""
    for _ in range(seconds):
        helpdesk.clock.move(seconds=1)
        helpdesk.deliver()


@pytest.mark.parametrize("hours", HOURS)
@pytest.mark.parametrize(
    "failure",
    [DeliveryFailed("service_unavailable"), DeliveryFailed("rate_limited", retry_after=20)],
    ids=["away", "limited"],
)
def test_what_waits_for_another_attempt_goes_out_soon(
    helpdesk: Helpdesk, hours: float, failure: DeliveryFailed
) -> None:
    people = [f"p{number}" for number in range(6)]
    helpdesk.failing = {f"D{person}": failure for person in people}
    for person in people:
        helpdesk.say(person, QUESTION)
    pass_seconds(helpdesk, 20)
    helpdesk.failing.clear()
    helpdesk.clock.set_by(hours=hours)
    pass_seconds(helpdesk, 30)
    assert all(len(helpdesk.in_space(f"D{person}")) == 1 for person in people)


@pytest.mark.parametrize("hours", HOURS)
def test_what_is_said_after_goes_out_at_once(helpdesk: Helpdesk, hours: float) -> None:
    helpdesk.say("ana", UNKNOWN, thread="1.0")
    helpdesk.clock.set_by(hours=hours)
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"), thread="2.0")
    assert len(helpdesk.in_space("Dana")) == 2


@pytest.mark.parametrize("hours", HOURS)
def test_the_posts_of_a_server_that_died_are_taken_over_once_its_lease_is_over(
    helpdesk: Helpdesk, hours: float
) -> None:
    helpdesk.desk.intake.receive(helpdesk.utterance("ana", QUESTION))
    assert helpdesk.desk.dispatcher.exchange([], 16, CHANNELS).next
    helpdesk.clock.set_by(hours=hours)
    reborn = Helpdesk(helpdesk.database, helpdesk.library, helpdesk.clock, first_key=1000)
    pass_seconds(reborn, 31)
    assert len(reborn.in_space("Dana")) == 1


def test_a_lease_of_another_server_is_left_to_it_when_the_clock_is_set_back(helpdesk: Helpdesk) -> None:
    other = Helpdesk(helpdesk.database, helpdesk.library, helpdesk.clock, first_key=1000)
    helpdesk.deliver()
    other.desk.intake.receive(other.utterance("ana", QUESTION))
    assert other.desk.dispatcher.exchange([], 16, CHANNELS).next
    helpdesk.clock.set_by(hours=-1)
    pass_seconds(helpdesk, 20)
    assert helpdesk.posts == []
