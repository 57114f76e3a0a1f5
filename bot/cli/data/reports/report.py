"""Reports on a period for a manager, and counts its figures anew: `firstline report` and `recount`."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from rich.console import Console

from bot import wording
from bot.cli import terminal
from bot.cli.data.database import check_days, now, ready_database
from bot.cli.options import By, Form
from bot.cli.reader import language
from bot.desk.history.figures import FigureCounting
from bot.desk.history.insight_lines import NONE, InsightLines, part_of
from bot.desk.history.insights import InsightsReader
from bot.domain.diagnosis import counted
from bot.domain.errors import SettingsInvalid
from bot.domain.insights.figures import EVERY_QUEUE, Dimension, Figure
from bot.domain.insights.report import Part, Period, Report
from bot.domain.insights.summary import COLUMNS, MEDIAN, NINETIETH
from bot.domain.tickets.queues import Queues
from bot.server.content import content_of
from bot.storage.unit_of_work import units_of_work

WEEKS = timedelta(weeks=4)
DAY = timedelta(days=1)
TOLD_EVERY = 10_000  # tickets
PARTED_BY = ("questions", "solved", "tickets", "response", "resolution", "met")


def report(
    since: datetime | None, until: datetime | None, by: By | None, queue: str | None, form: Form
) -> None:
    """Print the figures of the days from `since` to `until`, in UTC; of four weeks where none are given."""
    check_days(since, until)
    last = until.date() if until else now().date()
    period = Period(since.date() if since else last - WEEKS + DAY, last)
    reader = _reader()
    chosen = _queue(reader, queue)
    dimension = Dimension(by.value) if by is not None and by is not By.WEEK else None
    found = reader.report(period, chosen, dimension or Dimension.QUEUE)
    parts = reader.by(period, chosen, dimension) if by is not None else []
    if form is Form.JSON:
        terminal.print_json(_as_json(found, by, parts))
    elif form is Form.CSV:
        _print_csv(found, by, parts)
    else:
        _Printed(terminal.console(), language(), reader).show(found, by, parts)


def recount() -> None:
    """Count all figures anew, by the queues and hours of the content in force."""
    settings, database = ready_database()
    queues = content_of(settings).load().queues
    console = terminal.console(errors=True)
    done = 0

    def told(tickets: int) -> None:
        nonlocal done
        if tickets // TOLD_EVERY > done // TOLD_EVERY:
            console.tell(f"{counted(tickets, 'ticket', 'tickets')} counted ...")
        done = tickets

    FigureCounting(units_of_work(database), lambda: queues, now).recount(told)
    console.tell(f"The figures are counted anew, of {counted(done, 'ticket', 'tickets')} and all questions.")


def _reader() -> InsightsReader:
    settings, database = ready_database()
    queues: Queues = content_of(settings).load().queues
    return InsightsReader(units_of_work(database), lambda: queues, now)


def _queue(reader: InsightsReader, name: str | None) -> str:
    known = reader.queues()
    if name is None:
        return EVERY_QUEUE
    if known and name not in known:
        raise SettingsInvalid(f"--queue: there is no queue '{name}'; there are {', '.join(known)}.")
    return name


def _as_json(found: Report, by: By | None, parts: Sequence[tuple[str, Part]]) -> dict[str, Any]:
    period, before = found.period, found.period.before
    data: dict[str, Any] = {
        **_days(period),
        "queue": None if found.of_every_queue else found.queue,
        "figures": found.summary.row(),
        "before": {
            "since": before.since.isoformat(),
            "until": before.until.isoformat(),
            **found.before.row(),
        },
        "changes": {name: asdict(change) for name, change in found.changes.items()},
        "backlog": {"ages": list(found.backlog.ages), "overdue": found.backlog.overdue},
        "pending": sum(found.pending.values()),
        "uncounted": found.waiting,
    }
    if by is not None:
        data["by"] = by.value
        data["parts"] = [_named(value, part, **part.summary.row()) for value, part in parts]
    return data


def _days(period: Period) -> dict[str, str]:
    return {"since": period.since.isoformat(), "until": period.until.isoformat()}


def _named(value: str, part: Part, **figures: Any) -> dict[str, Any]:
    return {"value": None if part.others else value, "others": part.others, **figures}


def _print_csv(found: Report, by: By | None, parts: Sequence[tuple[str, Part]]) -> None:
    rows = [("", found.summary)] if by is None else [(value, part.summary) for value, part in parts]
    head = {
        **_days(found.period),
        "queue": "" if found.of_every_queue else found.queue,
        "by": by.value if by else "",
    }
    terminal.print_csv(
        (*head, "value", *COLUMNS),
        (
            {**head, "value": value, **{name: _cell(cell) for name, cell in summary.row().items()}}
            for value, summary in rows
        ),
    )


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.4f}"


class _Printed:
    """A report on a terminal of 80 columns, in the language of the settings."""

    def __init__(self, console: Console, language: str, reader: InsightsReader) -> None:
        self._console = console
        self._words = wording.load()
        self._language = language
        self._reader = reader
        self._lines = InsightLines(self._words, language)

    def show(self, found: Report, by: By | None, parts: Sequence[tuple[str, Part]]) -> None:
        """Print the figures, the backlog, the parts, and what is to be known of them."""
        say, period = self._lines.say, found.period
        self._tell(say("period", since=self._day(period.since), until=self._day(period.until)))
        table = terminal.table("", say("now"), "", say("before"), say("change"), whole=(say("now"),))
        for line in self._lines.of(found):
            table.add_row(line.label, line.now, line.detail, line.before, self._lines.change(line.change))
        self._console.print(table)
        self._print_backlog(found)
        if by is not None:
            self._print_parts(by, parts)
        self._print_notes(found)

    def _print_backlog(self, found: Report) -> None:
        say, number = self._lines.say, self._lines.number
        names = [say(f"age.{index}") for index in range(len(found.backlog.ages))]
        ages = [f"{name}: {number(count)}" for name, count in zip(names, found.backlog.ages, strict=True)]
        total = f"{say('backlog.total')}: {number(found.backlog.total)}"
        missed = f"{say('backlog.overdue')}: {number(found.backlog.overdue)}"
        self._tell(f"{say('backlog')} — {'; '.join([*ages, total, missed])}")

    def _print_parts(self, by: By, parts: Sequence[tuple[str, Part]]) -> None:
        say = self._lines.say
        first = say("week") if by is By.WEEK else say(f"by.{by.value}")
        names = [
            say(f"short.{name}")
            for name in ("questions", "solved", "tickets", "response", "resolution", "met")
        ]
        table = terminal.table(first, *names, whole=(names[0],))
        for value, part in parts:
            table.add_row(self._name(by, value, part), *self._cells(part))
        self._console.print(table)
        self._tell(say("short.key"))

    def _cells(self, part: Part) -> list[str]:
        lines, summary = self._lines, part.summary
        return [
            lines.number(summary.questions),
            lines.share(*part_of("deflection", summary)),
            lines.number(summary.count(Figure.OPENED)),
            self._lengths(part, Figure.RESPONDED),
            self._lengths(part, Figure.RESOLVED),
            lines.share(*part_of("resolution_met", summary)),
        ]

    def _lengths(self, part: Part, figure: Figure) -> str:
        both = [part.summary.within(figure, share) for share in (MEDIAN, NINETIETH)]
        known = [self._hours(seconds) for seconds in both if seconds is not None]
        return " / ".join(known) or NONE

    def _hours(self, seconds: float) -> str:
        hours = seconds / 3600
        return self._words.number(self._language, hours, 1 if hours < 10 else 0)

    def _name(self, by: By, value: str, part: Part) -> str:
        if part.others:
            return self._lines.say("others")
        match by:
            case By.WEEK:
                return self._day(date.fromisoformat(value))
            case By.QUEUE:
                return self._reader.label(value, self._language) or self._lines.say("none")
            case By.PRIORITY:
                return self._words.say(self._language, f"priority.{value}")
            case By.LANGUAGE:
                return self._words.language(self._language, value)
            case _:
                return value or self._lines.say("none")

    def _print_notes(self, found: Report) -> None:
        say, before = self._lines.say, found.period.before
        self._tell(say("against", since=self._day(before.since), until=self._day(before.until)))
        self._tell(say("chance"))
        self._tell(say("error"))
        for note in self._lines.notes(found):
            self._tell(note)

    def _tell(self, text: str) -> None:
        self._console.print(text)

    def _day(self, day: date) -> str:
        return self._words.calendar_day(self._language, day)
