"""Where traces go, by OpenTelemetry's own variables, and what is wrong with them; needs no OpenTelemetry."""

import os
from importlib.util import find_spec
from urllib.parse import urlsplit

NEEDED = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
DEFAULT = "http://localhost:4318"
PROTOCOL = "http/protobuf"
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")


def endpoint() -> str:
    """The address of the collector."""
    return next((os.environ[name] for name in _ENDPOINTS if os.environ.get(name)), DEFAULT)


def mistakes_of_traces() -> list[str]:
    """What keeps traces from being sent, as far as can be seen without sending any."""
    found = []
    if not all(map(_is_installed, NEEDED)):
        found.append("FIRSTLINE_TRACES: OpenTelemetry is missing; run `pip install 'firstline[otel]'`.")
    found += [
        f"{name}: this is no address of a collector; write one such as {DEFAULT}."
        for name in _ENDPOINTS
        if (value := os.environ.get(name)) and not _is_address(value)
    ]
    found += [
        f"{name}: traces are sent as {PROTOCOL} alone; set it to that, or unset it."
        for name in _PROTOCOLS
        if os.environ.get(name, PROTOCOL) != PROTOCOL
    ]
    return found


def _is_installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # not even the package around it
        return False


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
