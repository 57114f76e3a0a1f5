"""Posts a digest of the week in the rooms: figures with a chart, gaps, and articles that need somebody."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.desk.automation.reports.sign_texts import SignTexts
from bot.desk.history.insight_lines import InsightLine, InsightLines
from bot.desk.history.insights import InsightsReader
from bot.desk.knowledge.library import Library
from bot.desk.ports.clock import Clock
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.desk.ports.wording import Wording
from bot.desk.staff.queue_rooms import QueueRooms
from bot.domain.charts import BarChart
from bot.domain.conversations.messages import Block, Facts, Heading, Line, Reply, Small
from bot.domain.conversations.outcome import EpisodeOutcome
from bot.domain.insights.article_signs import ArticleSign, Sign, version_of
from bot.domain.insights.figures import Figure
from bot.domain.insights.report import DAY, WEEK, Period, Report, monday_of

CHARTED = 6  # weeks
EARLIEST = 8  # o'clock, where the desk is always open
MOST_GAPS, MOST_ARTICLES = 3, 5
EVERY_WEEK = "*week"  # stands for the queue where a morning summary has one; no queue can have this name
_ANSWERS = ("deflection_confirmed", "deflection_assumed", "answers_not_helpful")
_TICKETS = (
    *("tickets_opened", "tickets_resolved", "first_response_median", "first_response_met"),
    *("resolution_median", "resolution_met", "ratings"),
)


@dataclass(frozen=True, slots=True)
class ToldGap:
    """Gap as a digest tells it: named by one of its questions, with what it cost."""

    name: str
    people: int
    tickets: int


class WeeklyDigest:
    """Digest of the last week, posted once when the desk first opens in a new one, whatever the replicas."""

    def __init__(
        self,
        begin: UnitsOfWork,
        library: Library,
        rooms: QueueRooms,
        insights: InsightsReader,
        wording: Wording,
        language: str,
        clock: Clock,
    ) -> None:
        self._begin = begin
        self._library = library
        self._rooms = rooms
        self._insights = insights
        self._wording = wording
        self._language = language
        self._clock = clock
        self._done = ""  # the week in which nothing is left to post

    def due(self) -> Period | None:
        """Return the week that is to be told now, by the clock and the hours of the desk."""
        hours, now = self._rooms.queues.of("").hours, self._clock()
        local = hours.local(now)
        this_week = monday_of(local.date())
        if self._done == this_week.isoformat() or not hours.is_open(now) or local.hour < EARLIEST:
            return None
        if not self._rooms.all():  # it is told when there is one
            return None
        with self._begin.reading() as work:
            if work.schedule.summary_posted(EVERY_WEEK, this_week.isoformat()):
                self._done = this_week.isoformat()
                return None
        return Period(this_week - WEEK, this_week - DAY)

    def post(self, week: Period, gaps: Sequence[ToldGap]) -> int:
        """Post the digest of a week in every room; return in how many."""
        now, posted_in = self._clock(), (week.until + DAY).isoformat()
        reply = self._digest(week, gaps)
        with self._begin() as work:
            rooms = self._rooms.all()
            conversations = sorted({work.conversations.open(room) for room in rooms})
            work.conversations.lock(conversations)
            if not work.schedule.mark_summary_posted(EVERY_WEEK, posted_in, now):
                return 0
            for conversation_id in conversations:
                work.outbox.say(conversation_id, reply, now)
        self._done = posted_in
        return len(conversations)

    def _digest(self, week: Period, gaps: Sequence[ToldGap]) -> Reply:
        title = self._say("title", **self._days(week))
        final = Period(week.since - WEEK, week.until - WEEK)
        blocks: list[Block] = [Heading(title)]
        blocks += self._figures("tickets", self._insights.report(week), _TICKETS)
        blocks += self._figures("answers", self._insights.report(final), _ANSWERS)
        blocks += self._chart(week)
        if gaps:
            blocks.append(Heading(self._say("gaps")))
            blocks += [self._gap(number, gap) for number, gap in enumerate(gaps[:MOST_GAPS], 1)]
        if signs := self._signs():
            blocks.append(Heading(self._say("articles", count=len({one.target for one in signs}))))
            texts = SignTexts(self._wording, self._library.snapshot.content.title)
            blocks += texts.lines(self._language, signs, MOST_ARTICLES)
        blocks.append(Small(self._say("how")))
        return Reply(tuple(blocks), summary=title, language=self._language)

    def _figures(self, name: str, report: Report, keys: Sequence[str]) -> Iterator[Block]:
        lines = {line.key: line for line in InsightLines(self._wording, self._language).of(report)}
        rows = tuple((lines[key].label, self._figure(lines[key])) for key in keys if lines[key].now != "–")
        if rows:
            yield Line(self._say(name, **self._days(report.period)))
            yield Facts(rows)

    def _figure(self, line: InsightLine) -> str:
        """Word a figure with the one before it, and its arrow where the change is larger than chance."""
        words = InsightLines(self._wording, self._language)
        detail = f" ({line.detail})" if line.detail else ""
        arrow = ""
        if line.change is not None:
            arrow = f" {'↑' if line.change.up else '↓'} {words.change(line.change)}"
        return f"{line.now}{detail}{arrow} · {self._say('before', before=line.before)}"

    def _chart(self, week: Period) -> Iterator[Block]:
        report = self._insights.report(Period(week.since - (CHARTED - 1) * WEEK, week.until))
        words, weeks = InsightLines(self._wording, self._language), report.weeks
        series = (
            (words.say("confirmed"), [one.deflected(EpisodeOutcome.CONFIRMED) for one in weeks.values()]),
            (words.say("assumed"), [one.deflected(EpisodeOutcome.ASSUMED) for one in weeks.values()]),
            (words.say("otherwise"), [one.questions - one.deflected() for one in weeks.values()]),
            (words.say("recent"), [report.pending.get(monday, 0) for monday in weeks]),
        )
        opened = [one.count(Figure.OPENED) for one in weeks.values()]
        labels = tuple(self._wording.short_date(self._language, monday) for monday in weeks)
        if any(any(counts) for _, counts in series):
            drawn = tuple((name, tuple(counts)) for name, counts in series)
            yield BarChart(words.say("chart.outcomes"), labels, drawn)
        elif any(opened):
            yield BarChart(
                words.say("chart.tickets"), labels, ((words.say("tickets_opened"), tuple(opened)),)
            )

    def _gap(self, number: int, gap: ToldGap) -> Block:
        values = {"number": number, "name": gap.name, "people": gap.people, "tickets": gap.tickets}
        return Line(self._say("gap", **values))

    def _signs(self) -> Sequence[ArticleSign]:
        """Return what was told of the articles in force, and has not gone."""
        articles = self._library.snapshot.content.articles
        versions = {name: version_of(its) for name, its in articles.items()}
        with self._begin.reading() as work:
            told = work.articles.told(versions)
        known = [ArticleSign(target, Sign(sign)) for target, sign in told if sign in set(Sign)]
        return sorted(known, key=lambda one: (list(Sign).index(one.sign), one.target))

    def _days(self, period: Period) -> dict[str, str]:
        since, until = (
            self._wording.calendar_day(self._language, day) for day in (period.since, period.until)
        )
        return {"since": since, "until": until}

    def _say(self, key: str, **values: object) -> str:
        return self._wording.say(self._language, f"digest.{key}", **values)
