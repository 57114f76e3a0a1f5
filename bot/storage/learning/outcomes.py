"""Stores what became of each question, and of what was shown to it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, cast, func, select, update

from bot.desk.ports.feedback import AskedEpisode, ClosedEpisode, PastQuestion
from bot.domain.conversations.outcome import (
    AnswerVerdict,
    EpisodeOutcome,
    OutcomeCounts,
    ShownTarget,
    TargetFigures,
)
from bot.storage.learning.histories import read_histories
from bot.storage.learning.questions import read_past_questions
from bot.storage.rows.prepared_statements import upsert
from bot.storage.schema.outcomes import outcomes, shown_targets
from bot.storage.schema.shadow import shadow_verdicts
from bot.storage.schema.tables import episodes


class Outcomes:
    """Stores final outcomes; of open windows it reads what happened."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def due(self, now: datetime, limit: int) -> tuple[AskedEpisode, ...]:
        """Episodes at which the desk is to look by now, those first that have waited longest."""
        waiting = select(episodes.c.id).where(episodes.c.look_at <= now).order_by(episodes.c.look_at)
        return read_histories(self._db, list(self._db.execute(waiting.limit(limit)).scalars()))

    def close(self, closed: Sequence[ClosedEpisode]) -> None:
        """Enter final outcomes; those that are entered already stay as they are."""
        if not closed:
            return
        self._db.execute(
            upsert(self._db, outcomes).on_conflict_do_nothing(),
            [
                {
                    "episode_id": one.asked.id,
                    "outcome": one.judgement.outcome.value,
                    "target": one.judgement.target,
                    "again": one.judgement.again,
                    "channel": one.asked.channel,
                    "language": one.asked.language,
                    "queue": one.asked.queue,
                    "asked_at": one.asked.history.started_at,
                    "closed_at": one.judgement.closes_at,
                }
                for one in closed
            ],
        )
        rows = [_shown(one.asked, shown) for one in closed for shown in one.shown]
        if rows:
            self._db.execute(upsert(self._db, shown_targets).on_conflict_do_nothing(), rows)
        own = episodes.c.id.in_([one.asked.id for one in closed])
        self._db.execute(update(episodes).where(own).values(look_at=None))

    def put_off(self, waiting: Sequence[tuple[AskedEpisode, datetime]]) -> None:
        """Look again at episodes whose windows are still open, each at its time."""
        if waiting:
            which = (episodes.c.id == bindparam("number"), episodes.c.look_at.is_not(None))
            self._db.execute(
                update(episodes).where(*which).values(look_at=bindparam("at")),
                [{"number": asked.id, "at": at} for asked, at in waiting],
            )

    def open(
        self, since: datetime | None, until: datetime | None, after: int, limit: int
    ) -> tuple[AskedEpisode, ...]:
        """Episodes begun in this time without a final outcome, by their ids, beyond one of them."""
        query = select(episodes.c.id).where(episodes.c.look_at.is_not(None), episodes.c.id > after)
        query = query.where(*within(episodes.c.started_at, since, until)).order_by(episodes.c.id)
        return read_histories(self._db, list(self._db.execute(query.limit(limit)).scalars()))

    def count(self, since: datetime | None, until: datetime | None) -> OutcomeCounts:
        """Count the outcomes of the episodes begun from `since` on and before `until`."""
        closed = (
            select(outcomes.c.outcome, outcomes.c.again, func.count())
            .where(*within(outcomes.c.asked_at, since, until))
            .group_by(outcomes.c.outcome, outcomes.c.again)
        )
        counts: Counter[EpisodeOutcome] = Counter()
        again: Counter[EpisodeOutcome] = Counter()
        for outcome, came_back, count in self._db.execute(closed):
            counts[EpisodeOutcome(outcome)] += count
            again[EpisodeOutcome(outcome)] += count if came_back else 0
        waiting = select(func.count()).select_from(episodes).where(episodes.c.look_at.is_not(None))
        counts[EpisodeOutcome.PENDING] = self._db.execute(
            waiting.where(*within(episodes.c.started_at, since, until))
        ).scalar_one()
        return OutcomeCounts(counts, again)

    def past_questions(
        self, since: datetime, before: int | None, limit: int
    ) -> tuple[tuple[PastQuestion, ...], int | None]:
        """Questions asked since then, of a lot of episodes before this one, and where the next lot begins."""
        return read_past_questions(self._db, since, before, limit)

    def figures(self, since: datetime | None, until: datetime | None) -> tuple[TargetFigures, ...]:
        """The figures of each target that was shown in closed windows, or named, in this time."""
        these = within(shown_targets.c.shown_at, since, until)
        shown = (
            select(
                shown_targets.c.target,
                func.count().label("shown"),
                _how_many(shown_targets.c.verdict == AnswerVerdict.SOLVED.value).label("solved"),
                _how_many(shown_targets.c.verdict == AnswerVerdict.NOT_HELPFUL.value).label("not_helpful"),
                _how_many(shown_targets.c.again).label("again"),
                _how_many(shown_targets.c.chosen).label("chosen"),
            )
            .where(*these)
            .group_by(shown_targets.c.target)
        )
        found = {row.target: TargetFigures(**row._asdict(), reasons={}) for row in self._db.execute(shown)}
        why = (
            select(shown_targets.c.target, shown_targets.c.reason, func.count())
            .where(*these, shown_targets.c.reason != "")
            .group_by(shown_targets.c.target, shown_targets.c.reason)
        )
        for target, reason, count in self._db.execute(why):
            one = found[target]
            found[target] = replace(one, reasons={**(one.reasons or {}), reason: count})
        for target, count in self._named(since, until):
            found[target] = replace(found.get(target, TargetFigures(target, reasons={})), named=count)
        return tuple(found.values())

    def _named(self, since: datetime | None, until: datetime | None) -> Sequence[Any]:
        named = shadow_verdicts.c.named
        query = select(named, func.count()).where(named.is_not(None), named != "")
        query = query.where(*within(shadow_verdicts.c.named_at, since, until)).group_by(named)
        return self._db.execute(query).all()


def _shown(asked: AskedEpisode, shown: ShownTarget) -> dict[str, Any]:
    values = {name: value for name, value in asdict(shown).items() if name != "at"}
    return {"episode_id": asked.id, "shown_at": shown.at, **values}


def _how_many(which: Any) -> Any:
    return func.coalesce(func.sum(cast(which, Integer)), 0)


def within(column: Any, since: datetime | None, until: datetime | None) -> list[Any]:
    """The conditions that a time is from one on and before another."""
    bounds = [column >= since] if since is not None else []
    return [*bounds, column < until] if until is not None else bounds
