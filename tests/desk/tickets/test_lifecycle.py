"""What an engineer meets: cards, claims, refusals."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import BACK, Addressed, Behalf, Click, Outcome, OutcomeKind
from bot.domain.people import Identity
from bot.domain.tickets.ticket import Status
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, Helpdesk, buttons_of, text_of
from tests.support.desk.records import kinds
from tests.support.unknown import UNKNOWN


def test_claim_release_claim_resolve_tells_the_employee_each_time(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    claim = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
    helpdesk.click("eva", claim, conversation=ROOM)
    assert "Eva" in text_of(helpdesk.last("ana"))
    card = helpdesk.card("HELP-1001")
    assert buttons_of(card) == ["resolve"]
    helpdesk.click("eva", helpdesk.button(card, "release"), conversation=ROOM)
    assert "passed" in text_of(helpdesk.last("ana"))
    helpdesk.click("eric", claim, conversation=ROOM)
    resolve = helpdesk.button(helpdesk.card("HELP-1001"), "resolve")
    form = helpdesk.click("eric", resolve, conversation=ROOM)
    assert form.kind == OutcomeKind.FORM
    assert form.card is not None
    assert [field.name for field in form.card.fields] == ["note"]
    done = helpdesk.click("eric", resolve, conversation=ROOM, inputs={"note": "Tightened the *valve*"})
    assert done.kind == OutcomeKind.DONE
    assert "Tightened the *valve*" in text_of(helpdesk.last("ana"))
    assert buttons_of(helpdesk.card("HELP-1001")) == []
    assert kinds(helpdesk) == ["opened", "claimed", "released", "claimed", "resolved"]


def test_the_way_back_from_a_form_shows_the_card_as_it_stands(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    claim = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
    back = replace(claim, action=BACK)
    helpdesk.click("eva", claim, conversation=ROOM)
    click = Click(BACK, claim.token, "")
    said = helpdesk.utterance(
        "tina", click=click, addressed=Addressed.CLICK, channel="teams", conversation=OTHER_ROOM, inline=True
    )
    for _ in range(2):  # the response to the first one was lost
        outcome = helpdesk.redrawn(helpdesk.desk.intake.receive(said))
        assert outcome.card == helpdesk.card("HELP-1001")
    refused = helpdesk.click("ana", back, channel="teams", inline=True)
    assert (refused.kind, refused.card) == (OutcomeKind.REFUSED, None)
    assert kinds(helpdesk) == ["opened", "claimed", "refused"]


def test_the_loser_is_told_privately_who_has_it(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    claim = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
    helpdesk.click("eva", claim, conversation=ROOM)
    outcome = helpdesk.click("eric", claim, conversation=ROOM)
    assert outcome.kind == OutcomeKind.REFUSED
    private = [shown for shown in helpdesk.screen.values() if shown.private_to]
    assert [shown.private_to.external_id for shown in private if shown.private_to] == ["eric"]
    assert "HELP-1001 is assigned to Eva" in text_of(private[0].reply)


def test_an_inline_platform_gets_the_notice_and_the_true_card_in_its_response(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    claim = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
    helpdesk.click("eva", claim, conversation=ROOM)
    outcome = helpdesk.click("tina", claim, channel="teams", conversation=OTHER_ROOM, inline=True)
    assert outcome.notice is not None
    assert "HELP-1001 is assigned to Eva" in text_of(outcome.notice)
    assert outcome.card is not None
    assert "Claimed" in outcome.card.summary
    assert not [shown for shown in helpdesk.screen.values() if shown.private_to]


def test_only_engineers_act_and_each_refusal_is_in_the_history(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    claim = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
    assert helpdesk.click("mallory", claim, conversation=ROOM).kind == OutcomeKind.REFUSED
    assert kinds(helpdesk) == ["opened", "refused"]
    assert "Open" in helpdesk.card("HELP-1001").summary


def test_only_the_assignee_resolves_or_releases(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"), conversation=ROOM)
    card = helpdesk.card("HELP-1001")
    for action in ("resolve", "release"):
        outcome = helpdesk.click(
            "eric", helpdesk.button(card, action), conversation=ROOM, inputs={"note": "done"}
        )
        assert outcome.kind == OutcomeKind.REFUSED
    assert "Claimed" in helpdesk.card("HELP-1001").summary


def test_a_resolution_needs_a_note_that_shows_something(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"), conversation=ROOM)
    resolve = helpdesk.button(helpdesk.card("HELP-1001"), "resolve")
    for note in ("", "  ", "\u200b"):
        outcome = helpdesk.click("eva", resolve, conversation=ROOM, inputs={"note": note})
        assert outcome.kind == OutcomeKind.REFUSED
    assert "Claimed" in helpdesk.card("HELP-1001").summary


@pytest.mark.parametrize("action", ["claim", "release", "resolve", "cancel", "solved", "choose", "explode"])
def test_a_button_of_something_that_is_gone_is_answered_with_a_sentence(
    helpdesk: Helpdesk, action: str
) -> None:
    click = Click(action, "no-such-token", "99", {"note": "x"})
    outcome = helpdesk.say("eva", "", click=click, addressed=Addressed.CLICK, conversation=ROOM)
    assert outcome.kind == OutcomeKind.REFUSED
    assert outcome.notice is not None
    assert text_of(outcome.notice)


def test_a_closed_ticket_says_so(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    claim = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
    helpdesk.say("ana", "cancel HELP-1001")
    outcome = helpdesk.click("eva", claim, conversation=ROOM)
    assert outcome.notice is not None
    assert "cancelled" in text_of(outcome.notice)


def test_one_ticket_has_a_card_in_each_room_and_one_claim_counts_in_both(
    database: Database, library: Library, clock: Clock
) -> None:
    helpdesk = Helpdesk(database, library, clock, rooms=(ROOM, OTHER_ROOM))
    helpdesk.say("ana", UNKNOWN)
    claim = helpdesk.button(helpdesk.card("HELP-1001", OTHER_ROOM), "claim")
    helpdesk.click("tina", claim, channel="teams", conversation=OTHER_ROOM, inline=True)
    for room in (ROOM, OTHER_ROOM):
        assert "Claimed" in helpdesk.card("HELP-1001", room).summary
        assert "Tina" in text_of(helpdesk.card("HELP-1001", room))


def test_a_room_that_comes_later_gets_the_cards_of_live_tickets(
    database: Database, library: Library, clock: Clock
) -> None:
    helpdesk = Helpdesk(database, library, clock, rooms=())
    helpdesk.say("ana", UNKNOWN)
    helpdesk.rooms = (ROOM,)
    for expected in (1, 0):
        with helpdesk.begin() as work:
            assert expected == helpdesk.desk.card_locations.add_missing_cards(work, clock())
    helpdesk.deliver()
    assert UNKNOWN in text_of(helpdesk.card("HELP-1001"))


def test_the_roster_decides_when_no_engineers_are_listed_and_a_stale_one_denies(
    database: Database, library: Library, clock: Clock
) -> None:
    helpdesk = Helpdesk(database, library, clock, engineers="")
    helpdesk.say("ana", UNKNOWN)
    claim = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
    assert helpdesk.click("eva", claim, conversation=ROOM).kind == OutcomeKind.REFUSED
    with helpdesk.begin() as work:
        work.rosters.replace(ROOM, [Identity("slack", "T1", "eva")], clock())
    other_tenant = Identity("slack", "T2", "eva")
    assert helpdesk.click("eva", claim, conversation=ROOM, sender=other_tenant).kind == OutcomeKind.REFUSED
    clock.now += timedelta(minutes=16)
    assert helpdesk.click("eva", claim, conversation=ROOM).kind == OutcomeKind.REFUSED
    with helpdesk.begin() as work:
        work.rosters.replace(ROOM, [Identity("slack", "T1", "eva")], clock())
    with helpdesk.begin() as work:
        work.rosters.keep_only("slack", [replace(ROOM, space="CNEW")])
    assert helpdesk.click("eva", claim, conversation=ROOM).kind == OutcomeKind.REFUSED
    with helpdesk.begin() as work:
        work.rosters.replace(ROOM, [Identity("slack", "T1", "eva")], clock())
        work.rosters.keep_only("slack", [ROOM])
    assert helpdesk.click("eva", claim, conversation=ROOM).kind == OutcomeKind.DONE


def test_an_engineer_opens_a_ticket_for_somebody_else(helpdesk: Helpdesk) -> None:
    behalf = Behalf(Identity("slack", "T1", "ana"), "Ana", helpdesk.direct("ana", thread="new:x"))
    refused = helpdesk.say("tom", "the beamer is dead", behalf=behalf)
    assert refused.kind == OutcomeKind.REFUSED
    outcome = helpdesk.say("eva", "the beamer is dead", behalf=behalf)
    assert outcome.kind == OutcomeKind.TICKET
    card = text_of(helpdesk.card(outcome.ticket))
    assert "Requester: Ana" in card
    assert "Opened by: Eva" in card
    assert "Eva has opened" in text_of(helpdesk.in_space("Dana")[-1])
    helpdesk.say("ana", "my tickets")
    assert str(outcome.ticket) in text_of(helpdesk.last("ana"))


def test_who_opens_a_ticket_for_somebody_reads_of_it_in_their_own_language(helpdesk: Helpdesk) -> None:
    behalf = Behalf(Identity("slack", "T1", "ana"), "Ana", helpdesk.direct("ana", thread="new:x"))
    text = "La pizarra digital de la sala no guarda los dibujos"
    outcome = helpdesk.say("eva", text, behalf=behalf, locale="en-GB")
    assert outcome.notice is not None
    assert "I have opened HELP-1001 for Ana" in text_of(outcome.notice)
    assert "Eva ha abierto" in text_of(helpdesk.in_space("Dana")[-1])


def test_exactly_one_of_many_claims_at_the_same_moment_wins(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    claim = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
    click = Click(claim.action, claim.token)
    claims = [
        helpdesk.utterance(name, click=click, addressed=Addressed.CLICK, conversation=ROOM)
        for name in ("eva", "eric") * 6
    ]
    start = threading.Barrier(len(claims))
    outcomes: list[Outcome] = []

    def claim_now(index: int) -> None:
        start.wait()
        outcomes.append(helpdesk.desk.intake.receive(claims[index]))

    threads = [threading.Thread(target=claim_now, args=(index,)) for index in range(len(claims))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claims) == len(outcomes)
    assert [outcome.kind for outcome in outcomes].count(OutcomeKind.DONE) == 1
    assert kinds(helpdesk).count("claimed") == 1
    with helpdesk.begin() as work:
        ticket = work.tickets.get(1)
    assert ticket is not None
    assert ticket.status == Status.CLAIMED


def test_the_same_event_at_the_same_moment_opens_one_ticket(helpdesk: Helpdesk) -> None:
    event = helpdesk.utterance("ana", UNKNOWN, keys=("slack:event:1", "slack:message:1"))
    twin = helpdesk.utterance("ana", UNKNOWN, keys=("slack:message:1", "slack:event:2"))
    start = threading.Barrier(8)
    outcomes: list[Outcome] = []

    def receive(index: int) -> None:
        start.wait()
        outcomes.append(helpdesk.desk.intake.receive((event, twin)[index % 2]))

    threads = [threading.Thread(target=receive, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome.repeated for outcome in outcomes if not outcome.repeated] == [False]
    assert {"HELP-1001"} == {outcome.ticket for outcome in outcomes}
    with helpdesk.begin() as work:
        assert len(work.tickets.listed(tuple(Status), 10)) == 1
