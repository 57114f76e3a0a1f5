"""Tickets that are claimed or resolved already, where a test begins with one."""

from bot.domain.conversations.messages import Reply
from tests.support.desk.helpdesk import ROOM, Helpdesk
from tests.support.unknown import UNKNOWN


def claimed(helpdesk: Helpdesk, text: str = UNKNOWN, *, channel: str = "slack", by: str = "eva") -> str:
    """Ana's ticket, claimed by an engineer."""
    place = {"thread": "1.0"} if channel == "slack" else {}
    ticket = helpdesk.say("ana", text, channel=channel, **place).ticket
    assert ticket is not None
    helpdesk.click(by, helpdesk.button(helpdesk.card(ticket), "claim"))
    return ticket


def resolved(helpdesk: Helpdesk, note: str = "Tightened it", *, channel: str = "slack") -> str:
    """Ana's ticket, claimed and resolved by Eva."""
    ticket = claimed(helpdesk, channel=channel)
    helpdesk.click("eva", helpdesk.button(helpdesk.card(ticket), "resolve"), inputs={"note": note})
    return ticket


def card(helpdesk: Helpdesk, ticket: str) -> Reply:
    """The ticket's card in the room."""
    return helpdesk.card(ticket, ROOM)
