"""Word of what happens to a ticket: in its history, in the rooms, to its requester."""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.desk.context import RequestContext
from bot.desk.ports.channels import Wording
from bot.desk.ports.unit_of_work import TicketEvent, UnitOfWork
from bot.domain.conversations.messages import Block, ConversationRef, Line, Quote, Reply, Utterance
from bot.domain.people import Person
from bot.domain.tickets.ticket import Ticket


def outage_subject(outage_id: int) -> str:
    """The subject under which the signs of an outage are kept."""
    return f"outage:{outage_id}"


class Notifications:
    """Writes events, lines under cards and lines to the requester; `language` is the rooms'.

    Who tells both tells the requester first: everybody locks conversations in this order.
    """

    def __init__(self, wording: Wording, language: str, mirrors: tuple[ConversationRef, ...] = ()) -> None:
        self._wording = wording
        self.language = language
        self._mirrors = frozenset(mirror.place for mirror in mirrors)

    def reader_language(self, utterance: Utterance) -> str:
        """The language of an engineer: their own where we speak it, else the rooms'."""
        code = (utterance.locale or "")[:2].lower()
        return code if code in self._wording.languages else self.language

    def record(
        self,
        context: RequestContext,
        ticket: Ticket,
        kind: str,
        detail: Mapping[str, str] | None = None,
        *,
        actor: Person | None = None,
    ) -> None:
        """Append to the ticket's history; the turn's person did it unless another did."""
        channel = context.utterance.conversation.channel
        event = TicketEvent(ticket.id, context.at, kind, actor or context.person, channel, detail or {})
        context.work.tickets.record(event)

    def tell_requester(
        self,
        work: UnitOfWork,
        ticket: Ticket,
        key: str,
        at: datetime,
        values: Mapping[str, str],
        quote: str = "",
        finish: Callable[[Reply], Reply] = lambda reply: reply,
    ) -> int:
        """Tell the requester where they asked, in words that `finish` may add to; return the post's id."""
        episode = work.episodes.get(ticket.episode_id)
        reply = self._reply(episode.language, key, {"ticket": ticket.reference, **values}, quote)
        return work.outbox.say(episode.conversation_id, finish(reply), at, ticket_id=ticket.id)

    def tell_rooms(
        self,
        work: UnitOfWork,
        ticket: Ticket,
        key: str,
        at: datetime,
        values: Mapping[str, str],
        quote: str = "",
    ) -> None:
        """Tell the engineers under every card of the ticket; of one without, under its outage's signs."""
        reply = self._reply(self.language, key, {"ticket": ticket.reference, **values}, quote)
        for conversation_id in work.tickets.cards(ticket.id):
            work.outbox.say(conversation_id, reply, at, ticket_id=ticket.id)
        if ticket.outage_id is not None and not self._has_room(work, ticket):
            for conversation_id, _ in work.outages.posts(outage_subject(ticket.outage_id)):
                work.outbox.say(conversation_id, reply, at, ticket_id=ticket.id)

    def _has_room(self, work: UnitOfWork, ticket: Ticket) -> bool:
        places = work.assignments.rooms_of(ticket.id)
        return any(left < 0 and place not in self._mirrors for place, left in places.items())

    def refresh_cards(self, work: UnitOfWork, ticket: Ticket, at: datetime) -> None:
        """Let every card of the ticket show its true state."""
        for conversation_id in work.tickets.cards(ticket.id):
            work.outbox.show_card(ticket.id, conversation_id, at)

    def _reply(self, language: str, key: str, values: Mapping[str, str], quote: str) -> Reply:
        text = self._wording.say(language, key, **values)
        blocks: tuple[Block, ...] = (Line(text), Quote(quote)) if quote else (Line(text),)
        return Reply(blocks, summary=text, language=language)
