"""The whole application on a loopback port, in this process or as the real command."""

import asyncio
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from bot.desk.knowledge.library import Library
from bot.desk.ports.clock import Clock
from bot.server import plugins
from bot.server.application import SHUTDOWN_SECONDS, Application
from bot.server.doors.bodies import PACE, Pace
from bot.server.settings import Settings
from bot.server.wiring import now
from bot.storage import Database, connect
from tests.support.patience import PATIENCE

STOPS_WITHIN = SHUTDOWN_SECONDS - 2  # seconds: sooner than a server cuts off what does not end by itself
BELOW_THE_KERNELS = range(20_000, 32_000)  # where Linux begins to choose ports for connections: 32768


async def until(condition: Callable[[], Any], what: str = "the condition") -> Any:
    """Wait until a condition holds; fail after a bounded time."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                value = condition()
                found = await value if isinstance(value, Awaitable) else value
                if found:
                    return found
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"{what} did not come about within {PATIENCE} s") from None


@dataclass
class Running:
    """A running application; `routes` are those of its server, each as method and path."""

    url: str
    application: Application
    database: Database
    routes: tuple[tuple[str, str], ...] = ()


@asynccontextmanager
async def running(
    monkeypatch: pytest.MonkeyPatch,
    library: Library,
    database_url: str,
    environment: Mapping[str, str],
    *,
    demo: bool = False,
    clock: Clock = now,
    pace: Pace = PACE,
) -> AsyncIterator[Running]:
    """The application with these settings, made as the commands make it."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    if "SLACK_BOT_TOKEN" in environment:  # the fake's triggers live as long as its own clock says
        monkeypatch.setattr("bot.channels.slack.inbound.endpoint.MODAL_TIME", PATIENCE)
    # A page that nobody else looks at is read at once.
    monkeypatch.setattr("bot.channels.web.channel.WebChannel.__init__.__defaults__", (0.05,))
    mistakes: list[str] = []
    channels = plugins.configured(plugins.Kind.CHANNEL, demo=demo, mistakes=mistakes)
    backends = plugins.configured(plugins.Kind.BACKEND, demo=demo, mistakes=mistakes)
    alerts = plugins.configured(plugins.Kind.ALERTS, demo=demo, mistakes=mistakes)
    sources = plugins.configured(plugins.Kind.SOURCE, demo=demo, mistakes=mistakes)
    settings = Settings(database_url=database_url)
    assert mistakes == []
    database = connect(database_url, serving=True)
    application = Application(
        settings,
        database,
        library,
        [*channels, *backends, *alerts, *sources],
        demo=demo,
        allow_anonymous_teams=demo,
        clock=clock,
        pace=pace,
    )
    served = application.web_app()
    runner = web.AppRunner(served, access_log=None, shutdown_timeout=2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield Running(url, application, database, _routes(served))
    finally:
        await runner.cleanup()
        database.close()


def _routes(served: web.Application) -> tuple[tuple[str, str], ...]:
    named = ((route.method, route.resource) for route in served.router.routes())
    return tuple(sorted((method, resource.canonical) for method, resource in named if resource is not None))


async def delivered(address: str) -> None:
    """Wait until nothing waits in the outbox of the application at this address, whatever its path."""
    health = URL(address).with_path("/readyz")

    async def nothing_waits() -> bool:
        async with aiohttp.ClientSession() as session, session.get(health) as answer:
            body = await answer.json()  # while the database is away, without the courier
            return bool(body.get("courier", {}).get("waiting") == 0)

    await until(nothing_waits, "an empty outbox")


async def ready(url: str) -> bool:
    """Whether /readyz says so."""
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{url}/readyz") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


class Command:
    """`firstline serve` as a process of its own."""

    def __init__(self, environment: Mapping[str, str], folder: Path, port: int) -> None:
        self._environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith("FIRSTLINE_") or name == "FIRSTLINE_CACHE"
            },
            **environment,
            "FIRSTLINE_PORT": str(port),
        }
        self._folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        with (self._folder / "serve.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                "serve",
                cwd=self._folder,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        await until(self._is_ready, "a ready server")

    async def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.returncode is None, (self._folder / "serve.log").read_text()
        return await ready(self.url)

    def send(self, what: signal.Signals) -> None:
        """Send a signal that does not end it."""
        assert self._process is not None
        self._process.send_signal(what)

    async def end(self, how: signal.Signals) -> int:
        """Send a signal and wait for the end; return the exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(how)
        async with asyncio.timeout(PATIENCE):
            return await self._process.wait()


def has_ipv6() -> bool:
    """Whether this machine can listen on its own address of IPv6."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def free_port() -> int:
    """A port that nobody uses, and that the kernel gives to no connection while our server is away."""
    # One of the kernel's own choice may be taken before we listen, or between two lives of a server: by
    # whoever calls that very server, too, for a connection to a port without a listener may get that port.
    for port in random.SystemRandom().sample(BELOW_THE_KERNELS, len(BELOW_THE_KERNELS)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("every port is in use")
