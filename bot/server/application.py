"""The composition root: settings in, one aiohttp application out."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

import structlog
from aiohttp import web

from bot import wording
from bot.desk.knowledge.library import Library
from bot.desk.ports.alerts import AlertHost, AlertSource
from bot.desk.ports.channels import BackendHost, Channel, Clock, DeliveryTarget, Host, TicketBackend
from bot.domain.conversations.messages import ConversationRef, Outcome, Reply, Utterance
from bot.domain.errors import StorageBusy
from bot.domain.tickets.outage import Alert
from bot.server.content import learning
from bot.server.health import Health
from bot.server.metrics import Metrics
from bot.server.plugins import Plugin
from bot.server.settings import Settings
from bot.server.signed_links import ArticleLinks, FileLinks, secret_of
from bot.server.ticket_mirror import Mirror, place_of
from bot.server.wiring import desk_of, now
from bot.server.workers.content import ContentWorker
from bot.server.workers.delivery import POST_SECONDS, DeliveryWorker, OutageWorker, RosterWorker
from bot.server.workers.schedule import ScheduleWorker
from bot.storage import Database
from bot.storage.unit_of_work import ChannelMemory, units_of_work

log = structlog.get_logger()
T = TypeVar("T")
LARGEST_REQUEST = 1024**2
SHUTDOWN_SECONDS = POST_SECONDS + 2  # what is on its way is settled before we end
TRIES = 4  # of a transaction that stood in another's way


class Application:
    """One process: the channels, the desk and the loops over one database."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        library: Library,
        active_plugins: list[Plugin],
        *,
        backends: Sequence[Plugin] = (),
        alerts: Sequence[Plugin] = (),
        demo: bool = False,
        allow_anonymous_teams: bool = False,
        clock: Clock = now,
    ) -> None:
        self._library = library
        self.clock = clock
        self.begin = units_of_work(database)
        self._executor = ThreadPoolExecutor(database.workers, thread_name_prefix="core")
        self.metrics = Metrics()
        memory = ChannelMemory(self.begin)
        links = ArticleLinks(settings.public_url, secret_of(memory), library, clock)
        self._files = FileLinks(settings.public_url, secret_of(memory), self.begin, clock)
        self.channels: dict[str, Channel] = {}
        self._mirrors = self._made(backends, settings)
        places = tuple(place_of(mirror.backend.name) for mirror in self._mirrors)
        self.desk = desk_of(
            settings, database, library, links, self._rooms, clock, places, self._files, self._room_of
        )
        self._receiving = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._carriers: dict[str, DeliveryTarget] = {mirror.name: mirror for mirror in self._mirrors}
        self._deliveries = self._made_courier_loop(settings)
        self._rounds = self._rounds_loop(settings)
        self._outages = OutageWorker(self.desk.outages, self.run, self._deliveries.wake)
        self._alerts = self._made_alerts(alerts, settings, memory)
        self._times = ScheduleWorker(
            self.desk.scheduler, self.desk.summaries, self.run, self._deliveries.wake
        )
        self._content = ContentWorker(library, learning(settings), self.metrics)
        host = self._host(settings, memory, links)
        self._open(active_plugins, replace(host, anonymous=demo, allow_anonymous_teams=allow_anonymous_teams))
        self._settings = settings

    def _made_courier_loop(self, settings: Settings) -> DeliveryWorker:
        return DeliveryWorker(
            self.desk.dispatcher,
            self._carriers,
            self.run,
            self.metrics,
            self._quiet,
            self.channels,
            int(settings.largest_file * 1024**2),
        )

    def _open(self, active_plugins: Sequence[Plugin], host: Host) -> None:
        for plugin in active_plugins:
            self._carriers[plugin.name] = self.channels[plugin.name] = plugin.build(host)

    def _rounds_loop(self, settings: Settings) -> RosterWorker:
        return RosterWorker(
            self.channels,
            self.begin,
            self.desk.locations,
            self.desk.rooms.all,
            self.run,
            self.clock,
            settings.roster_minutes * 60,
            self._deliveries.wake,
        )

    def _made(self, backends: Sequence[Plugin], settings: Settings) -> tuple[Mirror, ...]:
        host = BackendHost(wording.load(), self.clock, settings.language, settings.public_url)
        return tuple(Mirror(plugin.build(host)) for plugin in backends)

    def _made_alerts(
        self, active_plugins: Sequence[Plugin], settings: Settings, memory: ChannelMemory
    ) -> tuple[AlertSource, ...]:
        host = AlertHost(
            alerted=self._alerted,
            run=self.run,
            memory=memory,
            wording=wording.load(),
            clock=self.clock,
            language=settings.language,
            public_url=settings.public_url,
        )
        return tuple(plugin.build(host) for plugin in active_plugins)

    async def _alerted(self, source: str, alert: Alert) -> bool:
        changed: bool = await self.run(self._again, self.desk.alerts.alerted, source, alert)
        if changed:
            self._deliveries.wake()
        return changed

    def _host(self, settings: Settings, memory: ChannelMemory, links: ArticleLinks) -> Host:
        return Host(
            receive=self.receive,
            run=self.run,
            memory=memory,
            wording=wording.load(),
            page_view=self.desk.page_view,
            clock=self.clock,
            language=settings.language,
            public_url=settings.public_url,
            article_page=links.page,
            open_file=self._files.open,
            file_for=self._files.for_person,
            largest_file=int(settings.largest_file * 1024**2),
            trouble=lambda: self._library.errors,
            refresh_roster=self._rounds.refresh,
            redraw=self.redraw,
            rooms=self.desk.rooms.names,
        )

    def _parts(self) -> Iterator[Channel | TicketBackend | AlertSource]:
        yield from self.channels.values()
        yield from self._alerts
        yield from (mirror.backend for mirror in self._mirrors)

    def _rooms(self) -> tuple[ConversationRef, ...]:
        return tuple(channel.room for channel in self.channels.values() if channel.room is not None)

    def _room_of(self, channel: str, room: str) -> ConversationRef | None:
        built = self.channels.get(channel)
        return built.place(room) if built is not None else None

    async def run(self, function: Callable[..., Any], *values: Any) -> Any:
        """Run something synchronous where the database is used: one hop from the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, function, *values)

    async def receive(self, utterance: Utterance) -> Outcome:
        """Take an utterance in; after the commit the courier is woken at once."""
        started = time.perf_counter()
        self._receiving += 1
        self._quiet.clear()
        try:
            outcome: Outcome = await self.run(self._again, self.desk.intake.receive, utterance)
        finally:
            self._receiving -= 1
            if not self._receiving:
                self._quiet.set()
        self.metrics.receive_seconds.observe(time.perf_counter() - started)
        channel = utterance.conversation.channel
        if outcome.repeated:
            self.metrics.repeats.labels(channel).inc()
        else:
            self.metrics.outcomes.labels(channel, outcome.kind.value).inc()
            self._deliveries.wake()
        return outcome

    async def redraw(self, outcome: Outcome) -> Reply | None:
        """Render what an outcome shows, as it is now."""
        if outcome.shows is None:
            return outcome.card
        card: Reply | None = await self.run(self.desk.redraw.card, outcome)
        return card

    def _again(self, function: Callable[..., T], *values: Any) -> T:
        for _ in range(TRIES - 1):
            try:
                return function(*values)
            except StorageBusy:
                log.info("receive_again")
        return function(*values)

    def web_app(self) -> web.Application:
        """The aiohttp application with every route and lifecycle."""
        app = web.Application(client_max_size=LARGEST_REQUEST)
        channels = list(self.channels.values())
        Health(
            self.begin,
            self._library,
            channels,
            self._mirrors,
            self._alerts,
            self.run,
            self.metrics,
            self.clock,
            self._settings.metrics_token,
        ).mount(app)
        for part in (*channels, *self._alerts):
            part.mount(app)
        app.cleanup_ctx.append(self._lifecycle)
        return app

    async def _lifecycle(self, _app: web.Application) -> AsyncIterator[None]:
        for one in self._parts():
            await one.start()
        dispatcher = asyncio.create_task(self._deliveries.run())
        others = [
            asyncio.create_task(self._rounds.run()),
            asyncio.create_task(self._times.run()),
            asyncio.create_task(self._content.run()),
            asyncio.create_task(self._outages.run()),
        ]
        log.info("started", channels=sorted(self.channels))
        yield
        for task in others:
            task.cancel()
        # The courier first: what is on its way needs the channels' connections, and opens them anew.
        self._deliveries.stop()
        await asyncio.wait([dispatcher], timeout=SHUTDOWN_SECONDS)
        dispatcher.cancel()
        for one in self._parts():
            await one.stop()
        await asyncio.gather(dispatcher, *others, return_exceptions=True)
        self._executor.shutdown(wait=True)
        log.info("stopped")
