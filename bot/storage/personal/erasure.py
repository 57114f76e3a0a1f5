"""Erases a person portion by portion, and goes on where it was broken off."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, func, insert, or_, select, update
from sqlalchemy.exc import DBAPIError

from bot.domain.people import JoinHow, Person
from bot.storage.accounts.absences import Absences
from bot.storage.accounts.joins import Joins
from bot.storage.engine import Database
from bot.storage.learning.typed_drafts import forget_typed
from bot.storage.mirrors import Mirrors
from bot.storage.personal.places import Places, places_of
from bot.storage.personal.posts import Accounts, Posts
from bot.storage.personal.search import accounts_of
from bot.storage.personal.words import UnnamedTexts, erase_words
from bot.storage.repositories.outbox import Outbox
from bot.storage.repositories.tickets import Tickets
from bot.storage.rows.people import ERASED
from bot.storage.schema.accounts import account_addresses
from bot.storage.schema.feedback import ratings, ticket_fields
from bot.storage.schema.messages import files, outbox, relays
from bot.storage.schema.outages import outages
from bot.storage.schema.privacy import privacy_log
from bot.storage.schema.tables import (
    conversations,
    episodes,
    identities,
    people,
    texts,
    tickets,
    utterances,
)
from bot.storage.unit_of_work import stood_in_the_way

LOOKED_THROUGH = 5_000  # rows in one transaction
CHANGED = 100  # rows of them that are changed
AT_ONCE = 30  # changes in chat; each more comes a second later, so that new cards do not wait behind them
UNNAMED, PLACES = "unnamed", "places"


@dataclass(frozen=True, slots=True)
class Step:
    """How far an erasure is: which table, which row of how many; `waits` for posts that are on their way."""

    stage: str
    done: int
    of: int
    finished: bool = False
    waits: int = 0


class Erasure:
    """Erases one person; what a server does meanwhile is held up by a portion at most."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._gathering: UnnamedTexts | None = None
        self._unnamed: list[int] = []
        self._gathered_for = 0

    def begin(self, person_id: int, by: str) -> tuple[int, ...]:
        """Take the names and accounts of a person at once; return the numbers under which the rest goes on.

        All accounts that are joined with this one go together. Who writes from now on is somebody new.
        """
        with self._database.transaction() as db:
            everybody = Joins(db).joined_with(person_id)
            return tuple(self._begin_one(db, one, by) for one in everybody)

    def _begin_one(self, db: Connection, person_id: int, by: str) -> int:
        now = self._clock()
        running = select(privacy_log.c.id).where(
            privacy_log.c.kind == "erase",
            privacy_log.c.person_id == person_id,
            privacy_log.c.finished_at.is_(None),
        )
        found = db.execute(running).scalar()
        if found is not None:
            return int(found)
        _stand_alone(db, person_id, now, by)
        forget_typed(db)  # nothing tells whose words are in them
        name = db.execute(select(people.c.name).where(people.c.id == person_id)).scalar_one()
        accounts = accounts_of(db, person_id)
        sought = {
            "names": [name] if name != ERASED else [],
            "accounts": [[one.channel, one.tenant, one.external_id] for one in accounts],
        }
        db.execute(update(people).where(people.c.id == person_id).values(name=ERASED, language=None))
        own = identities.c.person_id == person_id
        for number in db.execute(select(identities.c.id).where(own)).scalars().all():
            changed = update(identities).where(identities.c.id == number)
            db.execute(changed.values(external_id=f"{ERASED}{number}"))
        entry = {"kind": "erase", "person_id": person_id, "at": now, "by": by, "stage": STAGES[0]}
        made = insert(privacy_log).values(**entry, after=0, sought=sought, counts={})
        return int(db.execute(made.returning(privacy_log.c.id)).scalar_one())

    def unfinished(self) -> tuple[int, ...]:
        """The erasures that are to go on."""
        with self._database.transaction(reading=True) as db:
            which = and_(privacy_log.c.kind == "erase", privacy_log.c.finished_at.is_(None))
            return tuple(
                db.execute(select(privacy_log.c.id).where(which).order_by(privacy_log.c.id)).scalars()
            )

    def counts(self, number: int) -> Mapping[str, int]:
        """How many of what were erased."""
        with self._database.transaction(reading=True) as db:
            found = select(privacy_log.c.counts).where(privacy_log.c.id == number)
            return dict(db.execute(found).scalar_one())

    def step(self, number: int) -> Step:
        """Erase the next portion; where another transaction stood in the way, nothing yet."""
        try:
            return self._step(number)
        except (DBAPIError, self._database.error) as error:
            if stood_in_the_way(error):
                return Step("", 0, 0)
            raise

    def _step(self, number: int) -> Step:
        # What is to be changed is looked for without a lock: most portions hold nothing of one person.
        with self._database.transaction(reading=True) as db:
            row = db.execute(select(privacy_log).where(privacy_log.c.id == number)).one()
            if row.finished_at is not None:
                return Step("", 1, 1, finished=True)
            if row.stage == UNNAMED and self._gather(db, number):
                return Step(UNNAMED, 0, 0)
            seen = _Portion(db, row, self._clock()).look() if row.stage in WALKED else _Seen()
        some, later = self._unnamed[:LOOKED_THROUGH], self._unnamed[LOOKED_THROUGH:]
        with self._database.transaction() as db:
            now = db.execute(select(privacy_log).where(privacy_log.c.id == number).with_for_update()).one()
            if (now.stage, now.after) != (row.stage, row.after):  # somebody else has done so
                return Step(now.stage, now.after, 0)
            portion = _Portion(db, now, self._clock())
            if now.stage == PLACES:
                return portion.forget_places()
            if now.stage != UNNAMED:
                return portion.run(seen)
            step = portion.erase_unnamed(some, last=not later)
        self._unnamed = later
        return step

    def _gather(self, db: Connection, number: int) -> bool:
        """Look for texts that nothing names any more: earlier versions of questions, notes and edits."""
        if self._gathered_for != number:  # what another erasure has left is older than this one
            self._gathered_for, self._gathering, self._unnamed = number, None, []
        if self._unnamed:
            return False
        self._gathering = self._gathering or UnnamedTexts.begin(db)
        if self._gathering.look(db):
            return True
        self._unnamed, self._gathering = self._gathering.found(), None
        return False


def _stand_alone(db: Connection, person_id: int, now: datetime, by: str) -> None:
    """Take an account out of those that it is joined with, with its address; its absence ends."""
    Joins(db).separate(person_id, JoinHow.ERASED, now, by)
    Absences(db).end(Person(person_id, ""), now)
    for one in accounts_of(db, person_id):
        of_this = select(account_addresses.c.id).where(
            account_addresses.c.channel == one.channel,
            account_addresses.c.tenant == one.tenant,
            account_addresses.c.external_id == one.external_id,
        )
        for number in db.execute(of_this).scalars().all():
            gone = {"external_id": f"{ERASED}{number}", "address_hash": "", "tried_at": now}
            db.execute(update(account_addresses).where(account_addresses.c.id == number).values(**gone))


@dataclass(frozen=True, slots=True)
class _Seen:
    """Rows to be changed, the last one that was looked at, and the newest of the table."""

    ids: tuple[int, ...] = ()
    last: int = 0
    newest: int = 0


class _Portion:
    """One portion of an erasure, within one transaction."""

    def __init__(self, db: Connection, row: Row[Any], now: datetime) -> None:
        self._db = db
        self._number = row.id
        self._person = row.person_id
        self._stage = row.stage
        self._after = row.after
        self._sought = row.sought
        self.counts: Counter[str] = Counter(row.counts)
        self.now = now

    def look(self) -> "_Seen":
        """Look for rows to be changed among the next ones."""
        table, matching, _ = self._work()
        newest = self._db.execute(select(func.max(table.c.id))).scalar() or 0
        last = min(self._after + LOOKED_THROUGH, newest)
        which = and_(table.c.id > self._after, table.c.id <= last, matching)
        ids = self._db.execute(select(table.c.id).where(which).order_by(table.c.id).limit(CHANGED))
        found = tuple(ids.scalars())
        return _Seen(found, found[-1] if len(found) == CHANGED else last, newest)

    def run(self, seen: "_Seen") -> Step:
        """Erase what these rows hold."""
        table, _, erase = self._work()
        if seen.ids:
            erase(self._db.execute(select(table).where(table.c.id.in_(seen.ids)).order_by(table.c.id)).all())
        self._after = seen.last
        if self._after >= seen.newest:
            return self.next_stage()
        self._save()
        return Step(self._stage, self._after, seen.newest)

    def erase_unnamed(self, ids: Sequence[int], *, last: bool) -> Step:
        """Erase texts that nothing names any more."""
        self.counts["texts"] += erase_words(self._db, ids, self.now)
        if last:
            return self.next_stage()
        self._save()
        return Step(UNNAMED, 0, 0)

    def next_stage(self) -> Step:
        """Go on with the next table."""
        self._stage, self._after = STAGES[STAGES.index(self._stage) + 1], 0
        self._save()
        return Step(self._stage, 0, 0)

    def _work(self) -> tuple[Any, Any, Callable[[Sequence[Row[Any]]], None]]:
        me = self._person
        their_episode = exists().where(episodes.c.id == utterances.c.episode_id, episodes.c.person_id == me)
        their_ticket = exists().where(tickets.c.id == relays.c.ticket_id, tickets.c.requester_id == me)
        return {
            "utterances": (utterances, or_(utterances.c.person_id == me, their_episode), self._utterances),
            "episodes": (episodes, episodes.c.person_id == me, self._episodes),
            "tickets": (
                tickets,
                or_(*(tickets.c[name] == me for name in ("requester_id", "assignee_id", "opened_by_id"))),
                self._tickets,
            ),
            "relays": (relays, or_(relays.c.author_id == me, their_ticket), self._relays),
            "outbox": (outbox, self._our_posts().matching(), self._posts),
            "conversations": (conversations, places_of(me, self._accounts()), self._remember),
        }[self._stage]

    def _utterances(self, rows: Sequence[Row[Any]]) -> None:
        self._words(row.text_id for row in rows)
        self._set(utterances, rows, message="")

    def _episodes(self, rows: Sequence[Row[Any]]) -> None:
        self._words(row.question_id for row in rows)
        self._set(episodes, rows, link="")

    def _tickets(self, rows: Sequence[Row[Any]]) -> None:
        me = self._person
        theirs = [row for row in rows if row.requester_id == me]
        ids = [row.id for row in theirs]
        self._words(row.question_id for row in theirs)
        self._words(row.note_id for row in rows if me in (row.requester_id, row.assignee_id))
        self._words(
            self._db.execute(select(ratings.c.comment_id).where(ratings.c.ticket_id.in_(ids))).scalars()
        )
        answers = select(ticket_fields.c.text_id).where(ticket_fields.c.ticket_id.in_(ids))
        self._words(self._db.execute(answers).scalars())
        # Not through the table's own defaults: nothing is to be done with these tickets.
        self._set(tickets, theirs, link="", look_at=tickets.c.look_at)
        self.counts["tickets"] += len(theirs)
        for row in rows:
            for conversation_id in Tickets(self._db).cards(row.id):
                Outbox(self._db).show_card(row.id, conversation_id, self._later())
                if row.assignee_id == me:
                    Mirrors(self._db).forget_assignee(conversation_id, self._accounts())

    def _copied(self, ids: Sequence[int]) -> Sequence[int]:
        """Find the questions of outages that were begun with these words."""
        words = select(texts.c.body).where(texts.c.id.in_(ids), texts.c.body != ERASED)
        of_outages = select(texts.c.id).join(outages, outages.c.question_id == texts.c.id)
        return self._db.execute(of_outages.where(texts.c.body.in_(words))).scalars().all()

    def _relays(self, rows: Sequence[Row[Any]]) -> None:
        self._words(row.text_id for row in rows)
        for row in rows:
            name = f"{ERASED}{row.id}"
            self._db.execute(update(relays).where(relays.c.id == row.id).values(message=name, gone=True))
        held = files.c.relay_id.in_([row.id for row in rows])
        gone = update(files).where(held).values(name=ERASED, source="", body=None)
        self.counts["files"] += self._db.execute(gone).rowcount

    def _our_posts(self) -> Posts:
        return Posts(self._db, self._person, self._names(), self._accounts(), self._later)

    def _posts(self, rows: Sequence[Row[Any]]) -> None:
        self.counts.update(self._our_posts().erase(rows, self.now))

    def _remember(self, rows: Sequence[Row[Any]]) -> None:
        """Remember where they can be reached: it is forgotten last."""
        places = {(row.channel, row.tenant, row.space) for row in rows} | set(map(tuple, self._places()))
        self._sought = {**self._sought, "places": sorted(map(list, places))}

    def forget_places(self) -> Step:
        """Forget where they can be reached, once nothing is on its way there any more."""
        places = Places(self._db, self._person, self._accounts(), self._places())
        waiting = places.waiting()
        if waiting:
            return Step(PLACES, 0, 0, waits=waiting)
        places.forget(self.now)
        self._sought = {}
        self._save(finished=True)
        return Step(PLACES, 1, 1, finished=True)

    def _words(self, ids: Iterable[int | None]) -> None:
        wanted = [number for number in ids if number is not None]
        self.counts["texts"] += erase_words(self._db, [*self._copied(wanted), *wanted], self.now)

    def _set(self, table: Any, rows: Sequence[Row[Any]], **values: Any) -> None:
        ids = [row.id for row in rows]
        if ids:
            self._db.execute(update(table).where(table.c.id.in_(ids)).values(**values))

    def _later(self) -> datetime:
        self.counts["in_chat"] += 1
        return self.now + timedelta(seconds=max(0, self.counts["in_chat"] - AT_ONCE))

    def _names(self) -> tuple[str, ...]:
        return tuple(self._sought.get("names", ()))

    def _accounts(self) -> Accounts:
        return tuple((channel, tenant, name) for channel, tenant, name in self._sought.get("accounts", ()))

    def _places(self) -> Accounts:
        return tuple((channel, tenant, space) for channel, tenant, space in self._sought.get("places", ()))

    def _save(self, *, finished: bool = False) -> None:
        values: dict[str, Any] = {"stage": self._stage, "after": self._after, "sought": self._sought}
        values |= {"counts": dict(self.counts), "finished_at": self.now if finished else None}
        self._db.execute(update(privacy_log).where(privacy_log.c.id == self._number).values(**values))
        # A message that was on its way in at the begin may have brought the name once more.
        again = and_(
            people.c.id == self._person, or_(people.c.name != ERASED, people.c.language.is_not(None))
        )
        self._db.execute(update(people).where(again).values(name=ERASED, language=None))


WALKED = ("utterances", "episodes", "tickets", "relays", "outbox", "conversations")  # by their ids
STAGES = (*WALKED, UNNAMED, PLACES)
