"""Time that passes, and what the desk does by itself meanwhile."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tests.support.desk.helpdesk import Helpdesk

MADRID = ZoneInfo("Europe/Madrid")


def at(wall: str) -> datetime:
    """A time in Madrid."""
    return datetime.fromisoformat(wall).replace(tzinfo=MADRID).astimezone(UTC)


def look(helpdesk: Helpdesk) -> None:
    """Let the desk look at what has changed, as its loop does every few seconds."""
    while helpdesk.desk.scheduler.round():
        pass
    helpdesk.deliver()


def pass_to(helpdesk: Helpdesk, wall: str) -> None:
    """Let the clock jump, and let the desk do what is due, as often as its loop would."""
    helpdesk.clock.now = at(wall)
    look(helpdesk)


def walk_to(helpdesk: Helpdesk, wall: str) -> None:
    """Let every quarter of an hour pass."""
    while helpdesk.clock.now < at(wall):
        helpdesk.clock.move(minutes=15)
        look(helpdesk)
