"""Reads the newest questions with what they were matched with, from which the desk's own share is learned."""

from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from bot.domain.conversations.episode import EpisodeState
from bot.domain.knowledge.decision import Match, MatchResult, Mix
from bot.domain.knowledge.traffic import AskedQuestion
from bot.storage.rows.prepared_statements import given
from bot.storage.schema.shadow import shadow_verdicts
from bot.storage.schema.tables import decisions, episodes

# A question back and the notice of an outage decide nothing about what was asked.
_DECIDED_ABOUT_IT = ("answer", "choose", "openticket", "escalate")
_LOOKED_THROUGH = 10  # decisions for each that is wanted: a new matcher finds few of its own at first
_earlier = decisions.alias("earlier")
_ASKED = (
    select(
        *(decisions.c[name] for name in ("language", "candidates", "none_fits")),
        *(decisions.c[name] for name in ("mix_answers", "mix_requests", "mix_nothing")),
        *(episodes.c[name] for name in ("state", "tried")),
        shadow_verdicts.c.named,
    )
    .join(episodes, episodes.c.id == decisions.c.episode_id)
    .outerjoin(shadow_verdicts, shadow_verdicts.c.ticket_id == episodes.c.ticket_id)
    .where(
        decisions.c.id > select(func.max(decisions.c.id)).scalar_subquery() - bindparam("p_looked_through"),
        decisions.c.matcher == given(decisions.c.matcher),
        decisions.c.mix_answers.is_not(None),
        decisions.c.kind.in_(_DECIDED_ABOUT_IT),
        ~select(_earlier.c.id)
        .where(
            _earlier.c.episode_id == decisions.c.episode_id,
            _earlier.c.id < decisions.c.id,
            _earlier.c.kind.in_(_DECIDED_ABOUT_IT),
        )
        .exists(),
    )
    .order_by(decisions.c.id.desc())
    .limit(bindparam("p_limit"))
)


def newest_asked(connection: Connection, matcher: str, limit: int) -> tuple[AskedQuestion, ...]:
    """The newest questions of a version of the matcher, each with the target that helped, if known."""
    values = {"p_matcher": matcher, "p_looked_through": _LOOKED_THROUGH * limit, "p_limit": limit}
    return tuple(map(_asked, connection.execute(_ASKED, values)))


def _asked(row: Any) -> AskedQuestion:
    result = MatchResult(
        matches=tuple(Match(target, confidence) for target, confidence in row.candidates),
        language=row.language,
        nothing=row.none_fits,
        mix=Mix(row.mix_answers, row.mix_requests, row.mix_nothing),
    )
    if row.named is None and row.state == EpisodeState.SOLVED.value and row.tried:
        return AskedQuestion(result, row.tried[-1][0])
    return AskedQuestion(result, row.named)
