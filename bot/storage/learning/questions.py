"""Reads the questions that were asked before, a lot at a time, the newest first."""

from collections import defaultdict
from collections.abc import Sequence, Set
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from bot.desk.ports.feedback import PastQuestion
from bot.domain.conversations.episode import EpisodeState
from bot.domain.conversations.outcome import AnswerVerdict
from bot.domain.knowledge.proposal import Confirmation
from bot.domain.knowledge.shadow import NO_ARTICLE
from bot.storage.schema.accounts import joined_people
from bot.storage.schema.feedback import verdicts
from bot.storage.schema.outcomes import shown_targets
from bot.storage.schema.shadow import shadow_verdicts
from bot.storage.schema.tables import decisions, episodes, people, texts

# What was decided about a question first; the notice of an outage says nothing about articles.
_DECIDED = ("answer", "choose", "openticket", "escalate", "askback")
_MOST_TARGETS = 3
_EPISODES: Select[Any] = (
    select(
        *(episodes.c[name] for name in ("id", "started_at", "state", "tried", "ticket_id", "language")),
        func.coalesce(-joined_people.c.joined_id, episodes.c.person_id).label("person"),
        people.c.name.label("asker"),
        texts.c.body,
        texts.c.erased_at,
        shadow_verdicts.c.named,
    )
    .join(texts, texts.c.id == episodes.c.question_id)
    .join(people, people.c.id == episodes.c.person_id)
    .outerjoin(joined_people, joined_people.c.person_id == episodes.c.person_id)
    .outerjoin(shadow_verdicts, shadow_verdicts.c.ticket_id == episodes.c.ticket_id)
    .order_by(episodes.c.id.desc())
)


def read_past_questions(
    db: Connection, since: datetime, before: int | None, limit: int
) -> tuple[tuple[PastQuestion, ...], int | None]:
    """Read the questions of a lot of episodes in four statements, and where the next lot begins."""
    query = _EPISODES if before is None else _EPISODES.where(episodes.c.id < before)
    rows = db.execute(query.limit(limit)).all()
    last = rows[-1].id if len(rows) == limit and any(row.started_at >= since for row in rows) else None
    rows = [row for row in rows if row.started_at >= since]
    decided, judged, shown = _decided(db, rows), _judged(db, rows), _shown(db, rows)
    found = [
        _question(row, decided[row.id], judged[row.id], shown[row.id]) for row in rows if row.id in decided
    ]
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


def _shown(db: Connection, rows: Sequence[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    columns = (shown_targets.c[name] for name in ("episode_id", "target", "chosen", "again"))
    query = select(*columns).where(shown_targets.c.episode_id.in_([row.id for row in rows]))
    for row in db.execute(query.order_by(shown_targets.c.shown_at, shown_targets.c.target)):
        found[row.episode_id].append(row)
    return found


def _question(row: Any, decided: Any, judged: dict[str, AnswerVerdict], shown: Sequence[Any]) -> PastQuestion:
    right = row.named
    if right is None:  # what an engineer names counts more
        solved = [target for target, verdict in judged.items() if verdict is AnswerVerdict.SOLVED]
        right = solved[0] if solved else None
        if right is None and row.state == EpisodeState.SOLVED.value and row.tried:
            right = row.tried[-1][0]
    not_helpful = {target for target, verdict in judged.items() if verdict is AnswerVerdict.NOT_HELPFUL}
    came_back = frozenset(one.target for one in shown if one.again)
    chosen = [one.target for one in shown if one.chosen]
    return PastQuestion(
        id=row.id,
        at=row.started_at,
        text=row.body if row.erased_at is None else "",
        decision=decided.kind,
        targets=tuple(target for target, _ in decided.candidates[:_MOST_TARGETS]),
        ticket=row.ticket_id is not None,
        right=right,
        wrong=frozenset(not_helpful) - {right},
        confirmed=_confirmed(row.named, right, chosen, not_helpful | came_back),
        came_back=came_back,
        person=row.person,
        asker=row.asker,
        language=row.language,
    )


def _confirmed(
    named: str | None, right: str | None, chosen: Sequence[str], failed: Set[str]
) -> tuple[str, Confirmation] | None:
    """Return the target that somebody confirmed, and how; an engineer's word counts more than a press."""
    if named is not None:
        return (named, Confirmation.NAMED) if named != NO_ARTICLE else None
    if right is not None:
        return (right, Confirmation.SOLVED) if right not in failed else None
    picked = [target for target in chosen if target not in failed]
    return (picked[-1], Confirmation.CHOSEN) if picked else None
