"""Makes the traces that the settings ask for."""

from bot.server.monitoring.tracing.untraced import Untraced
from bot.server.settings import Settings


def tracing_of(settings: Settings) -> Untraced:
    """Make what the settings ask for; OpenTelemetry is imported only with FIRSTLINE_TRACES."""
    if not settings.traces:
        return Untraced()
    from bot.server.monitoring.tracing.setup import build_tracing

    return build_tracing()
