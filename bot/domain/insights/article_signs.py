"""Finds what shows that an article needs somebody: worse, due, not translated, not used."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from bot.domain.conversations.outcome import AnswerVerdict, EpisodeOutcome
from bot.domain.insights.decline import Decline, Showing, find_decline
from bot.domain.knowledge.content import Article

MONTH = timedelta(days=30)
UNUSED = timedelta(days=180)  # after which an article that was not shown is told
MOST_SHOWINGS = 1_000  # of an article, the newest, that are looked at
_NO_SIGN = (EpisodeOutcome.WITHDRAWN, EpisodeOutcome.OUTAGE)


class Sign(StrEnum):
    """Sign that an article needs somebody."""

    WORSE = "worse"
    REVIEW = "review"
    TRANSLATION = "translation"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class ArticleSign:
    """Sign of one article with its evidence; `day` is when it was due or shown last."""

    target: str
    sign: Sign
    decline: Decline | None = None
    day: date | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """Answer that was shown in a question whose window is closed, and what became of it."""

    at: datetime
    verdict: str
    again: bool
    outcome: str

    @property
    def helped(self) -> bool | None:
        """Tell whether it helped; None where nothing says so: a cancelled ticket, a known outage."""
        if self.verdict:
            return self.verdict == AnswerVerdict.SOLVED and not self.again
        if self.again:
            return False
        return None if self.outcome in _NO_SIGN else self.outcome != EpisodeOutcome.TICKET


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """Record of an article: since when its version is in force, the newest showings, oldest first.

    `edited` says that there was an earlier version.
    """

    since: datetime
    edited: bool
    shown: Sequence[ShownAnswer] = ()


def version_of(versions: Mapping[str, Article]) -> str:
    """Make the hash of an article in all its languages, which any edit changes."""
    parts = [
        repr((one.language, one.title, one.body, one.tags, one.questions, one.owner, one.review_by))
        for _, one in sorted(versions.items())
    ]
    return sha256("\n".join(parts).encode()).hexdigest()[:32]


def find_signs(
    versions: Mapping[str, Article], record: ArticleRecord, wanted: Sequence[str], now: datetime
) -> Iterator[ArticleSign]:
    """Find the signs of one article; `wanted` are the languages that it should be in."""
    target = next(iter(versions.values())).id
    decline = _decline(record, now)
    if decline is not None:
        yield ArticleSign(target, Sign.WORSE, decline=decline)
    due = [one.review_by for one in versions.values() if one.review_by is not None]
    if due and min(due) < now.date():
        yield ArticleSign(target, Sign.REVIEW, day=min(due))
    missing = tuple(language for language in wanted if language not in versions)
    if missing:
        yield ArticleSign(target, Sign.TRANSLATION, languages=missing)
    last = record.shown[-1].at if record.shown else None
    if max(last or record.since, record.since) < now - UNUSED:
        yield ArticleSign(target, Sign.UNUSED, day=last.date() if last else None)


def _decline(record: ArticleRecord, now: datetime) -> Decline | None:
    showings = [Showing(one.at, helped) for one in record.shown if (helped := one.helped) is not None]
    # What is shown now has its outcome a week later: the last month begins with what is known.
    until = showings[-1].at if showings else now
    monthly = sum(one.at > until - MONTH for one in showings)
    return find_decline(showings, monthly, record.since if record.edited else None)
