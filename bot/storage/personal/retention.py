"""Gives up what closed tickets and answered questions hold of people, when its days are over."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select, update

from bot.storage.engine import Database
from bot.storage.personal.log import add_retention, known_nobody, nobody
from bot.storage.personal.words import ERASED_POST, erase_posts, erase_words
from bot.storage.rows.people import ERASED
from bot.storage.schema.feedback import ratings, ticket_fields
from bot.storage.schema.messages import files, outbox, relays
from bot.storage.schema.outages import outages
from bot.storage.schema.tables import episodes, texts, ticket_events, tickets, utterances

LOOKED_THROUGH = 5_000  # rows in one transaction
CHANGED = 50  # rows of them that are changed


@dataclass(frozen=True, slots=True)
class Days:
    """After how many days something is given up; 0: never."""

    texts: float = 0
    events: float = 0
    tickets: float = 0


class ClosedTickets:
    """Looks through questions and tickets, lot by lot, again and again; figures stay whole."""

    def __init__(self, database: Database, clock: Callable[[], datetime], days: Days) -> None:
        self._database = database
        self._clock = clock
        of_words = ((days.texts, kind) for kind in (_Words, _Posts, _Outages))
        looks = (*of_words, (days.events, _History), (days.tickets, _People))
        self._looks = [(timedelta(days=number), kind) for number, kind in looks if number]
        self._turn = self._after = 0

    def look(self) -> bool:
        """Look at the next lot; return whether there are more before all were looked at once."""
        if not self._looks:
            return False
        now = self._clock()
        days, kind = self._looks[self._turn]
        # What is over is looked for without a lock: in most lots nothing is.
        with self._database.transaction(reading=True) as db:
            ids, after = kind(db, now, now - days).look(self._after)
        if ids:
            with self._database.transaction() as db:
                lot = kind(db, now, now - days)
                lot.run(ids)
                if lot.counts:
                    add_retention(db, now, lot.counts)
        self._after = after
        if self._after:
            return True
        self._turn = (self._turn + 1) % len(self._looks)
        return self._turn != 0


class _Lot(ABC):
    """One lot of rows, within one transaction."""

    table: Any = tickets

    def __init__(self, db: Connection, now: datetime, before: datetime) -> None:
        self._db = db
        self._now = now
        self._before = before
        self.counts: Counter[str] = Counter()

    def look(self, after: int) -> tuple[list[int], int]:
        """Look for rows that are over; return them, and the last that was looked at, 0 at the table's end."""
        key = self.table.c.id
        newest = self._db.execute(select(func.max(key))).scalar() or 0
        last = min(after + LOOKED_THROUGH, newest)
        rows = self._db.execute(
            self._over().where(key > after, key <= last).order_by(key).limit(CHANGED)
        ).all()
        ids = [int(row.id) for row in rows]
        if len(ids) == CHANGED:
            return ids, ids[-1]
        return ids, last if last < newest else 0

    def run(self, ids: Sequence[int]) -> None:
        """Give up what those of these rows hold that are still over."""
        key = self.table.c.id
        rows = self._db.execute(self._over().where(key.in_(ids)).order_by(key)).all()
        if rows:
            self._give_up(rows)

    @abstractmethod
    def _over(self) -> Any:
        """The rows that are over."""

    @abstractmethod
    def _give_up(self, rows: Sequence[Row[Any]]) -> None:
        """Give up what they hold."""

    def _closed(self) -> Any:
        return and_(tickets.c.status.in_(("resolved", "withdrawn")), tickets.c.closed_at < self._before)


class _Words(_Lot):
    table = episodes

    def _over(self) -> Any:
        ended = or_(tickets.c.id.is_(None), self._closed())
        return (
            select(episodes.c.id, episodes.c.question_id, tickets.c.id.label("ticket"))
            .outerjoin(tickets, tickets.c.episode_id == episodes.c.id)
            .where(episodes.c.last_at < self._before, ended, self._standing())
        )

    def _standing(self) -> Any:
        """Whether any words are there: a question may be gone already, and a comment come when all was."""
        # Not EXISTS: PostgreSQL would read through all texts once for each look.
        return or_(
            *(
                select(texts.c.id)
                .where(texts.c.id == column, *of, texts.c.body.not_in(("", ERASED)))
                .limit(1)
                .scalar_subquery()
                .is_not(None)
                for column, *of in (
                    (episodes.c.question_id,),
                    (tickets.c.question_id,),
                    (tickets.c.note_id,),
                    (utterances.c.text_id, utterances.c.episode_id == episodes.c.id),
                    (relays.c.text_id, relays.c.ticket_id == tickets.c.id),
                    (ticket_fields.c.text_id, ticket_fields.c.ticket_id == tickets.c.id),
                    (ratings.c.comment_id, ratings.c.ticket_id == tickets.c.id),
                )
            )
        )

    def _give_up(self, rows: Sequence[Row[Any]]) -> None:
        own = [row.id for row in rows]
        of_tickets = [row.ticket for row in rows if row.ticket is not None]
        words = [row.question_id for row in rows]
        words += self._all(utterances.c.text_id, utterances.c.episode_id.in_(own))
        for column, ticket in (
            (tickets.c.question_id, tickets.c.id),
            (tickets.c.note_id, tickets.c.id),
            (relays.c.text_id, relays.c.ticket_id),
            (ticket_fields.c.text_id, ticket_fields.c.ticket_id),
            (ratings.c.comment_id, ratings.c.ticket_id),
        ):
            words += self._all(column, ticket.in_(of_tickets))
        self.counts["texts"] += erase_words(self._db, words, self._now)
        held = select(relays.c.id).where(relays.c.ticket_id.in_(of_tickets))
        named = update(files).where(files.c.relay_id.in_(held))
        self._db.execute(named.values(name=ERASED, source="", body=None))

    def _all(self, column: Any, which: Any) -> list[Any]:
        return list(self._db.execute(select(column).where(which, column.is_not(None))).scalars())


class _Posts(_Lot):
    """What we said of tickets, wherever that was, and what one person alone was shown."""

    table = outbox

    def _over(self) -> Any:
        for_one = and_(outbox.c.ticket_id.is_(None), outbox.c.private_to != "")
        return (
            select(outbox.c.id, outbox.c.text_id)
            .join(texts, texts.c.id == outbox.c.text_id)
            .outerjoin(tickets, tickets.c.id == outbox.c.ticket_id)
            # What waits is on its way.
            .where(outbox.c.created_at < self._before, outbox.c.status != "waiting")
            .where(texts.c.body.not_in(("", ERASED_POST)), or_(self._closed(), for_one))
        )

    def _give_up(self, rows: Sequence[Row[Any]]) -> None:
        self.counts["texts"] += erase_posts(self._db, [row.text_id for row in rows], self._now)


class _Outages(_Lot):
    """The questions with which known outages were begun."""

    table = outages

    def _over(self) -> Any:
        return (
            select(outages.c.id, outages.c.question_id)
            .join(texts, texts.c.id == outages.c.question_id)
            .where(outages.c.settled_at < self._before, texts.c.body.not_in(("", ERASED)))
        )

    def _give_up(self, rows: Sequence[Row[Any]]) -> None:
        self.counts["texts"] += erase_words(self._db, [row.question_id for row in rows], self._now)


class _History(_Lot):
    def _over(self) -> Any:
        told = ticket_events.c.actor_id.is_not(None) & (ticket_events.c.ticket_id == tickets.c.id)
        return select(tickets.c.id).where(self._closed(), select(ticket_events.c.id).where(told).exists())

    def _give_up(self, rows: Sequence[Row[Any]]) -> None:
        which = and_(
            ticket_events.c.ticket_id.in_([row.id for row in rows]), ticket_events.c.actor_id.is_not(None)
        )
        # The one change that the database allows.
        gone = update(ticket_events).where(which).values(actor_id=None, detail={})
        self.counts["events"] += self._db.execute(gone).rowcount


class _People(_Lot):
    def _over(self) -> Any:
        somebody = tickets.c.requester_id != (known_nobody(self._db) or 0)
        return select(tickets.c.id, tickets.c.episode_id).where(self._closed(), somebody)

    def _give_up(self, rows: Sequence[Row[Any]]) -> None:
        instead = nobody(self._db, self._now)
        ids, own = [row.id for row in rows], [row.episode_id for row in rows]
        changes: tuple[tuple[Any, Any, dict[str, Any]], ...] = (
            (
                tickets,
                tickets.c.id.in_(ids),
                {
                    "requester_id": instead,
                    "opened_by_id": None,
                    "assignee_id": None,
                    "link": "",
                    "look_at": tickets.c.look_at,
                    "count_at": tickets.c.count_at,
                },
            ),
            (episodes, episodes.c.id.in_(own), {"person_id": instead, "link": ""}),
            (utterances, utterances.c.episode_id.in_(own), {"person_id": instead, "message": ""}),
            (relays, relays.c.ticket_id.in_(ids), {"author_id": None}),
        )
        for table, which, values in changes:
            self._db.execute(update(table).where(which).values(**values))
        self.counts["tickets"] += len(ids)
