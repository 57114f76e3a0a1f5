"""Tells what ended with an error where nobody waited for it."""

import asyncio
from typing import Any

import structlog

from bot.domain.errors import FirstlineError, details

log = structlog.get_logger()


def tell_of_unwatched() -> None:
    """Let the running loop log in our form what it would print as a traceback, whatever its kind."""
    asyncio.get_running_loop().set_exception_handler(_tell)


def _tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error, task = context.get("exception"), context.get("task") or context.get("future")
    if not isinstance(error, Exception):
        loop.default_exception_handler(context)
        return
    work = task.get_name() if isinstance(task, asyncio.Task) else str(context.get("message", ""))
    if isinstance(error, FirstlineError):  # the database was away, a platform refused: it says what to do
        log.warning(
            "background_work_left_out",
            work=work,
            **details(error),
            next_step="none, unless it goes on: the cause says what to do",
        )
    else:
        log.error("background_work_failed", work=work, exc_info=error, next_step="report it if it goes on")
