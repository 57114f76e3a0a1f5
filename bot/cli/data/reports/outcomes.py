"""Tells what became of questions, and how each article did: `firstline outcomes`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.cli import terminal
from bot.cli.data.database import check_days, day_after, now, opened
from bot.cli.options import Form
from bot.cli.reader import word
from bot.cli.terminal import Terminal
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.domain.conversations.outcome import (
    EpisodeOutcome,
    OutcomeCounts,
    ShownTarget,
    TargetFigures,
    count_shown,
    find_shown,
    judge,
)

LOT = 500
NAMES = {
    EpisodeOutcome.CONFIRMED: "confirmed: they said that it helped",
    EpisodeOutcome.ASSUMED: "assumed: answered, and not a word since",
    EpisodeOutcome.NOT_HELPFUL: "not helpful: they said so, or came back",
    EpisodeOutcome.OUTAGE: "answered by the notice of an outage",
    EpisodeOutcome.TICKET: "ticket",
    EpisodeOutcome.WITHDRAWN: "withdrawn",
    EpisodeOutcome.ABANDONED_CHOICE: "abandoned choice",
    EpisodeOutcome.UNANSWERED_QUESTION: "unanswered question back",
    EpisodeOutcome.SMALL_TALK: "small talk",
    EpisodeOutcome.LEFT_ALONE: "left alone",
    EpisodeOutcome.PENDING: "pending: too early to say",
}
FIGURES = ("target", "shown", "solved", "not_helpful", "again", "chosen", "named")


def report(since: datetime | None, until: datetime | None, form: Form) -> None:
    """Print the outcomes of the questions asked from the day `since` to the day `until`, in UTC."""
    begin, end = _days(since, until)
    _, transaction = opened()
    with transaction.reading() as work:
        found = work.outcomes.count(begin, end)
    rows: list[dict[str, Any]] = [
        {
            "outcome": outcome.value,
            "episodes": found.counts.get(outcome, 0),
            "again": found.again.get(outcome, 0),
        }
        for outcome in EpisodeOutcome
    ]
    if form is Form.CSV:
        _print_csv(tuple(rows[0]), rows)
    elif form is Form.JSON:
        terminal.print_json({"since": _day(since), "until": _day(until), **_deflection(found), "parts": rows})
    else:
        _print_parts(terminal.console(), found)


def report_articles(since: datetime | None, until: datetime | None, form: Form) -> None:
    """Print how each article and reply did that was shown, or named by engineers, in this time."""
    begin, end = _days(since, until)
    _, transaction = opened()
    with transaction.reading() as work:
        closed = work.outcomes.figures(begin, end)
        figures = _together([*closed, *count_shown(_shown_lately(work, begin, end))])
    rows = [_row(one) for one in sorted(figures, key=lambda one: (-one.shown, one.target))]
    if form is Form.CSV:
        _print_csv(FIGURES, rows)
    elif form is Form.JSON:
        terminal.print_json({"since": _day(since), "until": _day(until), "articles": rows})
    else:
        _print_articles(terminal.console(), rows)


def _shown_lately(work: UnitOfWork, since: datetime | None, until: datetime | None) -> Iterator[ShownTarget]:
    """Yield what was shown in windows that are still open, lot by lot."""
    after, at = 0, now()
    while lot := work.outcomes.open(None, until, after, LOT):
        for one in lot:
            for shown in find_shown(one.history, judge(one.history, at)):
                if (since is None or shown.at >= since) and (until is None or shown.at < until):
                    yield shown
        after = lot[-1].id


def _together(figures: Sequence[TargetFigures]) -> list[TargetFigures]:
    """Add up figures of one target."""
    found: dict[str, TargetFigures] = {}
    for one in figures:
        before = found.get(one.target, TargetFigures(one.target))
        sums = {name: getattr(before, name) + getattr(one, name) for name in FIGURES[1:]}
        reasons = dict(before.reasons or {})
        for reason, count in (one.reasons or {}).items():
            reasons[reason] = reasons.get(reason, 0) + count
        found[one.target] = replace(one, **sums, reasons=reasons)
    return list(found.values())


def _row(one: TargetFigures) -> dict[str, Any]:
    return {**{name: getattr(one, name) for name in FIGURES}, "reasons": dict(one.reasons or {})}


def _deflection(found: OutcomeCounts) -> dict[str, Any]:
    return {
        "total": found.total,
        "questions": found.questions,
        "deflection_confirmed": found.deflection(EpisodeOutcome.CONFIRMED),
        "deflection_assumed": found.deflection(EpisodeOutcome.ASSUMED),
    }


def _print_parts(console: Terminal, found: OutcomeCounts) -> None:
    table = terminal.table("what became of it", "episodes", "came back", whole=("episodes", "came back"))
    for outcome, name in NAMES.items():
        table.add_row(word(name), str(found.counts.get(outcome, 0)), str(found.again.get(outcome, 0)))
    table.add_row(word("all"), str(found.total), str(sum(found.again.values())))
    console.print(table)
    for outcome in (EpisodeOutcome.CONFIRMED, EpisodeOutcome.ASSUMED):
        share = found.deflection(outcome)
        text = "no questions yet" if share is None else f"{share:.1%}"
        count = f"{found.deflected(outcome)} of {found.questions} questions"
        console.tell(f"Deflection, {word(outcome.value)}, re-contacts taken off: {text} ({count})")


def _print_articles(console: Terminal, rows: Sequence[dict[str, Any]]) -> None:
    headings = [name.replace("_", " ") for name in FIGURES]
    table = terminal.table(*headings, whole=headings[1:])
    for row in rows:
        table.add_row(*(str(row[name]) for name in FIGURES))
    console.print(table)
    for row in rows:
        if row["reasons"]:
            why = ", ".join(
                f"{word(reason.replace('_', ' '))} {count}" for reason, count in row["reasons"].items()
            )
            console.print(f"{row['target']}, {word('why not')}: {why}")


def _print_csv(columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    terminal.print_csv(columns, [{name: str(row[name]) for name in columns} for row in rows])


def _days(since: datetime | None, until: datetime | None) -> tuple[datetime | None, datetime | None]:
    check_days(since, until)
    begin = since.replace(tzinfo=UTC) if since else None
    return begin, day_after(until.replace(tzinfo=UTC)) if until else None


def _day(at: datetime | None) -> str | None:
    return at.date().isoformat() if at else None
