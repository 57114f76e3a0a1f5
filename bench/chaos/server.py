"""One server of a scenario: started, killed, started again, looked at."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp

from bench.processes import PATIENCE, BenchFailed, Child

LOOK_SECONDS = 2.0  # that an answer about itself may take


class Server:
    """A `firstline serve` on a port of its own, whose log goes on over its lives."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        port: int,
    ) -> None:
        self.name = name
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / f"{name}.log"
        self.ready = False  # in this life; who is killed is not
        self._child = Child(name, arguments, folder, {**environment, "FIRSTLINE_PORT": str(port)})

    async def start(self, http: aiohttp.ClientSession) -> float:
        """Start it, and wait until it is ready; the seconds that it took."""
        begun = time.monotonic()
        self._child.__enter__()
        while (await self.look(http))[0] != 200:
            self._child.check()
            if time.monotonic() - begun > PATIENCE:
                raise BenchFailed(f"{self.name} was not ready after {PATIENCE:.0f} s; see {self.log}")
            await asyncio.sleep(0.05)
        self.ready = True
        return time.monotonic() - begun

    async def kill(self) -> None:
        """End it without a word, as a crash does."""
        self.ready = False
        process = self._child.process
        if process is not None:
            process.kill()
            await asyncio.to_thread(process.wait)

    async def stop(self) -> None:
        """Ask it to end, and wait."""
        self.ready = False
        if self._child.process is not None:
            await asyncio.to_thread(self._child.__exit__, None, None, None)

    async def look(self, http: aiohttp.ClientSession, path: str = "/readyz") -> tuple[int, str]:
        """What it says of itself; status 0 where it says nothing in time."""
        try:
            async with asyncio.timeout(LOOK_SECONDS), http.get(self.url + path) as answer:
                return answer.status, await answer.text()
        except (aiohttp.ClientError, OSError, TimeoutError):
            return 0, ""

    def logged(self) -> int:
        """The bytes of its log so far."""
        return self.log.stat().st_size if self.log.exists() else 0

    def log_since(self, offset: int) -> str:
        """Its log from this byte on."""
        with self.log.open("rb") as log:
            log.seek(offset)
            return log.read().decode("utf-8", "replace")
