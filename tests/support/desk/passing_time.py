"""Time that passes, the office whose hours count, and what the desk does by itself meanwhile."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.people import Identity
from bot.domain.tickets.business_hours import Hours, Span
from bot.domain.tickets.queues import Target
from bot.domain.tickets.rota import Rota
from bot.domain.tickets.ticket import Priority
from tests.support.desk.helpdesk import Helpdesk

MADRID = ZoneInfo("Europe/Madrid")
OFFICE = Hours(
    MADRID,
    ((Span(9 * 60, 14 * 60), Span(16 * 60, 19 * 60)),) * 5 + ((), ()),
    is_holiday={date(2026, 4, 3), date(2026, 4, 6)}.__contains__,  # Good Friday, Easter Monday
)
HOURS, MINUTES = timedelta(hours=1), timedelta(minutes=1)
TARGETS = dict.fromkeys(Priority, Target(1 * HOURS, 8 * HOURS))
ROTA = Rota(datetime.fromisoformat("2026-03-02"), (Identity("slack", "T1", "eric"),))
Play = Callable[..., Helpdesk]


def at(wall: str) -> datetime:
    """A time in Madrid."""
    return datetime.fromisoformat(wall).replace(tzinfo=MADRID).astimezone(UTC)


def look(helpdesk: Helpdesk) -> None:
    """Let the desk look at what has changed, as its loop does every few seconds."""
    helpdesk.desk.absence_rounds.round()
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
