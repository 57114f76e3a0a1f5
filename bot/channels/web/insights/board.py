"""Words a report for the page: its groups of figures, its charts and the table of its parts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from bot.channels.web.insights.charts import Chart, Picture, Series, draw
from bot.desk.history.insight_lines import NONE, InsightLine, InsightLines, part_of
from bot.desk.ports.feedback import InsightsView
from bot.desk.ports.wording import Wording
from bot.domain.conversations.outcome import EpisodeOutcome
from bot.domain.insights.figures import EVERY_QUEUE, Dimension, Figure
from bot.domain.insights.report import Part, Period, Report, monday_of
from bot.domain.insights.summary import MEDIAN, NINETIETH, Summary, ratio

LIST = "/insights/list"
HOUR = 3600
SUNDAY = 6
GROUPS: Mapping[str, tuple[str, ...]] = {
    "questions": (
        "questions",
        "deflection_confirmed",
        "deflection_assumed",
        "answers_not_helpful",
        "answers_wrong",
    ),
    "first_response": (
        "tickets_opened",
        "first_response_median",
        "first_response_90th",
        "first_response_met",
    ),
    "resolution": (
        *("tickets_resolved", "resolution_median", "resolution_90th", "resolution_met"),
        *("tickets_reopened", "tickets_cancelled"),
    ),
    "ratings": ("ratings", "ratings_answered"),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """Figure with the address of the list behind it, and its change in words."""

    line: InsightLine
    link: str
    change: str


@dataclass(frozen=True, slots=True)
class Cell:
    """Cell of the table of parts."""

    text: str
    link: str = ""


class Board:
    """Board of one report in one language, with addresses that keep its period."""

    def __init__(self, wording: Wording, language: str, view: InsightsView, report: Report) -> None:
        self._wording = wording
        self._language = language
        self._view = view
        self.report = report
        self.lines = InsightLines(wording, language)

    def groups(self) -> Iterator[tuple[str, Sequence[Tile]]]:
        """Yield the groups of figures that a report of this queue has."""
        lines = {line.key: line for line in self.lines.of(self.report)}
        for name, keys in GROUPS.items():
            tiles = [self._tile(lines[key]) for key in keys if key in lines]
            if tiles:
                yield name, tiles

    def charts(self) -> Iterator[tuple[Chart, Picture]]:
        """Yield the charts with their pictures."""
        words = self._wording
        number = lambda value: words.number(self._language, value, 1)  # noqa: E731 - words the ticks
        percent = lambda value: words.percent(self._language, value, 0)  # noqa: E731
        if self.report.of_every_queue:
            yield self._drawn(self._outcomes(), number)
        yield self._drawn(self._tickets(), number)
        for key, figure in (("first_response", Figure.RESPONDED), ("resolution", Figure.RESOLVED)):
            yield self._drawn(self._lengths(key, figure), number)
        yield self._drawn(self._in_time(), percent)
        yield self._drawn(self._backlog(), number)

    def columns(self) -> Sequence[str]:
        """Return the headings of the table of parts."""
        lengths = self.report.dimension is not Dimension.TARGET  # of these no histogram is kept
        names = ["tickets_opened"]
        for name in ("first_response", "resolution"):
            names += [f"{name}_median", f"{name}_90th"] if lengths else []
            names.append(f"{name}_met")
        names.append("tickets_reopened")
        asked = ["questions", "deflection", "answers_wrong"] if self._has_questions else []
        return [self.lines.say(name) for name in (*asked, *names)]

    def rows(self) -> Iterator[tuple[str, Sequence[Cell]]]:
        """Yield the parts by their names."""
        for part in self.report.parts:
            yield self._name(part), list(self._cells(part))

    def link(self, figure: str, part: Part | None = None, **more: str) -> str:
        """Return the address of the list behind a figure, of a part where one is given."""
        period, queue = self.report.period, self.report.queue
        given = {"figure": str(figure), "since": period.since.isoformat(), "until": period.until.isoformat()}
        if queue != EVERY_QUEUE:
            given["queue"] = queue
        if part is not None:
            given |= {"by": self.report.dimension.value, "value": part.value}
        return f"{LIST}?{urlencode(given | more)}"

    @property
    def _has_questions(self) -> bool:
        by = self.report.dimension
        return self.report.of_every_queue and by not in (Dimension.QUEUE, Dimension.PRIORITY)

    def _tile(self, line: InsightLine) -> Tile:
        return Tile(line, self.link(line.listed), self.lines.change(line.change))

    def _cells(self, part: Part) -> Iterator[Cell]:
        lines, one = self.lines, part.summary

        def cell(text: str, figure: str) -> Cell:
            return Cell(text, "" if part.others or text in (NONE, "0") else self.link(figure, part))

        if self._has_questions:
            yield cell(lines.number(one.questions), "questions")
            yield cell(lines.share(*part_of("deflection", one)), "deflected")
            yield cell(lines.number(one.count(Figure.WRONG)), Figure.WRONG)
        yield cell(lines.number(one.count(Figure.OPENED)), Figure.OPENED)
        for figure, key, missed in (
            (Figure.RESPONDED, "first_response_met", Figure.RESPONSE_MISSED),
            (Figure.RESOLVED, "resolution_met", Figure.RESOLUTION_MISSED),
        ):
            for share in (MEDIAN, NINETIETH) if self.report.dimension is not Dimension.TARGET else ():
                yield cell(lines.length(one.within(figure, share)), figure)
            yield cell(lines.share(*part_of(key, one)), missed)
        yield cell(lines.number(one.count(Figure.REOPENED)), Figure.REOPENED)

    def _name(self, part: Part) -> str:
        if part.others:
            return self.lines.say("others")
        match self.report.dimension:
            case Dimension.QUEUE:
                name = self._view.label(part.value, self._language) or self.lines.say("none.queue")
            case Dimension.PRIORITY:
                name = self._wording.say(self._language, f"priority.{part.value}")
            case Dimension.LANGUAGE:
                name = self._wording.language(self._language, part.value)
            case _:
                name = part.value
        return name or self.lines.say("none")

    def _drawn(self, chart: Chart, say: Callable[[float], str]) -> tuple[Chart, Picture]:
        return chart, draw(chart, say)

    def _weekly(self, key: str, series: Sequence[Series], *, stacked: bool = False) -> Chart:
        names, until = [self._day(week) for week in self.report.weeks], self.report.period.until
        unfinished = until.weekday() < SUNDAY
        if unfinished:
            names[-1] = self.lines.say("so_far", week=names[-1])
        whole = key in ("outcomes", "tickets")
        title, first = self.lines.say(f"chart.{key}"), self.lines.say("week")
        return Chart(key, title, first, names, series, stacked=stacked, whole=whole, unfinished=unfinished)

    def _outcomes(self) -> Chart:
        weeks, say = list(self.report.weeks.values()), self.lines.say
        confirmed = [one.deflected(EpisodeOutcome.CONFIRMED) for one in weeks]
        assumed = [one.deflected(EpisodeOutcome.ASSUMED) for one in weeks]
        others = [one.questions - one.deflected() for one in weeks]
        pending = [self.report.pending.get(week, 0) for week in self.report.weeks]
        named = (("confirmed", confirmed), ("assumed", assumed), ("otherwise", others), ("recent", pending))
        return self._weekly(
            "outcomes", [self._counts(say(name), name, values) for name, values in named], stacked=True
        )

    def _tickets(self) -> Chart:
        weeks = list(self.report.weeks.values())
        return self._weekly(
            "tickets",
            [
                self._counts(self.lines.say("tickets_opened"), "one", self._of(weeks, Figure.OPENED)),
                self._counts(self.lines.say("tickets_resolved"), "two", self._of(weeks, Figure.RESOLVED)),
            ],
        )

    def _of(self, weeks: Sequence[Summary], figure: Figure) -> list[int]:
        return [one.count(figure) for one in weeks]

    def _counts(self, name: str, look: str, values: Sequence[int]) -> Series:
        return Series(name, look, values, [self.lines.number(value) for value in values])

    def _lengths(self, key: str, figure: Figure) -> Chart:
        series = []
        for name, look, share in (("median", "one", MEDIAN), ("ninetieth", "two", NINETIETH)):
            values = [one.within(figure, share) for one in self.report.weeks.values()]
            hours = [None if value is None else value / HOUR for value in values]
            series.append(Series(self.lines.say(name), look, hours, [self.lines.length(v) for v in values]))
        return self._weekly(key, series)

    def _in_time(self) -> Chart:
        series = []
        for key, look in (("first_response_met", "one"), ("resolution_met", "two")):
            parts = [part_of(key, one) for one in self.report.weeks.values()]
            said = [self.lines.share(*pair) for pair in parts]
            series.append(Series(self.lines.say(key), look, [ratio(*pair) for pair in parts], said))
        return self._weekly("in_time", series)

    def _backlog(self) -> Chart:
        ages = self.report.backlog.ages
        names = [self.lines.say(f"age.{index}") for index in range(len(ages))]
        title, first = self.lines.say("backlog"), self.lines.say("age")
        links = [self.link("backlog", age=str(index)) for index in range(len(ages))]
        series = [self._counts(self.lines.say("tickets"), "one", ages)]
        return Chart("backlog", title, first, names, series, stacked=True, links=links, whole=True)

    def _day(self, day: date) -> str:
        return self._wording.short_date(self._language, day)


def weeks_of(period: Period) -> int:
    """Return how many weeks a period has, as its first Monday says."""
    return (monday_of(period.until) - monday_of(period.since)).days // 7 + 1
