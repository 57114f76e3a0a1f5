"""The port stays open from one process to the next: who asks meanwhile waits, and is not refused."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from bot.cli.operate.listening import sockets_for
from tests.support.e2e.commands import CONTENT, run
from tests.support.e2e.running import free_port
from tests.support.patience import PATIENCE

REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
# What systemd does with the socket of a .socket unit.
START = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execv(sys.executable, [sys.executable, "-m", "bot", "serve"])
"""


@pytest.fixture
def held() -> Iterator[socket.socket]:
    """A socket that listens, and that a service manager holds."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def test_who_connects_before_anybody_serves_waits() -> None:
    port = free_port()
    with closing(sockets_for("127.0.0.1", port)[0]):
        socket.create_connection(("127.0.0.1", port)).close()


@asynccontextmanager
async def asked(held: socket.socket) -> AsyncIterator[asyncio.StreamReader]:
    """A request that was sent, whoever will answer it."""
    reader, writer = await asyncio.open_connection(*held.getsockname())
    writer.write(REQUEST)
    await writer.drain()
    try:
        yield reader
    finally:
        writer.close()
        await writer.wait_closed()


async def serve(held: socket.socket, folder: Path) -> asyncio.subprocess.Process:
    settings = {
        **{name: value for name, value in os.environ.items() if not name.startswith("FIRSTLINE_")},
        **CONTENT,
        "FIRSTLINE_WEB_TOKENS": "token-of-wes-the-engineer=wes:engineer",
        "FIRSTLINE_PORT": str(free_port()),  # which nobody uses: the socket that is handed over counts
    }
    with (folder / "serve.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            START,
            str(held.fileno()),
            cwd=folder,
            env=settings,
            stdout=log,
            stderr=log,
            pass_fds=[held.fileno()],
        )


async def answer(reader: asyncio.StreamReader, folder: Path) -> bytes:
    async with asyncio.timeout(PATIENCE):
        line = await reader.readline()
    assert line, (folder / "serve.log").read_text()
    return line


async def test_requests_between_two_processes_are_answered_by_the_next(
    held: socket.socket, tmp_path: Path
) -> None:
    run(tmp_path, "migrate")
    for _ in range(2):
        async with asked(held) as early:
            process = await serve(held, tmp_path)
            try:
                assert (await answer(early, tmp_path)).startswith(b"HTTP/1.1 200")
                process.send_signal(signal.SIGTERM)
                async with asyncio.timeout(PATIENCE):
                    assert await process.wait() == 0
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
