"""Performs the scheduled steps of tickets: remind, call, ask, release, close."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from bot.desk.automation.reminders import Entry, Reminders
from bot.desk.cards.stale_buttons import StaleButtons
from bot.desk.history.merged_tickets import merged_with
from bot.desk.history.timeline import CALLED, CLOSED, DELAYED, DESK, NUDGED, OFFERED, STEP_OF_EVENT
from bot.desk.notifications import outage_subject
from bot.desk.outages.posts import OutagePosts
from bot.desk.ports.tickets import TicketEvent
from bot.desk.ports.unit_of_work import TicketChange, UnitOfWork
from bot.desk.staff.queue_rooms import QueueRooms
from bot.desk.tickets.feedback import Feedback
from bot.domain.conversations.messages import ConversationRef, Reply
from bot.domain.people import Absence
from bot.domain.tickets.queues import Queue
from bot.domain.tickets.schedule import FIRST_RESPONSE, ScheduledStep, StepKind
from bot.domain.tickets.ticket import Ticket, TicketAction

_EVENT_OF_STEP = {step_kind: event for event, step_kind in STEP_OF_EVENT.items()}


class Batch:
    """Batch of tickets in one transaction.

    Its posts are gathered, then written in the order in which everybody locks conversations: so nobody waits
    for somebody who waits for us.
    """

    def __init__(self, work: UnitOfWork, now: datetime) -> None:
        self.work = work
        self.now = now
        self.entries: list[Entry] = []
        self.outages: set[int] = set()
        self._posts: list[tuple[int, Callable[[], object]]] = []

    def add_post(self, conversation_id: int, write: Callable[[], object]) -> None:
        """Gather a post that `write` makes in this conversation."""
        self._posts.append((conversation_id, write))

    def say(self, conversation_id: int, reply: Reply, ticket: Ticket | None = None) -> None:
        """Gather a reply to be posted in this conversation."""
        ticket_id = ticket.id if ticket else None
        say = partial(self.work.outbox.say, conversation_id, reply, self.now, ticket_id=ticket_id)
        self.add_post(conversation_id, say)

    def show(self, ticket: Ticket) -> None:
        """Gather an update of every card of a ticket."""
        for conversation_id in self.work.tickets.cards(ticket.id):
            show = partial(self.work.outbox.show_card, ticket.id, conversation_id, self.now)
            self.add_post(conversation_id, show)

    def write(self) -> None:
        """Write the posts that were gathered."""
        for _, write in sorted(self._posts, key=lambda post: post[0]):
            write()

    def record(self, ticket: Ticket, kind: str, **detail: str) -> None:
        """Append to the ticket's history what the desk did by itself."""
        self.work.tickets.record(TicketEvent(ticket.id, self.now, kind, None, DESK, detail))
        self.work.facts.append(TicketChange(ticket, kind, self.now, detail.get("target", "")))


class ScheduledActions:
    """Performs the steps that are due for a ticket."""

    def __init__(
        self,
        rooms: QueueRooms,
        reminders: Reminders,
        stale_buttons: StaleButtons,
        feedback: Feedback,
        outage_posts: OutagePosts,
    ) -> None:
        self._rooms = rooms
        self._reminders = reminders
        self._feedback = feedback
        self._stale_buttons = stale_buttons
        self._outage_posts = outage_posts

    def perform(self, batch: Batch, ticket: Ticket, queue: Queue, step: ScheduledStep) -> None:
        """Perform one step; its posts are written by `finish`."""
        match step.kind:
            case StepKind.REMIND | StepKind.BREACH:
                self._remind(batch, ticket, queue, step)
            case StepKind.CALL:
                batch.entries.append(Entry(ticket, queue, "room.pressing.call", ticket.opened_at))
                batch.record(ticket, CALLED)
            case StepKind.ASK:
                self._ask(batch, ticket, queue)
            case StepKind.RELEASE:
                self._apply(batch, ticket, TicketAction.RELEASE, "released")
                batch.entries.append(Entry(ticket, queue, "room.pressing.release", ticket.opened_at))
            case StepKind.DELAY:
                self._tell_delay(batch, ticket)
            case StepKind.CLOSE:
                self._apply(batch, ticket, TicketAction.RESOLVE, CLOSED)

    def finish(self, batch: Batch) -> None:
        """Tell the rooms of all tickets of the batch in one post each, and write everything."""
        by_room: dict[ConversationRef, list[Entry]] = {}
        for entry in sorted(batch.entries, key=lambda entry: (-entry.ticket.priority, entry.ticket.id)):
            for room in self._rooms.of(entry.queue):
                by_room.setdefault(room, []).append(entry)
        for room, entries in by_room.items():
            batch.say(
                batch.work.conversations.open(room), self._reminders.to_room(batch.work, entries, batch.now)
            )
        self._show_outages(batch)
        batch.write()

    def offer(self, batch: Batch, ticket: Ticket, queue: Queue, absence: Absence) -> None:
        """Offer the ticket of somebody who is away to the room, once for each absence."""
        reply = self._reminders.offer(ticket, queue, absence, batch.now)
        for conversation_id in self._threads(batch, ticket, queue):
            batch.say(conversation_id, reply, ticket)
        batch.record(ticket, OFFERED, absence=str(absence.id))

    def remove_stale_buttons(self, batch: Batch, ticket: Ticket, *, asked: bool, away: bool = False) -> None:
        """Remove stale buttons from the posts about a ticket; `asked` and `away` as in `is_clickable`."""
        work = batch.work
        for conversation_id, post_id in self._stale_buttons.find(work, ticket, asked=asked, away=away):
            remove = partial(
                self._stale_buttons.remove_from_post,
                work,
                ticket,
                conversation_id,
                post_id,
                batch.now,
                asked=asked,
                away=away,
            )
            batch.add_post(conversation_id, remove)
        if ticket.outage_id is not None and not ticket.live:
            batch.outages.add(ticket.outage_id)

    def _show_outages(self, batch: Batch) -> None:
        """Update the posts of live outages, whose counts change when a ticket of theirs is closed."""
        for outage_id in sorted(batch.outages):
            outage = batch.work.outages.get(outage_id)
            if outage is None or not outage.live:
                continue
            for conversation_id, post_id in batch.work.outages.posts(outage_subject(outage_id)):
                batch.add_post(
                    conversation_id,
                    partial(
                        self._outage_posts.refresh_post,
                        batch.work,
                        outage,
                        conversation_id,
                        post_id,
                        batch.now,
                    ),
                )

    def _remind(self, batch: Batch, ticket: Ticket, queue: Queue, step: ScheduledStep) -> None:
        due = ticket.first_response_due if step.target == FIRST_RESPONSE else ticket.resolution_due
        if due is None:
            raise LookupError("a reminder of a time that a ticket does not have")
        key = f"remind.{step.kind}.{step.target}"
        reply = self._reminders.to_engineer(batch.work, ticket, queue, key, due, batch.now)
        for conversation_id in self._threads(batch, ticket, queue):
            batch.say(conversation_id, reply, ticket)
        if step.kind is StepKind.BREACH:
            batch.entries.append(Entry(ticket, queue, f"room.pressing.{step.target}", due))
        batch.record(ticket, _EVENT_OF_STEP[step.kind], target=step.target, due=due.isoformat())

    def _threads(self, batch: Batch, ticket: Ticket, queue: Queue) -> list[int]:
        """Return the cards' threads in the rooms of the queue: a mirror of the ticket reminds nobody."""
        room_places = {room.place for room in self._rooms.of(queue)}
        cards = batch.work.tickets.cards(ticket.id)
        return [card for card in cards if batch.work.conversations.ref(card).place in room_places]

    def _ask(self, batch: Batch, ticket: Ticket, queue: Queue) -> None:
        reply = self._reminders.question(batch.work, ticket, queue, batch.now)
        for conversation_id in self._threads(batch, ticket, queue):
            batch.say(conversation_id, reply, ticket)
        batch.record(ticket, NUDGED)

    def _tell_delay(self, batch: Batch, ticket: Ticket) -> None:
        """Tell the employee that it takes longer than they were told; nothing new is promised."""
        episode = batch.work.episodes.get(ticket.episode_id)
        reply = self._reminders.to_employee(ticket, "told.by_desk.delayed", episode.language)
        batch.say(episode.conversation_id, reply, ticket)
        batch.record(ticket, DELAYED)

    def _apply(self, batch: Batch, ticket: Ticket, action: TicketAction, kind: str) -> None:
        if not batch.work.tickets.apply(ticket, action, None, batch.now):
            raise LookupError("a ticket changed while it was locked")
        batch.record(ticket, kind)
        # Now, because after this the ticket may never be checked again.
        self.remove_stale_buttons(batch, batch.work.tickets.current(ticket), asked=False)
        episode = batch.work.episodes.get(ticket.episode_id)
        reply = self._reminders.to_employee(ticket, f"told.by_desk.{kind}", episode.language)
        if action is TicketAction.RESOLVE:
            reply = self._feedback.with_reopen_button(reply, ticket)
        batch.say(episode.conversation_id, reply, ticket)
        self._tell_merged(batch, ticket, action)
        batch.show(ticket)

    def _tell_merged(self, batch: Batch, ticket: Ticket, action: TicketAction) -> None:
        """Tell the requesters whose tickets were merged into one that the desk closes or releases."""
        key = "told.ended_merged" if action is TicketAction.RESOLVE else "told.freed_merged"
        for merged in merged_with(batch.work, ticket):
            episode = batch.work.episodes.get(merged.episode_id)
            reply = self._reminders.to_merged_requester(merged, ticket, key, episode.language)
            if action is TicketAction.RESOLVE:
                reply = self._feedback.with_reopen_button(reply, merged)
            batch.say(episode.conversation_id, reply, merged)
