"""What the database holds about a ticket."""

from bot.domain.tickets.ticket import Ticket
from tests.support.desk.helpdesk import Helpdesk


def ticket(helpdesk: Helpdesk, number: int = 1) -> Ticket:
    """The ticket of this number, as it is now."""
    with helpdesk.begin() as work:
        found = work.tickets.get(number)
    assert found is not None
    return found


def kinds(helpdesk: Helpdesk, number: int = 1) -> list[str]:
    """What has happened to a ticket, in order."""
    with helpdesk.begin() as work:
        return [event.kind for event in work.tickets.events(number)]
