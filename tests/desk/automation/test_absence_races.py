"""Somebody goes away or comes back while others click: one outcome, and no ticket is missed."""

from functools import partial

import pytest

from bot.domain.conversations.messages import Addressed, Button, OutcomeKind, Reply
from bot.domain.people import Identity, JoinHow
from tests.support.desk.engineers import claim
from tests.support.desk.helpdesk import ROOM, Helpdesk, buttons_of, text_of
from tests.support.desk.passing_time import Play, look
from tests.support.desk.places import in_threads
from tests.support.desk.records import kinds, ticket
from tests.support.desk.simultaneous import all_at_once, at_once, press_of
from tests.support.unknown import UNKNOWN

EVA, ERIC, NORA = (Identity("slack", "T1", name) for name in ("eva", "eric", "nora"))
EVA_IN_TEAMS = Identity("teams", "tenant", "eva.t")
ROUNDS = 8  # what passes once by luck does not pass so often


@pytest.fixture
def helpdesk(play: Play) -> Helpdesk:
    """A desk with three engineers, one of whom has two accounts, and one ticket."""
    helpdesk = play(engineers=(EVA, ERIC, NORA))
    for who in (EVA, ERIC, NORA, EVA_IN_TEAMS):
        helpdesk.say(who.external_id, "hello", channel=who.channel)
    with helpdesk.begin() as work:
        one, other = (work.people.known(who) for who in (EVA, EVA_IN_TEAMS))
        assert one is not None
        assert other is not None
        work.joins.join(one.id, other.id, JoinHow.CONFIRMED, helpdesk.clock())
    helpdesk.say("ana", UNKNOWN)
    return helpdesk


def shown_back(helpdesk: Helpdesk, day: str, who: Identity = EVA) -> Button:
    """Say until when; the button that lets it count."""
    helpdesk.say(who.external_id, f"away until {day}", channel=who.channel)
    return helpdesk.button(helpdesk.last(who.external_id, who.channel), "away_yes")


def go_away(helpdesk: Helpdesk) -> None:
    helpdesk.click("eva", shown_back(helpdesk, "Monday"), inline=True)
    look(helpdesk)


def offers(helpdesk: Helpdesk) -> list[Reply]:
    """The posts that offer a ticket to the room."""
    return [reply for reply in in_threads(helpdesk) if "Who takes over" in text_of(reply)]


def lasting(helpdesk: Helpdesk) -> int:
    with helpdesk.begin() as work:
        return len(work.absences.current(helpdesk.clock(), 10))


def assignee(helpdesk: Helpdesk) -> str:
    held = ticket(helpdesk).assignee
    assert held is not None
    return held.name


def test_of_two_who_take_over_at_once_one_has_it(helpdesk: Helpdesk) -> None:
    claim(helpdesk)
    for _ in range(ROUNDS):
        go_away(helpdesk)
        take_over = press_of(helpdesk.button(offers(helpdesk)[-1], "take_over"))
        before = kinds(helpdesk).count("assigned")
        outcomes = at_once(helpdesk, [("eric", take_over), ("nora", take_over)])
        assert sorted(outcome.kind for outcome in outcomes) == [OutcomeKind.DONE, OutcomeKind.REFUSED]
        winner = ("Eric", "Nora")[outcomes[0].kind is OutcomeKind.REFUSED]
        assert assignee(helpdesk) == winner
        assert kinds(helpdesk).count("assigned") == before + 1
        helpdesk.say("eva", "back")
        again = helpdesk.button(helpdesk.card("HELP-1001"), "assign")
        form = helpdesk.click("eric", again, conversation=ROOM, inline=True).card
        assert form is not None
        helpdesk.click("eric", form.buttons[0], conversation=ROOM, inputs={"engineer": str(EVA)})
        assert assignee(helpdesk) == "Eva"


def test_whoever_is_back_at_the_moment_of_an_offer_keeps_the_ticket_or_loses_it_whole(
    helpdesk: Helpdesk,
) -> None:
    claim(helpdesk)
    go_away(helpdesk)
    take_over = press_of(helpdesk.button(offers(helpdesk)[0], "take_over"))
    clicked = helpdesk.utterance("eric", click=take_over, addressed=Addressed.CLICK, conversation=ROOM)
    back = helpdesk.utterance("eva", "back")
    all_at_once([lambda: helpdesk.desk.intake.receive(clicked), lambda: helpdesk.desk.intake.receive(back)])
    look(helpdesk)
    assert lasting(helpdesk) == 0
    taken = kinds(helpdesk).count("assigned")
    assert assignee(helpdesk) == ("Eric" if taken else "Eva")
    assert [buttons_of(offer) for offer in offers(helpdesk)] == [[]]


def test_a_ticket_that_is_claimed_at_the_moment_of_an_absence_is_offered_once(helpdesk: Helpdesk) -> None:
    yes = press_of(shown_back(helpdesk, "Monday"))
    away = helpdesk.utterance("eva", click=yes, addressed=Addressed.CLICK)
    press = press_of(helpdesk.button(helpdesk.card("HELP-1001"), "claim"))
    claims = helpdesk.utterance("eva", click=press, addressed=Addressed.CLICK, conversation=ROOM)
    desk = helpdesk.desk
    all_at_once(
        [
            lambda: desk.intake.receive(away),
            lambda: desk.intake.receive(claims),
            lambda: [desk.absence_rounds.round() for _ in range(ROUNDS)],
            lambda: [desk.scheduler.round() for _ in range(ROUNDS)],
        ]
    )
    look(helpdesk)
    look(helpdesk)
    assert assignee(helpdesk) == "Eva"
    assert len(offers(helpdesk)) == 1


def test_replicas_that_look_at_once_offer_each_ticket_once(helpdesk: Helpdesk) -> None:
    claim(helpdesk)
    look(helpdesk)
    helpdesk.click("eva", shown_back(helpdesk, "Monday"), inline=True)
    desk = helpdesk.desk
    all_at_once([desk.absence_rounds.round] * 3)
    all_at_once([desk.scheduler.round] * 3)
    look(helpdesk)
    assert len(offers(helpdesk)) == 1


def test_of_two_absences_that_are_confirmed_at_once_one_lasts(helpdesk: Helpdesk) -> None:
    for _ in range(ROUNDS):
        clicks = [
            helpdesk.utterance(
                who.external_id,
                click=press_of(shown_back(helpdesk, day, who)),
                addressed=Addressed.CLICK,
                channel=who.channel,
            )
            for who, day in ((EVA, "Monday"), (EVA_IN_TEAMS, "Friday"))
        ]
        all_at_once([partial(helpdesk.desk.intake.receive, click) for click in clicks])
        assert lasting(helpdesk) == 1
