"""Opens tickets, and lets people claim, release, resolve and withdraw them."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.desk.cards.card_locations import CardLocations
from bot.desk.cards.clusters import Clusters
from bot.desk.cards.stale_buttons import StaleButtons
from bot.desk.context import RequestContext
from bot.desk.notifications import Notifications
from bot.desk.ports.tickets import NewTicket, TicketEvent
from bot.desk.ports.unit_of_work import QuestionDecided, TicketOpened, UnitOfWork
from bot.desk.staff.queue_rooms import QueueRooms
from bot.desk.staff.usual_waits import UsualWaits
from bot.desk.tickets.feedback import Feedback
from bot.desk.tickets.merging import Merging
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.people import Person
from bot.domain.tickets.ticket import Priority, Ticket, TicketAction

_EVENTS = {
    TicketAction.CLAIM: "claimed",
    TicketAction.RELEASE: "released",
    TicketAction.RESOLVE: "resolved",
    TicketAction.WITHDRAW: "withdrawn",
}


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """Draft of a ticket: what it starts with besides its episode.

    With `outage_id` it has no card: the outage's own post stands for all tickets that join it. One with
    `own_card`, or that an engineer opens, has its card however many are like it. With `tells_wait` the
    employee is told by when somebody usually answers.
    """

    priority: Priority
    queue: str = ""
    opened_by: Person | None = None
    target: str = ""
    why: tuple[str, ...] = ()
    outage_id: int | None = None
    own_card: bool = False
    tells_wait: bool = False


class TicketLifecycle:
    """Lifecycle of tickets; each method works inside the caller's transaction."""

    def __init__(
        self,
        locations: CardLocations,
        rooms: QueueRooms,
        notifications: Notifications,
        merging: Merging,
        feedback: Feedback,
        stale_buttons: StaleButtons,
        clusters: Clusters,
        waits: UsualWaits,
    ) -> None:
        self._locations = locations
        self._rooms = rooms
        self._notifications = notifications
        self._merging = merging
        self._feedback = feedback
        self._stale_buttons = stale_buttons
        self._clusters = clusters
        self._waits = waits

    def open(self, context: RequestContext, episode: Episode, draft: TicketDraft) -> Ticket:
        """Open the episode's ticket for the context's person and show its card in its queue's rooms.

        Where many are like it, it stays behind the card of one of them, which shows how many there are.
        """
        work, new = context.work, self._new_ticket(context, episode, draft)
        if draft.outage_id is None and draft.opened_by is None and not draft.own_card:
            new = self._clusters.joined(context, new)
        ticket = work.tickets.add(new)
        self._notifications.record(context, ticket, "opened", _detail(ticket), actor=draft.opened_by)
        work.facts.append(TicketOpened(ticket, _after(work, episode)))
        work.episodes.save(episode.with_state(EpisodeState.TICKET, context.at, ticket_id=ticket.id))
        self._clusters.refresh_lead(work, ticket, context.at)
        self._locations.put_first_cards(work, ticket, context.at)
        return ticket

    def _new_ticket(self, context: RequestContext, episode: Episode, draft: TicketDraft) -> NewTicket:
        asked_in = context.utterance.conversation
        timing = self._rooms.timing(draft.queue, draft.priority, context.at, asked_in)
        wait = (timing.queue, draft.priority, context.at, context.utterance.zone)
        return NewTicket(
            token=secrets.token_urlsafe(12),
            requester=context.person,
            opened_by=draft.opened_by,
            episode=episode,
            question_id=context.work.texts.add_message(episode.question),
            priority=draft.priority,
            queue=timing.queue,
            language=episode.language,
            at=context.at,
            channel=asked_in.channel,
            link=episode.link,
            target=draft.target,
            why=draft.why,
            outage_id=draft.outage_id,
            deadlines=timing.deadlines,
            timing_key=timing.timing_key,
            next_check=timing.next_check,
            expected_by=self._waits.expected_by(*wait) if draft.tells_wait else None,
        )

    def put_lacking_cards(self, work: UnitOfWork, ticket: Ticket, at: datetime) -> None:
        """Put the cards that a ticket lacks in its queue's rooms."""
        self._locations.put_cards(work, ticket, self._rooms.of_named(ticket.queue), at)

    def reword(self, context: RequestContext, ticket: Ticket, question: str) -> None:
        """Replace the question by all messages sent within two minutes; the cards do not show it yet."""
        context.work.tickets.reword(ticket, context.work.texts.add_message(question))

    def apply(
        self,
        context: RequestContext,
        ticket: Ticket,
        action: TicketAction,
        *,
        note: str = "",
        detail: Callable[[], Mapping[str, str]] = dict,
    ) -> bool:
        """Claim, release or resolve a ticket for an engineer; return False when that is not possible.

        One guarded update decides: of several at the same moment exactly one wins. `note` goes to the
        requester; `detail` is called after that update, for further details in the ticket's history.
        """
        work = context.work
        may_act = action is TicketAction.CLAIM or ticket.is_assigned_to(context.person)
        if not ticket.allows(action) or not may_act:
            return False
        if not work.tickets.apply(ticket, action, context.person, context.at):
            return False
        if note:
            work.tickets.note(ticket, work.texts.add(note))
        self._notifications.record(context, ticket, _EVENTS[action], detail())
        self._tell(context, ticket, action, note)
        self._notifications.refresh_cards(work, ticket, context.at)
        return True

    def _tell(self, context: RequestContext, ticket: Ticket, action: TicketAction, note: str) -> None:
        """Tell the requester, then those whose tickets were merged into theirs."""
        work, name = context.work, context.person.name
        if action is TicketAction.RESOLVE:
            key = "told.resolved" if note else "told.resolved_without_note"
            self._feedback.tell_resolution(work, ticket, key, context.at, {"name": name}, note)
            self._merging.tell_resolved(work, (ticket,), context.at, name, note)
            return
        self._notifications.tell_requester(
            work, ticket, f"told.{_EVENTS[action]}", context.at, {"name": name}
        )
        if action is TicketAction.CLAIM:
            self._merging.tell_claimed(work, ticket, context.at, name)
        else:
            self._merging.tell_released(work, ticket, context.at)

    def withdraw(self, context: RequestContext, ticket: Ticket, answer: Callable[[], None]) -> bool:
        """Withdraw a ticket for its requester; return False when it is closed already.

        `answer` tells the requester: before the rooms, for everybody locks conversations in this order.
        """
        work = context.work
        if not work.tickets.apply(ticket, TicketAction.WITHDRAW, context.person, context.at):
            return False
        self._notifications.record(context, ticket, _EVENTS[TicketAction.WITHDRAW])
        self._stale_buttons.remove(work, work.tickets.current(ticket), context.at)
        answer()
        self._merging.split_from_withdrawn(context, ticket)
        self._clusters.refresh_lead(work, ticket, context.at)
        self._notifications.refresh_cards(work, ticket, context.at)
        self._notifications.tell_rooms(
            work, ticket, "room.withdrawn", context.at, {"name": context.person.name}
        )
        return True

    def release_from_outside(self, context: RequestContext, ticket: Ticket) -> bool:
        """Give a ticket back that was unassigned in another system; return False when nobody has it."""
        work, action = context.work, TicketAction.RELEASE
        if ticket.assignee is None or not work.tickets.apply(ticket, action, ticket.assignee, context.at):
            return False
        self._notifications.record(context, ticket, _EVENTS[action])
        self._tell(context, ticket, action, "")
        self._notifications.refresh_cards(work, ticket, context.at)
        return True

    def release(self, work: UnitOfWork, ticket: Ticket, at: datetime) -> bool:
        """Give a claimed ticket back to the team, for an operator; return False when nobody has it."""
        if not work.tickets.apply(ticket, TicketAction.RELEASE, None, at):
            return False
        work.tickets.record(TicketEvent(ticket.id, at, _EVENTS[TicketAction.RELEASE], None, "operator"))
        self._notifications.refresh_cards(work, ticket, at)
        return True


def _after(work: UnitOfWork, episode: Episode) -> str:
    """Say after what an episode's ticket is opened, for figures."""
    if episode.tried:
        return "answer"
    decided = any(isinstance(fact, QuestionDecided) for fact in work.facts)
    return "question" if decided or episode.asked or episode.offered else "nothing"


def _detail(ticket: Ticket) -> dict[str, str]:
    known = {
        "priority": ticket.priority.name.lower(),
        "queue": ticket.queue,
        "why": ",".join(ticket.why),
        "outage": str(ticket.outage_id or ""),
    }
    return {name: value for name, value in known.items() if value}
