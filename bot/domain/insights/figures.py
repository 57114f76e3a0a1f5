"""What is counted of tickets and questions, on which day, and by what it can be parted."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import NamedTuple

from bot.domain.conversations.outcome import AnswerVerdict, EpisodeOutcome, NotHelpfulReason, ShownTarget
from bot.domain.insights.histogram import NO_LENGTH, bucket_of
from bot.domain.tickets.business_hours import BusinessClock
from bot.domain.tickets.queues import Deadlines
from bot.domain.tickets.ticket import Priority, Status

EVERY_QUEUE = "*"  # no queue can be called so
RESPONDING = ("claimed", "assigned")  # kinds of events
REOPENING = "reopened"


class Figure(StrEnum):
    """Figure that is counted by day; those of questions are `question_` and the outcome."""

    OPENED = "opened"
    RESPONDED = "responded"
    RESPONSE_MET = "response_met"
    RESPONSE_MISSED = "response_missed"
    RESOLVED = "resolved"
    RESOLUTION_MET = "resolution_met"
    RESOLUTION_MISSED = "resolution_missed"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    RATING_ASKED = "rating_asked"
    RATED = "rated"  # its bucket is the mark
    SHOWN = "shown"  # an answer
    NOT_HELPFUL = "not_helpful"
    WRONG = "wrong"  # the wrong article, as its reader says


class Dimension(StrEnum):
    """Dimension by which figures are parted."""

    WHOLE = "whole"
    QUEUE = "queue"
    PRIORITY = "priority"
    LANGUAGE = "language"
    CHANNEL = "channel"
    TARGET = "target"


LENGTHS = (Figure.RESPONDED, Figure.RESOLVED)  # whose buckets are lengths of time


class SumKey(NamedTuple):
    """Key of one sum: its day in UTC, and what it is the sum of."""

    dimension: str
    queue: str
    day: date
    value: str
    figure: str
    bucket: int


@dataclass(frozen=True, slots=True)
class DaySum:
    """Sum of some days: `day` is the first of them."""

    day: date
    value: str
    figure: str
    bucket: int
    count: int


@dataclass(frozen=True, slots=True)
class TicketHistory:
    """History of a ticket, as far as figures need it; `events` are kinds with their times, in order.

    `counts_since` is since when its deadlines count. `rated_at` is when its employee was asked last how it
    went, `mark` their answer. `alone`: it is part of no other ticket and of no outage.
    """

    id: int
    status: Status
    priority: Priority
    queue: str
    language: str
    channel: str
    target: str
    opened_at: datetime
    closed_at: datetime | None
    merged: bool
    alone: bool
    deadlines: Deadlines
    counts_since: datetime
    events: tuple[tuple[str, datetime], ...] = ()
    rated_at: datetime | None = None
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class TicketFigures:
    """Figures of one ticket; lengths are seconds of business time, a target is met, missed, or None.

    `responded_at` is the first response, once and for all; `resolved_at` and `withdrawn_at` are the last
    end, `reopened_at` is when it came back first.
    """

    ticket_id: int
    queue: str
    priority: int
    language: str
    channel: str
    target: str
    opened_at: datetime
    responded_at: datetime | None = None
    response_seconds: int | None = None
    response_met: bool | None = None
    resolved_at: datetime | None = None
    resolution_seconds: int | None = None
    resolution_met: bool | None = None
    withdrawn_at: datetime | None = None
    reopened_at: datetime | None = None
    rated_at: datetime | None = None
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class QuestionFigures:
    """Final outcome of a question with what was shown in it."""

    outcome: EpisodeOutcome
    target: str
    again: bool
    channel: str
    language: str
    asked_at: datetime
    shown: tuple[ShownTarget, ...] = ()


def measure(
    ticket: TicketHistory, queue: str, clock: BusinessClock, first_due: datetime | None
) -> TicketFigures:
    """Measure a ticket by its queue's name and business time.

    `first_due` is by when its first response was due where its deadlines count from a reopening by now.
    """
    responded_at = _first(ticket, RESPONDING) if ticket.alone else None
    ended = ticket.closed_at if not ticket.merged else None
    resolved_at = ended if ticket.status is Status.RESOLVED else None
    measured = resolved_at if ticket.alone else None
    due = ticket.deadlines.first_response if ticket.counts_since == ticket.opened_at else first_due
    return TicketFigures(
        ticket_id=ticket.id,
        queue=queue,
        priority=int(ticket.priority),
        language=ticket.language,
        channel=ticket.channel,
        target=ticket.target,
        opened_at=ticket.opened_at,
        responded_at=responded_at,
        response_seconds=_passed(clock, ticket.opened_at, responded_at),
        response_met=_met(responded_at, due),
        resolved_at=resolved_at,
        resolution_seconds=_passed(clock, ticket.opened_at, measured),
        resolution_met=_met(measured, ticket.deadlines.resolution),
        withdrawn_at=ended if ticket.status is Status.WITHDRAWN else None,
        reopened_at=_first(ticket, (REOPENING,)),
        rated_at=ticket.rated_at,
        mark=ticket.mark,
    )


def count_ticket(one: TicketFigures, on: date | None = None) -> Iterator[SumKey]:
    """Yield the sums in which a ticket counts, each once; with `on` those of that day."""
    values = {
        Dimension.WHOLE: "",
        Dimension.PRIORITY: Priority(one.priority).name.lower(),
        Dimension.LANGUAGE: one.language,
        Dimension.CHANNEL: one.channel,
        Dimension.TARGET: one.target,
    }
    for figure, at, bucket in _events(one):
        day = day_of(at)
        if on is not None and day != on:
            continue
        for dimension, value in values.items():
            # A target has too few tickets for a histogram of its own.
            kept = NO_LENGTH if dimension is Dimension.TARGET and figure in LENGTHS else bucket
            yield SumKey(dimension, EVERY_QUEUE, day, value, figure, kept)
            yield SumKey(dimension, one.queue, day, value, figure, kept)
        yield SumKey(Dimension.QUEUE, EVERY_QUEUE, day, one.queue, figure, bucket)


def count_question(one: QuestionFigures, on: date | None = None) -> Iterator[SumKey]:
    """Yield the sums in which a question counts, each once, as `count_ticket`; a re-contact has bucket 1."""
    day = day_of(one.asked_at)
    if on in (None, day):
        yield from _parted(one, day, one.target, figure_of(one.outcome), int(one.again))
    for shown in one.shown:
        day = day_of(shown.at)
        if on in (None, day):
            for said in _said(shown):
                yield from _parted(one, day, shown.target, said, 0)


def figure_of(outcome: EpisodeOutcome) -> str:
    """Return the name of the figure that counts an outcome."""
    return f"question_{outcome.value}"


def day_of(at: datetime) -> date:
    """Return the day of a moment, in UTC."""
    return at.astimezone(UTC).date()


def change(old: Iterable[SumKey], new: Iterable[SumKey]) -> Mapping[SumKey, int]:
    """Return by how much sums change where something counts anew; what stays as it was is left out."""
    sums = Counter(new)
    sums.subtract(Counter(old))
    return {key: count for key, count in sums.items() if count}


def _events(one: TicketFigures) -> Iterator[tuple[Figure, datetime, int]]:
    """Yield what counts of a ticket: the figure, when it happened, and its bucket."""
    yield Figure.OPENED, one.opened_at, 0
    if one.responded_at is not None:
        yield Figure.RESPONDED, one.responded_at, _bucket(one.response_seconds)
        if one.response_met is not None:
            met = Figure.RESPONSE_MET if one.response_met else Figure.RESPONSE_MISSED
            yield met, one.responded_at, 0
    if one.resolved_at is not None:
        yield Figure.RESOLVED, one.resolved_at, _bucket(one.resolution_seconds)
        if one.resolution_met is not None:
            met = Figure.RESOLUTION_MET if one.resolution_met else Figure.RESOLUTION_MISSED
            yield met, one.resolved_at, 0
    if one.withdrawn_at is not None:
        yield Figure.WITHDRAWN, one.withdrawn_at, 0
    if one.reopened_at is not None:
        yield Figure.REOPENED, one.reopened_at, 0
    if one.rated_at is not None:
        yield Figure.RATING_ASKED, one.rated_at, 0
        if one.mark is not None:
            yield Figure.RATED, one.rated_at, one.mark


def _said(shown: ShownTarget) -> Iterator[Figure]:
    yield Figure.SHOWN
    if shown.verdict == AnswerVerdict.NOT_HELPFUL:
        yield Figure.NOT_HELPFUL
        if shown.reason == NotHelpfulReason.WRONG_ARTICLE:
            yield Figure.WRONG


def _parted(one: QuestionFigures, day: date, target: str, figure: str, bucket: int) -> Iterator[SumKey]:
    for dimension, value in (
        (Dimension.WHOLE, ""),
        (Dimension.LANGUAGE, one.language),
        (Dimension.CHANNEL, one.channel),
        (Dimension.TARGET, target),
    ):
        yield SumKey(dimension, EVERY_QUEUE, day, value, figure, bucket)


def _first(ticket: TicketHistory, kinds: tuple[str, ...]) -> datetime | None:
    return next((at for kind, at in ticket.events if kind in kinds), None)


def _passed(clock: BusinessClock, since: datetime, until: datetime | None) -> int | None:
    if until is None:
        return None
    return max(0, round((clock.passed(until) - clock.passed(since)).total_seconds()))


def _met(at: datetime | None, due: datetime | None) -> bool | None:
    return None if at is None or due is None else at <= due


def _bucket(seconds: int | None) -> int:
    return NO_LENGTH if seconds is None else bucket_of(seconds)
