"""Names are found however their letters are written, those of other alphabets too, and as they stand."""

import pytest

from bot.desk.ports.tickets import TicketFilter
from bot.domain.tickets.ticket import LIVE
from bot.storage.personal.search import search
from tests.support.desk.helpdesk import ROOM, Helpdesk
from tests.support.unknown import UNKNOWN

NAMES = ("Álvaro Gil", "ÓSCAR", "Begoña Núñez", "A_b 10%/x")


def names(helpdesk: Helpdesk, sought: str) -> list[str]:
    """The names of those whom a search finds."""
    with helpdesk.database.transaction(reading=True) as db:
        return [one.name for one in search(db, sought)]


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("Álvaro Gil", "Álvaro Gil"),
        ("álvaro gil", "Álvaro Gil"),
        ("ÁLVARO GIL", "Álvaro Gil"),
        ("Álvaro", "Álvaro Gil"),
        ("álvaro", "Álvaro Gil"),
        ("gil", "Álvaro Gil"),
        ("óscar", "ÓSCAR"),
        ("Óscar", "ÓSCAR"),
        ("NÚÑEZ", "Begoña Núñez"),
        ("ñez", "Begoña Núñez"),
        ("a_b", "A_b 10%/x"),
        ("0%/X", "A_b 10%/x"),
        ("a%x", ""),
        ("scar_", ""),
        ("%", "A_b 10%/x"),
    ],
)
def test_a_name_or_a_part_of_it_is_found(helpdesk: Helpdesk, sought: str, found: str) -> None:
    for number, name in enumerate(NAMES):
        helpdesk.say(f"u{number}", "hello", sender_name=name)
    assert names(helpdesk, sought) == ([found] if found else [])


@pytest.mark.parametrize("sought", ["Óscar Gil", "óscar gil", "ÓSCAR GIL"])
def test_the_tickets_of_an_engineer_are_found_by_their_name(helpdesk: Helpdesk, sought: str) -> None:
    helpdesk.say("ana", UNKNOWN)
    button = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
    helpdesk.click("eva", button, conversation=ROOM, sender_name="Óscar Gil")
    with helpdesk.begin() as work:
        assert len(work.tickets.listed(LIVE, 5, TicketFilter(assignee=sought))) == 1
        assert work.tickets.listed(LIVE, 5, TicketFilter(assignee="scar Gil")) == ()
