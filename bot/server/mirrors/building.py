"""Builds the mirrors of one process: what tickets are delivered to, and what reads what changed there."""

from collections.abc import Callable, Sequence

from prometheus_client import Counter

from bot.desk.automation.mirrors.sync import MirrorSync
from bot.desk.ports.backends import Backend, BackendHost, TicketBackend, TwoWayBackend
from bot.desk.ports.channels import ChannelMemory
from bot.desk.ports.clock import Clock
from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import ConversationRef
from bot.server.database_threads import Run
from bot.server.mirrors.one_way import Mirror, mirror_location
from bot.server.mirrors.two_way import Addressed, TwoWayMirror
from bot.server.mirrors.worker import MirrorWorker
from bot.server.plugins import Plugin
from bot.server.settings import Settings


class Mirrors:
    """Mirrors of the backends that are configured; they are connected once there is a desk."""

    def __init__(
        self,
        plugins: Sequence[Plugin],
        settings: Settings,
        wording: Wording,
        clock: Clock,
        checked: Callable[[str, str], None],
    ) -> None:
        self._clock = clock
        host = BackendHost(
            wording, clock, settings.language, settings.public_url, changed=self.changed, checked=checked
        )
        built = [plugin.build(host) for plugin in plugins]
        self.both_ways: tuple[TwoWayBackend, ...] = tuple(
            one for one in built if isinstance(one, TwoWayBackend)
        )
        self._one_way: tuple[TicketBackend, ...] = tuple(one for one in built if one not in self.both_ways)
        self.sources: dict[str, TwoWayMirror] = {}  # of files, by the name of what they came from
        self.workers: dict[str, MirrorWorker] = {}

    @property
    def backends(self) -> tuple[Backend, ...]:
        """All backends."""
        return (*self._one_way, *self.both_ways)

    @property
    def locations(self) -> tuple[ConversationRef, ...]:
        """Where the tickets of all backends are."""
        return tuple(mirror_location(one.name) for one in self.backends)

    @property
    def both_ways_locations(self) -> tuple[ConversationRef, ...]:
        """Where the tickets of those are that are mirrored both ways."""
        return tuple(mirror_location(one.name) for one in self.both_ways)

    @property
    def targets(self) -> tuple[Mirror | TwoWayMirror, ...]:
        """What tickets are delivered to."""
        return (*map(Mirror, self._one_way), *self.sources.values())

    def connect(
        self,
        sync: MirrorSync,
        memory: ChannelMemory,
        run: Run,
        addressed: Addressed,
        wake_delivery: Callable[[], None],
        counter: Counter,
    ) -> None:
        """Connect the backends that are mirrored both ways with the desk."""

        def noted(name: str, outcome: str, number: int) -> None:
            counter.labels(name, outcome).inc(number)

        for backend in self.both_ways:
            mirror = TwoWayMirror(backend, sync, run, addressed, noted)
            self.sources[mirror.name] = mirror
            worker = MirrorWorker(mirror, sync, memory, run, self._clock, wake_delivery)
            self.workers[backend.name] = worker

    async def changed(self, name: str, remote_ids: Sequence[str]) -> None:
        """Let tickets be read that changed in a system; committed when this returns."""
        await self.workers[name].hinted(tuple(remote_ids))

    def troubles(self) -> dict[str, str | None]:
        """Why each backend is not ready."""
        return {mirror_location(one.name).channel: one.trouble() for one in self.backends}
