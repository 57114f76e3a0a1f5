"""Port of monitoring systems: the protocol of an alert source, and what it is given."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.desk.ports.channels import ChannelMemory
from bot.desk.ports.clock import Clock
from bot.desk.ports.tickets import DeskEvent
from bot.desk.ports.wording import Wording


class AlertSource(Protocol):
    """Monitoring system whose alerts reach the rooms."""

    name: str

    def mount(self, app: Any) -> None:
        """Add its routes to the aiohttp application (the desk knows no vendor, hence Any)."""

    async def start(self) -> None:
        """Start; return at once, and do anything long in a task of its own."""

    async def stop(self) -> None:
        """Finish what is in flight."""

    def trouble(self) -> str | None:
        """Return a sentence on why it is not ready, or None."""


@dataclass(frozen=True, slots=True)
class AlertHost:
    """Objects and functions that an alert source is given.

    `alerted(source, *alerts)` receives alerts in one transaction, and has committed when it returns; `source`
    is the system's name in the rooms, and keeps its keys apart from others'. It returns how many of them
    changed anything: a repeated one does not. `checked(name, reason)` is told of each request that had to
    prove who sent it: no reason where it did, else why it was refused. `counted(name, outcome, number)`
    counts what became of alerts. `fetch` fetches a small public document, in place of the usual way.
    """

    alerted: Callable[..., Awaitable[int]]
    run: Callable[..., Awaitable[Any]]
    memory: ChannelMemory
    wording: Wording
    clock: Clock
    language: str
    public_url: str
    checked: Callable[[str, str], None] = lambda *_: None
    counted: Callable[[str, str, int], None] = lambda *_: None
    fetch: Callable[[str], Awaitable[bytes]] | None = None


class EventSink(Protocol):
    """System that takes the desk's events at an address."""

    name: str
    address: str

    async def take(self, events: Sequence[DeskEvent]) -> None:
        """Send events; return once they are safe there, raise `DeliveryFailed` and nothing else."""

    async def probe(self) -> None:
        """See whether events would be taken, and send none; raise `DeliveryFailed`."""
