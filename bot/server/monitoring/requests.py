"""Answers 503 where the database could not keep what a request brought, and counts what failed."""

import math
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import structlog
from aiohttp import web

from bot.domain.errors import Overloaded, StorageBusy, StorageUnavailable
from bot.server.database_threads import Budget, answering
from bot.server.monitoring.metrics import Metrics
from bot.server.monitoring.probe import StorageProbe

log = structlog.get_logger()
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
NOT_KEPT = (StorageUnavailable, StorageBusy)
RETRY_SECONDS = "5"
AGAIN_SECONDS = "1"  # after which somebody may be let in who was refused
ENOUGH = 3  # events in a row that are no accident
RECENT_SECONDS = 15.0  # in which one of them must have come


class RequestWatch:
    """Middleware of every route: what a platform posts has a few seconds of the database, and no more."""

    def __init__(self, metrics: Metrics, probe: StorageProbe, clock: Callable[[], float] = monotonic) -> None:
        """`probe` is woken when an event was not kept."""
        self._metrics = metrics
        self._probe = probe
        self._clock = clock
        self._lost = 0  # events in a row that the database did not keep
        self._lost_last = 0.0
        self._cause = ""
        self._kept_last = -math.inf
        self._owners: dict[str, str] = {}

    def mount(self, app: web.Application, name: str, mount: Callable[[web.Application], None]) -> None:
        """Mount the routes of a channel or an alert source, and remember whose they are."""
        before = {resource.canonical for resource in app.router.resources()}
        mount(app)
        mounted = {resource.canonical for resource in app.router.resources()} - before
        self._owners |= dict.fromkeys(mounted, name)

    def owner(self, request: web.Request) -> str:
        """Whose route a request takes: a channel's or an alert source's name, else the route; "" for none."""
        resource = request.match_info.route.resource
        return self._owners.get(resource.canonical, resource.canonical) if resource is not None else ""

    @web.middleware
    async def handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Handle a request in time; whatever the database could not do is a 503."""
        if request.method != "POST":  # a page, or a stream that lasts
            try:
                return await handler(request)
            except NOT_KEPT:
                return _not_kept()
        with answering() as budget:
            budget.counted = True
            try:
                response = await handler(request)
            except NOT_KEPT:
                response = _not_kept()
            except ConnectionResetError:
                if request.transport is not None:  # it was lost elsewhere
                    self.failed(self.owner(request), budget)
                    raise
                return web.Response(status=400)  # whoever sent it has hung up: nobody reads this
            except Overloaded as error:
                return web.Response(status=503, text=f"{error}\n", headers={"Retry-After": AGAIN_SECONDS})
            except web.HTTPException:
                raise
            except Exception:
                self.failed(self.owner(request), budget)
                raise
            if response.status >= 500 and not budget.overloaded:
                self.failed(self.owner(request), budget)
            return response

    def trouble(self) -> str:
        """Say why the database keeps nothing; "" where it does.

        What a probe could write may be too little to mean anything, on a full disk; and one that waited for
        its turn in vain means nothing where events were kept since.
        """
        if self._probe.trouble:
            return "" if self._kept_last > self._probe.looked_at else self._probe.trouble
        if self._lost < ENOUGH or self._clock() - self._lost_last > RECENT_SECONDS:
            return ""
        return f"The last {self._lost} events could not be kept: {self._cause}"

    @contextmanager
    def counting(self, channel: str) -> Iterator[Budget]:
        """Take in an event of a channel in time; one that came over a socket is counted where it fails."""
        with answering() as budget:
            try:
                yield budget
            except Overloaded:  # it is counted where it was refused
                budget.overloaded = True
                raise
            except Exception:
                if not budget.counted:
                    self.failed(channel, budget)
                raise
        if budget.kept:
            self._lost, self._kept_last = 0, self._clock()

    def failed(self, channel: str, budget: Budget) -> None:
        """Count what could not be taken in, and tell why where it was the database."""
        trouble = budget.trouble
        reason = "busy" if isinstance(trouble, StorageBusy) else "database" if trouble else "defect"
        self._metrics.failed.labels(channel, reason).inc()
        if trouble is not None:
            self._lost, self._lost_last, self._cause = self._lost + 1, self._clock(), str(trouble)
            log.error(
                "event_not_kept",
                channel=channel,
                reason=reason,
                cause=str(trouble),
                next_step="see that the database runs and can be written; the sender repeats the event",
            )
            self._probe.wake()


def _not_kept() -> web.Response:
    return web.Response(status=503, headers={"Retry-After": RETRY_SECONDS})
