"""Structured logs: events, ids and codes; never what people wrote."""

import logging
import sys
from collections.abc import Callable
from time import monotonic
from typing import Any

import structlog

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


def _add_left_out(_logger: Any, _method: str, fields: Any) -> Any:
    left_out = getattr(fields["_record"], "left_out", 0)
    return {**fields, "left_out": left_out} if left_out else fields


def configure(log_format: str, level: int = logging.INFO) -> None:
    """Send our own and the libraries' logs to standard error, in one form."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Limit())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                _add_left_out,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *((structlog.processors.format_exc_info,) if log_format == "json" else ()),
                _renderer(log_format),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Both SDKs log whole payloads below WARNING, and Alembic tells every start that it is Alembic.
    for noisy in ("slack_bolt", "slack_sdk", "botbuilder", "msal", "aiohttp.access", "alembic", "watchfiles"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _renderer(log_format: str) -> Any:
    if log_format == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        # The default shows local variables: people's words.
        exception_formatter=structlog.dev.plain_traceback,
    )
