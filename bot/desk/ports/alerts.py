"""What the desk needs of monitoring systems, and what they are given; adapters fulfil it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from bot.desk.ports.channels import ChannelMemory, Clock, Wording
from bot.domain.tickets.outage import Alert


class AlertSource(Protocol):
    """A monitoring system whose alerts reach the rooms."""

    name: str

    def mount(self, app: Any) -> None:
        """Add its routes to the aiohttp application (the desk knows no vendor, hence Any)."""

    async def start(self) -> None:
        """Begin; must return at once, and do what takes long in a task of its own."""

    async def stop(self) -> None:
        """Finish what is in flight."""

    def trouble(self) -> str | None:
        """Say in a sentence why it is not ready, or None."""


@dataclass(frozen=True, slots=True)
class AlertHost:
    """What the composition root gives to an alert source.

    `alerted(source, alert)` is committed when it returns; `source` is what the room calls the system, and
    keeps its keys apart from others'. It tells whether the alert changed anything: a repeated one does not.
    """

    alerted: Callable[[str, Alert], Awaitable[bool]]
    run: Callable[..., Awaitable[Any]]
    memory: ChannelMemory
    wording: Wording
    clock: Clock
    language: str
    public_url: str
