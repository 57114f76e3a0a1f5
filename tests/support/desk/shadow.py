"""A desk in shadow mode: questions to it, and what it kept to itself."""

from bot.domain.conversations.messages import Button, Outcome, Reply
from bot.domain.knowledge.shadow import SilentDecision
from tests.support.desk.helpdesk import ROOM, Helpdesk

SURE, UNSURE = "I forgot my password", "the vpn does not connect"


def claimed(helpdesk: Helpdesk, ticket: str = "HELP-1001") -> Button:
    """Let an engineer claim a ticket; return the button that resolves it."""
    helpdesk.click("eva", helpdesk.button(helpdesk.card(ticket), "claim"), conversation=ROOM)
    return helpdesk.button(helpdesk.card(ticket), "resolve")


def resolve(helpdesk: Helpdesk, ticket: str = "HELP-1001", **inputs: str) -> Outcome:
    """Let an engineer claim a ticket and resolve it; `article` and `other` name what would have helped."""
    return helpdesk.click(
        "eva", claimed(helpdesk, ticket), conversation=ROOM, inputs={"note": "Done.", **inputs}
    )


def unsaid(helpdesk: Helpdesk, ticket_id: int = 1) -> SilentDecision:
    """What the bot would have said to the question of a ticket, and the verdict on it."""
    with helpdesk.begin() as work:
        found = work.shadow.of(ticket_id)
    assert found is not None
    return found


def shown_to(helpdesk: Helpdesk, person: str, channel: str = "slack") -> list[Reply]:
    """What a person sees in their private chat."""
    return helpdesk.in_space(helpdesk.direct(person, channel).space)
