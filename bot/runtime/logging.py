"""Structured logs: events, ids and codes; never what people wrote."""

import logging
import sys
from typing import Any

import structlog


def configure(log_format: str, level: int = logging.INFO) -> None:
    """Send our own and the libraries' logs to standard error, in one form."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # The default shows local variables: people's words.
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *((structlog.processors.format_exc_info,) if log_format == "json" else ()),
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Both SDKs log whole payloads below WARNING, and Alembic tells every start that it is Alembic.
    for noisy in ("slack_bolt", "slack_sdk", "botbuilder", "msal", "aiohttp.access", "alembic", "watchfiles"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
