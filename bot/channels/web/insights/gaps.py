"""Serves the gaps and the editor of drafts, to engineers and managers."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aiohttp import web

from bot.channels.web import responses
from bot.channels.web.access.limits import AGAIN
from bot.channels.web.access.refusal import Refusal
from bot.channels.web.access.request_body import Body, text_of
from bot.channels.web.insights.typed_drafts import TypedDrafts, digest_of
from bot.channels.web.insights.writers import Route, Writers, acting
from bot.channels.web.view import View
from bot.desk.ports.channels import Host
from bot.desk.ports.content import Authoring, DraftSheet, DraftTexts
from bot.domain.errors import ArticleNotWritten, NothingToDraft, Overloaded, TicketNotFound
from bot.domain.knowledge.gap import MOST_PER_TICKET, PER_PERSON, Gap, Missed

FEWEST = (5, 3, 2)  # people of a gap
MOST_SHOWN = 30  # gaps
LONGEST_SOURCE = 100  # characters


class GapsPages:
    """Serves what is missing in the content, and drafts of what may close it."""

    def __init__(self, host: Host, authoring: Authoring, view: View, writers: Writers) -> None:
        self._host = host
        self._authoring = authoring
        self._view = view
        self._writers = writers
        self._typed = TypedDrafts(authoring.typed, host.clock)

    @property
    def routes(self) -> Sequence[Route]:
        """The routes, each with its method."""
        return (
            ("GET", "/gaps", self.index),
            ("POST", "/gaps/look", self.look),
            ("GET", "/gaps/progress", self.progress),
            ("GET", "/drafts", self.editor),
            ("POST", "/drafts/shown", self.shown),
            ("POST", "/drafts/forget", self.forget),
            ("POST", "/drafts/replay", self.replay),
            ("GET", "/drafts/replayed", self.replayed),
            ("POST", "/drafts/approve", self.approve),
        )

    async def index(self, request: web.Request) -> web.Response:
        """The gaps that were found last; where there are none yet they are looked for."""
        queues = await self._writers.queues(await self._writers.admit(request))
        await self._host.read(self._authoring.drop_erased)
        found = self._authoring.gaps()
        if found.report is None and found.running is None and not found.failed:
            self._look(FEWEST[0])
            found = self._authoring.gaps()
        gaps = [gap for gap in found.report.gaps if gap.lies_in(queues)] if found.report is not None else []
        language = self._view.language(request)
        context = {
            "found": found,
            "gaps": gaps,
            "fewest": FEWEST,
            "most": MOST_SHOWN,
            "cost": self._cost,
            "named": lambda codes: ", ".join(self._host.wording.language(language, code) for code in codes),
            "hours": int(MOST_PER_TICKET.total_seconds()) // 3600,
            "minutes": int(PER_PERSON.total_seconds()) // 60,
        }
        return responses.page(self._view.render(request, "knowledge/gaps.html", context))

    async def look(self, request: web.Request) -> web.Response:
        """Begin to look for gaps anew."""
        _, body = await self._writers.sent(request)
        wanted = text_of(body, "fewest")
        fewest = next((number for number in FEWEST if str(number) == wanted), None)
        if fewest is None:
            raise Refusal(400, "web.error.request")
        self._look(fewest)
        return responses.answer({"running": True})

    async def progress(self, request: web.Request) -> web.Response:
        """How far the look for gaps is."""
        await self._writers.admit(request)
        return responses.answer(progress_of(self._authoring.gaps().running))

    async def editor(self, request: web.Request) -> web.Response:
        """The editor of a draft that is made of a gap, a ticket, or of the same in another language."""
        visitor = await self._writers.admit(request)
        queues = await self._writers.queues(visitor)
        try:
            sheet = await self._host.read(self._sheet, request, queues)
        except (NothingToDraft, TicketNotFound) as error:
            raise Refusal(404, "web.error.no_draft") from error
        approved = await self._host.read(self._authoring.approved, sheet.source)
        language = self._view.language(request)
        base = digest_of(sheet.texts)
        whose = acting(visitor).identity
        typed = await self._host.read(self._typed.find, whose, sheet.source, sheet.texts)
        if typed is not None:
            sheet = replace(sheet, texts=DraftTexts(typed.article, typed.intent))
        context = {
            "sheet": sheet,
            "base": base,
            "typed": typed,
            "approved": approved,
            "goes": await asyncio.to_thread(lambda: self._authoring.goes),
            "examined": await asyncio.to_thread(self._authoring.examine, sheet.texts, language),
            "reference": sheet.reference,
        }
        return responses.page(self._view.render(request, "knowledge/draft.html", context))

    async def shown(self, request: web.Request) -> web.Response:
        """How a draft is shown as it is now, and what the check says of it; it is kept so."""
        visitor, body = await self._writers.sent(request)
        language = self._view.language(request)
        texts, base = _texts(body), text_of(body, "base")
        if base:
            whose, source = acting(visitor).identity, _source(body)
            await asyncio.to_thread(self._typed.keep, whose, source, base, texts)
        found = await asyncio.to_thread(self._authoring.examine, texts, language)
        text = self._view.render(request, "knowledge/shown.html", {"examined": found})
        return responses.answer({"html": text, "refused": found.refused, "names": list(found.names)})

    async def forget(self, request: web.Request) -> web.Response:
        """Forget what somebody typed, so that the draft is shown as it was made."""
        visitor, body = await self._writers.sent(request)
        await asyncio.to_thread(self._typed.forget, acting(visitor).identity, _source(body))
        return responses.answer({})

    async def replay(self, request: web.Request) -> web.Response:
        """Begin to ask the last weeks' questions again."""
        _, body = await self._writers.sent(request)
        try:
            name = await asyncio.to_thread(self._authoring.replay, _texts(body))
        except ArticleNotWritten as error:
            return self._refused(request, error)
        except Overloaded as error:
            raise Refusal(503, "web.error.busy", AGAIN) from error
        return responses.answer({"name": name})

    async def replayed(self, request: web.Request) -> web.Response:
        """How far a replay is, and what it told."""
        await self._writers.admit(request)
        found = self._authoring.replayed(request.query.get("name", ""))
        if found is None:
            raise Refusal(404, "web.error.missing")
        if found.running is not None:
            return responses.answer(progress_of(found.running))
        text = self._view.render(request, "knowledge/replay.html", {"found": found})
        without = found.told.intent if found.told is not None else ""
        return responses.answer({"running": False, "html": text, "intent": without})

    async def approve(self, request: web.Request) -> web.Response:
        """Write a draft into the content, unless somebody has approved it before."""
        visitor, body = await self._writers.sent(request)
        source, by = _source(body), acting(visitor).identity
        try:
            approval = await asyncio.to_thread(self._authoring.approve, source, _texts(body), by)
        except ArticleNotWritten as error:
            return self._refused(request, error)
        await asyncio.to_thread(self._typed.forget, by, source)
        text = self._view.render(
            request, "knowledge/approved.html", {"approval": approval, "reference": text_of(body, "ticket")}
        )
        return responses.answer({"html": text})

    def _refused(self, request: web.Request, error: ArticleNotWritten) -> web.Response:
        """Answer why a draft is not taken, in the page's language."""
        why = self._host.wording.told(self._view.language(request), str(error))
        return responses.answer({"refused": why}, status=409)

    def _look(self, fewest: int) -> None:
        try:
            self._authoring.look(fewest)
        except Overloaded as error:
            raise Refusal(503, "web.error.busy", AGAIN) from error

    def _sheet(self, request: web.Request, queues: frozenset[str] | None) -> DraftSheet:
        query = request.query
        language = query.get("lang", "")
        if language not in ("", *self._host.wording.languages):
            raise Refusal(400, "web.error.request")
        if ticket := query.get("ticket", ""):
            return self._authoring.of_ticket(ticket, language, query.get("version", ""), queues)
        number = query.get("gap", "")
        if not (number.isascii() and number.isdigit() and len(number) <= 18):
            raise Refusal(400, "web.error.request")
        return self._authoring.of_gap(int(number), language, queues)

    def _cost(self, gap: Gap) -> dict[str, Any]:
        hours, minutes = divmod(round(gap.work.total_seconds() / 60), 60)
        return {
            "people": gap.people,
            "time": f"{hours} h {minutes} min" if hours else f"{minutes} min",
            "tickets": gap.missed[Missed.TICKET],
            "wrong": gap.missed[Missed.WRONG_ANSWER],
            "choices": gap.missed[Missed.ABANDONED_CHOICE],
        }


def progress_of(running: tuple[int, int] | None) -> dict[str, Any]:
    if running is None:
        return {"running": False}
    return {"running": True, "done": running[0], "of": running[1]}


def _source(body: Body) -> str:
    source = text_of(body, "source")
    if not 0 < len(source) <= LONGEST_SOURCE:
        raise Refusal(400, "web.error.request")
    return source


def _texts(body: Body) -> DraftTexts:
    article = text_of(body, "article")
    if not article.strip():
        raise Refusal(400, "web.error.request")
    return DraftTexts(article, text_of(body, "intent"))
