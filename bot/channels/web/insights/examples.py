"""Serves the examples that are proposed of what people confirmed, to be approved and taken back."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import groupby

from aiohttp import web

from bot.channels.web import responses
from bot.channels.web.access.accounts import Visitor
from bot.channels.web.access.limits import AGAIN
from bot.channels.web.access.refusal import Refusal
from bot.channels.web.access.request_body import Body
from bot.channels.web.insights.gaps import progress_of
from bot.channels.web.insights.writers import Route, Writers, acting
from bot.channels.web.view import View
from bot.desk.ports.channels import Host
from bot.desk.ports.content import Authoring
from bot.domain.errors import ArticleNotWritten, ExampleNotFound, Overloaded
from bot.domain.knowledge.proposal import ShownExample

MOST_NUMBERS = 1_000  # of one list, which has more than usual where one target has
HIGHEST = 2**63 - 1  # number of a row
Listed = Sequence[tuple[str, Sequence[ShownExample]]]  # the examples of each target


class ExamplesPages:
    """Serves proposals list by list, each in full, with what it gains and what it costs others."""

    def __init__(self, host: Host, authoring: Authoring, view: View, writers: Writers) -> None:
        self._host = host
        self._authoring = authoring
        self._view = view
        self._writers = writers

    @property
    def routes(self) -> Sequence[Route]:
        """The routes, each with its method."""
        return (
            ("GET", "/gaps/examples", self.index),
            ("POST", "/gaps/examples/look", self.look),
            ("GET", "/gaps/examples/progress", self.progress),
            ("POST", "/gaps/examples/approve", self.approve),
            ("POST", "/gaps/examples/take-back", self.take_back),
        )

    async def index(self, request: web.Request) -> web.Response:
        """What is proposed, and what was approved."""
        visitor = await self._writers.admit(request)
        return responses.page(await self._drawn(request, visitor, "examples"))

    async def look(self, request: web.Request) -> web.Response:
        """Begin to look for proposals."""
        await self._writers.sent(request)
        try:
            self._authoring.examples.look()
        except Overloaded as error:
            raise Refusal(503, "web.error.busy", AGAIN) from error
        return responses.answer({"running": True})

    async def progress(self, request: web.Request) -> web.Response:
        """How far the look is."""
        await self._writers.admit(request)
        return responses.answer(progress_of(self._authoring.examples.running()))

    async def approve(self, request: web.Request) -> web.Response:
        """Write the proposals that somebody has read into the content."""
        visitor, body = await self._writers.sent(request)
        numbers = _numbers(body)
        by, queues = acting(visitor), await self._writers.queues(visitor)

        def write() -> str:
            return self._authoring.examples.approve(numbers, by.identity, by.name, queues)

        return await self._decided(request, visitor, write, "approved", number=len(numbers))

    async def take_back(self, request: web.Request) -> web.Response:
        """Take an approved example out of the content."""
        visitor, body = await self._writers.sent(request)
        numbers = _numbers(body)
        by, queues = acting(visitor), await self._writers.queues(visitor)

        def write() -> str:
            return self._authoring.examples.take_back(numbers[0], by.identity, by.name, queues)

        return await self._decided(request, visitor, write, "taken_back")

    async def _decided(
        self, request: web.Request, visitor: Visitor, write: Callable[[], str], done: str, **given: object
    ) -> web.Response:
        """Write, and show everything anew with what was done."""
        words, language = self._host.wording, self._view.language(request)
        try:
            branch = await asyncio.to_thread(write)
        except ExampleNotFound:
            return responses.answer({"refused": words.say(language, "web.examples.decided")}, status=409)
        except ArticleNotWritten as error:
            return responses.answer({"refused": words.told(language, str(error))}, status=409)
        told = words.say(language, f"web.examples.{done}", **given)
        where = "branch" if branch else "files"
        told = f"{told} {words.say(language, f'web.examples.in.{where}', branch=branch)}"
        return responses.answer({"html": await self._drawn(request, visitor, "example-lists", told=told)})

    async def _drawn(self, request: web.Request, visitor: Visitor, template: str, told: str = "") -> str:
        queues = await self._writers.queues(visitor)
        found = await self._host.read(self._authoring.examples.view, queues)
        lists = [
            (number, _by_target(list(listed)))
            for number, listed in groupby(found.proposed, key=lambda one: one.kept.number)
        ]
        context = {
            "found": found,
            "lists": lists,
            "approved": _by_target(sorted(found.approved, key=lambda one: (one.kept.target, one.kept.id))),
            "goes": await asyncio.to_thread(lambda: self._authoring.goes),
            "told": told,
        }
        return self._view.render(request, f"knowledge/{template}.html", context)


def _by_target(found: Sequence[ShownExample]) -> Listed:
    return [(target, list(own)) for target, own in groupby(found, key=lambda one: one.kept.target)]


def _numbers(body: Body) -> list[int]:
    """Read the numbers of examples: those of one list at most."""
    given = body.get("numbers")
    if not isinstance(given, list) or not 0 < len(given) <= MOST_NUMBERS:
        raise Refusal(400, "web.error.request")
    if not all(type(one) is int and 0 < one <= HIGHEST for one in given):
        raise Refusal(400, "web.error.request")
    return given
