"""Builds the reminders and other posts that the desk makes by itself about a ticket."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.desk.automation.absence.take_over import offer_of
from bot.desk.ports.button_actions import KEEP, LET_GO
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.ports.wording import Wording
from bot.desk.staff.queue_rooms import QueueRooms
from bot.domain.conversations.messages import Block, Button, ConversationRef, Line, Mention, Reply, When
from bot.domain.people import Absence, Identity
from bot.domain.tickets.queues import Queue
from bot.domain.tickets.ticket import Ticket

LISTED = 10  # tickets in one post in a room
NAMES_FRESH_FOR = timedelta(days=30)  # names do not grow stale as fast as who is in a room


@dataclass(frozen=True, slots=True)
class Entry:
    """Entry for a ticket in a room's post: the wording key of its sentence, and the time under it."""

    ticket: Ticket
    queue: Queue
    key: str
    at: datetime


class Reminders:
    """Builds reminders in the desk's language; a mention is for one person, never for a whole room."""

    def __init__(self, wording: Wording, rooms: QueueRooms, language: str) -> None:
        self._wording = wording
        self._rooms = rooms
        self._language = language

    def to_engineer(
        self, work: UnitOfWork, ticket: Ticket, queue: Queue, key: str, due: datetime, now: datetime
    ) -> Reply:
        """Build a reminder for the card's thread, to whoever has the ticket, else to whoever is on call."""
        text = self.say(key, ticket=ticket.reference)
        mention = self._assignee(work, ticket, now) or self.on_call(work, queue, now)
        blocks: tuple[Block, ...] = (Line(text), self._when(self.say("remind.due"), due))
        return self._reply((mention, *blocks) if mention else blocks, text)

    def offer(self, ticket: Ticket, queue: Queue, absence: Absence, now: datetime) -> Reply:
        """Build the offer of a ticket whose assignee is away."""
        until = self._wording.day(self._language, queue.hours.local(absence.until), now)
        return offer_of(self._wording, self._language, ticket, absence, until)

    def question(self, work: UnitOfWork, ticket: Ticket, queue: Queue, now: datetime) -> Reply:
        """Build the question to the assignee whether they are still working on it."""
        key = "remind.silent" if queue.release_after else "remind.silent.kept"
        text = self.say(key, ticket=ticket.reference)
        mention = self._assignee(work, ticket, now)
        blocks: tuple[Block, ...] = (mention, Line(text)) if mention else (Line(text),)
        keep = Button(KEEP, self.say("button.keep"), ticket.token, style="primary")
        let_go = Button(LET_GO, self.say("button.release"), ticket.token)
        return self._reply(blocks, text, (keep, let_go))

    def to_room(self, work: UnitOfWork, entries: Sequence[Entry], now: datetime) -> Reply:
        """Build one post for all tickets that have become urgent in a room; the first ones by name."""
        text = self.say("room.pressing")
        queues = dict.fromkeys(entry.queue.id for entry in entries)
        mentions = [self.on_call(work, self._rooms.queues.of(name), now) for name in queues]
        blocks: list[Block] = [mention for mention in dict.fromkeys(mentions) if mention is not None]
        blocks.append(Line(text))
        blocks += [self._when(self._entry(entry), entry.at) for entry in entries[:LISTED]]
        if len(entries) > LISTED:
            blocks.append(Line(self.say("room.pressing.more", count=len(entries) - LISTED)))
        names = ", ".join(dict.fromkeys(entry.ticket.reference for entry in entries[:LISTED]))
        return self._reply(tuple(blocks), f"{text} {names}")

    def to_employee(self, ticket: Ticket, key: str, language: str) -> Reply:
        """Build a post to the requester about what the desk has done by itself."""
        name = ticket.assignee.name if ticket.assignee else ""
        text = self._wording.say(language, key, name=name, ticket=ticket.reference)
        return Reply((Line(text),), summary=text, language=language)

    def to_merged_requester(self, merged: Ticket, into: Ticket, key: str, language: str) -> Reply:
        """Build a post to the requester of a merged ticket about what the desk did with the other one."""
        values = {"ticket": merged.reference, "target": into.reference}
        text = self._wording.say(language, key, **values)
        return Reply((Line(text),), summary=text, language=language)

    def _entry(self, entry: Entry) -> str:
        ticket = entry.ticket
        name = ticket.assignee.name if ticket.assignee else self.say("room.pressing.nobody")
        return self.say(entry.key, ticket=ticket.reference, requester=ticket.requester.name, name=name)

    def _assignee(self, work: UnitOfWork, ticket: Ticket, now: datetime) -> Mention | None:
        person = ticket.assignee
        if person is None or work.absences.of(person, now) is not None:
            return None
        return Mention(person.name, work.people.identities(person))

    def on_call(self, work: UnitOfWork, queue: Queue, now: datetime) -> Mention | None:
        """Return a mention of who is on call in a queue and not away, None where nobody is."""
        mentions = (self._on_call(work, queue, entry, now) for entry in queue.on_call_order(now))
        return next((mention for mention in mentions if mention is not None), None)

    def _on_call(self, work: UnitOfWork, queue: Queue, entry: Identity, now: datetime) -> Mention | None:
        accounts = [account for room in self._rooms.of(queue) if (account := _account(entry, room))]
        for account in (entry, *accounts):
            person = work.people.known(account)
            if person is not None:
                away = work.absences.of(person, now) is not None
                return None if away else Mention(person.name, work.people.identities(person))
        # Somebody who has never written to the bot: the rosters of the rooms know their name.
        named = work.rosters.members(now - NAMES_FRESH_FOR)
        names = (name for identity, name in named if name and entry.same_as(identity))
        return Mention(next(names, entry.external_id), tuple(accounts) or (entry,))

    def _when(self, label: str, at: datetime) -> When:
        return When(label, at, f"{self._wording.when(self._language, at)} UTC")

    def say(self, key: str, **values: object) -> str:
        """Word a sentence in the desk's language."""
        return self._wording.say(self._language, key, **values)

    def _reply(self, blocks: tuple[Block, ...], text: str, buttons: tuple[Button, ...] = ()) -> Reply:
        return Reply(blocks, buttons, summary=text, language=self._language)


def without_buttons(post: Reply, text: str) -> Reply:
    """Return a question that was answered: without its buttons, and with the answer under it."""
    return replace(post, buttons=(), blocks=(*post.blocks, Line(text)))


def _account(entry: Identity, room: ConversationRef) -> Identity | None:
    """Return the account that an entry of a list means in a room's channel."""
    meant = Identity(room.channel, room.tenant, entry.external_id)
    return meant if entry.same_as(meant) else None
