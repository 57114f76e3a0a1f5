"""Puts the spans of a message around what is done with it; made only where traces are switched on."""

import contextvars
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from aiohttp import web
from opentelemetry.trace import Span, SpanKind

from bot.desk.delivery.dispatcher import Dispatcher
from bot.desk.knowledge.library import Library
from bot.desk.ports.channels import DeliveryTarget
from bot.desk.ports.unit_of_work import UnitOfWork, UnitsOfWork
from bot.domain.conversations.messages import Outcome, Utterance
from bot.domain.knowledge.decision import MatchResult
from bot.runtime.trace import trace
from bot.server.database_threads import Run
from bot.server.monitoring.tracing.delivery import TracedDispatcher, TracedTarget
from bot.server.monitoring.tracing.spans import Attributes, Received, Spans, fail, now, received, written
from bot.server.monitoring.tracing.untraced import Owner, Receive, Untraced

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Tracing(Untraced):
    """Traces of messages in one process: each part of a server, with spans around what it does."""

    def __init__(self, spans: Spans, end: Callable[[], Awaitable[None]]) -> None:
        """`end` sends what is left, for some seconds at most."""
        self._spans = spans
        self._end = end

    async def end(self) -> None:
        """Send what is left."""
        await self._end()

    def gates(self, owner: Owner) -> list[Any]:
        """Return the middleware that begins the trace of what a platform posts."""

        @web.middleware
        async def handle(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.method != "POST":
                return await handler(request)
            attributes: Attributes = {"http.request.method": "POST", "firstline.channel": owner(request)}
            if (resource := request.match_info.route.resource) is not None:
                attributes["http.route"] = resource.canonical
            with self._receiving(SpanKind.SERVER, attributes) as event:
                response = await handler(request)
                self._acknowledged(event, response.status)
            return response

        return [handle]

    @contextmanager
    def _receiving(self, kind: SpanKind, attributes: Attributes) -> Iterator[Received]:
        begun = now()
        span = self._spans.begin("receive", kind, attributes)
        token = received.set(event := Received(span, begun))
        try:
            yield event
        except web.HTTPException as error:
            self._acknowledged(event, error.status)
            raise
        except BaseException as error:
            fail(span, type(error).__name__)
            raise
        finally:
            received.reset(token)
            span.end()

    def _acknowledged(self, event: Received, status: int) -> None:
        if event.kept:
            self._spans.below(event.span, "acknowledge", event.kept, now())
        event.span.set_attribute("http.response.status_code", status)
        if status >= 500:
            fail(event.span, str(status))

    def receive(self, receive: Receive) -> Receive:
        """Return what takes an utterance in; the trace of one that came over a socket begins with it."""

        async def traced(utterance: Utterance) -> Outcome:
            event = received.get()
            if event is not None:
                return await self._taken_in(event, receive, utterance)
            channel = utterance.conversation.channel
            with self._receiving(SpanKind.CONSUMER, {"firstline.channel": channel}) as begun:
                return await self._taken_in(begun, receive, utterance)

        return traced

    async def _taken_in(self, event: Received, receive: Receive, utterance: Utterance) -> Outcome:
        if not event.read:
            event.read = True
            self._spans.below(event.span, "read", event.begun, now())
        outcome = await receive(utterance)
        event.kept = now()
        event.span.set_attribute("firstline.outcome", outcome.kind.value)
        if outcome.ticket:
            event.span.set_attribute("firstline.ticket", outcome.ticket)
        return outcome

    def carried(self, run: Run) -> Run:
        """Return what runs a function on a thread that knows of which event it is a part."""

        async def in_context(function: Callable[..., Any], *values: Any) -> Any:
            return await run(contextvars.copy_context().run, function, *values)

        return in_context

    def library(self, library: Library) -> Library:
        """Return the same library, whose matches are seen."""
        return _TracedLibrary(library, self._spans)

    def begin(self, begin: UnitsOfWork) -> UnitsOfWork:
        """Return what begins the same transactions, seen where they belong to an event."""
        return _TracedUnitsOfWork(begin, self._spans)

    def dispatcher(self, dispatcher: Dispatcher) -> Dispatcher:
        """Return the same dispatcher, whose leases and renderings are seen."""
        return TracedDispatcher(dispatcher, self._spans)

    def target(self, target: DeliveryTarget) -> DeliveryTarget:
        """Return the same target, whose deliveries are seen."""
        return TracedTarget(target, self._spans)


class _TracedLibrary(Library):
    """Library that shares all it knows with the one that it is made of, and tells its matches."""

    def __init__(self, library: Library, spans: Spans) -> None:
        self.__dict__ = library.__dict__  # one library: what either learns, both know
        self._match_spans = spans

    def match(self, text: str, language: str | None = None, *, here: bool = False) -> MatchResult:
        event = received.get()
        if event is None:
            return super().match(text, language, here=here)
        begun = now()
        try:
            return super().match(text, language, here=here)
        finally:
            self._match_spans.below(event.span, "match", begun, now())


class _TracedUnitsOfWork(UnitsOfWork):
    """Units of work that tell of each transaction of an event, and of its commit."""

    def __init__(self, begin: UnitsOfWork, spans: Spans) -> None:
        self._begin = begin
        self._spans = spans

    def __call__(self) -> AbstractContextManager[UnitOfWork]:
        event = received.get()
        return self._begin() if event is None else self._seen(event.span)

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        return self._begin.reading()

    @contextmanager
    def _seen(self, parent: Span) -> Iterator[UnitOfWork]:
        span = self._spans.start(parent, "transaction", now())
        token = trace.set(written(span))
        try:
            with self._begin() as work:
                yield work
                worked = now()
            self._spans.below(span, "commit", worked, now())
        except BaseException as error:
            # No failure by itself: a text that must be matched first begins the transaction again.
            span.set_attribute("firstline.rolled_back", type(error).__name__)
            raise
        finally:
            trace.reset(token)
            span.end()
