"""A click on each side joins two accounts; tickets are one list; a separation gives each its own back."""

import re

import pytest

from bot.domain.conversations.messages import Button, OutcomeKind
from tests.support.desk.engineers import claim
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, Helpdesk, buttons_of, text_of
from tests.support.desk.records import ticket
from tests.support.unknown import UNKNOWN

CODE = re.compile(r"\b[A-Z]{4}-[A-Z]{4}\b")


def code_for(helpdesk: Helpdesk, person: str = "ana", channel: str = "slack", **changes: str) -> str:
    """The code that somebody gets who wants to join their accounts."""
    helpdesk.say(person, "join my accounts", channel=channel, **changes)
    found = CODE.search(text_of(helpdesk.last(person, channel)))
    assert found is not None
    return found[0]


def pressed(helpdesk: Helpdesk, person: str, channel: str, action: str = "join_yes") -> str:
    """Press a button of the newest post in a private chat; what the post says then."""
    button = helpdesk.button(helpdesk.last(person, channel), action)
    helpdesk.click(person, button, channel=channel, conversation=helpdesk.direct(person, channel, "1.0"))
    return text_of(helpdesk.last(person, channel))


def joined(helpdesk: Helpdesk, one: str = "ana", other: str = "ana.t") -> None:
    """Join an account of Slack with one of Teams."""
    helpdesk.say(other, f"join {code_for(helpdesk, one)}", channel="teams")
    assert "Now confirm it where you got the code" in pressed(helpdesk, other, "teams")
    assert "Your accounts are joined" in pressed(helpdesk, one, "slack")


def accounts(helpdesk: Helpdesk, person: str = "ana", channel: str = "slack") -> list[str]:
    """Whose accounts are one person's with this one."""
    sender = helpdesk.utterance(person, channel=channel).sender
    with helpdesk.begin() as work:
        found = work.people.known(sender)
        assert found is not None
        return [str(one) for one in work.people.identities(found)]


def test_a_click_on_each_side_joins_and_nothing_less(helpdesk: Helpdesk) -> None:
    code = code_for(helpdesk)
    helpdesk.say("ana.t", f"join {code}", channel="teams")
    assert "Ana in Slack gave out this code" in text_of(helpdesk.last("ana.t", "teams"))
    assert accounts(helpdesk) == ["slack:T1/ana"]
    pressed(helpdesk, "ana.t", "teams")
    assert "Ana.T in Teams has entered your code" in text_of(helpdesk.last("ana"))
    assert accounts(helpdesk) == ["slack:T1/ana"]
    assert "✓ Your accounts are joined" in pressed(helpdesk, "ana", "slack")
    assert accounts(helpdesk) == ["slack:T1/ana", "teams:tenant/ana.t"]
    assert buttons_of(helpdesk.last("ana")) == []


def test_the_same_in_spanish(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "unir mis cuentas", locale="es-ES")
    found = CODE.search(text_of(helpdesk.last("ana")))
    assert found is not None
    assert "unir" in text_of(helpdesk.last("ana"))
    helpdesk.say("ana.t", f"unir {found[0]}", channel="teams", locale="es")
    assert "¿Eres la misma persona?" in text_of(helpdesk.last("ana.t", "teams"))


@pytest.mark.parametrize("side", ["ana.t", "ana"])
def test_either_side_may_say_no(helpdesk: Helpdesk, side: str) -> None:
    helpdesk.say("ana.t", f"join {code_for(helpdesk)}", channel="teams")
    if side == "ana":
        pressed(helpdesk, "ana.t", "teams")
    assert "Nothing was joined" in pressed(helpdesk, side, "teams" if side == "ana.t" else "slack", "join_no")
    assert accounts(helpdesk) == ["slack:T1/ana"]


@pytest.mark.parametrize(
    "end", ["they decline", "I decline", "I begin anew", "I separate", "it takes too long"]
)
def test_no_click_brings_back_a_request_that_is_over(helpdesk: Helpdesk, end: str) -> None:
    """Whoever entered the code keeps the buttons that they saw, and can click them for good."""
    helpdesk.say("eve.t", f"join {code_for(helpdesk)}", channel="teams")
    seen = helpdesk.last("eve.t", "teams")
    if end == "they decline":
        pressed(helpdesk, "eve.t", "teams", "join_no")
    else:
        pressed(helpdesk, "eve.t", "teams")
    if end == "I decline":
        pressed(helpdesk, "ana", "slack", "join_no")
    elif end == "I begin anew":
        code_for(helpdesk)
    elif end == "I separate":
        pressed(helpdesk, "ana", "slack")
        helpdesk.say("ana", "separate my accounts")
    elif end == "it takes too long":
        helpdesk.clock.move(minutes=11)
    for action in ("join_yes", "join_no", "join_yes"):
        button = helpdesk.button(seen, action)
        clicked = helpdesk.click("eve.t", button, channel="teams", inline=True)
        assert clicked.kind in (OutcomeKind.REFUSED, OutcomeKind.DONE)
    assert accounts(helpdesk) == ["slack:T1/ana"]


def test_a_second_click_says_what_holds(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana.t", f"join {code_for(helpdesk)}", channel="teams")
    seen = helpdesk.last("ana.t", "teams")
    pressed(helpdesk, "ana.t", "teams")
    pressed(helpdesk, "ana", "slack")
    again = helpdesk.click("ana.t", helpdesk.button(seen, "join_yes"), channel="teams", inline=True)
    assert again.notice is not None
    assert "joined already" in text_of(again.notice)


def test_nobody_else_can_click_for_either_side(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana.t", f"join {code_for(helpdesk)}", channel="teams")
    button = helpdesk.button(helpdesk.last("ana.t", "teams"), "join_yes")
    for who, channel in (("ana", "slack"), ("mallory", "teams")):
        refused = helpdesk.click(who, button, channel=channel, inline=True)
        assert refused.kind is OutcomeKind.REFUSED
    assert accounts(helpdesk) == ["slack:T1/ana"]


def test_a_guest_joins_nothing(helpdesk: Helpdesk) -> None:
    code = code_for(helpdesk)
    refused = helpdesk.say("guest", f"join {code}", channel="teams", stranger=True)
    assert refused.kind is OutcomeKind.REFUSED
    helpdesk.say("ana.t", f"join {code}", channel="teams")
    button = helpdesk.button(helpdesk.last("ana.t", "teams"), "join_yes")
    assert helpdesk.click("ana.t", button, channel="teams", stranger=True, inline=True).kind is (
        OutcomeKind.REFUSED
    )


def test_a_code_is_good_once_and_not_for_long(helpdesk: Helpdesk) -> None:
    code = code_for(helpdesk)
    helpdesk.say("ana.t", f"join {code}", channel="teams")
    helpdesk.say("eve.t", f"join {code}", channel="teams")
    assert "wrong, used or too old" in text_of(helpdesk.last("eve.t", "teams"))
    late = code_for(helpdesk, "leo")
    helpdesk.clock.move(minutes=11)
    helpdesk.say("leo.t", f"join {late}", channel="teams")
    assert "wrong, used or too old" in text_of(helpdesk.last("leo.t", "teams"))
    assert "took too long" in pressed(helpdesk, "ana.t", "teams")


def test_codes_cannot_be_guessed_on_and_on(helpdesk: Helpdesk) -> None:
    right = code_for(helpdesk)
    for letter in "BCDFG":
        helpdesk.say("eve.t", f"join {letter * 4}-ZZZZ", channel="teams")
    helpdesk.say("eve.t", f"join {right}", channel="teams")
    assert "too many wrong codes" in text_of(helpdesk.last("eve.t", "teams"))


def test_a_code_is_given_in_private_alone(helpdesk: Helpdesk) -> None:
    said = helpdesk.say("ana", "join my accounts", conversation=ROOM, inline=True)
    assert said.kind is OutcomeKind.REFUSED
    assert said.notice is not None
    assert CODE.search(text_of(said.notice)) is None


def test_two_accounts_of_one_channel_are_never_joined(helpdesk: Helpdesk) -> None:
    helpdesk.say("other", f"join {code_for(helpdesk)}")
    assert "in the same channel" in text_of(helpdesk.last("other"))
    joined(helpdesk)
    helpdesk.say("ana.t", f"join {code_for(helpdesk, 'leo')}", channel="teams")
    pressed(helpdesk, "ana.t", "teams")
    assert "in the same channel" in pressed(helpdesk, "leo", "slack")
    assert accounts(helpdesk, "leo") == ["slack:T1/leo"]


def test_a_ticket_of_one_channel_is_seen_and_answered_from_the_other(helpdesk: Helpdesk) -> None:
    reference = helpdesk.claimed()
    joined(helpdesk)
    helpdesk.say("ana.t", "my tickets", channel="teams")
    listed = helpdesk.last("ana.t", "teams")
    assert reference in text_of(listed)
    assert "Slack" in text_of(listed)
    form = helpdesk.click("ana.t", helpdesk.button(listed, "add_here"), channel="teams", inline=True)
    assert form.kind is OutcomeKind.FORM
    assert form.card is not None
    assert UNKNOWN in text_of(form.card)
    button = form.card.buttons[0]
    sent = helpdesk.click("ana.t", button, channel="teams", inline=True, inputs={"message": "It got worse"})
    assert sent.kind is OutcomeKind.ADDED
    assert "You added this to HELP-1001 from Teams:\nIt got worse" in text_of(helpdesk.last("ana"))
    assert any("It got worse" in text for text in helpdesk.texts_in(ROOM.space))


def test_without_a_join_it_is_nobody_elses_ticket(helpdesk: Helpdesk) -> None:
    helpdesk.claimed()
    helpdesk.say("ana.t", "my tickets", channel="teams")
    assert "HELP-1001" not in text_of(helpdesk.last("ana.t", "teams"))
    button = Button("add_here", "", ticket(helpdesk).token)
    refused = helpdesk.click("ana.t", button, channel="teams", inline=True)
    assert refused.kind is OutcomeKind.REFUSED


def test_an_engineer_is_one_in_both_channels_and_no_longer_after_a_separation(helpdesk: Helpdesk) -> None:
    helpdesk.rooms = (ROOM, OTHER_ROOM)
    helpdesk.claimed()
    resolve = helpdesk.button(helpdesk.card("HELP-1001"), "resolve")
    note = {"note": "Done"}
    before = helpdesk.click("eva.t", resolve, channel="teams", conversation=OTHER_ROOM, inputs=note)
    assert before.kind is OutcomeKind.REFUSED
    joined(helpdesk, "eva", "eva.t")
    resolved = helpdesk.click("eva.t", resolve, channel="teams", conversation=OTHER_ROOM, inputs=note)
    assert resolved.kind is OutcomeKind.DONE
    helpdesk.say("ana", f"{UNKNOWN} again and again", thread="9.0")
    helpdesk.say("eva.t", "separate my accounts", channel="teams")
    assert "stands alone again" in text_of(helpdesk.last("eva.t", "teams"))
    claimed = helpdesk.click(
        "eva.t",
        helpdesk.button(helpdesk.card("HELP-1002"), "claim"),
        channel="teams",
        conversation=OTHER_ROOM,
    )
    assert claimed.kind is OutcomeKind.REFUSED


def test_after_a_separation_each_account_has_what_it_made(helpdesk: Helpdesk) -> None:
    joined(helpdesk)
    helpdesk.say("ana", UNKNOWN)
    helpdesk.say("ana.t", f"{UNKNOWN} in the other office", channel="teams")
    helpdesk.say("ana", "my tickets")
    assert {"HELP-1001", "HELP-1002"} <= set(re.findall(r"HELP-\d+", text_of(helpdesk.last("ana"))))
    helpdesk.say("ana", "separar mis cuentas")
    for person, channel, own in (("ana", "slack", "HELP-1001"), ("ana.t", "teams", "HELP-1002")):
        helpdesk.say(person, "my tickets", channel=channel)
        assert set(re.findall(r"HELP-\d+", text_of(helpdesk.last(person, channel)))) == {own}
    with helpdesk.begin() as work:
        assert [event.actor.name for event in work.tickets.events(2) if event.actor] == ["Ana.T"]


def test_a_claim_counts_as_the_same_assignees(helpdesk: Helpdesk) -> None:
    helpdesk.rooms = (ROOM, OTHER_ROOM)
    joined(helpdesk, "eva", "eva.t")
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    helpdesk.writes("eva.t", "I am on it", room=OTHER_ROOM)
    assert helpdesk.outcome is not None
    assert helpdesk.outcome.kind is OutcomeKind.RELAYED
    assert "I am on it" in text_of(helpdesk.last("ana"))
