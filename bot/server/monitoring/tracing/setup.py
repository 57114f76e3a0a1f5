"""Sets traces up: where they go is OpenTelemetry's own variables to say."""

import asyncio
import logging
import math
import threading
import time
from collections.abc import Callable, Sequence

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from bot import __version__
from bot.runtime.network.outgoing import open_blocking_session
from bot.server.monitoring.tracing.collector import endpoint
from bot.server.monitoring.tracing.spans import Spans
from bot.server.monitoring.tracing.tracing import Tracing

log = structlog.get_logger()
QUIET = 600.0  # seconds between two lines of the log about a collector that is away
END_SECONDS = 3.0  # for what is left when the server stops


def build_tracing() -> Tracing:
    """Build the traces of this process; nothing is sent yet, so that a collector may come later."""
    # What they say of a collector that is away they say with each batch.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(session=open_blocking_session(endpoint()))
    provider.add_span_processor(BatchSpanProcessor(TellingExporter(exporter)))
    return Tracing(Spans(provider.get_tracer("firstline", __version__)), lambda: _end(provider))


class TellingExporter(SpanExporter):
    """Exporter that tells of a collector that is away in one line now and then; its spans are lost."""

    def __init__(self, exporter: SpanExporter, clock: Callable[[], float] = time.monotonic) -> None:
        self._exporter = exporter
        self._clock = clock
        self._told = -math.inf
        self._lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans, in a thread of the SDK's own."""
        result = self._exporter.export(spans)
        if result is not SpanExportResult.SUCCESS:
            self._lost += len(spans)
            self._tell()
        return result

    def _tell(self) -> None:
        now = self._clock()
        if now - self._told < QUIET:
            return
        self._told = now
        log.warning(
            "traces_not_exported",
            lost=self._lost,
            next_step="see that the collector at OTEL_EXPORTER_OTLP_ENDPOINT runs; only traces are lost",
        )
        self._lost = 0

    def shutdown(self) -> None:
        """Stop sending."""
        self._exporter.shutdown()


def _resource() -> Resource:
    """Who sends: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win."""
    made = Resource.create({SERVICE_VERSION: __version__})
    unnamed = str(made.attributes[SERVICE_NAME]).startswith("unknown_service")
    return made.merge(Resource({SERVICE_NAME: "firstline"})) if unnamed else made


async def _end(provider: TracerProvider) -> None:
    # A thread of its own: with a collector that is away this takes long, and nobody waits for it.
    thread = threading.Thread(target=provider.shutdown, daemon=True)
    thread.start()
    await asyncio.to_thread(thread.join, END_SECONDS)
