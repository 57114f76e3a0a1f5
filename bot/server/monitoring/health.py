"""Serves /healthz, /readyz and /metrics."""

import hmac
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from aiohttp import web

from bot.desk.knowledge.library import Library
from bot.desk.ports.alerts import AlertSource
from bot.desk.ports.channels import Channel, DeliveryTarget
from bot.runtime.loopback import is_local
from bot.server.monitoring.metrics import Metrics
from bot.server.monitoring.statistics import Statistics

SLOW = timedelta(minutes=10)  # an older post means that a platform has been away for long


class Health:
    """Reports liveness, readiness and metrics; details only to this machine or with the token."""

    def __init__(
        self,
        statistics: Statistics,
        library: Library,
        channels: Sequence[Channel],
        mirrors: Sequence[DeliveryTarget],
        alert_sources: Sequence[AlertSource],
        metrics: Metrics,
        token: str,
        cache_trouble: Callable[[], str] = lambda: "",
    ) -> None:
        """`cache_trouble` says why what was learned from the content cannot be kept."""
        self._statistics = statistics
        self._library = library
        self._channels = channels
        self._mirrors = mirrors
        self._alert_sources = alert_sources
        self._metrics = metrics
        self._token = token
        self._cache_trouble = cache_trouble

    def mount(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics_page)

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _readyz(self, request: web.Request) -> web.Response:
        checks: dict[str, Any] = {"content": list(self._library.errors[:20]) or "ok"}
        broken, slow = [], False
        try:
            backlog = await self._statistics.backlog()
            checks["database"] = "ok"
            checks["courier"] = {
                "waiting": backlog.waiting,
                "dead": backlog.dead_letters,
                "oldest_seconds": backlog.oldest_seconds,
            }
            slow = backlog.oldest_seconds > SLOW.total_seconds()
        except Exception as error:  # noqa: BLE001  # whatever it is, we cannot work without the database
            checks["database"] = f"unreachable ({type(error).__name__})"
            broken.append("database")
        for target in (*self._channels, *self._mirrors):
            trouble = target.trouble()
            checks[target.name] = trouble or "ok"
            if trouble and target in self._channels:
                broken.append(target.name)
        checks["cache"] = self._cache_trouble() or "ok"
        checks |= {f"alerts.{source.name}": source.trouble() or "ok" for source in self._alert_sources}
        behind = slow or any(mirror.trouble() for mirror in self._mirrors)
        behind = (
            behind or bool(self._cache_trouble()) or any(source.trouble() for source in self._alert_sources)
        )
        status = "unready" if broken else "degraded" if behind or self._library.errors else "ready"
        body = {"status": status, **(checks if self._may_see(request) else {})}
        return web.json_response(body, status=503 if broken else 200)

    async def _metrics_page(self, request: web.Request) -> web.Response:
        if not self._may_see(request):
            raise web.HTTPForbidden(
                text="Metrics are for this machine, or with FIRSTLINE_METRICS_TOKEN as a bearer token.\n"
            )
        backlog = await self._statistics.backlog()
        self._metrics.waiting.set(backlog.waiting)
        self._metrics.dead_letters.set(backlog.dead_letters)
        self._metrics.oldest_seconds.set(backlog.oldest_seconds)
        for status, count in (await self._statistics.live_tickets()).items():
            self._metrics.tickets.labels(status.value).set(count)
        mean = await self._statistics.ratings()
        self._metrics.ratings.set(mean.count)
        self._metrics.rating_mean.set(mean.value or 0)
        self._metrics.show_traffic(self._library.traffic)
        promise = await self._statistics.promise()
        if promise is not None:
            self._metrics.promise_closed.set(promise.closed)
            self._metrics.promise_judged.set(promise.evidence.judged)
            self._metrics.promise_wrong.set(promise.evidence.wrong)
            self._metrics.promise_evidence.set(promise.evidence.total)
        return web.Response(body=self._metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4"})

    def _may_see(self, request: web.Request) -> bool:
        if self._token:
            given = request.headers.get("Authorization", "").removeprefix("Bearer ")
            return hmac.compare_digest(given.encode("utf-8", "replace"), self._token.encode())
        return is_local(request)
