"""Reads the bodies of requests that may come from anybody."""

from aiohttp import web


async def whole_body(request: web.Request, most: int) -> bytes:
    """Read the whole body, of at most so many bytes; raise `HTTPRequestEntityTooLarge` where it is longer."""
    raw = bytearray()
    async for chunk in request.content.iter_chunked(16 * 1024):
        raw += chunk
        if len(raw) > most:
            raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=len(raw))
    return bytes(raw)
