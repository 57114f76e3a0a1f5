"""What a notification says of a message: who it is from, and how it begins."""

from bot.domain.conversations.excerpts import LONGEST_IN_SHORT, in_short
from bot.domain.conversations.messages import Reply
from tests.support.desk.helpdesk import ROOM, Helpdesk
from tests.support.unknown import UNKNOWN


def newest(helpdesk: Helpdesk, space: str) -> Reply:
    return helpdesk.in_space(space)[-1]


def test_a_card_says_what_is_asked(helpdesk: Helpdesk) -> None:
    outcome = helpdesk.say("ana", f"{UNKNOWN}\n{'and hisses ' * 40}")
    summary = helpdesk.card(outcome.ticket).summary
    assert summary.startswith(f"Ana: {UNKNOWN} / and hisses")
    assert summary.endswith("… · HELP-1001 · Open")


def test_what_is_relayed_says_how_it_begins(helpdesk: Helpdesk) -> None:
    place = helpdesk.direct("ana", "slack", "1.0")
    helpdesk.claimed(conversation=place)
    helpdesk.say("ana", "it hums\nnow", conversation=place)
    assert "it hums now" in newest(helpdesk, ROOM.space).summary
    helpdesk.writes("eva", "shake\nit")
    assert newest(helpdesk, place.space).summary == "Eva: shake it"


def test_the_end_of_a_ticket_says_what_was_done(helpdesk: Helpdesk) -> None:
    place = helpdesk.direct("ana", "slack", "1.0")
    ticket = helpdesk.claimed(conversation=place)
    resolve = helpdesk.button(helpdesk.card(ticket), "resolve")
    helpdesk.click("eva", resolve, conversation=ROOM, inputs={"note": "changed the valve"})
    assert "changed the valve" in newest(helpdesk, place.space).summary


def test_a_long_text_is_cut() -> None:
    assert in_short(" a\n b ") == "a b"
    assert len(in_short("word " * 99)) <= LONGEST_IN_SHORT
