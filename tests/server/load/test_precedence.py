"""What only reads has threads of its own, and lets what people wait for go first."""

import asyncio
from threading import Event, Thread

import aiohttp
import pytest

from bot.desk.knowledge.library import Library
from bot.server.load.precedence import Precedence
from tests.support.e2e.running import running
from tests.support.patience import PATIENCE


async def test_the_page_is_shown_while_every_writing_thread_is_taken(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    async with (
        running(monkeypatch, library, database_url, {}, demo=True) as server,
        aiohttp.ClientSession() as http,
    ):
        free = Event()
        writers = [asyncio.create_task(server.application.run(free.wait)) for _ in range(32)]
        try:
            for path in ("/web/room", "/web/conversation"):
                async with asyncio.timeout(PATIENCE), http.get(server.url + path) as answer:
                    assert answer.status == 200
            async with asyncio.timeout(PATIENCE), http.get(server.url + "/web/events") as stream:
                assert await stream.content.readline() == b"event: refresh\n"
        finally:
            free.set()
            await asyncio.gather(*writers)


def test_long_work_waits_while_something_is_taken_in() -> None:
    precedence = Precedence()
    precedence.give_way()  # nothing is: it returns
    passed = Event()

    def work() -> None:
        precedence.give_way()
        passed.set()

    with precedence.taking(), precedence.taking():
        steps = Thread(target=work)
        steps.start()
        # It never waits for ever: whoever writes without a pause does not stop what others read.
        assert passed.wait(PATIENCE)
    steps.join()
