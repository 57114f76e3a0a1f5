"""Opens encrypted connections to a host, through the proxy that the environment names."""

import asyncio
import ssl
from urllib.parse import SplitResult, urlsplit

from bot.runtime.network.outgoing import LOGIN, Proxies, login_of

_PORTS = {"http": 80, "https": 443}


class ProxyRefused(Exception):
    """The proxy does not lead to the host; the text is what it answered, or why it is not reached."""


async def open_encrypted(
    host: str, port: int, context: ssl.SSLContext, seconds: float
) -> asyncio.StreamWriter:
    """Open a connection that is encrypted up to the host; the handshake has so many seconds.

    Raises `ProxyRefused`, or what the system or TLS says.
    """
    proxy = urlsplit(Proxies.of_environment().proxy_for(f"https://{host}:{port}"))
    if not proxy.hostname:
        _, writer = await asyncio.open_connection(
            host, port, ssl=context, server_hostname=host, ssl_handshake_timeout=seconds
        )
        return writer
    writer = await _tunnel(proxy, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    try:
        await writer.start_tls(context, server_hostname=host, ssl_handshake_timeout=seconds)
    except BaseException:
        writer.transport.abort()
        raise
    return writer


async def _tunnel(proxy: SplitResult, authority: str) -> asyncio.StreamWriter:
    """Let a proxy connect to an authority, and return what leads there."""
    login = f"{LOGIN}: {value}\r\n" if (value := login_of(proxy)) else ""
    try:
        reader, writer = await asyncio.open_connection(
            proxy.hostname, proxy.port or _PORTS[proxy.scheme], ssl=proxy.scheme == "https" or None
        )
    except OSError as error:
        raise ProxyRefused(error.strerror or type(error).__name__) from error
    try:
        writer.write(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{login}\r\n".encode())
        status = await _status(reader)
        if not status.startswith("2"):
            raise ProxyRefused(status or "no answer of HTTP")
    except BaseException:
        writer.transport.abort()
        raise
    return writer


async def _status(reader: asyncio.StreamReader) -> str:
    """Status and reason of an answer; empty where it is none."""
    try:
        answer = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
        return ""
    return answer.split(b"\r\n", 1)[0].decode("latin-1").partition(" ")[2]
