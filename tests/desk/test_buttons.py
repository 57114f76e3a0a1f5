"""The table of buttons: each has a rule, who may not click is told why, and a repeat shows what is there."""

import pytest

from bot.desk.cards.forms import MENU_ACTIONS
from bot.desk.ports import button_actions
from bot.domain.conversations.messages import BACK, SHOW_DETAILS, Addressed, Button, Click, OutcomeKind
from bot.domain.tickets.ticket import TicketAction
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, Helpdesk, buttons_of, text_of
from tests.support.unknown import UNKNOWN

ON_CARDS = (TicketAction.CLAIM, TicketAction.RELEASE, TicketAction.RESOLVE, *MENU_ACTIONS)
OWN_FORM = {button_actions.AWAY_OTHER}  # asks whoever presses for a day of their own
ANSWERS = {button_actions.ACCEPT, button_actions.DECLINE}  # arguments of the offer's button
NAMES = {value for name, value in vars(button_actions).items() if name.isupper()} - ANSWERS
EVERY = sorted({BACK, SHOW_DETAILS, *NAMES - OWN_FORM, *(action.value for action in ON_CARDS)})


@pytest.mark.parametrize("action", EVERY)
def test_every_button_has_a_rule(helpdesk: Helpdesk, action: str) -> None:
    outcome = helpdesk.click("eva", Button(action, "", "nobody-made-this-token"), conversation=ROOM)
    said = text_of(outcome.notice) if outcome.notice else ""
    assert said != helpdesk.words.say("en", "press.unknown")
    assert outcome.kind in (OutcomeKind.REFUSED, OutcomeKind.IGNORED)


def test_a_button_that_nobody_made_is_refused(helpdesk: Helpdesk) -> None:
    outcome = helpdesk.click("eva", Button("drop_table", "", "1"), conversation=ROOM)
    assert outcome.notice is not None
    assert text_of(outcome.notice) == helpdesk.words.say("en", "press.unknown")


@pytest.mark.parametrize("action", [*(action.value for action in ON_CARDS), SHOW_DETAILS])
def test_who_is_no_engineer_is_refused_on_a_card_and_the_history_says_so(
    helpdesk: Helpdesk, action: str
) -> None:
    helpdesk.say("ana", UNKNOWN)
    claim = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
    outcome = helpdesk.click("ana", Button(action, "", claim.token), conversation=ROOM)
    assert outcome.kind is OutcomeKind.REFUSED
    with helpdesk.begin.reading() as work:
        (*_, event) = work.tickets.events(1)
    assert (event.kind, event.detail) == ("refused", {"move": action})


def test_a_repeated_click_shows_the_card_as_it_is_by_then(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    claim = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
    said = helpdesk.utterance(
        "tina",
        click=Click(claim.action, claim.token),
        addressed=Addressed.CLICK,
        channel="teams",
        conversation=OTHER_ROOM,
        inline=True,
    )
    first = helpdesk.redrawn(helpdesk.desk.intake.receive(said))
    assert first.card is not None
    assert buttons_of(first.card) == ["resolve"]
    helpdesk.deliver()
    release = helpdesk.button(helpdesk.card("HELP-1001"), "release")
    helpdesk.click("tina", release, channel="teams", conversation=OTHER_ROOM)
    again = helpdesk.redrawn(helpdesk.desk.intake.receive(said))
    assert (again.kind, again.repeated) == (first.kind, True)
    assert again.card == helpdesk.card("HELP-1001")
    assert buttons_of(again.card) == ["claim"]


def test_a_repeated_click_that_asked_for_a_form_shows_the_form_again(helpdesk: Helpdesk) -> None:
    helpdesk.claimed()
    for action in ("resolve", "assign", "canned", "ask_details"):
        button = Button(action, "", helpdesk.button(helpdesk.card("HELP-1001"), "release").token)
        said = helpdesk.utterance(
            "eva", click=Click(action, button.token), addressed=Addressed.CLICK, conversation=ROOM
        )
        first, again = helpdesk.desk.intake.receive(said), helpdesk.desk.intake.receive(said)
        assert again.repeated
        assert (again.kind, again.card) == (first.kind, first.card)
