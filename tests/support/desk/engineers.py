"""The engineers of most tests, and what they do to a ticket from its card."""

from bot.domain.conversations.messages import OutcomeKind
from tests.support.desk.helpdesk import ROOM, Helpdesk

EVA, ERIC, TINA = "slack:T1/eva", "slack:T1/eric", "teams:tenant/tina"
ENGINEERS = f"{EVA} {ERIC} {TINA}"


def claim(helpdesk: Helpdesk, number: str = "HELP-1001", by: str = "eva") -> None:
    """An engineer claims a ticket."""
    outcome = helpdesk.click(by, helpdesk.button(helpdesk.card(number), "claim"), conversation=ROOM)
    assert outcome.kind is OutcomeKind.DONE


def resolve(helpdesk: Helpdesk, number: str = "HELP-1001", by: str = "eva") -> None:
    """Who has the ticket resolves it, with a note."""
    button = helpdesk.button(helpdesk.card(number), "resolve")
    done = helpdesk.click(by, button, conversation=ROOM, inputs={"note": "Tightened it"})
    assert done.kind is OutcomeKind.DONE
