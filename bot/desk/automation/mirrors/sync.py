"""Brings a ticket here and in another system together, in one transaction for each time that it is read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.desk.automation.mirrors.approvals import Approvals
from bot.desk.automation.mirrors.fields import MirrorFields
from bot.desk.automation.mirrors.outside import Outside
from bot.desk.notifications import Notifications
from bot.desk.ports.backends import (
    NOT_SAID,
    Due,
    MirrorState,
    PublicComment,
    RemoteComment,
    RemotePerson,
    RemoteState,
    RemoteTicket,
)
from bot.desk.ports.clock import Clock
from bot.desk.ports.tickets import TicketEvent
from bot.desk.ports.unit_of_work import UnitOfWork, UnitsOfWork
from bot.desk.ports.wording import Wording
from bot.desk.relay.from_mirror import MirrorRelay
from bot.domain.conversations.messages import ConversationRef
from bot.domain.tickets.mirror import DONE, NOBODY, FieldValue, MirrorField, Side, decide, system_name
from bot.domain.tickets.relay import Visibility
from bot.domain.tickets.ticket import Ticket

# A ticket is reopened before anything else happens to it, and resolved after everything.
_BEFORE = (MirrorField.STATUS, MirrorField.ASSIGNEE, MirrorField.PRIORITY)
_STATES = {RemoteState.FINAL: "mirror_final", RemoteState.GONE: "mirror_gone"}
_ROOMS = {RemoteState.FINAL: "room.mirror_final", RemoteState.GONE: "room.mirror_gone"}

Changes = Mapping[MirrorField, str]


@dataclass(frozen=True, slots=True)
class ResolutionNote:
    """Note with which a ticket was resolved here, as the requester read it, and the key of its comment."""

    key: str
    comment: PublicComment


@dataclass(slots=True)
class Synced:
    """What came of reading a ticket there: what is to be written, and what was taken in."""

    changes: dict[MirrorField, str] = field(default_factory=dict)
    taken: int = 0
    conflicts: int = 0
    people: tuple[RemotePerson, ...] = ()
    note: ResolutionNote | None = None
    old: bool = False  # a newer state was taken in meanwhile: it is to be read again


class MirrorSync:
    """Synchronisation of mirrored tickets: what changed there is done here, and what differs is written."""

    def __init__(
        self,
        begin: UnitsOfWork,
        fields: MirrorFields,
        relay: MirrorRelay,
        approvals: Approvals,
        notifications: Notifications,
        wording: Wording,
        clock: Clock,
    ) -> None:
        self._begin = begin
        self._fields = fields
        self._relay = relay
        self._approvals = approvals
        self._notifications = notifications
        self._wording = wording
        self._clock = clock

    def created(self, conversation_id: int, values: Changes) -> None:
        """Record with which values a ticket was created there, and let it be read once it can be."""
        now = self._clock()
        with self._begin() as work:
            state = work.mirrors.lock(conversation_id)
            if not state.agreed:
                work.mirrors.save(conversation_id, replace(state, agreed=values), now)
            work.mirrors.hint(conversation_id, now)

    def pending(self, conversation_id: int) -> bool:
        """Tell whether anything differs from what both sides agreed on last."""
        with self._begin.reading() as work:
            ticket = work.tickets.with_card_in(conversation_id)
            state = work.mirrors.look(conversation_id)
            if ticket is None or state.state is not RemoteState.OPEN:
                return False
            channel = work.conversations.ref(conversation_id).channel
            values = self._fields.values(work, ticket, channel)
        return any(state.agreed.get(name) != value for name, value in values.items())

    def receive(self, conversation_id: int, remote: RemoteTicket) -> Synced:
        """Take in a ticket as it is there now; return what is to be written there."""
        now = self._clock()
        with self._begin() as work:
            ticket = work.tickets.with_card_in(conversation_id)
            if ticket is None:
                return Synced()
            ref = work.conversations.ref(conversation_id)
            outside = Outside(work, self._wording, self._notifications.language, ref, now)
            people = _people(remote)
            vanished = _vanished(work.mirrors.taken(conversation_id), remote, now)
            if vanished:
                outside.meet(NOT_SAID)
            for person in people:  # whoever writes is locked before anything else, always in the same order
                outside.meet(person)
            employee = work.episodes.get(ticket.episode_id).conversation_id
            work.conversations.lock((employee, *sorted(work.tickets.cards(ticket.id))))
            state = work.mirrors.lock(conversation_id)
            if remote.state is not RemoteState.GONE and remote.version < state.version:
                return Synced(old=True)
            newest = work.mirrors.newest_post(conversation_id)
            synced = _Reading(work, outside, remote, conversation_id, now, state)
            for comment in vanished:
                self._take_comment(synced, work.tickets.current(ticket), comment)
            self._take(synced, work.tickets.current(ticket))
            # What was done there is not told there: only what differs is written.
            work.mirrors.mute(conversation_id, newest, now)
            work.mirrors.save(conversation_id, synced.state, now)
        return replace(synced.result, people=tuple(one for one in people if one.address))

    def written(self, conversation_id: int, changes: Changes) -> None:
        """Record what was written there."""
        now = self._clock()
        with self._begin() as work:
            state = work.mirrors.lock(conversation_id)
            agreed = {**state.agreed, **changes}
            work.mirrors.save(conversation_id, replace(state, agreed=agreed), now)

    def refused(self, conversation_id: int, changes: Changes, code: str) -> None:
        """Record that the other system refused for good what was to be written; it is not tried again."""
        now = self._clock()
        with self._begin() as work:
            ticket = work.tickets.with_card_in(conversation_id)
            state = work.mirrors.lock(conversation_id)
            work.mirrors.save(conversation_id, replace(state, agreed={**state.agreed, **changes}), now)
            if ticket is None:
                return
            channel = work.conversations.ref(conversation_id).channel
            for name in changes:
                detail = {"field": name.value, "code": code}
                work.tickets.record(TicketEvent(ticket.id, now, "mirror_refused", None, channel, detail))
            self._tell(work, ticket, "room.mirror_refused", channel, now)

    def undecided(self, conversation_id: int, approval: str, code: str) -> None:
        """Tell the rooms that the other system did not let us decide an approval."""
        now = self._clock()
        with self._begin() as work:
            ticket = work.tickets.with_card_in(conversation_id)
            if ticket is not None:
                channel = work.conversations.ref(conversation_id).channel
                newest = work.mirrors.newest_post(conversation_id)
                self._approvals.refuse(work, ticket, channel, approval, code, now)
                work.mirrors.mute(conversation_id, newest, now)  # there they know it

    # --- what is to be read -------------------------------------------------------------------------------

    def hint(self, channel: str, remote_ids: tuple[str, ...]) -> int:
        """Let tickets be read that changed there; return how many are ours."""
        now, known = self._clock(), 0
        with self._begin() as work:
            for remote_id in sorted(set(remote_ids)):
                ref = ConversationRef(channel, "", "tickets", remote_id, private=False)
                conversation_id = work.conversations.find(ref)
                if conversation_id is not None:
                    work.mirrors.hint(conversation_id, now)
                    known += 1
        return known

    def take_next(self, channel: str, until: Callable[[datetime], datetime]) -> Due | None:
        """Take the next ticket that is to be read."""
        now = self._clock()
        with self._begin() as work:
            return work.mirrors.take(channel, now, until(now))

    def settle(self, due: Due, wait: Callable[[datetime], datetime] | None = None) -> None:
        """Record that a ticket was read, or with `wait` that it is to be read again."""
        with self._begin() as work:
            if wait is None:
                work.mirrors.read(due)
            else:
                work.mirrors.retry(due, wait(self._clock()))

    # --- parts --------------------------------------------------------------------------------------------

    def _take(self, reading: "_Reading", ticket: Ticket) -> None:
        self._take_state(reading, ticket)
        if reading.remote.state is RemoteState.GONE:
            return
        reopened = self._take_fields(reading, ticket, closing=False)
        for comment in reading.remote.comments:
            self._take_comment(reading, reopened, comment)
        told = self._approvals.take(
            reading.work, reopened, reading.outside.channel, reading.remote, reading.at
        )
        reading.result.taken += told
        ended = self._take_fields(reading, reading.work.tickets.current(ticket), closing=True)
        if reading.result.changes.get(MirrorField.STATUS) == DONE and ended.settled and ended.note_id:
            text, author = reading.work.texts.get(ended.note_id), ended.assignee
            if text:
                note = PublicComment(author.name if author else "", text)
                reading.result.note = ResolutionNote(f"note:{ended.note_id}", note)

    def _take_state(self, reading: "_Reading", ticket: Ticket) -> None:
        """Tell the rooms, once, that a ticket can no longer be changed there, or is gone."""
        remote, before = reading.remote, reading.state
        # A deleted ticket has no version, and may be restored there.
        version = before.version if remote.state is RemoteState.GONE else remote.version
        reading.state = replace(before, version=version, state=remote.state)
        if remote.state is before.state or remote.state not in _STATES:
            return
        channel = reading.outside.channel
        event = TicketEvent(ticket.id, reading.at, _STATES[remote.state], None, channel)
        reading.work.tickets.record(event)
        self._tell(reading.work, ticket, _ROOMS[remote.state], channel, reading.at)

    def _take_fields(self, reading: "_Reading", ticket: Ticket, *, closing: bool) -> Ticket:
        """Take in what changed there, and collect what changed here; `closing` comes last, by itself."""
        for name in _BEFORE:
            theirs = reading.remote.fields.get(name)
            values = self._fields.values(reading.work, ticket, reading.outside.channel)
            closes = name is MirrorField.STATUS and ticket.live
            if theirs is None or name not in values or closes is not closing:
                continue
            events = reading.work.tickets.events(ticket.id)
            ours = FieldValue(values[name], self._fields.changed_at(name, ticket, events))
            agreed = reading.state.agreed.get(name)
            verdict = decide(agreed, ours, FieldValue(theirs.value, theirs.at), ours=theirs.ours)
            side = verdict.side
            if verdict.conflict and side is not None and agreed is not None:
                reading.conflict(ticket, name, side)
            if side is Side.THERE and not self._take_field(reading, ticket, name):
                side = Side.HERE  # it cannot be so here: what is here counts
            reading.settle(name, ours.value, theirs.value, side)
            ticket = reading.work.tickets.current(ticket)
        return ticket

    def _take_field(self, reading: "_Reading", ticket: Ticket, name: MirrorField) -> bool:
        self._relay.show_own_card(reading.work, ticket, reading.at)
        ticket, theirs = reading.work.tickets.current(ticket), reading.remote.fields[name]
        return self._fields.take(reading.outside, ticket, name, theirs, reading.remote)

    def _take_comment(self, reading: "_Reading", ticket: Ticket, comment: RemoteComment) -> None:
        work, outside = reading.work, reading.outside
        if comment.key or work.mirrors.wrote(reading.conversation_id, comment.id):
            return  # it is ours
        person = ticket.requester if comment.from_requester else outside.meet(comment.author)
        context = outside.context(person, f"comment:{comment.id}", comment)
        if comment.gone:
            reading.result.taken += self._relay.delete(context, ticket)
            return
        seen = Visibility.SENT if comment.public else Visibility.NOTE
        if comment.from_requester and comment.public:
            seen = Visibility.FROM_EMPLOYEE
        reading.result.taken += self._relay.take(context, ticket, reading.conversation_id, seen)

    def _tell(self, work: UnitOfWork, ticket: Ticket, key: str, channel: str, at: datetime) -> None:
        name = system_name(channel)
        self._notifications.tell_rooms(work, ticket, key, at, {"name": name})


class _Reading:
    """Reading of one ticket there: the transaction, what is known by now, and what came of it."""

    def __init__(
        self,
        work: UnitOfWork,
        outside: Outside,
        remote: RemoteTicket,
        conversation_id: int,
        at: datetime,
        state: MirrorState,
    ) -> None:
        self.work = work
        self.outside = outside
        self.remote = remote
        self.conversation_id = conversation_id
        self.at = at
        self.state = state
        self.result = Synced()

    def conflict(self, ticket: Ticket, name: MirrorField, kept: Side) -> None:
        """Let the history say that both sides had changed a field, and whose value counts."""
        self.result.conflicts += 1
        here, there = self._told(ticket, name)
        detail = {"field": name.value, "here": here, "there": there, "kept": kept.value}
        event = TicketEvent(ticket.id, self.at, "mirror_conflict", None, self.outside.channel, detail)
        self.work.tickets.record(event)

    def _told(self, ticket: Ticket, name: MirrorField) -> tuple[str, str]:
        # People are in the history by our numbers: an account there would lead to them for ever.
        if name is not MirrorField.ASSIGNEE:
            values = MirrorFields.values(self.work, ticket, self.outside.channel)
            return values[name], self.remote.fields[name].value
        there = self.outside.meet(self.remote.assignee).id if self.remote.assignee.id else NOBODY
        return str(ticket.assignee.id) if ticket.assignee else NOBODY, str(there)

    def settle(self, name: MirrorField, ours: str, theirs: str, side: Side | None) -> None:
        """Keep on which value both sides agree, or that ours is to be written."""
        if side is Side.HERE:
            if self.remote.state is RemoteState.OPEN:
                self.result.changes[name] = ours
            return
        self.result.taken += side is Side.THERE
        self.state = replace(self.state, agreed={**self.state.agreed, name: theirs})


def _vanished(taken: Iterable[str], remote: RemoteTicket, at: datetime) -> list[RemoteComment]:
    """Return the comments that are no longer there, as deleted ones; with a deleted ticket none is."""
    if remote.state is RemoteState.GONE:
        return []
    there = {comment.id for comment in remote.comments}
    return [
        RemoteComment(comment, at, NOT_SAID, "", public=False, gone=True)
        for comment in sorted(set(taken) - there)
    ]


def _people(remote: RemoteTicket) -> tuple[RemotePerson, ...]:
    """Return everybody who did something that is not ours, by id."""
    wrote = [one.author for one in remote.comments if not one.key and not one.from_requester]
    changed = [one.by for one in remote.fields.values() if not one.ours]
    assigned = [remote.assignee] if remote.assignee.id else []
    found = {person.id: person for person in (*wrote, *changed, *assigned)}
    return tuple(found[person_id] for person_id in sorted(found))
