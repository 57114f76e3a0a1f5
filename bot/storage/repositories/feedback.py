"""Stores what an employee is asked: how it went, details of a ticket, and whether answers helped."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select, update

from bot.domain.conversations.outcome import AnswerVerdict, NotHelpfulReason
from bot.domain.knowledge.promise import Evidence, PromiseState
from bot.domain.tickets.checklist import AskedDetail
from bot.domain.tickets.rating import Mean, Rating
from bot.storage.rows.prepared_statements import Prepared, dialect, entries, given
from bot.storage.schema.feedback import promises, ratings, ticket_fields, verdicts
from bot.storage.schema.tables import texts

_ASK_MARK = insert(ratings)
_NEWEST = Prepared(
    select(ratings)
    .where(ratings.c.ticket_id == given(ratings.c.ticket_id))
    .order_by(ratings.c.id.desc())
    .limit(1)
)
_MEAN = select(func.count(ratings.c.mark), func.sum(ratings.c.mark)).where(
    ratings.c.answered_at >= given(ratings.c.answered_at)
)
_ASK_DETAIL = {
    name: entry.on_conflict_do_update(
        index_elements=["ticket_id", "key"],
        set_={
            "question": entry.excluded.question,
            "post_id": entry.excluded.post_id,
            "asked_at": entry.excluded.asked_at,
        },
    )
    for name, entry in entries(ticket_fields).items()
}
_DETAILS = Prepared(
    select(ticket_fields)
    .where(ticket_fields.c.ticket_id == given(ticket_fields.c.ticket_id))
    .order_by(ticket_fields.c.id)
)


class Ratings:
    """Stores the rating after each resolution."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def ask(self, ticket_id: int, post_id: int, at: datetime) -> None:
        """Note that this post asks how it went."""
        self._db.execute(_ASK_MARK, {"ticket_id": ticket_id, "post_id": post_id, "asked_at": at})

    def newest(self, ticket_id: int) -> Rating | None:
        """What was asked after a ticket's last resolution."""
        row = _NEWEST.first(self._db, {"p_ticket_id": ticket_id})
        if row is None:
            return None
        return Rating(row.id, row.ticket_id, row.post_id, row.asked_at, row.mark, row.comment_id)

    def mark(self, rating: Rating, mark: int, at: datetime) -> bool:
        """Set or change the mark; False when a sentence has settled it."""
        done = self._db.execute(
            update(ratings)
            .where(ratings.c.id == rating.id, ratings.c.comment_id.is_(None))
            .values(mark=mark, answered_at=at)
        )
        return done.rowcount == 1

    def comment(self, rating: Rating, text_id: int, at: datetime) -> bool:
        """Keep the one sentence; False when there is one already, or no mark yet."""
        done = self._db.execute(
            update(ratings)
            .where(ratings.c.id == rating.id, ratings.c.comment_id.is_(None), ratings.c.mark.is_not(None))
            .values(comment_id=text_id, answered_at=at)
        )
        return done.rowcount == 1

    def mean(self, since: datetime) -> Mean:
        """All marks since then together."""
        count, total = self._db.execute(_MEAN, {"p_answered_at": since}).one()
        return Mean(int(count), float(total) / count if count else None)


class Details:
    """Stores the questions of a ticket's checklist, and their answers."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def ask(self, ticket_id: int, questions: Sequence[tuple[str, str]], post_id: int, at: datetime) -> None:
        """Note these (key, question) as asked in this post; answers that are there stay."""
        entry = _ASK_DETAIL[dialect(self._db)]
        for key, question in questions:
            values = {"ticket_id": ticket_id, "key": key, "question": question}
            self._db.execute(entry, {**values, "post_id": post_id, "asked_at": at})

    def of(self, ticket_id: int) -> tuple[AskedDetail, ...]:
        """All questions of a ticket, in the order in which they were first asked."""
        rows = _DETAILS.all(self._db, {"p_ticket_id": ticket_id})
        return tuple(AskedDetail(row.key, row.question, row.post_id, row.text_id) for row in rows)

    def answer(self, ticket_id: int, key: str, text_id: int, at: datetime) -> None:
        """Keep an answer; of an earlier one no words stay."""
        which = and_(ticket_fields.c.ticket_id == ticket_id, ticket_fields.c.key == key)
        before = select(ticket_fields.c.text_id).where(which)
        self._db.execute(update(texts).where(texts.c.id.in_(before)).values(body=""))
        self._db.execute(update(ticket_fields).where(which).values(text_id=text_id, answered_at=at))


_OF_ANSWER = (
    verdicts.c.episode_id == given(verdicts.c.episode_id),
    verdicts.c.target == given(verdicts.c.target),
)
_FIRST = Prepared({name: entry.on_conflict_do_nothing() for name, entry in entries(verdicts).items()})
_LAST = Prepared(
    update(verdicts)
    .where(*_OF_ANSWER)
    .values({name: given(verdicts.c[name]) for name in ("verdict", "reason", "at")})
)
_WHY = Prepared(
    update(verdicts)
    .where(*_OF_ANSWER, verdicts.c.verdict == AnswerVerdict.NOT_HELPFUL.value)
    .values(reason=given(verdicts.c.reason))
)


class Verdicts:
    """Stores what employees said of answers."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def judge(self, episode_id: int, target: str, verdict: AnswerVerdict, at: datetime) -> bool:
        """Keep a verdict in the place of an earlier one; return whether it is the first."""
        values = {"verdict": verdict.value, "at": at}
        if _FIRST.run(self._db, {"episode_id": episode_id, "target": target, **values}):
            return True
        which = {"p_episode_id": episode_id, "p_target": target}
        _LAST.run(self._db, {**which, "p_reason": "", **{f"p_{name}": one for name, one in values.items()}})
        return False

    def say_why(self, episode_id: int, target: str, reason: NotHelpfulReason) -> None:
        """Keep the reason of a verdict that an answer did not help."""
        _WHY.run(self._db, {"p_episode_id": episode_id, "p_target": target, "p_reason": reason.value})


_STATE = select(promises).where(promises.c.key == given(promises.c.key))
_READ = Prepared(_STATE)
_LOCK = Prepared(_STATE.with_for_update())
_BEGIN = Prepared({name: entry.on_conflict_do_nothing() for name, entry in entries(promises).items()})
_SAVE = Prepared(
    update(promises)
    .where(promises.c.key == given(promises.c.key))
    .values(
        {name: given(promises.c[name]) for name in ("judged", "wrong", "winnings", "closed_at", "told_at")}
    )
)
_TOLD = Prepared(
    update(promises)
    .where(
        promises.c.key == given(promises.c.key),
        promises.c.closed_at.is_not(None),
        promises.c.told_at.is_(None),
    )
    .values(told_at=given(promises.c.told_at))
)


class Promises:
    """Stores what judged answers say of each promise."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def read(self, key: str) -> PromiseState:
        """The state of a promise, that of a new one where no answer was judged."""
        row = _READ.first(self._db, {"p_key": key})
        return _state(row) if row is not None else PromiseState()

    def lock(self, key: str) -> PromiseState:
        """The state of a promise, locked until the transaction ends."""
        new = {"key": key, "judged": 0, "wrong": 0, "winnings": list(Evidence().winnings)}
        _BEGIN.run(self._db, new)
        return _state(_LOCK.one(self._db, {"p_key": key}))

    def save(self, key: str, state: PromiseState) -> None:
        """Store the state of a promise that is locked; nobody was told about it yet."""
        found = state.evidence
        values = {"p_judged": found.judged, "p_wrong": found.wrong, "p_winnings": list(found.winnings)}
        _SAVE.run(self._db, {"p_key": key, **values, "p_closed_at": state.closed_at, "p_told_at": None})

    def mark_told(self, key: str, at: datetime) -> bool:
        """Note that the rooms are told that a promise is closed; False when they were, or it is not."""
        return _TOLD.run(self._db, {"p_key": key, "p_told_at": at}) == 1


def _state(row: Any) -> PromiseState:
    return PromiseState(Evidence(row.judged, row.wrong, tuple(row.winnings)), row.closed_at)
