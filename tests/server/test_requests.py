"""Events that the database does not keep, one after the other; and requests whose senders hang up."""

import asyncio
import logging

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.domain.errors import StorageUnavailable
from bot.server.database_threads import answering
from bot.server.monitoring.metrics import Metrics
from bot.server.monitoring.probe import StorageProbe
from bot.server.monitoring.requests import ENOUGH, RECENT_SECONDS, RequestWatch
from tests.support.channels.empty_host import Memory
from tests.support.clock import START
from tests.support.patience import PATIENCE


class Seconds:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def probe(trouble: str = "", looked_at: float = 0.0) -> StorageProbe:
    """A probe as it is after a look."""

    async def nothing(*_: object) -> None: ...

    made = StorageProbe(Memory(), nothing, lambda: START, nothing)
    made.trouble, made.looked_at = trouble, looked_at
    return made


def fails(watch: RequestWatch) -> None:
    with watch.counting("slack"), answering() as budget:
        budget.trouble = StorageUnavailable("disk is full")
        raise budget.trouble


def lose(watch: RequestWatch, times: int) -> None:
    for _ in range(times):
        with pytest.raises(StorageUnavailable):
            fails(watch)


def test_what_is_too_large_for_a_full_disk_is_seen_though_less_is_written() -> None:
    seconds = Seconds()
    watch = RequestWatch(Metrics(), probe(), seconds)
    lose(watch, ENOUGH - 1)
    assert watch.trouble() == ""
    lose(watch, 1)
    assert "disk is full" in watch.trouble()
    with watch.counting("slack"):
        pass
    assert watch.trouble() == "", "one was kept"
    lose(watch, ENOUGH)
    seconds.now += RECENT_SECONDS + 1
    assert watch.trouble() == "", "nobody sends any more: the probe knows"


def test_a_defect_is_counted_and_is_not_the_databases() -> None:
    metrics = Metrics()
    watch = RequestWatch(metrics, probe(), Seconds())
    for _ in range(ENOUGH):
        with pytest.raises(KeyError), watch.counting("slack"):
            raise KeyError
    assert watch.trouble() == ""
    assert b'firstline_failed_total{channel="slack",reason="defect"} 3.0' in metrics.text()


def test_a_probe_that_waited_in_vain_means_nothing_where_events_are_kept() -> None:
    seconds = Seconds()
    looked = probe("The database was busy with earlier calls for too long.", looked_at=99.0)
    watch = RequestWatch(Metrics(), looked, seconds)
    assert "busy" in watch.trouble()
    with watch.counting("slack"):
        pass
    assert watch.trouble() == ""
    looked.looked_at = 101.0
    assert "busy" in watch.trouble(), "nothing was kept since"


async def test_who_hangs_up_in_the_middle_fills_no_log_and_is_no_defect(
    caplog: pytest.LogCaptureFixture,
) -> None:
    metrics, begun, over = Metrics(), asyncio.Event(), asyncio.Event()
    watch = RequestWatch(metrics, probe(), Seconds())

    @web.middleware
    async def told(request: web.Request, handler: Handler) -> web.StreamResponse:
        begun.set()
        try:
            return await handler(request)
        finally:
            over.set()

    async def reads(request: web.Request) -> web.Response:
        await request.read()
        return web.Response()

    def mount(app: web.Application) -> None:
        app.router.add_post("/api/messages", reads)

    app = web.Application(middlewares=[told, watch.handle])
    watch.mount(app, "teams", mount)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with asyncio.timeout(PATIENCE):
        _, writer = await asyncio.open_connection(*runner.addresses[0])
        writer.write(b"POST /api/messages HTTP/1.1\r\nHost: us\r\nContent-Length: 100\r\n\r\nhalf of it")
        await begun.wait()
        writer.close()
        await over.wait()
    await runner.cleanup()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert b'reason="defect"' not in metrics.text()
