"""Tells what happens to a ticket: in its history, in the rooms, to its requester."""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.desk.context import RequestContext
from bot.desk.ports.tickets import TicketEvent
from bot.desk.ports.unit_of_work import TicketChange, UnitOfWork
from bot.desk.ports.wording import Wording
from bot.domain.conversations.excerpts import in_short
from bot.domain.conversations.messages import (
    Block,
    ConversationRef,
    Line,
    Quote,
    Reply,
    Utterance,
)
from bot.domain.people import Person
from bot.domain.tickets.ticket import Ticket


def outage_subject(outage_id: int) -> str:
    """Make the subject under which the posts of an outage are kept."""
    return f"outage:{outage_id}"


class Notifications:
    """Notifications about tickets: events, lines under cards, and posts to the requester.

    `language` is the rooms'. A caller that tells both tells the requester first: everybody locks
    conversations in this order.
    """

    def __init__(self, wording: Wording, language: str, mirrors: tuple[ConversationRef, ...] = ()) -> None:
        self._wording = wording
        self.language = language
        self._mirrors = frozenset(mirror.place for mirror in mirrors)

    def reader_language(self, utterance: Utterance) -> str:
        """Return an engineer's language: their own where there is wording for it, else the rooms'."""
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
        """Append an event to the ticket's history; without `actor` the context's person did it.

        `ticket` is as it was before the event.
        """
        channel = context.utterance.conversation.channel
        event = TicketEvent(ticket.id, context.at, kind, actor or context.person, channel, detail or {})
        context.work.tickets.record(event)
        context.work.facts.append(TicketChange(ticket, kind, context.at))

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
        """Tell the requester where they asked; `finish` may complete the reply. Return the post's id."""
        episode = work.episodes.get(ticket.episode_id)
        reply = self._reply(ticket.language, key, {"ticket": ticket.reference, **values}, quote)
        return work.outbox.say(episode.conversation_id, finish(reply), at, ticket_id=ticket.id)

    def tell_rooms(
        self,
        work: UnitOfWork,
        ticket: Ticket,
        key: str,
        at: datetime,
        values: Mapping[str, str],
        quote: str = "",
        finish: Callable[[Reply], Reply] | None = None,
    ) -> None:
        """Tell the engineers under every card of the ticket; without one, under its outage's posts.

        `finish` may complete the reply where it is read in a chat.
        """
        reply = self._reply(self.language, key, {"ticket": ticket.reference, **values}, quote)
        for conversation_id in work.tickets.cards(ticket.id):
            chats = finish is not None and work.conversations.ref(conversation_id).place not in self._mirrors
            shown = finish(reply) if finish is not None and chats else reply
            work.outbox.say(conversation_id, shown, at, ticket_id=ticket.id)
        if ticket.outage_id is not None and not self._has_room(work, ticket):
            for conversation_id, _ in work.outages.posts(outage_subject(ticket.outage_id)):
                work.outbox.say(conversation_id, reply, at, ticket_id=ticket.id)

    def _has_room(self, work: UnitOfWork, ticket: Ticket) -> bool:
        card_counts = work.assignments.rooms_of(ticket.id)
        return any(count < 0 and place not in self._mirrors for place, count in card_counts.items())

    def refresh_cards(self, work: UnitOfWork, ticket: Ticket, at: datetime) -> None:
        """Let every card of the ticket show its current state."""
        for conversation_id in work.tickets.cards(ticket.id):
            work.outbox.show_card(ticket.id, conversation_id, at)

    def _reply(self, language: str, key: str, values: Mapping[str, str], quote: str) -> Reply:
        text = self._wording.say(language, key, **values)
        blocks: tuple[Block, ...] = (Line(text), Quote(quote)) if quote else (Line(text),)
        return Reply(blocks, summary=f"{text} {in_short(quote)}".strip(), language=language)
