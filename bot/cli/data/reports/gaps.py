"""Tells what was asked and not answered: `firstline gaps`."""

import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console

from bot import wording
from bot.cli import terminal
from bot.cli.content.check import content_settings
from bot.cli.data.database import check_days, day_after, now, opened
from bot.cli.progress import Waiting
from bot.cli.reader import language
from bot.desk.knowledge.gaps import GapQuery, Gaps, read_missed
from bot.desk.knowledge.library import Library
from bot.desk.knowledge.traffic import TrafficLearner
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.desk.ports.wording import Wording
from bot.domain.errors import ContentInvalid, SettingsInvalid
from bot.domain.knowledge.gap import MOST_PER_TICKET, PER_PERSON, Gap, GapReport, Missed
from bot.matching.clustering.grouping import QuestionGrouping
from bot.server.content import library_of
from bot.server.settings import Settings

DAYS = 90  # that are looked at unless told otherwise
INDENT = "   "


def report_gaps(
    since: datetime | None, until: datetime | None, queue: str, fewest: int, limit: int, *, as_json: bool
) -> None:
    """Print the gaps of what was asked from the day `since` to the day `until`, in UTC."""
    check_days(since, until)
    begin = since.replace(tzinfo=UTC) if since else now() - timedelta(days=DAYS)
    end = day_after(until.replace(tzinfo=UTC)) if until else None
    _, units = opened()
    settings = content_settings(None, None)
    library = _library(settings, units)
    _check_queue(queue, library)
    query = GapQuery(begin, end, queue, fewest=fewest)
    gaps = Gaps(library, QuestionGrouping(), settings.tolerance)
    with Waiting(terminal.console(errors=True), 0, "questions") as waiting:
        report = gaps.find(read_missed(units, query), query, waiting.reach)
    if as_json:
        terminal.print_json({"since": begin.isoformat(), "queue": queue, **_data(report)}, indent=1)
        return
    _Printed(terminal.console(), wording.load(), language()).report(report, query, begin, limit)


def _library(settings: Settings, units: UnitsOfWork) -> Library:
    library = library_of(settings)
    if not library.load():
        raise ContentInvalid("\n".join(library.errors[:20]))
    traffic = TrafficLearner(units, library, settings.max_wrong)
    traffic.learn(traffic.read())
    return library


def _check_queue(queue: str, library: Library) -> None:
    names = library.snapshot.content.queue_names
    if queue and queue not in names:
        raise SettingsInvalid(
            f"--queue: there is no queue {queue}; there are: {', '.join(filter(None, names))}."
        )


def _data(report: GapReport) -> dict[str, Any]:
    return {
        "questions": report.questions,
        "left_out": asdict(report.left_out),
        "most_minutes_of_a_ticket": _minutes(MOST_PER_TICKET),
        "gaps": [
            {
                "name": gap.name,
                "words": gap.words,
                "people": gap.people,
                "questions": gap.questions,
                **{missed.value: count for missed, count in gap.missed.items()},
                "minutes": _minutes(gap.work),
                "languages": gap.languages,
                "queues": gap.queues,
                "nearest": asdict(gap.nearest) if gap.nearest else None,
                "sentences": gap.sentences,
            }
            for gap in report.gaps
        ],
    }


def _minutes(amount: timedelta) -> int:
    return round(amount.total_seconds() / 60)


class _Printed:
    """Prints a report for a reader of one language."""

    def __init__(self, console: Console, words: Wording, language: str) -> None:
        self._console = console
        self._words = words
        self._language = language

    def report(self, report: GapReport, query: GapQuery, since: datetime, limit: int) -> None:
        """Print all of it."""
        title = {"since": f"{since:%Y-%m-%d}", "questions": report.questions, "gaps": len(report.gaps)}
        self._print(self._say("title", **title))
        if not report.gaps:
            self._print(self._say("none", people=query.fewest))
        for number, gap in enumerate(report.gaps[:limit], 1):
            self._console.print()
            self._print(f"{number}. {gap.name}", after=INDENT)
            for line in self._lines(gap):
                self._print(INDENT + line, after=INDENT)
        self._console.print()
        if more := len(report.gaps) - limit if len(report.gaps) > limit else 0:
            self._print(self._say("more", number=more, all=len(report.gaps)))
        left = {name: number for name, number in asdict(report.left_out).items() if number}
        if left:
            self._print(self._say("left_out"))
        for name, number in left.items():
            self._print(INDENT + self._say(f"left.{name}", number=number, most=query.most), after=INDENT)
        hours = _minutes(MOST_PER_TICKET) // 60
        self._print(self._say("how", hours=hours, minutes=_minutes(PER_PERSON)))

    def _lines(self, gap: Gap) -> Iterator[str]:
        hours, minutes = divmod(_minutes(gap.work), 60)
        yield self._say(
            "cost",
            people=gap.people,
            time=f"{hours} h {minutes} min" if hours else f"{minutes} min",
            tickets=gap.missed[Missed.TICKET],
            wrong=gap.missed[Missed.WRONG_ANSWER],
            choices=gap.missed[Missed.ABANDONED_CHOICE],
        )
        if len(gap.languages) > 1 or gap.queues:
            languages = ", ".join(self._words.language(self._language, code) for code in gap.languages)
            yield self._say("where", languages=languages, queues=", ".join(gap.queues) or "–")
        if gap.words:
            yield self._say("words", words=", ".join(gap.words))
        yield self._nearest(gap)
        for sentence in gap.sentences[1:]:
            yield self._say("also", sentence=sentence)

    def _nearest(self, gap: Gap) -> str:
        near = gap.nearest
        if near is None:
            return self._say("nothing_near")
        share, words = f"{near.confidence:.0%}", ", ".join(near.lacks)
        key = "lacks" if words else "lacks_nothing"
        return self._say(key, target=near.target, title=near.title, share=share, words=words)

    def _say(self, key: str, **values: object) -> str:
        return self._words.say(self._language, f"gaps.{key}", **values)

    def _print(self, text: str, after: str = "") -> None:
        lines = textwrap.wrap(text, self._console.width, subsequent_indent=after)
        self._console.print("\n".join(lines))
