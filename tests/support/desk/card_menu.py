"""The menu of a card, and the forms that open from it."""

from bot.domain.conversations.messages import Button, Outcome, OutcomeKind, Reply
from tests.support.desk.helpdesk import ROOM, Helpdesk


def menu(reply: Reply) -> list[str]:
    """The actions in a card's menu."""
    return [button.action for button in reply.menu]


def asked(helpdesk: Helpdesk, who: str, action: str, ticket: str = "HELP-1001") -> Button:
    """Press in the menu; the button of the form that opens."""
    form = helpdesk.click(who, helpdesk.button(helpdesk.card(ticket), action), conversation=ROOM)
    assert form.kind == OutcomeKind.FORM
    assert form.card is not None
    return form.card.buttons[0]


def sent(helpdesk: Helpdesk, who: str, button: Button, **inputs: str) -> Outcome:
    """Send a form by its button, filled in."""
    return helpdesk.click(who, button, conversation=ROOM, inputs=inputs)


def do(helpdesk: Helpdesk, who: str, action: str, of: str = "HELP-1001", **inputs: str) -> Outcome:
    """Press in the menu of a ticket's card, fill in the form that opens, and send it."""
    return sent(helpdesk, who, asked(helpdesk, who, action, of), **inputs)
