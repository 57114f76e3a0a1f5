"""What is done to a ticket: open, claim, release, resolve, withdraw."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.desk.cards.card_locations import CardLocations
from bot.desk.cards.shadow_mode import Named, ShadowMode
from bot.desk.cards.stale_buttons import StaleButtons
from bot.desk.cards.ticket_card import TicketCards
from bot.desk.context import RequestContext
from bot.desk.notifications import Notifications
from bot.desk.ports.channels import Wording
from bot.desk.ports.unit_of_work import NewTicket, TicketEvent, UnitOfWork
from bot.desk.staff.permissions import Permissions
from bot.desk.staff.queue_rooms import QueueRooms
from bot.desk.tickets.feedback import Feedback
from bot.desk.tickets.merged_notifications import MergedNotifications
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.masking import clean, mask, visible
from bot.domain.conversations.messages import BACK, Click, Line, Outcome, OutcomeKind, Reply, Utterance
from bot.domain.people import Person
from bot.domain.tickets.relay import is_note
from bot.domain.tickets.ticket import Priority, Status, Ticket, TicketAction, reference

MOVES = {move.value: move for move in (TicketAction.CLAIM, TicketAction.RELEASE, TicketAction.RESOLVE)}
NOTES = "notes"
PRESSED = frozenset({*MOVES, NOTES, BACK})  # what only engineers press
_EVENTS = {
    TicketAction.CLAIM: "claimed",
    TicketAction.RELEASE: "released",
    TicketAction.RESOLVE: "resolved",
    TicketAction.WITHDRAW: "withdrawn",
}


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """What a ticket starts with besides its episode.

    With `outage_id` it has no card: the outage's own sign stands for all tickets that join it.
    """

    priority: Priority
    queue: str = ""
    opened_by: Person | None = None
    target: str = ""
    why: tuple[str, ...] = ()
    outage_id: int | None = None


class TicketLifecycle:
    """The ticket's life; each method works inside the caller's transaction."""

    def __init__(
        self,
        cards: TicketCards,
        wording: Wording,
        engineers: Permissions,
        rooms: QueueRooms,
        notifications: Notifications,
        feedback: Feedback,
        stale_buttons: StaleButtons,
        places: CardLocations,
        shadow: ShadowMode,
    ) -> None:
        self._cards = cards
        self._notifications = notifications
        self._duplicates = MergedNotifications(notifications, feedback)
        self._feedback = feedback
        self._stale_buttons = stale_buttons
        self._wording = wording
        self._engineers = engineers
        self._rooms = rooms
        self._places = places
        self._shadow = shadow

    def open(self, context: RequestContext, episode: Episode, beginning: TicketDraft) -> Ticket:
        """Open the episode's ticket for the turn's person and show its card in its queue's rooms."""
        work = context.work
        timing = self._rooms.timing(beginning.queue, beginning.priority, context.at)
        ticket = work.tickets.add(
            NewTicket(
                token=secrets.token_urlsafe(12),
                requester=context.person,
                opened_by=beginning.opened_by,
                episode=episode,
                question_id=work.texts.words(episode.question),
                priority=beginning.priority,
                queue=timing.queue,
                language=episode.language,
                at=context.at,
                channel=context.utterance.conversation.channel,
                link=episode.link,
                target=beginning.target,
                why=beginning.why,
                outage_id=beginning.outage_id,
                dues=timing.dues,
                timed_for=timing.timed_for,
                look_at=timing.look_at,
            )
        )
        self._notifications.record(context, ticket, "opened", _detail(ticket), actor=beginning.opened_by)
        work.episodes.save(episode.moved(EpisodeState.TICKET, context.at, ticket_id=ticket.id))
        self._places.put_first(work, ticket, context.at)
        return ticket

    def reword(self, context: RequestContext, ticket: Ticket, question: str) -> None:
        """Let all that the requester said in one breath be the question; the cards do not show it yet."""
        context.work.tickets.reword(ticket, context.work.texts.words(question))

    def click(self, work: UnitOfWork, utterance: Utterance, click: Click) -> Outcome:
        """Do what an engineer pressed on a card."""
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        context = RequestContext(
            work, self._wording, utterance, person, self._notifications.reader(utterance)
        )
        ticket = work.tickets.by_token(click.token)
        if ticket is None:
            return context.refuse("ticket.unknown")
        if utterance.stranger or not self._engineers.allows(work, utterance.sender, context.at, ticket.queue):
            self._notifications.record(context, ticket, "refused", {"move": click.action})
            return context.refuse("refused.engineers_only")
        if click.action == BACK:
            return Outcome(OutcomeKind.DONE, ticket=ticket.reference, card=self._cards.card(work, ticket))
        if click.action == NOTES:
            return self._notes_only(context, ticket, on=click.argument == "on")
        return self._move(context, ticket, MOVES[click.action], click.inputs)

    def _notes_only(self, context: RequestContext, ticket: Ticket, *, on: bool) -> Outcome:
        """Keep what engineers write in the rooms, or send it again."""
        work = context.work
        if ticket.live and work.tickets.notes_only(ticket, on):
            self._notifications.record(context, ticket, "notes_only", {"on": str(on).lower()})
            self._notifications.refresh(work, ticket, context.at)
            values = {"name": context.person.name, "requester": ticket.requester.name}
            self._notifications.rooms(work, ticket, f"room.notes_{'on' if on else 'off'}", context.at, values)
        card = self._cards.card(work, _again(work, ticket))
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference, card=card)

    def again(self, work: UnitOfWork, utterance: Utterance, earlier: Outcome) -> Outcome:
        """What a repeated press shows: the response to the first one may have been lost on its way."""
        click = utterance.click
        ticket = work.tickets.by_token(click.token) if click and click.action in PRESSED else None
        if ticket is None or not utterance.inline:
            return earlier
        if not self._engineers.allows(work, utterance.sender, utterance.at, ticket.queue):
            return earlier
        if earlier.kind is OutcomeKind.FORM:
            inputs = click.inputs if click else None
            form = self._cards.note_form(work, ticket, self._notifications.reader(utterance), inputs)
            return replace(earlier, card=form)
        return replace(earlier, card=self._cards.card(work, ticket))

    def _move(
        self, context: RequestContext, ticket: Ticket, move: TicketAction, inputs: Mapping[str, str] | None
    ) -> Outcome:
        work = context.work
        possible = ticket.allows(move)
        if not possible or (move is not TicketAction.CLAIM and not _is(ticket.assignee, context.person)):
            return self.too_late(context, ticket, move)
        note, masked, named = "", False, Named()
        if move is TicketAction.RESOLVE:
            if inputs is None:
                form = self._cards.note_form(work, ticket, context.language)
                return Outcome(OutcomeKind.FORM, ticket=ticket.reference, card=form)
            note, masked = mask(clean(inputs.get("note", "")))
            if not visible(note):
                return context.refuse("refused.note_missing", card=self._cards.card(work, ticket))
            if is_note(inputs.get("note", "")):  # what is marked as a note reaches no employee, here neither
                return context.refuse("refused.note_marked", card=self._cards.card(work, ticket))
            named = self._shadow.named(work, ticket, inputs)
            if named.unknown:
                return self._ask_again(context, ticket, named, inputs)
        if not work.tickets.move(ticket, move, context.person, context.at):
            return self.too_late(context, ticket, move)
        if note:
            work.tickets.note(ticket, work.texts.add(note))
        self._notifications.record(
            context, ticket, _EVENTS[move], self._shadow.name(work, ticket, named, context)
        )
        self._tell(context, ticket, move, note)
        self._notifications.refresh(work, ticket, context.at)
        card = self._cards.card(work, _again(work, ticket))
        notice = context.reply(context.say("masked.note")) if masked else None
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference, card=card, notice=notice)

    def _tell(self, context: RequestContext, ticket: Ticket, move: TicketAction, note: str) -> None:
        """Tell the requester, then those whose tickets were merged into theirs."""
        work, name = context.work, context.person.name
        if move is TicketAction.RESOLVE:
            self._feedback.told(work, ticket, "told.resolved", context.at, {"name": name}, note)
            self._duplicates.resolved(work, (ticket,), context.at, name, note)
            return
        self._notifications.requester(work, ticket, f"told.{_EVENTS[move]}", context.at, {"name": name})
        if move is TicketAction.CLAIM:
            self._duplicates.claimed(work, ticket, context.at, name)
        else:
            self._duplicates.freed(work, ticket, context.at)

    def _ask_again(
        self, context: RequestContext, ticket: Ticket, named: Named, inputs: Mapping[str, str]
    ) -> Outcome:
        """The form as it was filled in, with why it cannot be taken."""
        notice = context.reply(self._shadow.unclear(context, named))
        form = self._cards.note_form(context.work, ticket, context.language, inputs)
        return Outcome(OutcomeKind.FORM, ticket=ticket.reference, notice=notice, card=form)

    def withdraw(self, context: RequestContext, ticket: Ticket, answer: Callable[[], None]) -> bool:
        """Withdraw a ticket for its requester; False when it is closed already.

        `answer` tells the requester: before the rooms, for everybody locks conversations in this order.
        """
        if not context.work.tickets.move(ticket, TicketAction.WITHDRAW, context.person, context.at):
            return False
        self._notifications.record(context, ticket, _EVENTS[TicketAction.WITHDRAW])
        self._stale_buttons.settle(context.work, _again(context.work, ticket), context.at)
        answer()
        self._duplicates.withdrawn(context, ticket)
        self._notifications.refresh(context.work, ticket, context.at)
        self._notifications.rooms(
            context.work, ticket, "room.withdrawn", context.at, {"name": context.person.name}
        )
        return True

    def release(self, work: UnitOfWork, ticket: Ticket, at: datetime) -> bool:
        """Give a claimed ticket back to the team, for an operator; False when nobody has it."""
        if not work.tickets.move(ticket, TicketAction.RELEASE, None, at):
            return False
        work.tickets.record(TicketEvent(ticket.id, at, _EVENTS[TicketAction.RELEASE], None, "operator"))
        self._notifications.refresh(work, ticket, at)
        return True

    def refresh(self, work: UnitOfWork, ticket: Ticket, at: datetime) -> None:
        """Let every card of a ticket show its true state."""
        self._notifications.refresh(work, ticket, at)

    def undelivered(
        self, work: UnitOfWork, ticket_id: int | None, channel: str, code: str, at: datetime
    ) -> None:
        """Tell the rooms of a reply to an employee that could not be delivered."""
        language = self._cards.language
        where = self._wording.say(language, f"channel.{channel}")
        ticket = work.tickets.get(ticket_id) if ticket_id is not None else None
        if ticket is not None:
            values = {"name": ticket.requester.name, "channel": where, "code": code}
            self._notifications.rooms(work, ticket, "room.undelivered", at, values)
            return
        text = self._wording.say(language, "room.undelivered_answer", channel=where, code=code)
        for room in self._rooms.of_named(""):
            reply = Reply((Line(text),), summary=text, language=language)
            work.outbox.say(work.conversations.open(room), reply, at)

    def too_late(self, context: RequestContext, ticket: Ticket, action: str) -> Outcome:
        """Tell the presser in private what became of the ticket meanwhile."""
        current = _again(context.work, ticket)
        self._notifications.record(context, ticket, "refused", {"move": str(action)})
        name = current.assignee.name if current.assignee else ""
        target = reference(current.merged_into) if current.merged_into else ""
        if target:
            key = "refused.merged"
        elif current.status is not Status.CLAIMED:
            key = f"refused.{current.status}"
        else:
            key = "refused.yours" if _is(current.assignee, context.person) else "refused.claimed"
        card = self._cards.card(context.work, current)
        return context.refuse(key, card=card, ticket=current.reference, name=name, target=target)


def _detail(ticket: Ticket) -> dict[str, str]:
    known = {
        "priority": ticket.priority.name.lower(),
        "queue": ticket.queue,
        "why": ",".join(ticket.why),
        "outage": str(ticket.outage_id or ""),
    }
    return {name: value for name, value in known.items() if value}


def _again(work: UnitOfWork, ticket: Ticket) -> Ticket:
    found = work.tickets.get(ticket.id)
    if found is None:
        raise LookupError(f"{reference(ticket.id)} vanished while it was being changed")
    return found


def _is(assignee: Person | None, person: Person) -> bool:
    return assignee is not None and assignee.id == person.id
