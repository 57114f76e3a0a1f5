"""A trouble that came back: its ticket is open again, or after long a new one that names it."""

import secrets
from dataclasses import replace
from datetime import timedelta

from bot.desk.cards.ticket_card import Cards
from bot.desk.context import Turn
from bot.desk.history import followed_by
from bot.desk.merged_tickets import held, lives_in
from bot.desk.notifications import Telling
from bot.desk.ports.unit_of_work import TicketEvent, UnitOfWork
from bot.desk.staff.permissions import Engineers
from bot.desk.tickets.feedback import Feedback
from bot.desk.tickets.lifecycle import Beginning, Escalations
from bot.desk.tickets.merged_notifications import Duplicates
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.messages import Outcome, OutcomeKind, Press
from bot.domain.people import Person
from bot.domain.tickets.ticket import Move, Ticket


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
        self._duplicates = Duplicates(telling, feedback)
        self._engineers = engineers
        self._cards = cards
        self._feedback = feedback
        self._within = timedelta(days=days)

    def recent(self, turn: Turn, ticket: Ticket) -> bool:
        """Whether a ticket was closed so lately that it is opened again.

        What was a part of another ticket or of an outage is not: the trouble may be only this person's now.
        """
        if not ticket.allows(Move.REOPEN) or not self._was_alone(ticket):
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
        """“Reopen” was pressed on a card: the same rule as for the requester."""
        if not ticket.live and not self.recent(turn, ticket):
            return self._again_by_engineer(turn, ticket)
        if not turn.work.tickets.move(ticket, Move.REOPEN, turn.person, turn.at):
            return self._escalations.too_late(turn, ticket, Move.REOPEN)
        self._reopened(turn, ticket, "")
        current = turn.work.tickets.get(ticket.id) or ticket
        card = self._cards.card(turn.work, current)
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference, card=card)

    def _again_by_engineer(self, turn: Turn, ticket: Ticket) -> Outcome:
        done = self._anew(turn, ticket, "").kind is OutcomeKind.TICKET
        card = self._cards.card(turn.work, ticket)
        values = {"ticket": ticket.reference, "next": self._goes_on(turn.work, ticket)}
        if not done:
            return turn.refuse("refused.followed", card=card, **values)
        notice = turn.reply(turn.say("reopen.anew", **values))
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference, notice=notice, card=card)

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
        merged = self._duplicates.reopened(turn, ticket)
        for one in (ticket, *merged):
            self._telling.refresh(work, one, turn.at)
        self._telling.rooms(work, ticket, f"room.{key}", turn.at, names, quote=words)

    def _still(self, turn: Turn, person: Person, queue: str) -> bool:
        """Whether somebody is an engineer of a queue, with any of their identities."""
        identities = turn.work.people.identities(person.id)
        return any(self._engineers.allows(turn.work, identity, turn.at, queue) for identity in identities)

    def _anew(self, turn: Turn, before: Ticket, words: str) -> Outcome:
        """Open a new ticket for what cannot be opened again; both name each other in their history."""
        work = turn.work
        before = held(work, before)  # of several at the same moment one opens it
        next_one = self._goes_on(work, before)
        if next_one:
            return turn.refuse("ticket.already", ticket=next_one)
        earlier = work.episodes.get(before.episode_id)
        place = work.conversations.ref(earlier.conversation_id)
        theirs = replace(
            turn,
            person=before.requester,
            language=earlier.language,
            utterance=replace(turn.utterance, conversation=place),
        )
        engineer = turn.person if turn.person.id != before.requester.id else None
        ticket = self._escalations.open(
            theirs,
            self._episode_after(turn, earlier, words),
            Beginning(before.priority, before.queue, engineer, before.target),
        )
        self._telling.record(turn, ticket, "follows", {"ticket": before.reference})
        self._telling.record(turn, before, "followed", {"ticket": ticket.reference})
        self._feedback.closed(turn, before)
        values = {"before": before.reference}
        key = "opened_anew" if self._was_alone(before) else "opened_alone"
        self._telling.requester(work, ticket, f"told.{key}", turn.at, values)
        self._telling.rooms(work, ticket, f"room.{key}", turn.at, values)
        self._telling.refresh(work, before, turn.at)
        return Outcome(OutcomeKind.TICKET, ticket=ticket.reference)

    @staticmethod
    def _goes_on(work: UnitOfWork, ticket: Ticket) -> str:
        """The reference of what goes on with a closed ticket: a later one, or the one it was merged into."""
        now = lives_in(work, ticket)
        return followed_by(work, ticket) or (now.reference if now.live else "")

    def _episode_after(self, turn: Turn, earlier: Episode, words: str) -> Episode:
        return turn.work.episodes.add(
            Episode(
                id=0,
                token=secrets.token_urlsafe(12),
                person_id=earlier.person_id,
                conversation_id=earlier.conversation_id,
                state=EpisodeState.CLOSED,
                language=earlier.language,
                last_at=turn.at,
                question=f"{earlier.question}\n{words}".strip(),
                link=earlier.link,
            )
        )

    @staticmethod
    def _was_alone(ticket: Ticket) -> bool:
        return ticket.outage_id is None and ticket.merged_into is None
