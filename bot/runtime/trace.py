"""Trace to which the work of a transaction belongs, so that its posts can name it; nothing without traces."""

from contextvars import ContextVar

# As W3C's `traceparent` says it; empty while no trace is recorded.
trace: ContextVar[str] = ContextVar("trace", default="")
