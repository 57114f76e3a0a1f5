"""/healthz, /readyz and /metrics."""

import hmac
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from bot.desk.knowledge.library import Library
from bot.desk.ports.alerts import AlertSource
from bot.desk.ports.channels import Channel, Clock, DeliveryTarget
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.tickets.rating import MEAN_DAYS, Mean
from bot.domain.tickets.ticket import Status
from bot.runtime.loopback import is_local
from bot.server.metrics import Metrics

SLOW = timedelta(minutes=10)  # an older post means that a platform has been away for long


class Health:
    """Answers whether we live and whether we can work; details only for this machine or with the token."""

    def __init__(
        self,
        begin: UnitsOfWork,
        library: Library,
        channels: Sequence[Channel],
        mirrors: Sequence[DeliveryTarget],
        alerts: Sequence[AlertSource],
        run: Callable[..., Awaitable[Any]],
        metrics: Metrics,
        clock: Clock,
        token: str,
    ) -> None:
        self._begin = begin
        self._library = library
        self._channels = channels
        self._mirrors = mirrors
        self._alerts = alerts
        self._run = run
        self._metrics = metrics
        self._clock = clock
        self._token = token

    def mount(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics_page)

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _readyz(self, request: web.Request) -> web.Response:
        checks: dict[str, Any] = {"content": list(self._library.errors[:20]) or "ok"}
        broken = []
        try:
            waiting, dead, oldest = await self._run(self._backlog)
            checks["database"] = "ok"
            checks["courier"] = {"waiting": waiting, "dead": dead, "oldest_seconds": self._age(oldest)}
        except Exception as error:  # noqa: BLE001  # whatever it is, we cannot work without the database
            checks["database"] = f"unreachable ({type(error).__name__})"
            broken.append("database")
        for target in (*self._channels, *self._mirrors):
            trouble = target.trouble()
            checks[target.name] = trouble or "ok"
            if trouble and target in self._channels:
                broken.append(target.name)
        slow = self._age_of(checks.get("courier")) > SLOW.total_seconds()
        checks |= {f"alerts.{source.name}": source.trouble() or "ok" for source in self._alerts}
        behind = slow or any(mirror.trouble() for mirror in self._mirrors)
        behind = behind or any(source.trouble() for source in self._alerts)
        status = "unready" if broken else "degraded" if behind or self._library.errors else "ready"
        body = {"status": status, **(checks if self._may_see(request) else {})}
        return web.json_response(body, status=503 if broken else 200)

    async def _metrics_page(self, request: web.Request) -> web.Response:
        if not self._may_see(request):
            raise web.HTTPForbidden(
                text="Metrics are for this machine, or with FIRSTLINE_METRICS_TOKEN as a bearer token.\n"
            )
        waiting, dead, oldest = await self._run(self._backlog)
        self._metrics.waiting.set(waiting)
        self._metrics.dead.set(dead)
        self._metrics.oldest_seconds.set(self._age(oldest))
        for status, count in (await self._run(self._live)).items():
            self._metrics.tickets.labels(status.value).set(count)
        mean = await self._run(self._mean)
        self._metrics.ratings.set(mean.count)
        self._metrics.rating_mean.set(mean.value or 0)
        return web.Response(body=self._metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4"})

    def _may_see(self, request: web.Request) -> bool:
        if self._token:
            given = request.headers.get("Authorization", "").removeprefix("Bearer ")
            return hmac.compare_digest(given.encode("utf-8", "replace"), self._token.encode())
        return is_local(request)

    def _backlog(self) -> tuple[int, int, datetime | None]:
        with self._begin() as work:
            return work.deliveries.backlog([target.name for target in (*self._channels, *self._mirrors)])

    def _live(self) -> dict[Status, int]:
        with self._begin() as work:
            return work.tickets.count((Status.OPEN, Status.CLAIMED))

    def _mean(self) -> Mean:
        with self._begin() as work:
            return work.ratings.mean(self._clock() - timedelta(days=MEAN_DAYS))

    def _age(self, oldest: datetime | None) -> float:
        return round((self._clock() - oldest).total_seconds(), 1) if oldest else 0.0

    @staticmethod
    def _age_of(dispatcher: dict[str, Any] | None) -> float:
        return float(dispatcher["oldest_seconds"]) if dispatcher else 0.0
