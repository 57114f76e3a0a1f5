"""An engineer at a channel, who sees a reply, clicks, and fills in forms."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

import pytest
from aiohttp import web

from bot.desk.ports.channels import Host
from bot.domain.conversations.messages import Click, Outcome, OutcomeKind, Reply, Utterance

Json = dict[str, Any]
MakeHost = Callable[["Ear"], Host]


@dataclass
class Ear:
    """What the desk hears, and what it answers next."""

    heard: list[Utterance] = field(default_factory=list)
    broken: bool = False  # nothing can be committed
    outcome: Outcome = field(default_factory=lambda: Outcome(OutcomeKind.DONE))

    async def receive(self, utterance: Utterance) -> Outcome:
        if self.broken:
            raise OSError("the disk is full")
        self.heard.append(utterance)
        outcome, self.outcome = self.outcome, Outcome(OutcomeKind.DONE)
        return outcome

    @property
    def click(self) -> Click:
        """The newest press."""
        click = self.heard[-1].click
        assert click is not None
        return click


class NotAcknowledgedError(AssertionError):
    """The channel did not say that it has what was sent."""


def acknowledged(status: int) -> None:
    """Raise `NotAcknowledgedError` unless a status lets the platform forget what it sent."""
    if status != 200:
        raise NotAcknowledgedError(status)


@dataclass(frozen=True)
class Input:
    """One field of a form as a person sees it: its values to pick from, and what is there already."""

    values: tuple[str, ...]
    initial: str


class Player(Protocol):
    """An engineer at one channel."""

    ear: Ear

    async def see(self, reply: Reply) -> None:
        """The reply is delivered; the platform has taken it."""

    def behind(self) -> list[str]:
        """The labels behind the control for more, in their order."""

    async def click(self, label: str) -> None:
        """Press a button, or pick it in the menu; raise `NotAcknowledgedError`."""

    def asked(self) -> dict[str, Input]:
        """The form that is shown now."""

    async def send(self, filled: Mapping[str, str]) -> None:
        """Send the form; what is not named stays untouched."""


Playing = Callable[[MakeHost, pytest.MonkeyPatch], AbstractAsyncContextManager[Player]]


async def serve_channel(channel: Any, stack: AsyncExitStack) -> str:
    """Serve a channel on loopback until the stack ends; return its address."""
    app = web.Application()
    channel.mount(app)
    runner = web.AppRunner(app)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await channel.start()
    stack.push_async_callback(channel.stop)
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


def hosted(host: Host) -> MakeHost:
    """A host whose desk is an ear."""
    # Tokens are good for minutes: their channel needs the real time.
    return lambda ear: replace(
        host,
        receive=ear.receive,
        clock=lambda: datetime.now(UTC),
        allow_anonymous_teams=False,
        anonymous=False,
    )
