"""Reads questions that were not answered: tickets, wrong answers, choices that nobody made."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, func, or_, select

from bot.desk.ports.feedback import MissedKeys
from bot.domain.conversations.outcome import AnswerVerdict, EpisodeOutcome
from bot.domain.knowledge.gap import Missed, MissedQuestion
from bot.storage.learning.outcomes import within
from bot.storage.schema.accounts import joined_people
from bot.storage.schema.feedback import verdicts
from bot.storage.schema.outcomes import outcomes
from bot.storage.schema.tables import decisions, episodes, people, texts, tickets

_MISSED = {
    EpisodeOutcome.TICKET.value: Missed.TICKET,
    EpisodeOutcome.NOT_HELPFUL.value: Missed.WRONG_ANSWER,
    EpisodeOutcome.ABANDONED_CHOICE.value: Missed.ABANDONED_CHOICE,
}
_QUESTIONS: Any = (
    select(
        episodes.c.id,
        func.coalesce(-joined_people.c.joined_id, episodes.c.person_id).label("person"),
        people.c.name,
        episodes.c.language,
        episodes.c.tried,
        texts.c.body,
        texts.c.erased_at,
        outcomes.c.outcome,
        tickets.c.id.label("ticket"),
        tickets.c.queue,
        tickets.c.status,
        tickets.c.claimed_at,
        tickets.c.closed_at,
        # A ticket of its kind was opened as soon as the request was recognised.
        select(func.count(decisions.c.id))
        .where(decisions.c.episode_id == episodes.c.id, decisions.c.kind == "openticket")
        .scalar_subquery()
        .label("recognised"),
    )
    .join(texts, texts.c.id == episodes.c.question_id)
    .join(people, people.c.id == episodes.c.person_id)
    .outerjoin(joined_people, joined_people.c.person_id == episodes.c.person_id)
    .outerjoin(tickets, tickets.c.episode_id == episodes.c.id)
    .outerjoin(outcomes, outcomes.c.episode_id == episodes.c.id)
)


class MissedQuestions:
    """Reads by the outcome of closed windows; of open ones by what is sure already."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def newest(self, since: datetime | None, until: datetime | None, most: int) -> MissedKeys:
        """The keys of the newest ones asked in this time; others are counted and not read."""
        closed = (outcomes.c.outcome.in_(_MISSED), *within(outcomes.c.asked_at, since, until))
        found = self._newest(outcomes.c.asked_at, outcomes.c.episode_id, closed, most)
        waiting = (self._is_missed(), *within(episodes.c.started_at, since, until))
        found += self._newest(episodes.c.started_at, episodes.c.id, waiting, most)
        number = self._count(outcomes.c.episode_id, closed) + self._count(episodes.c.id, waiting)
        ids = [key for _, key in sorted(found, reverse=True)[:most]]
        return MissedKeys(tuple(ids), number - len(ids))

    def read(self, ids: Sequence[int]) -> tuple[MissedQuestion, ...]:
        """These questions, in this order."""
        rows = {row.id: row for row in self._db.execute(_QUESTIONS.where(episodes.c.id.in_(ids)))}
        return tuple(_question(rows[number]) for number in ids if number in rows)

    def _newest(self, at: Any, key: Any, which: Sequence[Any], most: int) -> list[tuple[datetime, int]]:
        query = select(at, key).where(*which).order_by(at.desc(), key.desc()).limit(most)
        return [(when, number) for when, number in self._db.execute(query)]

    def _count(self, key: Any, which: Sequence[Any]) -> int:
        return self._db.execute(select(func.count(key)).where(*which)).scalar_one()

    def _is_missed(self) -> Any:
        """Whether a question with an open window has a ticket of its own, or an answer that did not help."""
        own = tickets.c.episode_id == episodes.c.id
        live = exists().where(own, tickets.c.outage_id.is_(None), tickets.c.status != "withdrawn")
        said = verdicts.c.episode_id == episodes.c.id
        vain = exists().where(said, verdicts.c.verdict == AnswerVerdict.NOT_HELPFUL.value)
        without = ~exists().where(own)
        return and_(episodes.c.look_at.is_not(None), or_(live, and_(vain, without)))


def _question(row: Row[Any]) -> MissedQuestion:
    sure = Missed.TICKET if row.ticket is not None else Missed.WRONG_ANSWER
    worked = None
    if row.status == "resolved" and row.claimed_at is not None and row.closed_at is not None:
        worked = row.claimed_at, row.closed_at
    return MissedQuestion(
        id=row.id,
        person=row.person,
        asker=row.name,
        text="" if row.erased_at is not None else row.body,
        language=row.language,
        missed=_MISSED.get(row.outcome, sure),
        queue=row.queue,
        recognised=bool(row.recognised),
        shown=tuple(target for target, _ in row.tried),
        worked=worked,
        ticket=row.ticket,
    )
