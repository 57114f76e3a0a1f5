"""Serves the figures and the lists behind them, to managers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.channels.web import responses
from bot.channels.web.access.accounts import Role, Visitor
from bot.channels.web.access.auth import Authenticator
from bot.channels.web.access.limits import Limits
from bot.channels.web.access.refusal import Refusal
from bot.channels.web.insights.board import GROUPS, Board
from bot.channels.web.view import View
from bot.desk.history.insight_lines import InsightLines
from bot.desk.history.insights import MOST_LISTED
from bot.desk.ports.channels import Host
from bot.desk.ports.feedback import FigureFilter, InsightsView, ListedQuestion
from bot.domain.conversations.outcome import NO_QUESTION, EpisodeOutcome
from bot.domain.insights.figures import EVERY_QUEUE, Dimension, Figure, day_of
from bot.domain.insights.report import AGES, PARTED, Period
from bot.domain.tickets.ticket import Priority, format_reference

WEEKS = (4, 12, 26, 52)
ANSWERS = (Figure.SHOWN, Figure.NOT_HELPFUL, Figure.WRONG)
OF_QUESTIONS = ("questions", "deflected", "deflected_confirmed", "deflected_assumed", *ANSWERS)
LONGEST = 3660  # days of a list


class InsightsPages:
    """Serves the figures to managers, and to engineers where the settings let them see these."""

    def __init__(
        self,
        host: Host,
        figures: InsightsView,
        authenticator: Authenticator,
        view: View,
        limits: Limits,
        *,
        engineers: bool,
    ) -> None:
        self._host = host
        self._figures = figures
        self._authenticator = authenticator
        self._view = view
        self._limits = limits
        self._engineers = engineers

    def may_see(self, visitor: Visitor) -> bool:
        """Tell whether somebody may see the figures; in the demo everybody may."""
        if self._authenticator.demo or visitor.asker.role is Role.MANAGER:
            return True
        return self._engineers and visitor.engineer is not None

    async def index(self, request: web.Request) -> web.Response:
        """The figures of the last weeks."""
        await self._admit(request)
        weeks = _one_of(request.query.get("weeks", "12"), {str(number): number for number in WEEKS})
        by = _one_of(request.query.get("by", "queue"), {one.value: one for one in PARTED})
        queue = self._queue(request)
        if queue != EVERY_QUEUE and by is Dimension.QUEUE:
            by = Dimension.PRIORITY
        period = Period.last_weeks(weeks, day_of(self._host.clock()))
        report = await self._host.read(self._figures.report, period, queue, by)
        language = self._view.language(request)
        context = {
            "board": Board(self._host.wording, language, self._figures, report),
            "weeks": weeks,
            "all_weeks": WEEKS,
            "dimensions": [one for one in PARTED if one is not Dimension.QUEUE or queue == EVERY_QUEUE],
            "groups": GROUPS,
            **self._queues(queue, language),
        }
        return responses.page(self._view.render(request, "insights/page.html", context))

    async def list(self, request: web.Request) -> web.Response:
        """The list behind a number; to those who work on tickets, each number of one leads there."""
        visitor = await self._admit(request)
        asked, language = self._asked(request), self._view.language(request)
        rows = await self._host.read(self._listed, asked)
        questions = bool(rows) and isinstance(rows[0], ListedQuestion)
        context = {
            "asked": asked,
            "works": visitor.engineer is not None,
            "rows": rows,
            "questions": questions or asked.figure in OF_QUESTIONS,
            "most": MOST_LISTED,
            "lines": InsightLines(self._host.wording, language),
            "reference": format_reference,
            "priority": lambda number: Priority(number).name.lower(),
            "label": lambda queue: self._figures.label(queue, language),
            "back": asked.way_back(),
            **self._queues(asked.of.queue, language),
        }
        return responses.page(self._view.render(request, "insights/list.html", context))

    async def _admit(self, request: web.Request) -> Visitor:
        visitor = await self._authenticator.admit(request, request.query)
        self._limits.read(visitor.asker)
        if not self.may_see(visitor):
            raise Refusal(403, "web.error.managers")
        return visitor

    def _listed(self, asked: "Asked") -> Any:
        if asked.figure == "backlog":
            return self._figures.backlog(asked.of.queue, asked.age, overdue=asked.overdue)
        if asked.figure in tuple(Figure) and asked.figure not in ANSWERS:
            return self._figures.tickets(Figure(asked.figure), asked.of)
        return self._figures.questions(asked.figure, asked.of)

    def _asked(self, request: web.Request) -> "Asked":
        query = request.query
        known = {*OF_QUESTIONS, *Figure, "backlog"}
        known |= {f"questions_{one.value}" for one in EpisodeOutcome if one not in NO_QUESTION}
        figure = _one_of(query.get("figure", ""), {str(one): str(one) for one in known})
        since, until = _day(query.get("since", "")), _day(query.get("until", ""))
        if not 0 <= (until - since).days <= LONGEST:
            raise Refusal(400, "web.error.request")
        by = _one_of(query.get("by", Dimension.WHOLE.value), {one.value: one for one in Dimension})
        value = query.get("value") if by is not Dimension.WHOLE else None
        if by is Dimension.PRIORITY and value not in {one.name.lower() for one in Priority}:
            raise Refusal(400, "web.error.request")
        ages = {"": None, **{str(index): index for index in range(len(AGES) + 1)}}
        age = _one_of(query.get("age", ""), ages)
        of = FigureFilter(since, until, self._queue(request), by, value)
        return Asked(figure, of, age, overdue=query.get("overdue") == "1")

    def _queue(self, request: web.Request) -> str:
        name = request.query.get("queue", "")
        return name if name in self._figures.queues() else EVERY_QUEUE

    def _queues(self, chosen: str, language: str) -> Mapping[str, Any]:
        names = self._figures.queues()
        return {"queue": chosen, "queues": {one: self._figures.label(one, language) for one in names}}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked for."""

    figure: str
    of: FigureFilter
    age: int | None
    overdue: bool

    def way_back(self) -> str:
        """The query of the figures from which the list was opened: their weeks, queue and parts."""
        since, until = self.of.since, self.of.until
        weeks = [str(number) for number in WEEKS if Period.last_weeks(number, until).since == since]
        given = {"weeks": weeks[0]} if weeks else {}
        if self.of.queue != EVERY_QUEUE:
            given["queue"] = self.of.queue
        if self.of.dimension is not Dimension.WHOLE:
            given["by"] = self.of.dimension.value
        return f"?{urlencode(given)}" if given else ""


def _one_of(name: str, known: Mapping[str, Any]) -> Any:
    if name not in known:
        raise Refusal(400, "web.error.request")
    return known[name]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(400, "web.error.request") from None
