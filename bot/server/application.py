"""Builds one aiohttp application from the settings: channels, desk, workers, health."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence

import structlog
from aiohttp import web

from bot import wording
from bot.desk.knowledge.library import Library
from bot.desk.ports.alerts import AlertHost, AlertSource
from bot.desk.ports.backends import Backend
from bot.desk.ports.channels import Channel, DeliveryTarget, Host
from bot.desk.ports.clock import Clock
from bot.domain.conversations.messages import ConversationRef, Outcome, Reply, Utterance
from bot.domain.errors import StorageBusy, StorageUnavailable, details
from bot.domain.people import Identity
from bot.domain.tickets.outage import Alert
from bot.server.authoring.drafts import drafts_of
from bot.server.cache import cache_fault
from bot.server.content import learner, learning
from bot.server.database_threads import DatabaseThreads
from bot.server.doors.bodies import PACE, Pace
from bot.server.doors.gate import DoorGate
from bot.server.doors.membership import RoomMembership
from bot.server.doors.version import hide_version
from bot.server.load.admission import Admission
from bot.server.load.precedence import Precedence
from bot.server.load.turns import Turns
from bot.server.mirrors.building import Mirrors
from bot.server.monitoring.desk_figures import DeskFigures
from bot.server.monitoring.health import Health
from bot.server.monitoring.limited import Limited
from bot.server.monitoring.metrics import Metrics
from bot.server.monitoring.probe import StorageProbe
from bot.server.monitoring.readiness import Check, Readiness
from bot.server.monitoring.requests import RequestWatch
from bot.server.monitoring.signatures import SignatureWatch
from bot.server.monitoring.statistics import Statistics
from bot.server.monitoring.tracing.factory import tracing_of
from bot.server.plugins import Kind, Plugin, of_kind
from bot.server.settings import Settings
from bot.server.signed_links import ArticleLinks, FileLinks, PictureLinks, secret_of
from bot.server.wiring import Desk, desk_of, now, roster_freshness
from bot.server.workers.content import ContentWorker
from bot.server.workers.delivery import FILE_SECONDS, DeliveryWorker, FileContents
from bot.server.workers.digest import DigestWorker
from bot.server.workers.history import Chats, history_workers
from bot.server.workers.learning import learning_workers
from bot.server.workers.lots import LotWorker
from bot.server.workers.other_systems import OtherSystems
from bot.server.workers.outages import OutageWorker
from bot.server.workers.retention import RetentionWorker
from bot.server.workers.room_rosters import RoomMaintenance, RosterWorker
from bot.server.workers.schedule import ScheduleWorker
from bot.server.workers.unwatched import tell_of_unwatched
from bot.storage import Database
from bot.storage.engine import READERS
from bot.storage.unit_of_work import ChannelMemory, ChannelSessions, units_of_work

log = structlog.get_logger()
LARGEST_REQUEST = 1024**2
SHUTDOWN_SECONDS = FILE_SECONDS + 2  # what is on its way is settled before we end


class Application:
    """One process: the channels, the desk and the workers over one database."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        library: Library,
        plugins: Sequence[Plugin],
        *,
        demo: bool = False,
        allow_anonymous_teams: bool = False,
        clock: Clock = now,
        pace: Pace = PACE,
    ) -> None:
        """`pace`: how fast the body of a request must come."""
        self._settings, self._library = settings, library
        self._wording = wording.load(settings.brand)
        self.clock, self.metrics = clock, Metrics()
        self._use(database)
        self._signatures, self._memory = SignatureWatch(self.metrics), ChannelMemory(self.begin)
        self._make_links(settings.public_url)
        self.channels: dict[str, Channel] = {}
        self._mirrors = self._built_mirrors(of_kind(plugins, Kind.BACKEND))
        self._targets: dict[str, DeliveryTarget] = {}
        self.desk = self._built_desk(database)
        self._delivery_worker = self._built_delivery_worker()
        given = (self.desk.mirror_sync, self._memory, self._run_again, self.addressed)
        self._mirrors.connect(*given, self._delivery_worker.wake, self.metrics.mirrored)
        self._roster_worker = self._built_roster_worker()
        self._schedule_worker = self._built_schedule_worker()
        self._learning_workers = learning_workers(self.desk.learners, self.run)
        self._content_worker = self._built_content_worker()
        self._drafts = drafts_of(self.desk.shared, settings, self._memory)
        self._outage_worker = OutageWorker(self._outage_rounds(), self.run, self._delivery_worker.wake)
        self._others = OtherSystems(plugins, settings, self._alert_host(), self.begin, self.metrics)
        self._health, self._probe = self._built_health()
        self._requests, self._doors = self._built_gates(pace)
        host = self._host(anonymous=demo, allow_anonymous_teams=allow_anonymous_teams)
        self.channels |= {plugin.name: plugin.build(host) for plugin in of_kind(plugins, Kind.CHANNEL)}
        targets = (*self._mirrors.targets, *self.channels.values())
        self._targets |= {target.name: self._tracing.target(target) for target in targets}

    def _use(self, database: Database) -> None:
        """Set up the ways to the database: who writes, who only reads, and who goes first."""
        self._tracing = tracing_of(self._settings)
        self.begin, self._database, self._one_process = units_of_work(database), database, database.sqlite
        self._threads = DatabaseThreads(database.workers)
        self._readers = DatabaseThreads(READERS, "read")
        self.run, self._run_again = self._threads.run, self._tracing.carried(self._threads.run_again)
        self._limited = Limited(self.metrics)
        self._turns = Turns(self._limited)
        self._admission = Admission(database.workers, self.metrics)
        self._precedence = Precedence()
        self._roster_freshness = roster_freshness(self._settings)

    def _make_links(self, public_url: str) -> None:
        self._secret = secret = secret_of(self._memory)
        self._article_links = ArticleLinks(public_url, secret, self._library, self.clock)
        self._picture_links = PictureLinks(public_url, secret, self._library)
        self._file_links = FileLinks(public_url, secret, self.begin, self.clock)

    def _outage_rounds(self) -> tuple[Callable[[], bool], ...]:
        outages, expire = self.desk.outages, self.desk.alerts.end_next_expired
        return outages.close_next_batch, outages.tell_next_joined, self.desk.clusters.settle_next, expire

    def _built_desk(self, database: Database) -> Desk:
        figures = DeskFigures(self.metrics.desk, self._library)
        return desk_of(
            self._settings,
            database,
            self._tracing.library(self._library),
            self._article_links,
            self._rooms,
            self.clock,
            self._mirrors.locations,
            self._file_links,
            self._room_of,
            self._roster_freshness,
            self._precedence.give_way,
            self._secret,
            self._tracing.begin(units_of_work(database, figures.committed)),
            self._mirrors.both_ways_locations,
        )

    def _built_delivery_worker(self) -> DeliveryWorker:
        dispatcher = self._tracing.dispatcher(self.desk.dispatcher)
        largest, mirrors = self._settings.largest_file_bytes, self._mirrors.sources
        files = FileContents(dispatcher, self.channels, largest, self.run, mirrors)
        return DeliveryWorker(dispatcher, self._targets, files, self.run, self.metrics)

    def _built_schedule_worker(self) -> ScheduleWorker:
        desk, wake = self.desk, self._delivery_worker.wake
        silent = (desk.absence_rounds.round, desk.address_joining.round)
        return ScheduleWorker(desk.scheduler, desk.summaries, desk.promise_notice, self.run, wake, silent)

    def _history_workers(self) -> Sequence[LotWorker | DigestWorker]:
        desk, chats, wake = self.desk, Chats(self.channels, self._secret), self._delivery_worker.wake
        given = (desk.shared, desk.insights, chats, self._settings, self.run, wake)
        return history_workers(*given, self._drafts.weekly_gaps)

    def _built_roster_worker(self) -> RosterWorker:
        return RosterWorker(
            self.channels,
            self.desk.rooms.all,
            RoomMaintenance(self.begin, self.desk.card_locations, self._roster_freshness, self.clock),
            self.run,
            self._settings.roster_minutes * 60,
            self._delivery_worker.wake,
        )

    def _built_content_worker(self) -> ContentWorker:
        settings = self._settings
        return ContentWorker(
            self._library,
            learning(settings),
            self.metrics,
            renewed=self._learn_anew,
            learner=learner(settings),
            trouble=cache_fault(settings),
        )

    def _built_health(self) -> tuple[Health, StorageProbe]:
        statistics = Statistics(self.begin, self.run, self.clock, self._targets, self.desk.promise)
        readiness = Readiness(self.metrics, *self._checks(statistics))
        token = self._settings.metrics_token
        health = Health(statistics, readiness, self._library, self.metrics, token)
        took = self.metrics.write_seconds.set
        return health, StorageProbe(self._memory, self.run, self.clock, health.refresh, took)

    def _built_gates(self, pace: Pace) -> tuple[RequestWatch, DoorGate]:
        requests = RequestWatch(self.metrics, self._probe)
        return requests, DoorGate(self._limited, self._settings.proxies, requests.owner, pace)

    def _checks(self, statistics: Statistics) -> tuple[Sequence[Check], Sequence[Check]]:
        """What must work for a question to be kept, and what only delays."""
        channels = self.channels
        needed = (
            lambda: {"database": self._requests.trouble()},
            lambda: self._signatures.refusing(channels),
            lambda: {name: one.trouble() or "deaf" for name, one in channels.items() if not one.hears()},
        )
        wanted = (
            lambda: {"content": list(self._library.errors[:20])},
            lambda: {"cache": self._content_worker.trouble},
            lambda: {"outbox": statistics.slow()},
            lambda: {name: one.trouble() for name, one in channels.items()},
            self._mirrors.troubles,
            self._others.troubles,
            self._signatures.suspected,
        )
        return needed, wanted

    def _built_mirrors(self, backends: Sequence[Plugin]) -> Mirrors:
        return Mirrors(backends, self._settings, self._wording, self.clock, self._signatures.checked)

    def _alert_host(self) -> AlertHost:
        return AlertHost(
            alerted=self._alerted,
            run=self.run,
            memory=self._memory,
            wording=self._wording,
            clock=self.clock,
            language=self._settings.language,
            public_url=self._settings.public_url,
            checked=self._signatures.checked,
            counted=lambda name, outcome, number: self.metrics.alerts.labels(name, outcome).inc(number),
        )

    def _learn_anew(self) -> None:
        for worker in self._learning_workers:
            worker.wake()

    async def _alerted(self, source: str, *alerts: Alert) -> int:
        changed: int = await self._run_again(self.desk.alerts.alerted, source, *alerts)
        if changed:
            self._delivery_worker.wake()
        return changed

    def _host(self, *, anonymous: bool, allow_anonymous_teams: bool) -> Host:
        desk = self.desk
        return Host(
            receive=self._tracing.receive(self.receive),
            run=self.run,
            read=self._readers.run,
            memory=self._memory,
            sessions=ChannelSessions(self.begin),
            wording=self._wording,
            page_view=desk.page_view,
            clock=self.clock,
            language=self._settings.language,
            public_url=self._settings.public_url,
            anonymous=anonymous,
            allow_anonymous_teams=allow_anonymous_teams,
            article_page=self._article_links.page,
            open_file=self._file_links.open,
            file_for=self._file_links.for_person,
            largest_file=self._settings.largest_file_bytes,
            trouble=lambda: self._library.errors,
            refresh_roster=self._roster_worker.refresh,
            redraw=self.redraw,
            rooms=desk.rooms.names,
            checked=self._signatures.checked,
            named=self.named,
            addressed=self.addressed,
            turn=self._turns.turn,
            address=self._settings.proxies.client_of,
            limited=self._limited.refused,
            suffices_for_room=RoomMembership(self.channels, desk.permissions, desk.rooms).suffices_for,
            pictures=self._picture_links,
            insights=desk.insights,
            authoring=self._drafts,
            examples=desk.examples.choose,
            own_tickets=desk.own_tickets.of,
            brand=self._settings.brand,
            awaited=desk.awaited.in_conversation,
        )

    def _parts(self) -> Iterator[Channel | Backend | AlertSource]:
        yield from self.channels.values()
        yield from self._others.alert_sources
        yield from self._mirrors.backends

    def _rooms(self) -> tuple[ConversationRef, ...]:
        return tuple(channel.room for channel in self.channels.values() if channel.room is not None)

    def _room_of(self, channel: str, room: str) -> ConversationRef | None:
        built = self.channels.get(channel)
        return built.find_room(room) if built is not None else None

    async def receive(self, utterance: Utterance) -> Outcome:
        """Take an utterance in; after the commit its posts are delivered at once. Raise `Overloaded`."""
        started = time.perf_counter()
        channel = utterance.conversation.channel
        with self._requests.counting(channel) as budget:
            door = self._admission.place(channel, comes_again=utterance.comes_again, seconds_left=budget.left)
            async with door as admitted:
                budget.left -= time.perf_counter() - started  # the platform has waited at our door, too
                with self._delivery_worker.giving_way(), self._precedence.taking():
                    outcome: Outcome = await admitted.run(
                        self._run_again, self.desk.intake.receive, utterance
                    )
            budget.kept = not outcome.repeated
        self.metrics.receive_seconds.observe(time.perf_counter() - started)
        if outcome.repeated:
            self.metrics.repeats.labels(channel).inc()
        else:
            self.metrics.outcomes.labels(channel, outcome.kind.value).inc()
            self._delivery_worker.wake()
        return outcome

    async def named(self, channel: str, external_id: str, name: str, tenants: Collection[str]) -> None:
        """Correct somebody who was shown by their id."""
        if await self._threads.run_again(self.desk.late_names.learn, channel, external_id, name, tenants):
            self._delivery_worker.wake()

    async def addressed(self, identity: Identity, addresses: Sequence[str]) -> None:
        """Keep the verified address of an account, by which it may be joined with others; tell a change."""
        try:
            changed = await self._threads.run_again(self.desk.address_joining.tell, identity, addresses)
        except (StorageBusy, StorageUnavailable) as error:
            log.info("address_not_kept", **details(error))  # told again when the profile is read anew
            return
        if changed:
            log.warning(
                "account_address_changed",
                account=str(identity),
                next_step="nothing is separated by itself; see that it is still the same person: "
                "firstline people list",
            )

    async def redraw(self, outcome: Outcome) -> Reply | None:
        """Render what an outcome shows, as it is now."""
        if outcome.shows is None:
            return outcome.card
        card: Reply | None = await self.run(self.desk.redraw.card, outcome)
        return card

    def web_app(self) -> web.Application:
        """The aiohttp application with every route and lifecycle."""
        hide_version()
        gates = [
            *self._tracing.gates(self._requests.owner),
            self._requests.handle,
            self._doors.handle,
        ]
        app = web.Application(client_max_size=LARGEST_REQUEST, middlewares=gates)
        self._health.mount(app)
        for part in (*self.channels.values(), *self._others.alert_sources, *self._mirrors.both_ways):
            self._requests.mount(app, part.name, part.mount)
        channels = self.channels.values()
        self._doors.limit_themselves = {one.name for one in channels if getattr(one, "signs_in", False)}
        app.cleanup_ctx.append(self._lifecycle)
        return app

    def _void_leases(self) -> None:
        # On SQLite nobody else can hold them: they are of a process before this one, which was killed.
        with self.begin() as work:
            work.conversations.void_leases()

    async def _lifecycle(self, _app: web.Application) -> AsyncIterator[None]:
        tell_of_unwatched()
        if self._one_process:
            await self.run(self._void_leases)
        await self._probe.look()
        for one in self._parts():
            await one.start()
        deliveries = asyncio.create_task(self._delivery_worker.run())
        workers = (
            *(self._roster_worker, self._schedule_worker, self._content_worker, self._outage_worker),
            *(self._probe, RetentionWorker(self._database, self.run, self.clock, self._settings)),
            *(*self._learning_workers, *self._history_workers(), *self._others.workers),
            *self._mirrors.workers.values(),
        )
        others = [asyncio.create_task(worker.run()) for worker in workers]
        log.info("started", channels=sorted(self.channels))
        yield
        for task in others:
            task.cancel()
        # Deliveries first: what is on its way needs the channels' connections, and opens them anew.
        self._delivery_worker.stop()
        await asyncio.wait([deliveries], timeout=SHUTDOWN_SECONDS)
        deliveries.cancel()
        for one in self._parts():
            await one.stop()
        await asyncio.gather(deliveries, *others, return_exceptions=True)
        await asyncio.to_thread(self._drafts.stop)
        self._threads.close()
        self._readers.close()
        await self._tracing.end()
        log.info("stopped")
