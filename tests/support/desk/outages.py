"""A known outage of the tests: begun from a ticket, seen in the room, and ended."""

from bot.domain.conversations.messages import Outcome, Reply
from bot.domain.tickets.outage import Outage
from tests.support.desk.card_menu import do, sent
from tests.support.desk.helpdesk import ROOM, Helpdesk

TITLE = "Flurbostats fizz"


def begin(desk: Helpdesk, of: str = "HELP-1001", **inputs: str) -> Outcome:
    """Press "Known outage" on a ticket and fill the form in."""
    given = {"title": TITLE, "notice_en": "Stand back, we are on it.", "notice_es": "Aléjate."} | inputs
    return do(desk, "eva", "group", of, **given)


def outage(desk: Helpdesk, number: int = 1) -> Outage:
    """The outage of this number, as it is now."""
    with desk.begin() as work:
        found = work.outages.get(number)
    assert found is not None
    return found


def sign(desk: Helpdesk, words: str = "outage") -> Reply:
    """The sign of an outage or an alert in the room, by words of its summary."""
    return next(reply for reply in desk.in_space("CROOM") if words in reply.summary.lower())


def ended(desk: Helpdesk, **inputs: str) -> Outcome:
    """Eric ends the outage from its sign."""
    form = desk.click("eric", desk.button(sign(desk), "outage_end"), conversation=ROOM)
    assert form.card is not None
    return sent(desk, "eric", form.card.buttons[0], **inputs)
