"""Corrects people who were shown by a platform's id, once their name is known."""

from collections.abc import Collection

from bot.desk.notifications import Notifications
from bot.desk.ports.clock import Clock
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.secrets.masking import clean_name

MOST_TICKETS = 50  # of one person


class LateNames:
    """Names that come after somebody's first message: a platform is asked for them only behind the event."""

    def __init__(self, begin: UnitsOfWork, notifications: Notifications, clock: Clock) -> None:
        self._begin = begin
        self._notifications = notifications
        self._clock = clock

    def learn(self, channel: str, external_id: str, name: str, tenants: Collection[str] = ()) -> bool:
        """Name a person, and mentions of them in newer texts; return whether any card shows it now.

        `tenants`: where this id is this person's; without any, wherever the channel is.
        """
        now, name = self._clock(), clean_name(name, external_id)
        if not name:
            return False
        with self._begin() as work:
            named = work.texts.name_mentions(channel, f"@{external_id}", f"@{name}", tenants)
            ticket_ids = dict.fromkeys(named)
            for identity, known_as in work.people.with_external_id(external_id):
                here = identity.channel == channel and (not tenants or identity.tenant in tenants)
                if here and known_as == external_id:
                    person = work.people.meet(identity, name, None, now)
                    owned = work.tickets.of(person, MOST_TICKETS)
                    ticket_ids.update(dict.fromkeys(ticket.id for ticket in owned if ticket.live))
        for ticket_id in ticket_ids:
            # One at a time: of two tickets' conversations nobody says which is locked first.
            with self._begin() as work:
                ticket = work.tickets.get(ticket_id)
                if ticket is not None:
                    self._notifications.refresh_cards(work, ticket, now)
        return bool(ticket_ids)
