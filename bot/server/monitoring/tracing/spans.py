"""Makes the spans of messages: ids, codes and times; never a text, a name or a token."""

import time
from contextvars import ContextVar
from dataclasses import dataclass

from opentelemetry.context import Context
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    set_span_in_context,
)

Attributes = dict[str, str | int]
_NOTHING = Context()
_FIELDS = 4  # of a `traceparent`


def now() -> int:
    """Nanoseconds since 1970, as spans have them."""
    return time.time_ns()


@dataclass(slots=True)
class Received:
    """What is known of an event on its way in: its span, and when it was handed on and taken in."""

    span: Span
    begun: int
    read: bool = False
    kept: int = 0


received: ContextVar[Received | None] = ContextVar("received", default=None)


class Spans:
    """Maker of spans; each names its parent itself, for a message goes over threads, tasks and replicas."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def begin(self, name: str, kind: SpanKind, attributes: Attributes) -> Span:
        """Begin a trace; whatever a caller says of one is not believed."""
        return self._tracer.start_span(name, _NOTHING, kind, attributes)

    def below(
        self,
        parent: Span | SpanContext,
        name: str,
        begun: int,
        ended: int,
        attributes: Attributes | None = None,
    ) -> None:
        """Add a span of something that is over, in nanoseconds."""
        self.start(parent, name, begun, attributes).end(ended)

    def start(
        self,
        parent: Span | SpanContext,
        name: str,
        begun: int,
        attributes: Attributes | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
    ) -> Span:
        """Start a span below another one, which may be another process's."""
        above = NonRecordingSpan(parent) if isinstance(parent, SpanContext) else parent
        return self._tracer.start_span(
            name, set_span_in_context(above, _NOTHING), kind, attributes, start_time=begun
        )


def fail(span: Span, code: str) -> None:
    """Say by a code that what a span stands for went wrong."""
    span.set_status(Status(StatusCode.ERROR, code))


def written(span: Span) -> str:
    """Write down a span for another process, as W3C's `traceparent`; empty where it is not recorded."""
    context = span.get_span_context()
    if not context.trace_flags.sampled:
        return ""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-01"


def read(traceparent: str) -> SpanContext | None:
    """Read what `written` wrote down; None where there is nothing to read."""
    parts = traceparent.split("-")
    if len(parts) != _FIELDS:
        return None
    try:
        trace_id, span_id = int(parts[1], 16), int(parts[2], 16)
    except ValueError:
        return None
    context = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return context if context.is_valid else None
