"""Structured logs: events, ids and codes; never what people wrote."""

import logging
import sys
from collections.abc import Callable
from time import monotonic
from typing import Any

import structlog

from bot.runtime.output import stray_output
from bot.runtime.output.printable import printable

AT_ONCE = 20  # lines of one event
SECONDS_A_LINE = 2.0  # after these
TRACEBACK = 10  # so many lines does one with a traceback count for


class Limit(logging.Filter):
    """Lets through some lines of each event at once, then one every few seconds with the number left out.

    A fault repeats with each message: whoever looks needs the first lines, how many there were, and room on
    the disk.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._used: dict[tuple[str, str], tuple[float, float]] = {}  # lines, and when they were so many
        self._left_out: dict[tuple[str, str], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line is let through."""
        own = record.msg if isinstance(record.msg, dict) else {}
        # What libraries say is known by who says it: they put into their texts what they like.
        key = (record.name, str(own["event"])) if "event" in own else (record.name, "")
        weight = TRACEBACK if own.get("exc_info") or record.exc_info else 1
        now = self._clock()
        used, since = self._used.get(key, (0.0, now))
        used = max(used - (now - since) / SECONDS_A_LINE, 0.0)
        if used and used + weight > AT_ONCE:
            self._left_out[key] = self._left_out.get(key, 0) + 1
            return False
        self._used[key] = (used + weight, now)
        record.left_out = self._left_out.pop(key, 0)
        return True


class Malformed(logging.Filter):
    """Leaves out what a request was that is none: its headers may hold a token."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Say no more than that there was one."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and type(error).__module__ == "aiohttp.http_exceptions":
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.exc_info = record.exc_text = None
            record.msg = f"malformed_request {type(error).__name__}: refused, nothing of a platform looks so"
            record.args = ()
        return True


_MALFORMED = Malformed()  # one: a filter that is added again changes nothing


def _add_left_out(_logger: Any, _method: str, fields: Any) -> Any:
    left_out = getattr(fields["_record"], "left_out", 0)
    return {**fields, "left_out": left_out} if left_out else fields


def _printable(_logger: Any, _method: str, fields: Any) -> Any:
    return {name: printable(value) if isinstance(value, str) else value for name, value in fields.items()}


def configure(log_format: str, level: int = logging.INFO, *, stdout: bool = False) -> None:
    """Send our own and the libraries' logs to standard error, in one form.

    As JSON, whatever else is written there is a line of the log, too; with `stdout` also on standard output.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        # No cache_logger_on_first_use: what was once logged with would never hear of another configuration.
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    handler = logging.StreamHandler(stray_output.own_stream())
    handler.addFilter(Limit())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                _add_left_out,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info if log_format == "json" else _printable,
                _renderer(log_format),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("aiohttp.server").addFilter(_MALFORMED)
    # Both SDKs log whole payloads below WARNING, and Alembic tells every start that it is Alembic.
    for noisy in ("slack_bolt", "slack_sdk", "botbuilder", "msal", "aiohttp.access", "alembic", "watchfiles"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    if log_format == "json":
        stray_output.take_over(stdout=stdout)


def _renderer(log_format: str) -> Any:
    if log_format == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(
        timestamp_key="time",
        colors=sys.stderr.isatty(),
        # The default shows local variables: people's words.
        exception_formatter=structlog.dev.plain_traceback,
    )
