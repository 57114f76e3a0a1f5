"""Serves /healthz, /readyz and /metrics, whatever the database does."""

import hmac
import math
from time import monotonic
from typing import Any

from aiohttp import web

from bot.desk.knowledge.library import Library
from bot.domain.errors import StorageBusy, StorageUnavailable
from bot.runtime.network.loopback import is_local
from bot.server.database_threads import answering
from bot.server.monitoring.metrics import Metrics
from bot.server.monitoring.readiness import Readiness
from bot.server.monitoring.statistics import Statistics

COUNT_SECONDS = 1.0  # that an answer waits for counts
COUNTED_FOR = 60.0  # seconds after which posts are counted though nobody asks


class Health:
    """Reports liveness, readiness and metrics; details only to this machine or with the token."""

    def __init__(
        self, statistics: Statistics, readiness: Readiness, library: Library, metrics: Metrics, token: str
    ) -> None:
        self._statistics = statistics
        self._readiness = readiness
        self._library = library
        self._metrics = metrics
        self._token = token
        self._counted = -math.inf

    def mount(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics_page)

    async def refresh(self) -> None:
        """Tell the log and the metrics how it is, though nobody asks."""
        if monotonic() - self._counted > COUNTED_FOR:
            await self._count()
        self._readiness.status()

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _readyz(self, request: web.Request) -> web.Response:
        details = self._may_see(request)
        if details:
            await self._count()
        status = self._readiness.status()
        body: dict[str, Any] = {"status": status.word}
        if details:
            body |= {name: trouble or "ok" for name, trouble in status.checks.items()}
            if (backlog := self._statistics.latest) is not None:
                body["courier"] = {
                    "waiting": backlog.waiting,
                    "dead": backlog.dead_letters,
                    "oldest_seconds": backlog.oldest_seconds,
                }
        return web.json_response(body, status=503 if status.broken else 200)

    async def _count(self) -> None:
        self._counted = monotonic()
        try:
            with answering(COUNT_SECONDS):
                await self._statistics.backlog()
        except (StorageUnavailable, StorageBusy):
            pass  # the probe knows whether the database is away; an older count is better than none

    async def _metrics_page(self, request: web.Request) -> web.Response:
        if not self._may_see(request):
            raise web.HTTPForbidden(
                text="Metrics are for this machine, or with FIRSTLINE_METRICS_TOKEN as a bearer token.\n"
            )
        self._readiness.status()
        try:
            with answering(COUNT_SECONDS):
                await self._show_counts()
        except (StorageUnavailable, StorageBusy):
            self._metrics.forget_counts()
        self._metrics.show_traffic(self._library.traffic)
        self._metrics.desk.prepare(self._library.snapshot.content.queue_names)
        return web.Response(body=self._metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4"})

    async def _show_counts(self) -> None:
        backlog = await self._statistics.backlog()
        counts, mean = await self._statistics.queues(), await self._statistics.ratings()
        promise = await self._statistics.promise()
        self._metrics.waiting.set(backlog.waiting)
        self._metrics.dead_letters.set(backlog.dead_letters)
        self._metrics.oldest_seconds.set(backlog.oldest_seconds)
        self._metrics.tickets.labels("open").set(sum(one.open for one in counts))
        self._metrics.tickets.labels("claimed").set(sum(one.claimed for one in counts))
        self._metrics.desk.show_queues(counts, self._library.snapshot.content, self._statistics.now())
        self._metrics.ratings.set(mean.count)
        self._metrics.rating_mean.set(mean.value or 0)
        if promise is not None:
            self._metrics.promise_closed.set(promise.closed)
            self._metrics.promise_judged.set(promise.evidence.judged)
            self._metrics.promise_wrong.set(promise.evidence.wrong)
            self._metrics.promise_evidence.set(promise.evidence.total)

    def _may_see(self, request: web.Request) -> bool:
        if self._token:
            given = request.headers.get("Authorization", "").removeprefix("Bearer ")
            return hmac.compare_digest(given.encode("utf-8", "replace"), self._token.encode())
        return is_local(request)
