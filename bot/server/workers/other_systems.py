"""Builds what one process has to do with other systems: what alerts it, takes events, or has pages."""

from collections.abc import Sequence

from bot.desk.ports.alerts import AlertHost, AlertSource
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.server.monitoring.metrics import Metrics
from bot.server.plugins import Kind, Plugin, of_kind
from bot.server.settings import Settings
from bot.server.workers.events import EventWorker, event_workers
from bot.server.workers.pages import PageWorker, page_workers


class OtherSystems:
    """Systems beside the channels and ticket backends, and the workers that send to them and read them."""

    def __init__(
        self,
        plugins: Sequence[Plugin],
        settings: Settings,
        host: AlertHost,
        begin: UnitsOfWork,
        metrics: Metrics,
    ) -> None:
        alerts = of_kind(plugins, Kind.ALERTS)
        self.alert_sources: tuple[AlertSource, ...] = tuple(plugin.build(host) for plugin in alerts)
        self._events = event_workers(alerts, begin, host.run, host.clock, metrics)
        self._pages = page_workers(settings, of_kind(plugins, Kind.SOURCE), metrics)

    @property
    def workers(self) -> Sequence[EventWorker | PageWorker]:
        """What runs beside the requests."""
        return (*self._events, *self._pages)

    def troubles(self) -> dict[str, str | None]:
        """Why each of them delays something, by its name among the reasons of readiness."""
        found = {f"alerts.{source.name}": source.trouble() for source in self.alert_sources}
        found |= {f"events.{worker.name}": worker.trouble() for worker in self._events}
        return found | {f"source.{worker.name}": worker.trouble() for worker in self._pages}
