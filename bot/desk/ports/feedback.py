"""Repositories of what people are asked, what had no answer, and figures of all of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Protocol

from bot.domain.conversations.outcome import (
    AnswerVerdict,
    EpisodeHistory,
    Judgement,
    NotHelpfulReason,
    OutcomeCounts,
    ShownTarget,
    TargetFigures,
)
from bot.domain.insights.article_signs import ArticleRecord
from bot.domain.insights.figures import (
    EVERY_QUEUE,
    DaySum,
    Dimension,
    Figure,
    QuestionFigures,
    TicketFigures,
    TicketHistory,
)
from bot.domain.insights.report import Period, Report
from bot.domain.knowledge.gap import MissedQuestion
from bot.domain.knowledge.promise import PromiseState
from bot.domain.knowledge.proposal import Confirmation
from bot.domain.knowledge.shadow import SilentDecision
from bot.domain.people import Identity, Person
from bot.domain.tickets.checklist import AskedDetail
from bot.domain.tickets.queues import QueueFilter
from bot.domain.tickets.rating import Mean, Rating


class Ratings(Protocol):
    """Repository of ratings: one for each resolution about which the employee was asked."""

    def ask(self, ticket_id: int, post_id: int, at: datetime) -> None: ...
    def newest(self, ticket_id: int) -> Rating | None: ...
    def mark(self, rating: Rating, mark: int, at: datetime) -> bool:
        """Set or change the mark; return False when a comment has made it final."""

    def comment(self, rating: Rating, text_id: int, at: datetime) -> bool:
        """Keep the one comment; return False when there is one already, or no mark yet."""

    def mean(self, since: datetime) -> Mean: ...


class Details(Protocol):
    """Repository of the questions of tickets' checklists, and their answers."""

    def ask(self, ticket_id: int, questions: Sequence[tuple[str, str]], post_id: int, at: datetime) -> None:
        """Record these (key, question) as asked in a post; earlier answers stay."""

    def of(self, ticket_id: int) -> tuple[AskedDetail, ...]:
        """Return all questions of a ticket, in the order in which they were first asked."""

    def answer(self, ticket_id: int, key: str, text_id: int, at: datetime) -> None: ...


class Verdicts(Protocol):
    """Repository of what employees said of answers: one verdict for each answer, the last one."""

    def judge(self, episode_id: int, target: str, verdict: AnswerVerdict, at: datetime) -> bool:
        """Keep a verdict in place of an earlier one, whose reason goes; return whether it is the first."""

    def say_why(self, episode_id: int, target: str, reason: NotHelpfulReason) -> None:
        """Keep the reason of a verdict that an answer did not help."""


@dataclass(frozen=True, slots=True)
class AskedEpisode:
    """Episode whose outcome is looked for, with what figures are told by."""

    id: int
    history: EpisodeHistory
    channel: str
    language: str
    queue: str


@dataclass(frozen=True, slots=True)
class ClosedEpisode:
    """Episode whose window is closed, its final outcome, and what was shown in it."""

    asked: AskedEpisode
    judgement: Judgement
    shown: tuple[ShownTarget, ...]


@dataclass(frozen=True, slots=True)
class PastQuestion:
    """Question that was asked before: its words, what was decided first, and what is known of the answer.

    `text` is empty where the words are given up. `right`: the target that helped, `NO_ARTICLE` where none
    could, None as long as nobody said; `wrong`: targets of which somebody said that they did not help.
    `confirmed`: the target that somebody confirmed by what they did, and how; `came_back`: targets after
    which the same person came back. `person` is one number for all accounts of who asked.
    """

    id: int
    at: datetime
    text: str
    decision: str
    targets: tuple[str, ...]  # the best candidate first
    ticket: bool = False
    right: str | None = None
    wrong: frozenset[str] = frozenset()
    confirmed: tuple[str, Confirmation] | None = None
    came_back: frozenset[str] = frozenset()
    person: int = 0
    asker: str = ""
    language: str = ""


class Outcomes(Protocol):
    """Repository of outcomes: of open windows what happened in them, of closed ones what became of them."""

    def due(self, now: datetime, limit: int) -> tuple[AskedEpisode, ...]:
        """Return episodes at which the desk is to look by now, those first that have waited longest."""

    def close(self, closed: Sequence[ClosedEpisode]) -> None:
        """Enter final outcomes; those that are entered already are not changed."""

    def put_off(self, waiting: Sequence[tuple[AskedEpisode, datetime]]) -> None:
        """Look again at episodes whose windows are still open, each at its time."""

    def open(
        self, since: datetime | None, until: datetime | None, after: int, limit: int
    ) -> tuple[AskedEpisode, ...]:
        """Return episodes begun in this time without a final outcome, by their ids, beyond one of them."""

    def count(self, since: datetime | None, until: datetime | None) -> OutcomeCounts:
        """Count the outcomes of the episodes begun from `since` on and before `until`."""

    def figures(self, since: datetime | None, until: datetime | None) -> tuple[TargetFigures, ...]:
        """Return the figures of each target that was shown in closed windows, or named, in this time."""

    def past_questions(
        self, since: datetime, before: int | None, limit: int
    ) -> tuple[tuple[PastQuestion, ...], int | None]:
        """Return questions asked since then, the newest first, of a lot of episodes before this one, or all.

        With them the episode before which the next lot begins, None after the last.
        """


@dataclass(frozen=True, slots=True)
class MissedKeys:
    """Keys of questions that were not answered, the newest first, and how many more there are."""

    ids: tuple[int, ...]
    beyond: int


class MissedQuestions(Protocol):
    """Repository of questions that were not answered, for reading only."""

    def newest(self, since: datetime | None, until: datetime | None, most: int) -> MissedKeys:
        """Return the keys of the newest ones asked from `since` on and before `until`."""

    def read(self, ids: Sequence[int]) -> tuple[MissedQuestion, ...]:
        """Return these, in this order; those that are gone are left out."""


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """Account that an owner of articles may be, and its person; None where they never wrote to us."""

    identity: Identity
    person: Person | None = None


class Articles(Protocol):
    """Repository of articles by target: their versions, how they did, and what was told of them."""

    def unknown(self, versions: Mapping[str, str]) -> Mapping[str, str]:
        """Return those versions that were not entered yet."""

    def note_versions(self, versions: Mapping[str, str], at: datetime) -> None:
        """Enter versions that were not in force before."""

    def records(self, versions: Mapping[str, str], most: int) -> Mapping[str, ArticleRecord]:
        """Return the records of versions that are entered, each with so many showings at most, the newest."""

    def waiting(self) -> frozenset[str]:
        """Return the targets that were shown in questions whose windows are open still."""

    def told(self, versions: Mapping[str, str]) -> frozenset[tuple[str, str]]:
        """Return what was told of these versions: targets with signs."""

    def mark_told(self, target: str, version: str, sign: str, at: datetime) -> bool:
        """Enter that a sign is told; return False where it was."""

    def keep_post(self, told: Sequence[tuple[str, str, str]], post_id: int) -> None:
        """Enter the post that tells these: targets, versions and signs."""

    def take_back_undelivered(self) -> frozenset[str]:
        """Forget what was told in posts that were given up; return the targets."""

    def forget_told(self, target: str, version: str, sign: str) -> None:
        """Let a sign that has gone be told again when it comes back."""

    def accounts(self, owner: Identity, address_hash: str) -> Sequence[KnownAccount]:
        """Return the accounts that an owner may be: with this id, or the hash of this address."""


class FigureBook(Protocol):
    """Book of figures: what counts of each ticket, and sums by day; one transaction at a time writes it."""

    def lock_tickets(self, limit: int) -> tuple[TicketHistory, ...]:
        """Lock tickets that are to be counted anew, without those that somebody else has locked."""

    def lock_questions(self, limit: int) -> Sequence[tuple[int, QuestionFigures]]:
        """Lock final outcomes that are to be counted, by their episodes."""

    def enter_tickets(self, counted: Sequence[TicketFigures]) -> None:
        """Let locked tickets count as they are now, and no longer as they did."""

    def enter_questions(self, counted: Sequence[tuple[int, QuestionFigures]]) -> None:
        """Let locked outcomes count."""

    def lock_tickets_after(self, after: int, limit: int) -> tuple[TicketHistory, ...]:
        """Lock the next tickets by their ids, to be entered without their sums."""

    def keep(self, counted: Sequence[TicketFigures]) -> None:
        """Keep what counts of tickets without the sums, which are to be made anew day by day."""

    def days(self) -> tuple[date, date] | None:
        """Return the first and the last day on which anything counts; None where nothing does."""

    def recount_day(self, day: date) -> None:
        """Make the sums of a day anew from what counts on it."""

    def keep_days(self, first: date, last: date) -> None:
        """Drop sums of other days than these."""


@dataclass(frozen=True, slots=True)
class FigureFilter:
    """Filter of figures: days in UTC, both included, a queue, and one value of a dimension."""

    since: date
    until: date
    queue: str = EVERY_QUEUE
    dimension: Dimension = Dimension.WHOLE
    value: str | None = None


class QueueBacklog(NamedTuple):
    """Backlog of a queue by its stored name: how many of each age, and how many miss a target."""

    queue: str
    ages: tuple[int, ...]
    overdue: int


@dataclass(frozen=True, slots=True)
class BacklogFilter:
    """Filter of the backlog: a queue, ages from one to below another, or with a missed target alone."""

    now: datetime
    queue: QueueFilter | None = None
    older_than: timedelta | None = None
    at_most: timedelta | None = None
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """Filter of an export: what began from `since` on and before `before`; with their words or without."""

    since: datetime | None = None
    before: datetime | None = None
    queues: tuple[str, ...] = ()
    texts: bool = False


@dataclass(frozen=True, slots=True)
class ListedTicket:
    """Ticket of a list, without words and without people; lengths are seconds of business time."""

    id: int
    status: str
    priority: int
    queue: str
    channel: str
    target: str
    opened_at: datetime
    response_seconds: int | None
    resolution_seconds: int | None
    mark: int | None


@dataclass(frozen=True, slots=True)
class ListedQuestion:
    """Question of a list, without words."""

    episode_id: int
    asked_at: datetime
    outcome: str
    target: str
    again: bool
    channel: str
    language: str


class Insights(Protocol):
    """Reads figures; what it costs grows with the days, never with the tickets."""

    def sums(self, of: FigureFilter, *, by_week: bool = False) -> Sequence[DaySum]:
        """Return the sums of these days, together or each week apart, from a Monday on."""

    def by_day(self, figure: Figure, of: FigureFilter) -> Mapping[date, int]:
        """Return how often a figure counts on each of these days, those without it left out."""

    def backlog(self, now: datetime, ages: Sequence[timedelta]) -> Sequence[QueueBacklog]:
        """Count what is open or claimed and part of no outage, by age: up to each of these, and older."""

    def pending(self, since: datetime, before: datetime) -> Mapping[date, int]:
        """Count by day the questions of this time of which it is too early to say what became of them."""

    def waiting(self) -> int:
        """Count the tickets and outcomes that are yet to be counted, to a thousand at most."""

    def tickets(self, figure: Figure, of: FigureFilter, limit: int) -> Sequence[ListedTicket]:
        """Return the newest tickets that a figure counts."""

    def live_tickets(self, of: BacklogFilter, limit: int) -> Sequence[ListedTicket]:
        """Return the oldest tickets of the backlog."""

    def questions(
        self, outcomes: Sequence[str], of: FigureFilter, limit: int, *, again: bool | None = None
    ) -> Sequence[ListedQuestion]:
        """Return the newest questions with these outcomes; `again` with or without a re-contact."""

    def answers(self, figure: Figure, of: FigureFilter, limit: int) -> Sequence[ListedQuestion]:
        """Return the newest questions with an answer that a figure counts, by when it was shown."""

    def ticket_rows(self, of: ExportFilter, after: int, limit: int) -> Sequence[Any]:
        """Return the next tickets by their ids, with all that is exported of them."""

    def episode_rows(self, of: ExportFilter, after: int, limit: int) -> Sequence[Any]:
        """Return the next episodes by their ids, with all that is exported of them."""


class InsightsView(Protocol):
    """View of the figures; it only reads, and is synchronous: call it through `Host.read`."""

    def report(self, period: Period, queue: str = ..., dimension: Dimension = ...) -> Report:
        """Report on a period, and on its parts by one dimension."""

    def queues(self) -> Sequence[str]:
        """Return the names of the queues in force."""

    def label(self, queue: str, language: str) -> str:
        """Return the title of a queue."""

    def tickets(self, figure: Figure, of: FigureFilter) -> Sequence[ListedTicket]:
        """List the newest tickets that a figure counts."""

    def backlog(self, queue: str, age: int | None, *, overdue: bool) -> Sequence[ListedTicket]:
        """List the oldest tickets of the backlog: of one of its ages, all, or with a missed target."""

    def questions(self, figure: str, of: FigureFilter) -> Sequence[ListedQuestion]:
        """List the newest questions that a figure counts, by its name in a report."""


class Promises(Protocol):
    """Repository of what judged answers say of each promise, by the promise's key."""

    def read(self, key: str) -> PromiseState:
        """Return the state of a promise, that of a new one where no answer was judged."""

    def lock(self, key: str) -> PromiseState:
        """Return the state of a promise, locked until the transaction ends: nothing is locked after it."""

    def save(self, key: str, state: PromiseState) -> None:
        """Store the state of a locked promise; the rooms are to be told where it is closed."""

    def mark_told(self, key: str, at: datetime) -> bool:
        """Record that the rooms are told of a closed promise; return False when they were, or it is open."""


class Shadow(Protocol):
    """Repository of silent decisions by ticket: ids and confidences, never text."""

    def add(self, decision: SilentDecision, decision_id: int) -> None: ...
    def of(self, ticket_id: int) -> SilentDecision | None:
        """Return the silent decision about a ticket's question; None outside shadow mode."""

    def name_article(self, ticket_id: int, target: str, by: Person, at: datetime) -> None:
        """Keep which target would have helped, `NO_ARTICLE` for none; a later verdict replaces this one."""

    def between(self, since: datetime | None, until: datetime | None) -> Iterable[SilentDecision]:
        """Return the silent decisions from `since` on and before `until`, oldest first."""
