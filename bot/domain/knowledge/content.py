"""Articles and intents, the match results about them, and the decision that follows from a match result."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from bot.domain.knowledge.labelled_question import Question
from bot.domain.tickets.canned_response import CannedResponse
from bot.domain.tickets.queues import SINGLE_QUEUE, Queues

# What a reader in a chat sees without scrolling, about.
READABLE_CHARACTERS = 1200
MOST_OFFERED = 3  # candidates in a choice
# Candidates that are offered beside the best one have at least this share of the threshold for a choice.
OFFERED_SHARE = 0.2
# The best one has at least this share of it: three that are each far-fetched are no choice.
BEST_SHARE = 0.5
# A second one with more than this share of the best one's confidence is a near tie.
TIE_SHARE = 0.5
T = TypeVar("T", "Article", "Intent", CannedResponse)


@dataclass(frozen=True, slots=True)
class Article:
    """Article in one language; its versions in other languages share the id."""

    id: str
    title: str
    body: str
    language: str = "en"
    tags: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    url: str | None = None
    owner: str | None = None
    review_by: date | None = None

    def split(self, limit: int = READABLE_CHARACTERS) -> tuple[str, str]:
        """Split the body into a readable beginning and the rest, at a whole paragraph, bullet or step.

        A step keeps what is indented under it; a heading stays with what follows it.
        """
        if len(self.body) <= limit:
            return self.body.strip(), ""
        parts = re.split(r"\n(?=[ \t]{0,3}(?:[-*+]|\d+[.)])\s|\S)", self.body.strip("\n"))
        taken, size = 0, 0
        for index, part in enumerate(parts):
            size += len(part) + 1
            if size > limit:
                break
            if not part.lstrip().startswith("#"):
                taken = index + 1
        taken = max(taken, 1)
        return "\n".join(parts[:taken]).rstrip(), "\n".join(parts[taken:]).strip("\n")


@dataclass(frozen=True, slots=True)
class Intent:
    """Intent of an employee, and its answer: an article, a reply or an action."""

    id: str
    examples: Mapping[str, tuple[str, ...]]
    article: str | None = None
    reply: Mapping[str, str] | None = None
    action: str | None = None
    priority: str | None = None
    queue: str | None = None
    always_person: bool = False
    asks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """Return the id under which this intent is matched: its article's, when it has one."""
        return self.article or self.id


@dataclass(frozen=True, slots=True)
class Match:
    """Candidate of a match: `target` is an article's or an intent's id, `confidence` is from 0 to 1.

    `why` holds the words of the question that speak for it, the rarest first: `typed→meant` for a corrected
    word, `asked≈there` for one to which a word of the target is related.
    """

    target: str
    confidence: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class MatchResult:
    """Result of matching one text; matches come best first."""

    matches: tuple[Match, ...] = ()
    language: str | None = None
    vague: bool = False  # nothing in it says what it is about
    angry: bool = False
    asks: bool = False  # it has the form of a question or a request
    words_alone: bool = False  # no embedding could be had: the confidences come from words alone

    @property
    def best(self) -> Match | None:
        """Return the best candidate, None where there is none."""
        return self.matches[0] if self.matches else None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Confidences from which on a match is answered, and from which on several are offered.

    `choose` is compared with the sum of the confidences of what is offered: how likely it is that the choice
    holds the right one. `margin` is by how much a sure match leads the next one.
    """

    answer: float = 0.75
    choose: float = 0.5
    margin: float = 0.1

    def __post_init__(self) -> None:
        if not 0 <= self.choose <= self.answer <= 1:
            raise ValueError("thresholds must hold 0 <= choose <= answer <= 1")


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Tolerable share of wrong answers; thresholds that the operator sets win over those it leads to."""

    max_wrong: float = 0.05
    answer_from: float | None = None
    choose_from: float | None = None

    def thresholds(self, proposed: Thresholds) -> Thresholds:
        """Return the thresholds in force, where `proposed` are those that follow from `max_wrong`."""
        answer = proposed.answer if self.answer_from is None else self.answer_from
        choose = proposed.choose if self.choose_from is None else self.choose_from
        return Thresholds(answer, min(choose, answer), proposed.margin)


@dataclass(frozen=True, slots=True)
class Answer:
    """Decision to show this target."""

    match: Match


@dataclass(frozen=True, slots=True)
class Choose:
    """Decision to offer two or three targets, or a single one that is not sure enough."""

    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class AskBack:
    """Decision to ask what it is about."""


@dataclass(frozen=True, slots=True)
class Escalate:
    """Decision to open a ticket."""


Decision = Answer | Choose | AskBack | Escalate


def decide(result: MatchResult, thresholds: Thresholds, *, may_ask: bool = True) -> Decision:
    """Decide what to do with a match result; with `may_ask` false there is no question back and no choice."""
    best = result.best
    if result.vague:
        return AskBack() if may_ask else Escalate()
    if best is None:
        return Escalate()
    rival = result.matches[1].confidence if len(result.matches) > 1 else 0.0
    if best.confidence >= thresholds.answer and not _tied(best.confidence, rival, thresholds):
        return Answer(best)
    if not may_ask or best.confidence < thresholds.choose * BEST_SHARE:
        return Escalate()
    # Beside the best one, everything that is not far-fetched: versions of one thing share their words.
    offered = tuple(
        m for m in result.matches[:MOST_OFFERED] if m.confidence >= thresholds.choose * OFFERED_SHARE
    )
    likely = sum(match.confidence for match in offered)
    return Choose(offered) if likely >= thresholds.choose else Escalate()


def without_asking(decision: Decision) -> Decision:
    """Return the decision where nothing may be asked: a ticket instead of a question back or a choice."""
    return decision if isinstance(decision, Answer) else Escalate()


def _tied(best: float, rival: float, thresholds: Thresholds) -> bool:
    # With a margin of 0 the better one is taken, however near they are.
    return thresholds.margin > 0 and (best - rival < thresholds.margin or rival > best * TIE_SHARE)


@dataclass(frozen=True, slots=True)
class Problem:
    """Problem in the content: its place, and what is wrong and how to correct it."""

    file: str
    line: int
    message: str
    error: bool = True

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {'error' if self.error else 'warning'}: {self.message}"


@dataclass(frozen=True, slots=True)
class Draft(Generic[T]):
    """Article, intent or canned response of a source: `file` is where it is, `lines` where its keys are."""

    value: T
    file: str
    lines: Mapping[str, int] = field(default_factory=dict)

    def line(self, key: str) -> int:
        """Return the line of a key, else the first."""
        return self.lines.get(key, 1)


@dataclass(frozen=True, slots=True)
class SourceContent:
    """Content of one source at one moment; `hash` names it, `problems` say what is wrong with it."""

    articles: tuple[Draft[Article], ...]
    intents: tuple[Draft[Intent], ...]
    hash: str
    problems: tuple[Problem, ...] = ()
    replies: tuple[Draft[CannedResponse], ...] = ()


@dataclass(frozen=True)
class Content:
    """Articles and intents of one moment, and labelled questions if there are any; `hash` names them.

    `replies` are the engineers' canned responses, by id and language; they and `queues` have no part in the
    hash.
    """

    articles: Mapping[str, Mapping[str, Article]]
    intents: Mapping[str, Intent]
    hash: str
    problems: tuple[Problem, ...] = ()
    questions: tuple[Question, ...] = ()  # with known answers, from which thresholds are computed
    replies: Mapping[str, Mapping[str, CannedResponse]] = field(default_factory=dict)
    queues: Queues = SINGLE_QUEUE

    def article(self, target: str, language: str) -> Article | None:
        """Return the target's article in this language, else in English, else in any."""
        versions = self.articles.get(target)
        if not versions:
            return None
        return versions.get(language) or versions.get("en") or next(iter(versions.values()))

    def intent(self, target: str) -> Intent | None:
        """Return the intent under this id, or the one that points to this article."""
        return self._by_target.get(target)

    def title(self, target: str, language: str) -> str:
        """Return the title under which a target is offered as a choice."""
        article = self.article(target, language)
        if article is not None:
            return article.title
        intent = self.intent(target)
        examples: Iterable[str] = (intent.examples.get(language) or ()) if intent else ()
        return next(iter(examples), target)

    @property
    def queue_names(self) -> tuple[str, ...]:
        """Return the names of all queues; without a file of queues they are "" and the labels of intents."""
        if self.queues.configured:
            return tuple(self.queues.by_id)
        return ("", *sorted({intent.queue for intent in self.intents.values() if intent.queue}))

    @property
    def _by_target(self) -> Mapping[str, Intent]:
        cached = self.__dict__.get("_index")
        if cached is None:
            cached = {intent.target: intent for intent in self.intents.values()} | dict(self.intents)
            object.__setattr__(self, "_index", cached)
        return cached
