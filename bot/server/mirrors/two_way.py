"""Delivers tickets to a backend that is mirrored both ways, and brings both sides together."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from weakref import WeakValueDictionary

from bot.desk.automation.mirrors.sync import MirrorSync, Synced
from bot.desk.ports.backends import (
    ApprovingBackend,
    Decision,
    InternalComment,
    NewRemoteTicket,
    OutgoingComment,
    OutgoingFile,
    RemotePerson,
    TicketRecord,
    TwoWayBackend,
)
from bot.desk.ports.channels import Delivery, Receipt
from bot.desk.ports.page import File
from bot.domain.errors import DeliveryFailed
from bot.domain.people import Identity
from bot.domain.tickets.mirror import LIVE, NOBODY, MirrorField, priority_of
from bot.server.database_threads import Run
from bot.server.mirrors.one_way import PREFIX

CHANGED = "changed_meanwhile"  # the code of a change that came between our look and our writing
CLOSED_THERE = frozenset({"gone_there", "final_there"})  # codes of what takes no comment any more
LOOKS = 3  # at a ticket that changes there while we write

Addressed = Callable[[Identity, Sequence[str]], Awaitable[None]]


class TwoWayMirror:
    """Delivers cards as fields and messages as comments, each after what changed there was taken in."""

    def __init__(
        self,
        backend: TwoWayBackend,
        sync: MirrorSync,
        run: Run,
        addressed: Addressed,
        noted: Callable[[str, str, int], None] = lambda *_: None,
    ) -> None:
        """`noted(name, outcome, number)` counts what was taken in, written and refused."""
        self.name = PREFIX + backend.name
        self.backend = backend
        self._sync = sync
        self._run = run
        self._addressed = addressed
        self._noted = noted
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def trouble(self) -> str | None:
        """Say in a sentence why the backend is not ready, or None."""
        return self.backend.trouble()

    async def fetch(self, file: File, most: int) -> bytes:
        """A file that came with a comment there, at most so many bytes; raise `DeliveryFailed`."""
        return await self.backend.fetch(file.source, most)

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Create or change the ticket there, or comment on it; raise `DeliveryFailed`."""
        remote_id = delivery.conversation.root
        if delivery.record is not None:
            return await self._card(delivery, delivery.record, remote_id)
        if delivery.delete and not delivery.edit and delivery.attempt == 1:  # it never got there
            return Receipt("")
        if not remote_id:  # the ticket itself could not be created there
            raise DeliveryFailed("no_ticket_there", permanent=True)
        try:
            return Receipt(await self._comment(delivery, remote_id))
        except DeliveryFailed as failed:
            if failed.code not in CLOSED_THERE:
                raise
        # The rooms are told when it is read; what is said goes on here.
        await self._run(self._sync.hint, self.name, (remote_id,))
        return Receipt("")

    async def _card(self, delivery: Delivery, record: TicketRecord, remote_id: str) -> Receipt:
        if not remote_id:
            return await self._create(delivery, record)
        if record.erased:
            await self.backend.forget(remote_id)
        elif await self._run(self._sync.pending, delivery.conversation_id):
            await self.bring_together(delivery.conversation_id, remote_id)
        return Receipt(remote_id, url=self.backend.address(remote_id))

    async def _create(self, delivery: Delivery, record: TicketRecord) -> Receipt:
        ticket = record.ticket
        fields = {
            MirrorField.STATUS: LIVE,
            MirrorField.ASSIGNEE: NOBODY,
            MirrorField.PRIORITY: priority_of(ticket),
        }
        new = NewRemoteTicket(
            ticket.reference, record.question, ticket.requester.name, fields, record.address, ticket.link
        )
        made = await self.backend.create(new, ticket.token, again=delivery.attempt > 1)
        await self._run(self._sync.created, delivery.conversation_id, fields)
        self._noted(self.backend.name, "created", 1)
        return Receipt(made.id, anchor=made.id, url=made.url)

    async def _comment(self, delivery: Delivery, remote_id: str) -> str:
        if delivery.delete:
            if delivery.edit:
                await self.backend.take_back(remote_id, delivery.edit)
            return delivery.edit
        if isinstance(delivery.comment, Decision):
            return await self._decide(delivery, delivery.comment, remote_id)
        comment: OutgoingComment | None = delivery.comment
        if comment is None:
            raise DeliveryFailed("nothing_to_say", permanent=True)
        if delivery.file is not None and delivery.file.content is not None:
            sent = OutgoingFile(delivery.file.name, delivery.file.media_type, delivery.file.content)
            comment = replace(comment, files=(sent,))
        # What was first posted after an edit says the new words already: the edit's own post finds them.
        again = delivery.attempt > 1 or bool(delivery.edit)
        return await self.backend.say(remote_id, comment, _key(delivery, comment), again=again)

    async def _decide(self, delivery: Delivery, decision: Decision, remote_id: str) -> str:
        """Decide an approval there; what that system answers counts, and the rooms are told of it."""
        again = delivery.attempt > 1
        try:
            if not isinstance(self.backend, ApprovingBackend):
                raise DeliveryFailed("no_approvals", permanent=True)
            await self.backend.decide(remote_id, decision, again=again)
        except DeliveryFailed as failed:
            if not failed.permanent:
                raise
            await self._run(self._sync.undecided, delivery.conversation_id, decision.approval, failed.code)
            return ""
        said = InternalComment("", decision.text)
        written = await self.backend.say(remote_id, said, str(delivery.id), again=again)
        await self._run(self._sync.hint, self.name, (remote_id,))
        return written

    async def bring_together(self, conversation_id: int, remote_id: str) -> Synced:
        """Read a ticket there, take in what changed, and write what differs; raise `DeliveryFailed`."""
        turn = self._turns.setdefault(conversation_id, asyncio.Lock())
        async with turn:
            for _ in range(LOOKS):
                remote = await self.backend.read(remote_id)
                synced: Synced = await self._run(self._sync.receive, conversation_id, remote)
                self._count(synced)
                await self._tell_addresses(synced.people)
                if synced.old:
                    continue
                if not synced.changes:
                    return synced
                if synced.note is not None:
                    await self.backend.say(remote_id, synced.note.comment, synced.note.key, again=True)
                try:
                    await self.backend.write(remote_id, synced.changes, remote)
                except DeliveryFailed as failed:
                    if failed.code == CHANGED:
                        continue
                    if not failed.permanent:
                        raise
                    await self._run(self._sync.refused, conversation_id, synced.changes, failed.code)
                    self._noted(self.backend.name, "refused", 1)
                    return synced
                await self._run(self._sync.written, conversation_id, synced.changes)
                self._noted(self.backend.name, "written", len(synced.changes))
                return synced
        raise DeliveryFailed(CHANGED, retry_after=1.0)

    async def _tell_addresses(self, people: Sequence[RemotePerson]) -> None:
        for person in people:
            await self._addressed(Identity(self.name, "", person.id), (person.address,))

    def _count(self, synced: Synced) -> None:
        for outcome, number in (("taken", synced.taken), ("conflict", synced.conflicts)):
            if number:
                self._noted(self.backend.name, outcome, number)


def _key(delivery: Delivery, comment: OutgoingComment) -> str:
    """Return the key of a comment: the same for the same words of the same message."""
    words = hashlib.sha256(comment.text.encode()).hexdigest()[:16]
    return f"{delivery.revises or delivery.id}:{words}"
