"""Stores what is known of tickets in systems that are mirrored both ways."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from bot.desk.ports.backends import Due, MirrorState, RemoteState
from bot.domain.tickets.mirror import MirrorField
from bot.storage.rows.delivery import SCHEDULE
from bot.storage.rows.prepared_statements import upsert
from bot.storage.schema.messages import outbox, relays
from bot.storage.schema.mirrors import mirrors
from bot.storage.schema.tables import conversations

_STATE = select(mirrors.c.agreed, mirrors.c.version, mirrors.c.state)


class Mirrors:
    """Stores the values on which both sides agreed last, and which tickets there are to be read."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def lock(self, conversation_id: int) -> MirrorState:
        """What is known of a ticket there; nobody else changes it until the transaction ends."""
        self._enter(conversation_id)
        held = _STATE.where(mirrors.c.conversation_id == conversation_id).with_for_update()
        return _state(self._db.execute(held).one())

    def look(self, conversation_id: int) -> MirrorState:
        """What is known of a ticket there."""
        row = self._db.execute(_STATE.where(mirrors.c.conversation_id == conversation_id)).first()
        return _state(row) if row is not None else MirrorState()

    def save(self, conversation_id: int, state: MirrorState, at: datetime) -> None:
        """Keep what is known now."""
        self._db.execute(
            update(mirrors)
            .where(mirrors.c.conversation_id == conversation_id)
            .values(
                agreed={name.value: value for name, value in state.agreed.items()},
                version=state.version,
                state=state.state.value,
                seen_at=at,
            )
        )

    def forget_assignee(self, conversation_id: int, accounts: Collection[tuple[str, str, str]]) -> None:
        """Forget on which assignee both sides agreed, where it is one of these accounts."""
        state = self.look(conversation_id)
        if state.agreed.get(MirrorField.ASSIGNEE) in {name for _, _, name in accounts}:
            left = {name.value: to for name, to in state.agreed.items() if name is not MirrorField.ASSIGNEE}
            here = mirrors.c.conversation_id == conversation_id
            self._db.execute(update(mirrors).where(here).values(agreed=left))

    def hint(self, conversation_id: int, at: datetime) -> None:
        """Let a ticket there be read from this time on."""
        self._enter(conversation_id)
        self._db.execute(
            update(mirrors)
            .where(mirrors.c.conversation_id == conversation_id)
            .values(hints=mirrors.c.hints + 1, due_at=at)
        )

    def take(self, channel: str, now: datetime, until: datetime) -> Due | None:
        """Take the ticket of a backend that is due longest, so that nobody else takes it before `until`."""
        row = self._db.execute(
            select(mirrors.c.conversation_id, mirrors.c.hints, mirrors.c.failures, conversations.c.anchor)
            .join(conversations, conversations.c.id == mirrors.c.conversation_id)
            .where(mirrors.c.due_at <= now, conversations.c.channel == channel, conversations.c.anchor != "")
            .order_by(mirrors.c.due_at, mirrors.c.conversation_id)
            .limit(1)
            .with_for_update(of=mirrors, skip_locked=True)
        ).first()
        if row is None:
            return None
        taken = update(mirrors).where(mirrors.c.conversation_id == row.conversation_id).values(due_at=until)
        self._db.execute(taken)
        return Due(row.conversation_id, row.anchor, row.hints, row.failures)

    def read(self, due: Due) -> None:
        """Record that it was read; where it was said again meanwhile, it stays due."""
        self._settle(due, due_at=None, failures=0)

    def retry(self, due: Due, at: datetime) -> None:
        """Let it be read again at a time, after a failure."""
        self._settle(due, due_at=at, failures=due.failures + 1)

    def waiting(self, channel: str) -> int:
        """How many tickets of a backend are to be read."""
        counted = self._db.execute(
            select(func.count())
            .select_from(mirrors.join(conversations, conversations.c.id == mirrors.c.conversation_id))
            .where(mirrors.c.due_at.is_not(None), conversations.c.channel == channel)
        )
        return int(counted.scalar_one())

    def wrote(self, conversation_id: int, comment_id: str) -> bool:
        """Whether a comment there is a post of ours."""
        of_ours = select(outbox.c.id).where(
            outbox.c.conversation_id == conversation_id, outbox.c.receipt == comment_id
        )
        return self._db.execute(of_ours.limit(1)).first() is not None

    def taken(self, conversation_id: int) -> tuple[str, ...]:
        """The ids of the comments there that were taken in and not deleted since."""
        there = relays.c.conversation_id == conversation_id
        return tuple(self._db.execute(select(relays.c.message).where(there, ~relays.c.gone)).scalars())

    def newest_post(self, conversation_id: int) -> int:
        """The id of the newest post in a conversation, 0 where there is none."""
        newest = select(func.max(outbox.c.id)).where(outbox.c.conversation_id == conversation_id)
        return int(self._db.execute(newest).scalar() or 0)

    def mute(self, conversation_id: int, after: int, at: datetime) -> None:
        """Let no reply be posted in a conversation that is newer than a post."""
        newer = (outbox.c.conversation_id == conversation_id) & (outbox.c.id > after)
        muted = update(outbox).where(newer, outbox.c.kind == "reply", outbox.c.status == "waiting")
        if self._db.execute(muted.values(status="superseded", settled_at=at)).rowcount:
            SCHEDULE.run(self._db, {"p_id": conversation_id, "p_conversation_id": conversation_id})

    def _enter(self, conversation_id: int) -> None:
        entry = upsert(self._db, mirrors).values(conversation_id=conversation_id)
        self._db.execute(entry.on_conflict_do_nothing())

    def _settle(self, due: Due, **values: Any) -> None:
        unchanged = (mirrors.c.conversation_id == due.conversation_id) & (mirrors.c.hints == due.hints)
        self._db.execute(update(mirrors).where(unchanged).values(**values))


def _state(row: Any) -> MirrorState:
    known = {MirrorField(name): str(value) for name, value in row.agreed.items()}
    return MirrorState(known, row.version, RemoteState(row.state))
