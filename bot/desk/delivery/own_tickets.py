"""Reads somebody's own tickets, for a list that stands beside the conversation."""

from bot.desk.cards.ticket_card import LISTED, TicketCards
from bot.desk.ports.clock import Clock
from bot.desk.ports.page import OwnTicket
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.conversations.excerpts import first_words
from bot.domain.people import Identity


class OwnTickets:
    """List of a requester's tickets, the live ones first."""

    def __init__(self, begin: UnitsOfWork, cards: TicketCards, clock: Clock) -> None:
        self._begin = begin
        self._cards = cards
        self._clock = clock

    def of(self, identity: Identity, language: str, zone: str = "") -> tuple[OwnTicket, ...]:
        """Read the newest tickets of somebody in their language; `zone` is their time zone, where known."""
        now = self._clock()
        with self._begin.reading() as work:
            person = work.people.known(identity)
            tickets = work.tickets.of(person, LISTED) if person is not None else ()
            return tuple(
                OwnTicket(
                    ticket,
                    first_words(work.texts.get(ticket.question_id)),
                    self._cards.own_state(ticket, language, now, identity.channel, zone),
                )
                for ticket in tickets
            )
