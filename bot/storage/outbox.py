"""The outbox: both sides of it, what is to be said and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from bot.desk.ports import Head, Receipt, Waiting
from bot.domain.conversation import Reply
from bot.domain.errors import LeaseLost
from bot.domain.people import Identity
from bot.domain.ticket import reference
from bot.storage import codec
from bot.storage.episodes import ref_of
from bot.storage.people import Texts, upsert
from bot.storage.tables import cards, conversations, holds, outbox, texts


class Outbox:
    """What is to be said, in order within each conversation."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def say(
        self,
        conversation_id: int,
        reply: Reply,
        at: datetime,
        *,
        ticket_id: int | None = None,
        private_to: Identity | None = None,
    ) -> int:
        """Post a reply after everything that waits in this conversation."""
        text_id = Texts(self._db).add(codec.dump(reply))
        return self._add(
            conversation_id, at, kind="reply", text_id=text_id, ticket_id=ticket_id, private_to=private_to
        )

    def revise(self, post_id: int, reply: Reply, at: datetime) -> None:
        """Change an earlier post to this."""
        row = self._db.execute(
            select(outbox.c.conversation_id, outbox.c.text_id).where(outbox.c.id == post_id)
        ).one()
        self._db.execute(update(texts).where(texts.c.id == row.text_id).values(body=codec.dump(reply)))
        self._add(row.conversation_id, at, kind="reply", text_id=row.text_id, revises_id=post_id)

    def read(self, post_id: int) -> Reply:
        """What an earlier post says."""
        body = select(texts.c.body).join(outbox, outbox.c.text_id == texts.c.id)
        return codec.load(self._db.execute(body.where(outbox.c.id == post_id)).scalar_one())

    def show_card(self, ticket_id: int, conversation_id: int, at: datetime) -> None:
        """Show the ticket as it will be when this is delivered."""
        self._add(conversation_id, at, kind="card", ticket_id=ticket_id)

    def show_home(self, conversation_id: int, identity: Identity, at: datetime) -> None:
        """Show a person's own tab as it will be when this is delivered."""
        self._add(conversation_id, at, kind="home", private_to=identity)

    def _add(
        self,
        conversation_id: int,
        at: datetime,
        *,
        kind: str,
        text_id: int | None = None,
        ticket_id: int | None = None,
        private_to: Identity | None = None,
        revises_id: int | None = None,
    ) -> int:
        # This update locks the conversation until the commit: numbers have no gaps and no ties, and a
        # courier that settles at this moment sees either nothing of this post or all of it.
        number = self._db.execute(
            update(conversations)
            .where(conversations.c.id == conversation_id)
            .values(
                next_number=conversations.c.next_number + 1,
                due_at=func.coalesce(conversations.c.due_at, at),
            )
            .returning(conversations.c.next_number)
        ).scalar_one()
        key = self._db.execute(
            insert(outbox).values(
                conversation_id=conversation_id,
                number=number - 1,
                kind=kind,
                text_id=text_id,
                ticket_id=ticket_id,
                revises_id=revises_id,
                private_to=str(private_to) if private_to else "",
                due_at=at,
                created_at=at,
            )
        ).inserted_primary_key
        return int(key[0])  # type: ignore[index]  # an insert of one row has one


class Deliveries:
    """The courier's side: lease the first post of each conversation that is due, then settle it."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def lease(self, now: datetime, until: datetime, limit: int, channels: Sequence[str]) -> tuple[Head, ...]:
        """Take the first waiting posts of at most `limit` conversations of these channels until then."""
        held = and_(
            holds.c.channel == conversations.c.channel,
            holds.c.tenant == conversations.c.tenant,
            holds.c.space == conversations.c.space,
            holds.c.until > now,
        )
        due = (
            select(conversations.c.id)
            .where(
                conversations.c.due_at <= now,
                conversations.c.channel.in_(channels),
                or_(conversations.c.lease_until.is_(None), conversations.c.lease_until <= now),
                ~select(holds.c.until).where(held).exists(),
            )
            .order_by(conversations.c.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True, of=conversations)
        )
        ids = self._db.execute(due).scalars().all()
        if not ids:
            return ()
        self._db.execute(
            update(conversations)
            .where(conversations.c.id.in_(ids))
            .values(lease=conversations.c.lease + 1, lease_until=until)
        )
        heads = tuple(_head(row) for row in self._db.execute(_heads(ids)))
        if heads:
            self._db.execute(
                update(outbox)
                .where(outbox.c.id.in_([head.id for head in heads]))
                .values(attempts=outbox.c.attempts + 1)
            )
        for head in heads:
            if head.kind != "reply":
                self._supersede(head, now)
        return heads

    def _supersede(self, head: Head, now: datetime) -> None:
        # What is shown now is the newest state: the later updates of the same card have nothing to add.
        same = outbox.c.ticket_id == head.ticket_id if head.kind == "card" else outbox.c.ticket_id.is_(None)
        self._db.execute(
            update(outbox)
            .where(
                outbox.c.conversation_id == head.conversation_id,
                outbox.c.status == "waiting",
                outbox.c.kind == head.kind,
                outbox.c.id != head.id,
                same,
            )
            .values(status="superseded", settled_at=now)
        )

    def sent(self, head: Head, receipt: Receipt, now: datetime) -> None:
        """Note that a post was delivered; raise `LeaseLost` when the conversation is somebody else's now."""
        changes: dict[str, Any] = {}
        if receipt.anchor and not head.conversation.root:
            changes["anchor"] = receipt.anchor
        if receipt.space and receipt.space != head.conversation.space:
            changes["space"] = receipt.space
        self._release(head, changes)
        self._db.execute(
            update(outbox)
            .where(outbox.c.id == head.id)
            .values(status="sent", receipt=receipt.message, error="", settled_at=now)
        )
        if head.kind == "card":
            self._db.execute(
                update(cards)
                .where(cards.c.ticket_id == head.ticket_id, cards.c.conversation_id == head.conversation_id)
                .values(receipt=receipt.message)
            )
        self._schedule(head.conversation_id)

    def again(self, head: Head, at: datetime, error: str, *, hold_space: bool) -> None:
        """Try again then; with `hold_space`, nothing goes to that place before."""
        self._release(head, {})
        self._db.execute(update(outbox).where(outbox.c.id == head.id).values(due_at=at, error=error))
        if hold_space:
            place = head.conversation
            self._db.execute(
                upsert(self._db, holds)
                .values(channel=place.channel, tenant=place.tenant, space=place.space, until=at)
                .on_conflict_do_update(index_elements=["channel", "tenant", "space"], set_={"until": at})
            )
        self._schedule(head.conversation_id)

    def dead(self, head: Head, error: str, now: datetime) -> None:
        """Give a post up; what follows it goes on."""
        self._release(head, {})
        self._db.execute(
            update(outbox).where(outbox.c.id == head.id).values(status="dead", error=error, settled_at=now)
        )
        self._schedule(head.conversation_id)

    def backlog(self) -> tuple[int, int, datetime | None]:
        """How many wait, how many are dead, and since when the oldest waits."""
        waiting = self._db.execute(
            select(func.count(), func.min(outbox.c.created_at)).where(outbox.c.status == "waiting")
        ).one()
        dead = self._db.execute(
            select(func.count()).select_from(outbox).where(outbox.c.status == "dead")
        ).scalar_one()
        return waiting[0], dead, waiting[1]

    def listed(self, statuses: Sequence[str], limit: int) -> tuple[Waiting, ...]:
        """What waits or is dead, oldest first."""
        rows = self._db.execute(
            select(outbox, conversations.c.channel, conversations.c.space)
            .join(conversations, conversations.c.id == outbox.c.conversation_id)
            .where(outbox.c.status.in_(statuses))
            .order_by(outbox.c.id)
            .limit(limit)
        )
        return tuple(
            Waiting(
                id=row.id,
                kind=row.kind,
                channel=row.channel,
                space=row.space,
                ticket=reference(row.ticket_id) if row.ticket_id else None,
                status=row.status,
                attempts=row.attempts,
                error=row.error,
                created_at=row.created_at,
            )
            for row in rows
        )

    def revive(self, ids: Sequence[int] | None, now: datetime) -> int:
        """Let dead posts be tried again, all of them for None; return how many."""
        which = outbox.c.status == "dead"
        if ids is not None:
            which = and_(which, outbox.c.id.in_(ids))
        revived = self._db.execute(
            update(outbox)
            .where(which)
            # One attempt is kept in mind: it may have succeeded without our knowing.
            .values(status="waiting", attempts=1, due_at=now, settled_at=None)
            .returning(outbox.c.conversation_id)
        ).scalars()
        conversation_ids = list(revived)
        for conversation_id in sorted(set(conversation_ids)):
            self._schedule(conversation_id)
        return len(conversation_ids)

    def _release(self, head: Head, changes: dict[str, Any]) -> None:
        # The fencing token: who lost the lease settles nothing.
        released = self._db.execute(
            update(conversations)
            .where(conversations.c.id == head.conversation_id, conversations.c.lease == head.lease)
            .values(lease_until=None, **changes)
        )
        if released.rowcount != 1:
            raise LeaseLost

    def _schedule(self, conversation_id: int) -> None:
        # A statement of its own, after the row is locked: within one statement PostgreSQL would look for
        # the first waiting post in the snapshot from before the lock.
        first = (
            select(outbox.c.due_at)
            .where(outbox.c.conversation_id == conversation_id, outbox.c.status == "waiting")
            .order_by(outbox.c.number)
            .limit(1)
            .scalar_subquery()
        )
        self._db.execute(
            update(conversations).where(conversations.c.id == conversation_id).values(due_at=first)
        )


def _heads(ids: Sequence[int]) -> Any:
    earlier, revised = outbox.alias("earlier"), outbox.alias("revised")
    first = (
        select(func.min(earlier.c.number))
        .where(earlier.c.conversation_id == conversations.c.id, earlier.c.status == "waiting")
        .correlate(conversations)
        .scalar_subquery()
    )
    return (
        select(
            outbox,
            conversations,
            texts.c.body,
            func.coalesce(revised.c.receipt, cards.c.receipt, "").label("edit"),
            outbox.c.id.label("outbox_id"),
        )
        .join(conversations, conversations.c.id == outbox.c.conversation_id)
        .outerjoin(texts, texts.c.id == outbox.c.text_id)
        .outerjoin(revised, revised.c.id == outbox.c.revises_id)
        .outerjoin(
            cards,
            and_(
                outbox.c.kind == "card",
                cards.c.ticket_id == outbox.c.ticket_id,
                cards.c.conversation_id == conversations.c.id,
            ),
        )
        .where(conversations.c.id.in_(ids), outbox.c.status == "waiting", outbox.c.number == first)
        .order_by(outbox.c.id)
    )


def _head(row: Row[Any]) -> Head:
    reply: Reply | None = codec.load(row.body) if row.body is not None else None
    return Head(
        id=row.outbox_id,
        conversation_id=row.conversation_id,
        lease=row.lease,
        conversation=ref_of(row),
        kind=row.kind,
        attempts=row.attempts + 1,
        reply=reply,
        ticket_id=row.ticket_id,
        private_to=Identity.parse(row.private_to) if row.private_to else None,
        edit=row.edit,
    )
