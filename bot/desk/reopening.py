"""A trouble that came back: its ticket is open again, or after long a new one that names it."""

import secrets
from dataclasses import replace
from datetime import timedelta

from bot.desk.cards import Cards
from bot.desk.engineers import Engineers
from bot.desk.escalations import Escalations
from bot.desk.feedback import Feedback
from bot.desk.stores import TicketEvent
from bot.desk.telling import Telling
from bot.desk.turn import Turn
from bot.domain.conversation import Episode, EpisodeState, Outcome, OutcomeKind, Press
from bot.domain.people import Person
from bot.domain.ticket import Move, Ticket


class Reopening:
    """Opens closed tickets again, within `days` of their end, to the same engineer where that is possible."""

    def __init__(
        self,
        escalations: Escalations,
        telling: Telling,
        engineers: Engineers,
        cards: Cards,
        feedback: Feedback,
        days: float,
    ) -> None:
        self._escalations = escalations
        self._telling = telling
        self._engineers = engineers
        self._cards = cards
        self._feedback = feedback
        self._within = timedelta(days=days)

    def recent(self, turn: Turn, ticket: Ticket) -> bool:
        """Whether a ticket was closed so lately that it is opened again.

        What was a part of another ticket or of an outage is not: the trouble may be only this person's now.
        """
        if not ticket.allows(Move.REOPEN) or ticket.outage_id is not None:
            return False
        return ticket.closed_at is not None and turn.at - ticket.closed_at <= self._within

    def came_back(self, turn: Turn, ticket: Ticket, words: str = "") -> Outcome:
        """The requester says that a closed ticket's trouble is there again, in these words."""
        if ticket.live:
            return turn.refuse("ticket.already", ticket=ticket.reference)
        if not self.recent(turn, ticket):
            return self._anew(turn, ticket, words)
        if not turn.work.tickets.move(ticket, Move.REOPEN, turn.person, turn.at):
            return turn.refuse("ticket.already", ticket=ticket.reference)
        self._reopened(turn, ticket, words)
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference)

    def by_requester(self, turn: Turn, ticket: Ticket, _press: Press) -> Outcome:
        """“It came back” was pressed."""
        post_id = self._feedback.way_back(turn.work, ticket)
        outcome = self.came_back(turn, ticket)
        if post_id is None:
            return replace(outcome, card=self._feedback.shown(turn.work, ticket))
        return replace(outcome, card=turn.work.outbox.read(post_id))

    def by_engineer(self, turn: Turn, ticket: Ticket, _press: Press) -> Outcome:
        """“Reopen” was pressed on a card."""
        if not turn.work.tickets.move(ticket, Move.REOPEN, turn.person, turn.at):
            return self._escalations.too_late(turn, ticket, Move.REOPEN)
        self._reopened(turn, ticket, "")
        current = turn.work.tickets.get(ticket.id) or ticket
        card = self._cards.card(turn.work, current)
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference, card=card)

    def _reopened(self, turn: Turn, ticket: Ticket, words: str) -> None:
        work, before = turn.work, ticket.assignee
        self._telling.record(turn, ticket, "reopened")
        engineer = before if before is not None and self._still(turn, before, ticket.queue) else None
        if engineer is not None and work.tickets.move(ticket, Move.CLAIM, engineer, turn.at):
            event = TicketEvent(ticket.id, turn.at, "claimed", engineer, turn.utterance.conversation.channel)
            work.tickets.record(replace(event, detail={"why": "reopened"}))
        key = "reopened_same" if engineer is not None else "reopened"
        names = {"name": engineer.name if engineer is not None else "", "requester": turn.person.name}
        # First the employee's conversation, then the cards': everybody locks them in this order.
        self._feedback.closed(turn, ticket)
        self._telling.requester(work, ticket, f"told.{key}", turn.at, names)
        self._telling.refresh(work, ticket, turn.at)
        self._telling.rooms(work, ticket, f"room.{key}", turn.at, names, quote=words)

    def _still(self, turn: Turn, person: Person, queue: str) -> bool:
        """Whether somebody is an engineer of a queue, with any of their identities."""
        identities = turn.work.people.identities(person.id)
        return any(self._engineers.allows(turn.work, identity, turn.at, queue) for identity in identities)

    def _anew(self, turn: Turn, before: Ticket, words: str) -> Outcome:
        """Open a new ticket for what was closed long ago; both name each other in their history."""
        work = turn.work
        next_one = [event for event in work.tickets.events(before.id) if event.kind == "followed"]
        if next_one:
            return turn.refuse("ticket.already", ticket=next_one[-1].detail["ticket"])
        earlier = work.episodes.get(before.episode_id)
        theirs = replace(turn, language=earlier.language)
        episode = work.episodes.add(
            Episode(
                id=0,
                token=secrets.token_urlsafe(12),
                person_id=turn.person.id,
                conversation_id=earlier.conversation_id,
                state=EpisodeState.CLOSED,
                language=earlier.language,
                last_at=turn.at,
                question=f"{earlier.question}\n{words}".strip(),
                link=earlier.link,
            )
        )
        ticket = self._escalations.open(theirs, episode, priority=before.priority, queue=before.queue)
        self._telling.record(turn, ticket, "follows", {"ticket": before.reference})
        self._telling.record(turn, before, "followed", {"ticket": ticket.reference})
        self._feedback.closed(turn, before)
        values = {"before": before.reference}
        self._telling.requester(work, ticket, "told.opened_anew", turn.at, values)
        self._telling.rooms(work, ticket, "room.opened_anew", turn.at, values)
        return Outcome(OutcomeKind.TICKET, ticket=ticket.reference)
