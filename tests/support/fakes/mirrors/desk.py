"""A desk whose tickets are mirrored both ways, with everything between the two sides in the test's hands."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.desk.knowledge.library import Library
from bot.desk.ports.backends import TwoWayBackend
from bot.desk.ports.channels import Delivery, Receipt
from bot.domain.errors import DeliveryFailed
from bot.domain.people import Identity
from bot.server.mirrors.one_way import mirror_location
from bot.server.mirrors.two_way import TwoWayMirror
from bot.server.mirrors.worker import MirrorWorker
from bot.server.workers.delivery import FileContents
from bot.storage import Database
from bot.storage.unit_of_work import ChannelMemory
from tests.support.clock import Clock
from tests.support.desk.helpdesk import CHANNELS, Helpdesk

LARGEST_FILE = 1000  # bytes
# What lies between a desk and the other system's address, and gives the one to call in its place.
Through = Callable[[str], AbstractAsyncContextManager[str]]


async def _run(function: Callable[..., Any], *values: Any) -> Any:
    return function(*values)


@dataclass
class MirroredDesk:
    """A desk, its mirror, and what reads it; nothing happens by itself."""

    helpdesk: Helpdesk
    backend: TwoWayBackend
    mirror: TwoWayMirror
    worker: MirrorWorker
    files: FileContents
    addresses: list[tuple[Identity, tuple[str, ...]]] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)

    @property
    def channel(self) -> str:
        """The mirror's channel."""
        return self.mirror.name

    async def deliver(self) -> None:
        """Deliver what is due, until nothing is."""
        results: list[tuple[Delivery, Receipt | DeliveryFailed]] = []
        while True:
            exchange = self.helpdesk.desk.dispatcher.exchange(results, 16, (*CHANNELS, self.channel))
            results = [(one, await self._settle(one)) for one in exchange.next]
            if not results:
                return

    async def _settle(self, delivery: Delivery) -> Receipt | DeliveryFailed:
        if delivery.conversation.channel != self.channel:
            return self.helpdesk._post(delivery)  # the platform of the same screens
        try:
            return await self.mirror.deliver(await self.files.added_to(delivery))
        except DeliveryFailed as failed:
            return failed

    async def read(self) -> None:
        """Read what is due there, and deliver what follows."""
        await self.worker.look()
        await self.deliver()

    async def hear(self, *remote_ids: str) -> None:
        """Take word of changes there, and read them."""
        await self.worker.hinted(remote_ids)
        await self.read()

    def remote_id(self, ticket_id: int) -> str:
        """The id of a ticket there; empty while it has none."""
        with self.helpdesk.begin() as work:
            refs = map(work.conversations.ref, work.tickets.cards(ticket_id))
            return next((ref.anchor for ref in refs if ref.channel == self.channel), "")


@asynccontextmanager
async def mirrored(
    database: Database, library: Library, clock: Clock, make: Callable[[], TwoWayBackend]
) -> AsyncIterator[MirroredDesk]:
    """A desk over a database whose tickets this backend mirrors."""
    backend = make()
    helpdesk = Helpdesk(database, library, clock, both_ways=(mirror_location(backend.name),))
    addresses: list[tuple[Identity, tuple[str, ...]]] = []
    counted: dict[str, int] = {}

    async def addressed(identity: Identity, told: Any) -> None:
        addresses.append((identity, tuple(told)))

    def noted(_name: str, outcome: str, number: int) -> None:
        counted[outcome] = counted.get(outcome, 0) + number

    sync = helpdesk.desk.mirror_sync
    mirror = TwoWayMirror(backend, sync, _run, addressed, noted)
    memory = ChannelMemory(helpdesk.begin)
    worker = MirrorWorker(mirror, sync, memory, _run, clock, lambda: None)
    await backend.start()
    try:
        files = FileContents(helpdesk.desk.dispatcher, {}, LARGEST_FILE, _run, {mirror.name: mirror})
        yield MirroredDesk(helpdesk, backend, mirror, worker, files, addresses, counted)
    finally:
        await backend.stop()
