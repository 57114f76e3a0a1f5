"""What is written where background work ends with an error that nobody waits for."""

import asyncio
import gc
from typing import Any

import structlog

from bot.domain.errors import StorageUnavailable
from bot.server.workers.unwatched import tell_of_unwatched


async def ended_with(error: Exception) -> list[Any]:
    """The log of a task that failed and was forgotten."""

    async def work() -> None:
        raise error

    task = asyncio.create_task(work(), name="status_line")
    await asyncio.wait([task])
    with structlog.testing.capture_logs() as logs:
        del task
        gc.collect()
    return logs


async def test_a_database_that_is_away_is_told_without_a_traceback() -> None:
    tell_of_unwatched()
    assert await ended_with(StorageUnavailable("The database is away.")) == [
        {
            "event": "background_work_left_out",
            "log_level": "warning",
            "work": "status_line",
            "cause": "The database is away.",
            "next_step": "none, unless it goes on: the cause says what to do",
        }
    ]


async def test_a_mistake_is_told_with_where_it_came_from() -> None:
    tell_of_unwatched()
    error = ValueError("mistaken")
    (entry,) = await ended_with(error)
    assert (entry["event"], entry["work"]) == ("background_work_failed", "status_line")
    assert entry["exc_info"] is error


async def test_what_is_no_error_is_left_to_the_loop() -> None:
    tell_of_unwatched()
    loop, told = asyncio.get_running_loop(), list[Any]()
    loop.default_exception_handler = told.append  # type: ignore[method-assign, assignment]
    loop.call_exception_handler({"message": "a socket was odd"})
    assert told == [{"message": "a socket was odd"}]
