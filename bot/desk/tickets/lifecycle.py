"""What is done to a ticket: open, claim, release, resolve, withdraw."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.desk.cards.card_locations import CardPlaces
from bot.desk.cards.shadow_mode import Named, Shadow
from bot.desk.cards.stale_buttons import Pressables
from bot.desk.cards.ticket_card import Cards
from bot.desk.context import Turn
from bot.desk.notifications import Telling
from bot.desk.ports.channels import Wording
from bot.desk.ports.unit_of_work import NewTicket, TicketEvent, UnitOfWork
from bot.desk.staff.permissions import Engineers
from bot.desk.staff.queue_rooms import QueueRooms
from bot.desk.tickets.feedback import Feedback
from bot.desk.tickets.merged_notifications import Duplicates
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.masking import clean, mask, visible
from bot.domain.conversations.messages import BACK, Line, Outcome, OutcomeKind, Press, Reply, Utterance
from bot.domain.people import Person
from bot.domain.tickets.relay import is_note
from bot.domain.tickets.ticket import Move, Priority, Status, Ticket, reference

MOVES = {move.value: move for move in (Move.CLAIM, Move.RELEASE, Move.RESOLVE)}
NOTES = "notes"
PRESSED = frozenset({*MOVES, NOTES, BACK})  # what only engineers press
_EVENTS = {
    Move.CLAIM: "claimed",
    Move.RELEASE: "released",
    Move.RESOLVE: "resolved",
    Move.WITHDRAW: "withdrawn",
}


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a ticket starts with besides its episode.

    With `outage_id` it has no card: the outage's own sign stands for all tickets that join it.
    """

    priority: Priority
    queue: str = ""
    opened_by: Person | None = None
    target: str = ""
    why: tuple[str, ...] = ()
    outage_id: int | None = None


class Escalations:
    """The ticket's life; each method works inside the caller's transaction."""

    def __init__(
        self,
        cards: Cards,
        wording: Wording,
        engineers: Engineers,
        rooms: QueueRooms,
        telling: Telling,
        feedback: Feedback,
        pressables: Pressables,
        places: CardPlaces,
        shadow: Shadow,
    ) -> None:
        self._cards = cards
        self._telling = telling
        self._duplicates = Duplicates(telling, feedback)
        self._feedback = feedback
        self._pressables = pressables
        self._wording = wording
        self._engineers = engineers
        self._rooms = rooms
        self._places = places
        self._shadow = shadow

    def open(self, turn: Turn, episode: Episode, beginning: Beginning) -> Ticket:
        """Open the episode's ticket for the turn's person and show its card in its queue's rooms."""
        work = turn.work
        timing = self._rooms.timing(beginning.queue, beginning.priority, turn.at)
        ticket = work.tickets.add(
            NewTicket(
                token=secrets.token_urlsafe(12),
                requester=turn.person,
                opened_by=beginning.opened_by,
                episode=episode,
                question_id=work.texts.words(episode.question),
                priority=beginning.priority,
                queue=timing.queue,
                language=episode.language,
                at=turn.at,
                channel=turn.utterance.conversation.channel,
                link=episode.link,
                target=beginning.target,
                why=beginning.why,
                outage_id=beginning.outage_id,
                dues=timing.dues,
                timed_for=timing.timed_for,
                look_at=timing.look_at,
            )
        )
        self._telling.record(turn, ticket, "opened", _detail(ticket), actor=beginning.opened_by)
        work.episodes.save(episode.moved(EpisodeState.TICKET, turn.at, ticket_id=ticket.id))
        self._places.put_first(work, ticket, turn.at)
        return ticket

    def reword(self, turn: Turn, ticket: Ticket, question: str) -> None:
        """Let all that the requester said in one breath be the question; the cards do not show it yet."""
        turn.work.tickets.reword(ticket, turn.work.texts.words(question))

    def press(self, work: UnitOfWork, utterance: Utterance, press: Press) -> Outcome:
        """Do what an engineer pressed on a card."""
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        turn = Turn(work, self._wording, utterance, person, self._telling.reader(utterance))
        ticket = work.tickets.by_token(press.token)
        if ticket is None:
            return turn.refuse("ticket.unknown")
        if utterance.stranger or not self._engineers.allows(work, utterance.sender, turn.at, ticket.queue):
            self._telling.record(turn, ticket, "refused", {"move": press.action})
            return turn.refuse("refused.engineers_only")
        if press.action == BACK:
            return Outcome(OutcomeKind.DONE, ticket=ticket.reference, card=self._cards.card(work, ticket))
        if press.action == NOTES:
            return self._notes_only(turn, ticket, on=press.argument == "on")
        return self._move(turn, ticket, MOVES[press.action], press.inputs)

    def _notes_only(self, turn: Turn, ticket: Ticket, *, on: bool) -> Outcome:
        """Keep what engineers write in the rooms, or send it again."""
        work = turn.work
        if ticket.live and work.tickets.notes_only(ticket, on):
            self._telling.record(turn, ticket, "notes_only", {"on": str(on).lower()})
            self._telling.refresh(work, ticket, turn.at)
            values = {"name": turn.person.name, "requester": ticket.requester.name}
            self._telling.rooms(work, ticket, f"room.notes_{'on' if on else 'off'}", turn.at, values)
        card = self._cards.card(work, _again(work, ticket))
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference, card=card)

    def again(self, work: UnitOfWork, utterance: Utterance, earlier: Outcome) -> Outcome:
        """What a repeated press shows: the response to the first one may have been lost on its way."""
        press = utterance.press
        ticket = work.tickets.by_token(press.token) if press and press.action in PRESSED else None
        if ticket is None or not utterance.inline:
            return earlier
        if not self._engineers.allows(work, utterance.sender, utterance.at, ticket.queue):
            return earlier
        if earlier.kind is OutcomeKind.FORM:
            inputs = press.inputs if press else None
            form = self._cards.note_form(work, ticket, self._telling.reader(utterance), inputs)
            return replace(earlier, card=form)
        return replace(earlier, card=self._cards.card(work, ticket))

    def _move(self, turn: Turn, ticket: Ticket, move: Move, inputs: Mapping[str, str] | None) -> Outcome:
        work = turn.work
        possible = ticket.allows(move)
        if not possible or (move is not Move.CLAIM and not _is(ticket.assignee, turn.person)):
            return self.too_late(turn, ticket, move)
        note, masked, named = "", False, Named()
        if move is Move.RESOLVE:
            if inputs is None:
                form = self._cards.note_form(work, ticket, turn.language)
                return Outcome(OutcomeKind.FORM, ticket=ticket.reference, card=form)
            note, masked = mask(clean(inputs.get("note", "")))
            if not visible(note):
                return turn.refuse("refused.note_missing", card=self._cards.card(work, ticket))
            if is_note(inputs.get("note", "")):  # what is marked as a note reaches no employee, here neither
                return turn.refuse("refused.note_marked", card=self._cards.card(work, ticket))
            named = self._shadow.named(work, ticket, inputs)
            if named.unknown:
                return self._ask_again(turn, ticket, named, inputs)
        if not work.tickets.move(ticket, move, turn.person, turn.at):
            return self.too_late(turn, ticket, move)
        if note:
            work.tickets.note(ticket, work.texts.add(note))
        self._telling.record(turn, ticket, _EVENTS[move], self._shadow.name(work, ticket, named, turn))
        self._tell(turn, ticket, move, note)
        self._telling.refresh(work, ticket, turn.at)
        card = self._cards.card(work, _again(work, ticket))
        notice = turn.reply(turn.say("masked.note")) if masked else None
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference, card=card, notice=notice)

    def _tell(self, turn: Turn, ticket: Ticket, move: Move, note: str) -> None:
        """Tell the requester, then those whose tickets were merged into theirs."""
        work, name = turn.work, turn.person.name
        if move is Move.RESOLVE:
            self._feedback.told(work, ticket, "told.resolved", turn.at, {"name": name}, note)
            self._duplicates.resolved(work, (ticket,), turn.at, name, note)
            return
        self._telling.requester(work, ticket, f"told.{_EVENTS[move]}", turn.at, {"name": name})
        if move is Move.CLAIM:
            self._duplicates.claimed(work, ticket, turn.at, name)
        else:
            self._duplicates.freed(work, ticket, turn.at)

    def _ask_again(self, turn: Turn, ticket: Ticket, named: Named, inputs: Mapping[str, str]) -> Outcome:
        """The form as it was filled in, with why it cannot be taken."""
        notice = turn.reply(self._shadow.unclear(turn, named))
        form = self._cards.note_form(turn.work, ticket, turn.language, inputs)
        return Outcome(OutcomeKind.FORM, ticket=ticket.reference, notice=notice, card=form)

    def withdraw(self, turn: Turn, ticket: Ticket, answer: Callable[[], None]) -> bool:
        """Withdraw a ticket for its requester; False when it is closed already.

        `answer` tells the requester: before the rooms, for everybody locks conversations in this order.
        """
        if not turn.work.tickets.move(ticket, Move.WITHDRAW, turn.person, turn.at):
            return False
        self._telling.record(turn, ticket, _EVENTS[Move.WITHDRAW])
        self._pressables.settle(turn.work, _again(turn.work, ticket), turn.at)
        answer()
        self._duplicates.withdrawn(turn, ticket)
        self._telling.refresh(turn.work, ticket, turn.at)
        self._telling.rooms(turn.work, ticket, "room.withdrawn", turn.at, {"name": turn.person.name})
        return True

    def release(self, work: UnitOfWork, ticket: Ticket, at: datetime) -> bool:
        """Give a claimed ticket back to the team, for an operator; False when nobody has it."""
        if not work.tickets.move(ticket, Move.RELEASE, None, at):
            return False
        work.tickets.record(TicketEvent(ticket.id, at, _EVENTS[Move.RELEASE], None, "operator"))
        self._telling.refresh(work, ticket, at)
        return True

    def refresh(self, work: UnitOfWork, ticket: Ticket, at: datetime) -> None:
        """Let every card of a ticket show its true state."""
        self._telling.refresh(work, ticket, at)

    def undelivered(
        self, work: UnitOfWork, ticket_id: int | None, channel: str, code: str, at: datetime
    ) -> None:
        """Tell the rooms of a reply to an employee that could not be delivered."""
        language = self._cards.language
        where = self._wording.say(language, f"channel.{channel}")
        ticket = work.tickets.get(ticket_id) if ticket_id is not None else None
        if ticket is not None:
            values = {"name": ticket.requester.name, "channel": where, "code": code}
            self._telling.rooms(work, ticket, "room.undelivered", at, values)
            return
        text = self._wording.say(language, "room.undelivered_answer", channel=where, code=code)
        for room in self._rooms.of_named(""):
            reply = Reply((Line(text),), summary=text, language=language)
            work.outbox.say(work.conversations.open(room), reply, at)

    def too_late(self, turn: Turn, ticket: Ticket, action: str) -> Outcome:
        """Tell the presser in private what became of the ticket meanwhile."""
        current = _again(turn.work, ticket)
        self._telling.record(turn, ticket, "refused", {"move": str(action)})
        name = current.assignee.name if current.assignee else ""
        target = reference(current.merged_into) if current.merged_into else ""
        if target:
            key = "refused.merged"
        elif current.status is not Status.CLAIMED:
            key = f"refused.{current.status}"
        else:
            key = "refused.yours" if _is(current.assignee, turn.person) else "refused.claimed"
        card = self._cards.card(turn.work, current)
        return turn.refuse(key, card=card, ticket=current.reference, name=name, target=target)


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
