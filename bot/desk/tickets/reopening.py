"""Reopens a ticket whose problem came back, or opens a new one that refers to it where that was long ago."""

import secrets
from dataclasses import replace
from datetime import timedelta

from bot.desk.context import RequestContext
from bot.desk.history.merged_tickets import active_ticket, lock_ticket
from bot.desk.history.timeline import follow_up_reference
from bot.desk.notifications import Notifications
from bot.desk.ports.tickets import TicketEvent
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.staff.permissions import Permissions
from bot.desk.tickets.action_responses import ActionResponses
from bot.desk.tickets.feedback import Feedback
from bot.desk.tickets.lifecycle import TicketDraft, TicketLifecycle
from bot.desk.tickets.merging import Merging
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.messages import Click, Outcome, OutcomeKind, ShowPost
from bot.domain.people import Person
from bot.domain.tickets.ticket import Ticket, TicketAction


class Reopening:
    """Reopening of closed tickets within `days`, claimed by the same engineer where that is possible."""

    def __init__(
        self,
        lifecycle: TicketLifecycle,
        merging: Merging,
        responses: ActionResponses,
        notifications: Notifications,
        permissions: Permissions,
        feedback: Feedback,
        days: float,
    ) -> None:
        self._lifecycle = lifecycle
        self._merging = merging
        self._responses = responses
        self._notifications = notifications
        self._permissions = permissions
        self._feedback = feedback
        self._within = timedelta(days=days)

    def is_recent(self, context: RequestContext, ticket: Ticket) -> bool:
        """Tell whether a ticket was closed so recently that it may be reopened.

        One that was part of another ticket or of an outage may not: the problem may be this person's alone.
        """
        if not ticket.allows(TicketAction.REOPEN) or not self._stood_alone(ticket):
            return False
        return ticket.closed_at is not None and context.at - ticket.closed_at <= self._within

    def reopen(self, context: RequestContext, ticket: Ticket, text: str = "") -> Outcome:
        """Reopen a ticket, or open a new one; `text` is what the requester wrote about the problem."""
        if ticket.live:
            return context.refuse("ticket.already", ticket=ticket.reference)
        if not self.is_recent(context, ticket):
            return self._open_follow_up(context, ticket, text)
        if not context.work.tickets.apply(ticket, TicketAction.REOPEN, context.person, context.at):
            return context.refuse("ticket.already", ticket=ticket.reference)
        self._complete_reopening(context, ticket, text)
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference)

    def by_requester(self, context: RequestContext, ticket: Ticket, _click: Click) -> Outcome:
        """Reopen a ticket after a click on “Still not working”."""
        post_id = self._feedback.reopenable_post(context.work, ticket)
        outcome = self.reopen(context, ticket)
        shown = self._feedback.last_post(context.work, ticket) if post_id is None else ShowPost(post_id)
        return replace(outcome, shows=shown)

    def by_engineer(self, context: RequestContext, ticket: Ticket, _click: Click) -> Outcome:
        """Reopen a ticket after a click on “Reopen” on a card, by the same rule as for the requester."""
        if not ticket.live and not self.is_recent(context, ticket):
            return self._follow_up_by_engineer(context, ticket)
        if not context.work.tickets.apply(ticket, TicketAction.REOPEN, context.person, context.at):
            return self._responses.conflict(context, ticket, TicketAction.REOPEN)
        self._complete_reopening(context, ticket, "")
        return self._responses.success(context, ticket)

    def from_outside(self, context: RequestContext, ticket: Ticket) -> bool:
        """Reopen a ticket that was reopened in another system, however long ago it was closed.

        Return False where it is part of another one.
        """
        if not ticket.allows(TicketAction.REOPEN):
            return False
        if not context.work.tickets.apply(ticket, TicketAction.REOPEN, context.person, context.at):
            return False
        self._complete_reopening(context, ticket, "")
        return True

    def _follow_up_by_engineer(self, context: RequestContext, ticket: Ticket) -> Outcome:
        done = self._open_follow_up(context, ticket, "").kind is OutcomeKind.TICKET
        values = {"ticket": ticket.reference, "next": self._successor_reference(context.work, ticket)}
        if not done:
            return self._responses.invalid(context, ticket, "refused.followed", **values)
        return self._responses.success(context, ticket, "reopen.anew", **values)

    def _complete_reopening(self, context: RequestContext, ticket: Ticket, text: str) -> None:
        work, before = context.work, ticket.assignee
        self._notifications.record(context, ticket, "reopened")
        engineer = (
            before if before is not None and self._is_still_engineer(context, before, ticket.queue) else None
        )
        if engineer is not None and work.tickets.apply(ticket, TicketAction.CLAIM, engineer, context.at):
            event = TicketEvent(
                ticket.id, context.at, "claimed", engineer, context.utterance.conversation.channel
            )
            work.tickets.record(replace(event, detail={"why": "reopened"}))
        key = "reopened_same" if engineer is not None else "reopened"
        names = {"name": engineer.name if engineer is not None else "", "requester": context.person.name}
        # First the employee's conversation, then the cards': everybody locks them in this order.
        self._feedback.close_posts(context, ticket)
        self._notifications.tell_requester(work, ticket, f"told.{key}", context.at, names)
        merged = self._merging.tell_reopened(context, ticket)
        self._lifecycle.put_lacking_cards(work, ticket, context.at)
        for one in (ticket, *merged):
            self._notifications.refresh_cards(work, one, context.at)
        self._notifications.tell_rooms(work, ticket, f"room.{key}", context.at, names, quote=text)

    def _is_still_engineer(self, context: RequestContext, person: Person, queue: str) -> bool:
        """Tell whether somebody is not away, and still an engineer of a queue with what they may."""
        work = context.work
        if work.absences.of(person, context.at) is not None:
            return False
        own = work.people.identities(replace(person, joined=None))
        shared = [other for identity in own for other in work.people.with_rights_of(identity)]
        return any(self._permissions.allows(work, one, context.at, queue) for one in (*own, *shared))

    def _open_follow_up(self, context: RequestContext, before: Ticket, text: str) -> Outcome:
        """Open a new ticket for one that cannot be reopened; both name each other in their history."""
        work = context.work
        before = lock_ticket(work, before)  # of several at the same moment one opens it
        next_one = self._successor_reference(work, before)
        if next_one:
            return context.refuse("ticket.already", ticket=next_one)
        earlier = work.episodes.get(before.episode_id)
        place = work.conversations.ref(earlier.conversation_id)
        theirs = replace(
            context,
            person=before.requester,
            language=earlier.language,
            utterance=replace(context.utterance, conversation=place),
        )
        engineer = None if before.requester.is_same(context.person) else context.person
        ticket = self._lifecycle.open(
            theirs,
            self._add_follow_up_episode(context, earlier, text),
            TicketDraft(before.priority, before.queue, engineer, before.target, own_card=True),
        )
        self._notifications.record(context, ticket, "follows", {"ticket": before.reference})
        self._notifications.record(context, before, "followed", {"ticket": ticket.reference})
        self._feedback.close_posts(context, before)
        values = {"before": before.reference}
        key = "opened_anew" if self._stood_alone(before) else "opened_alone"
        self._notifications.tell_requester(work, ticket, f"told.{key}", context.at, values)
        self._notifications.tell_rooms(work, ticket, f"room.{key}", context.at, values)
        self._notifications.refresh_cards(work, before, context.at)
        return Outcome(OutcomeKind.TICKET, ticket=ticket.reference)

    @staticmethod
    def _successor_reference(work: UnitOfWork, ticket: Ticket) -> str:
        """Return the reference of what follows a closed ticket: a later one, or one it was merged into."""
        now = active_ticket(work, ticket)
        return follow_up_reference(work, ticket) or (now.reference if now.live else "")

    def _add_follow_up_episode(self, context: RequestContext, earlier: Episode, text: str) -> Episode:
        return context.work.episodes.add(
            Episode(
                id=0,
                token=secrets.token_urlsafe(12),
                person_id=earlier.person_id,
                conversation_id=earlier.conversation_id,
                state=EpisodeState.CLOSED,
                language=earlier.language,
                last_at=context.at,
                question=f"{earlier.question}\n{text}".strip(),
                link=earlier.link,
            )
        )

    @staticmethod
    def _stood_alone(ticket: Ticket) -> bool:
        return ticket.outage_id is None and ticket.merged_into is None
