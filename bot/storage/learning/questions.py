"""Reads the questions that were asked before, a lot at a time, the newest first."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from bot.desk.ports.feedback import PastQuestion
from bot.domain.conversations.episode import EpisodeState
from bot.domain.conversations.outcome import AnswerVerdict
from bot.storage.schema.feedback import verdicts
from bot.storage.schema.shadow import shadow_verdicts
from bot.storage.schema.tables import decisions, episodes, texts

# What was decided about a question first; the notice of an outage says nothing about articles.
_DECIDED = ("answer", "choose", "openticket", "escalate", "askback")
_MOST_TARGETS = 3
_EPISODES: Select[Any] = (
    select(
        *(episodes.c[name] for name in ("id", "started_at", "state", "tried", "ticket_id")),
        texts.c.body,
        texts.c.erased_at,
        shadow_verdicts.c.named,
    )
    .join(texts, texts.c.id == episodes.c.question_id)
    .outerjoin(shadow_verdicts, shadow_verdicts.c.ticket_id == episodes.c.ticket_id)
    .order_by(episodes.c.id.desc())
)


def read_past_questions(
    db: Connection, since: datetime, before: int | None, limit: int
) -> tuple[tuple[PastQuestion, ...], int | None]:
    """Read the questions of a lot of episodes in three statements, and where the next lot begins."""
    query = _EPISODES if before is None else _EPISODES.where(episodes.c.id < before)
    rows = db.execute(query.limit(limit)).all()
    last = rows[-1].id if len(rows) == limit and any(row.started_at >= since for row in rows) else None
    rows = [row for row in rows if row.started_at >= since]
    decided, judged = _decided(db, rows), _judged(db, rows)
    found = [_question(row, decided[row.id], judged[row.id]) for row in rows if row.id in decided]
    return tuple(found), last


def _decided(db: Connection, rows: Sequence[Any]) -> dict[int, Any]:
    query = select(*(decisions.c[name] for name in ("episode_id", "kind", "candidates"))).where(
        decisions.c.episode_id.in_([row.id for row in rows]), decisions.c.kind.in_(_DECIDED)
    )
    found: dict[int, Any] = {}
    for row in db.execute(query.order_by(decisions.c.id)):
        found.setdefault(row.episode_id, row)
    return found


def _judged(db: Connection, rows: Sequence[Any]) -> dict[int, dict[str, AnswerVerdict]]:
    found: dict[int, dict[str, AnswerVerdict]] = defaultdict(dict)
    for row in db.execute(select(verdicts).where(verdicts.c.episode_id.in_([row.id for row in rows]))):
        found[row.episode_id][row.target] = AnswerVerdict(row.verdict)
    return found


def _question(row: Any, decided: Any, judged: dict[str, AnswerVerdict]) -> PastQuestion:
    right = row.named
    if right is None:  # what an engineer names counts more
        solved = [target for target, verdict in judged.items() if verdict is AnswerVerdict.SOLVED]
        right = solved[0] if solved else None
        if right is None and row.state == EpisodeState.SOLVED.value and row.tried:
            right = row.tried[-1][0]
    not_helpful = (target for target, verdict in judged.items() if verdict is AnswerVerdict.NOT_HELPFUL)
    return PastQuestion(
        id=row.id,
        at=row.started_at,
        text=row.body if row.erased_at is None else "",
        decision=decided.kind,
        targets=tuple(target for target, _ in decided.candidates[:_MOST_TARGETS]),
        ticket=row.ticket_id is not None,
        right=right,
        wrong=frozenset(not_helpful) - {right},
    )
