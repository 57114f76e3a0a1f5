"""What shows where a message of a ticket went: private lines, marks, and the button of notes only."""

from bot.domain.conversations.messages import Button
from bot.domain.tickets.relay import Mark
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, Helpdesk, text_of

ROOMS = (ROOM, OTHER_ROOM)


def private_lines(helpdesk: Helpdesk, person: str) -> list[str]:
    """What only this person sees."""
    return [
        text_of(shown.reply)
        for shown in helpdesk.screen.values()
        if shown.private_to and shown.private_to.external_id == person
    ]


def mark_of(helpdesk: Helpdesk, message: str, space: str = "CROOM") -> Mark | None:
    """The mark beside a message."""
    return helpdesk.marks.get((space, message))


def notes_button(helpdesk: Helpdesk, ticket: str) -> Button:
    """What turns notes only on or off on a ticket's card."""
    return next(button for button in helpdesk.card(ticket).menu if button.action == "notes")
