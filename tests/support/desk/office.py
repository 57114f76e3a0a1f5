"""A queue with the hours of an office in Madrid, its targets, and its rota."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from bot.domain.people import Identity
from bot.domain.tickets.business_hours import Hours, Span
from bot.domain.tickets.queues import Target
from bot.domain.tickets.rota import Rota
from bot.domain.tickets.ticket import Priority
from tests.support.desk.helpdesk import Helpdesk
from tests.support.desk.passing_time import MADRID

OFFICE = Hours(
    MADRID,
    ((Span(9 * 60, 14 * 60), Span(16 * 60, 19 * 60)),) * 5 + ((), ()),
    is_holiday={date(2026, 4, 3), date(2026, 4, 6)}.__contains__,  # Good Friday, Easter Monday
)
HOURS, MINUTES = timedelta(hours=1), timedelta(minutes=1)
TARGETS = dict.fromkeys(Priority, Target(1 * HOURS, 8 * HOURS))
ROTA = Rota(datetime.fromisoformat("2026-03-02"), (Identity("slack", "T1", "eric"),))
Play = Callable[..., Helpdesk]
