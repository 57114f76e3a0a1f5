"""Leases the first due post of each conversation, and records what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select, tuple_, update

from bot.desk.ports.channels import Receipt
from bot.desk.ports.outbox import Capacity, LeasedPost, Waiting
from bot.desk.ports.page import File
from bot.domain.conversations.messages import Reply
from bot.domain.errors import LeaseLost, PostUnreadable
from bot.domain.people import Identity
from bot.domain.tickets.relay import Mark
from bot.domain.tickets.ticket import format_reference
from bot.storage.repositories.conversations import ref_of
from bot.storage.rows import reply_json
from bot.storage.rows.delivery import (
    ATTEMPT,
    BRING_FORWARD,
    CARD_SENT,
    DUE,
    LEASED_POSTS,
    RETRIES,
    SCHEDULE,
    SENT,
    SUPERSEDE,
    TAKE,
    release,
)
from bot.storage.rows.planning import afterwards, by_number, is_status
from bot.storage.rows.prepared_statements import upsert
from bot.storage.schema.messages import outbox
from bot.storage.schema.tables import conversations, holds

LATELY = timedelta(minutes=1)  # a place that was limited then is still treated with care


class Deliveries:
    """Leases queued posts and records the results of their delivery."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def lease(self, now: datetime, until: datetime, limit: int, capacity: Capacity) -> tuple[LeasedPost, ...]:
        """Lease the first waiting posts of at most `limit` conversations until then, within a capacity.

        What is full is not looked at: however much waits for it, what is behind that is found.
        """
        if not capacity.channels:
            return ()
        values = {
            "p_now": now,
            "p_channels": capacity.channels,
            # What no place and no conversation is called: an empty list would be a query of its own.
            "p_full": capacity.full or [""],
            "p_under_way": capacity.conversations or [0],
            "p_limit": limit,
        }
        ids = _within(capacity, DUE.all(self._db, values), now - LATELY)
        if not ids:
            return ()
        TAKE.run(self._db, {"p_ids": ids, "p_lease_until": until})
        leased_posts = tuple(_leased_post(row) for row in LEASED_POSTS.all(self._db, {"p_ids": ids}))
        if leased_posts:
            ATTEMPT.run(self._db, {"p_ids": [leased.id for leased in leased_posts]})
        for leased in leased_posts:
            if leased.kind in ("card", "home"):
                self._supersede(leased, now)
        return leased_posts

    def _supersede(self, leased: LeasedPost, now: datetime) -> None:
        # What is shown now is the newest state: the later updates of the same card have nothing to add.
        SUPERSEDE.run(
            self._db,
            {
                "p_conversation_id": leased.conversation_id,
                "p_kind": leased.kind,
                "p_id": leased.id,
                "p_ticket_id": leased.ticket_id or 0,
                "p_settled_at": now,
            },
        )

    def reply(self, leased: LeasedPost) -> Reply:
        """What a leased post of kind reply says; raise `PostUnreadable`."""
        if leased.body is None:
            raise PostUnreadable("no_text")
        try:
            return reply_json.load(leased.body)
        except Exception as error:
            raise PostUnreadable from error

    def mark_sent(self, leased: LeasedPost, receipt: Receipt, now: datetime) -> None:
        """Note that a post was delivered; raise `LeaseLost` when the conversation is somebody else's now."""
        changes: dict[str, Any] = {}
        if receipt.anchor and not leased.conversation.root:
            changes["anchor"] = receipt.anchor
        if (
            receipt.space
            and receipt.space != leased.conversation.space
            and self._is_free(leased, receipt.space)
        ):
            changes["space"] = receipt.space
        self._release(leased, changes)
        SENT.run(self._db, {"p_id": leased.id, "p_receipt": receipt.message, "p_settled_at": now})
        if leased.kind == "card":
            key = {"p_ticket_id": leased.ticket_id, "p_conversation_id": leased.conversation_id}
            CARD_SENT.run(self._db, {**key, "p_receipt": receipt.message, "p_url": receipt.url})
        self._schedule(leased.conversation_id)

    def _is_free(self, leased: LeasedPost, space: str) -> bool:
        # A person's private chat may be known already under its own name: then ours stays symbolic.
        place = leased.conversation
        taken = select(conversations.c.id).where(
            conversations.c.channel == place.channel,
            conversations.c.tenant == place.tenant,
            conversations.c.space == space,
            conversations.c.thread == place.thread,
        )
        return self._db.execute(taken).first() is None

    def retry(self, leased: LeasedPost, at: datetime, error: str, *, hold_space: bool) -> None:
        """Try again then; with `hold_space`, nothing goes to that place before, and it was no attempt."""
        self._release(leased, {})
        attempts = outbox.c.attempts - 1 if hold_space else outbox.c.attempts
        self._db.execute(
            update(outbox).where(outbox.c.id == leased.id).values(due_at=at, error=error, attempts=attempts)
        )
        if hold_space:
            place = leased.conversation
            entry = upsert(self._db, holds).values(
                channel=place.channel, tenant=place.tenant, space=place.space, until=at
            )
            self._db.execute(
                entry.on_conflict_do_update(
                    index_elements=["channel", "tenant", "space"],
                    set_={"until": at},
                    where=holds.c.until < at,
                )
            )
        self._schedule(leased.conversation_id)

    def count_retries(self, channel: str, now: datetime) -> int:
        """In how many conversations of a channel a post waits for another attempt."""
        return RETRIES.number(self._db, {"p_channel": channel, "p_now": now})

    def bring_forward(self, channel: str, now: datetime, limit: int) -> None:
        """Let at most so many of the posts of a channel that wait for another attempt be due now."""
        BRING_FORWARD.run(self._db, {"p_channel": channel, "p_now": now, "p_limit": limit})

    def shorten_waits(self, now: datetime, latest: datetime, lease_until: datetime) -> None:
        """Let what waits for longer than `latest` wait no more, and leases end at `lease_until` at last."""
        # Found by what waits, which is little: neither table is read through.
        waiting = conversations.c.due_at.is_not(None)
        place = (conversations.c.channel, conversations.c.tenant, conversations.c.space)
        held = tuple_(holds.c.channel, holds.c.tenant, holds.c.space).in_(select(*place).where(waiting))
        self._db.execute(update(holds).where(held, holds.c.until > latest).values(until=now))
        leased = update(conversations).where(waiting, conversations.c.lease_until > lease_until)
        self._db.execute(leased.values(lease_until=lease_until))
        self._db.execute(update(conversations).where(conversations.c.due_at > latest).values(due_at=now))

    def dead_letter(self, leased: LeasedPost, error: str, now: datetime) -> None:
        """Give a post up; what follows it goes on."""
        self._release(leased, {})
        self._db.execute(
            update(outbox).where(outbox.c.id == leased.id).values(status="dead", error=error, settled_at=now)
        )
        self._schedule(leased.conversation_id)

    def backlog(self, channels: Sequence[str]) -> tuple[int, int, datetime | None]:
        """Posts of these channels that wait, dead letters, and since when the oldest post waits."""
        waiting = self._db.execute(
            select(func.count(), func.min(outbox.c.created_at))
            .join(conversations, conversations.c.id == outbox.c.conversation_id)
            .where(is_status(outbox.c.status, "waiting"), afterwards(conversations.c.channel).in_(channels))
        ).one()
        dead = self._db.execute(
            select(func.count()).select_from(outbox).where(is_status(outbox.c.status, "dead"))
        ).scalar_one()
        return waiting[0], dead, waiting[1]

    def listed(self, statuses: Sequence[str], limit: int) -> tuple[Waiting, ...]:
        """Waiting posts and dead letters, oldest first."""
        # A look for each status, by its own index: what was sent is never gone through.
        found = [row for status in statuses for row in self._listed(status, limit)]
        rows = sorted(found, key=lambda row: int(row.id))[:limit]
        return tuple(
            Waiting(
                id=row.id,
                kind=row.kind,
                channel=row.channel,
                space=row.space,
                ticket=format_reference(row.ticket_id) if row.ticket_id else None,
                status=row.status,
                attempts=row.attempts,
                error=row.error,
                created_at=row.created_at,
            )
            for row in rows
        )

    def _listed(self, status: str, limit: int) -> Sequence[Row[Any]]:
        return self._db.execute(
            select(outbox, conversations.c.channel, conversations.c.space)
            .join(conversations, conversations.c.id == outbox.c.conversation_id)
            .where(is_status(outbox.c.status, status))
            .order_by(by_number(outbox.c.id))
            .limit(limit)
        ).all()

    def requeue(self, ids: Sequence[int] | None, now: datetime) -> int:
        """Requeue dead letters, all of them for None; return how many."""
        which = is_status(outbox.c.status, "dead")
        if ids is not None:
            which = and_(which, outbox.c.id.in_(ids))
        requeued = self._db.execute(
            update(outbox)
            .where(which)
            # One attempt is kept in mind: it may have succeeded without our knowing.
            .values(status="waiting", attempts=1, due_at=now, settled_at=None)
            .returning(outbox.c.conversation_id)
        ).scalars()
        conversation_ids = list(requeued)
        for conversation_id in sorted(set(conversation_ids)):
            self._schedule(conversation_id)
        return len(conversation_ids)

    def _release(self, leased: LeasedPost, changes: dict[str, Any]) -> None:
        # The fencing token: who lost the lease settles nothing.
        values = {"p_id": leased.conversation_id, "p_lease": leased.lease}
        values |= {f"p_new_{name}": value for name, value in changes.items()}
        if release(*changes).run(self._db, values) != 1:
            raise LeaseLost

    def _schedule(self, conversation_id: int) -> None:
        # A statement of its own, after the row is locked: within one statement PostgreSQL would look for
        # the first waiting post in the snapshot from before the lock.
        SCHEDULE.run(self._db, {"p_id": conversation_id, "p_conversation_id": conversation_id})


def _within(capacity: Capacity, rows: Iterable[Any], since: datetime) -> list[int]:
    """Take conversations while there is capacity for their place.

    Only one of each place that was limited lately: more would be refused again.
    """
    limited: set[str] = set()
    ids = []
    for row in rows:
        if row.place in limited or not capacity.take(row.channel, row.place):
            continue
        ids.append(row.id)
        if row.until is not None and row.until > since:
            limited.add(row.place)
    return ids


def _leased_post(row: Any) -> LeasedPost:
    post = LeasedPost(
        id=row.outbox_id,
        conversation_id=row.conversation_id,
        lease=row.lease,
        conversation=ref_of(row),
        kind=row.kind,
        attempts=row.attempts + 1,
        ticket_id=row.ticket_id,
        private_to=Identity.parse(row.private_to) if row.private_to else None,
        edit=row.edit,
        body=row.body,
        revises=row.revises_id or 0,
        removed=row.removed,
        mark_of=row.mark_of,
        file=_file(row) if row.file_id is not None else None,
        left=row.left,
        trace=row.trace,
    )
    try:
        return replace(post, mark=Mark(row.mark)) if row.mark else post
    except ValueError:
        return replace(post, fault="unknown_mark")


def _file(row: Row[Any]) -> File:
    return File(row.file_id, row.file_name, row.media_type, row.size, row.file_channel, row.source)
