"""How the tests run a command: a process of its own, in a folder where nothing is."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import aiohttp

from tests.support.e2e.running import STOPS_WITHIN, free_port, ready, until
from tests.support.paths import ROOT
from tests.support.patience import PATIENCE

CONTENT = {"FIRSTLINE_ARTICLES": str(ROOT / "kb_articles"), "FIRSTLINE_INTENTS": str(ROOT / "intents")}


def environment(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Next to nothing: no setting of whoever runs the tests comes through."""
    base = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "COLUMNS": "200"}
    base |= {"PYTHONPATH": str(ROOT), "FIRSTLINE_CACHE": os.environ["FIRSTLINE_CACHE"]}
    return base | dict(more)


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """`firstline ...`, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env=environment(folder, settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def good(folder: Path, *arguments: str, **settings: str) -> str:
    """Run a command that must succeed; return what it printed."""
    done = run(folder, *arguments, **settings)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def refused(folder: Path, *arguments: str, **settings: str) -> str:
    """Run a command that must fail with a sentence; return it."""
    done = run(folder, *arguments, **settings)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


class Demo:
    """`firstline demo` as a process, and the page's own HTTP calls."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, http: aiohttp.ClientSession) -> None:
        self.process = process
        self.url = url
        self._http = http

    async def ask(self, text: str, person: str = "ana") -> str:
        """Ask as one of the personas; return what became of it."""
        body = {"key": uuid4().hex, "pane": "ask", "as": person, "text": text}
        async with self._http.post(f"{self.url}/web/ask", json=body) as answer:
            assert answer.status == 200, await answer.text()
            kind: str = (await answer.json())["kind"]
            return kind

    async def read(self, path: str) -> str:
        """What a GET answers."""
        async with self._http.get(self.url + path) as answer:
            assert answer.status == 200
            return await answer.text()

    async def shows(self, path: str, text: str) -> str:
        """Wait until a page shows this."""

        async def there() -> str:
            page = await self.read(path)
            return page if text in page else ""

        found: str = await until(there, f"{text!r} on {path}")
        return found

    async def stop(self) -> None:
        """Press Ctrl+C."""
        self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(STOPS_WITHIN):
            assert await self.process.wait() == 0


@asynccontextmanager
async def demo(
    folder: Path, *, host: str = "127.0.0.1", shown: str = "", **settings: str
) -> AsyncIterator[Demo]:
    """A demo that is stopped at the end; `shown` is how its host stands in a link, if not as it is given."""
    port = free_port()
    with (folder / "demo.log").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "demo",
            "--host",
            host,
            "--port",
            str(port),
            cwd=folder,
            env=environment(folder, settings),
            stdout=log,
            stderr=log,
        )
    url = f"http://{shown or host}:{port}"

    async def is_ready() -> bool:
        assert process.returncode is None, (folder / "demo.log").read_text()
        return await ready(url)

    try:
        async with aiohttp.ClientSession() as http:
            await until(is_ready, "the demo")
            running = Demo(process, url, http)
            yield running
            await running.stop()
            printed = (folder / "demo.log").read_text()
            assert url in printed
            assert "Traceback" not in printed
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
