"""Fetches small public documents, such as the keys with which a cloud signs."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiohttp

SECONDS = 10.0
LARGEST = 512 * 1024  # bytes


class NotFetched(Exception):
    """A document could not be fetched."""


async def fetch(url: str) -> bytes:
    """Fetch a document, following no redirection; raise `NotFetched` with what went wrong, as a code."""
    import aiohttp

    from bot.runtime.network.outgoing import open_session

    try:
        async with open_session(SECONDS) as session, session.get(url, allow_redirects=False) as response:
            if response.status != 200:
                raise NotFetched(f"status_{response.status}")
            found = await body_of(response, LARGEST)
            if len(found) > LARGEST:
                raise NotFetched("too_large")
            return found
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise NotFetched(type(error).__name__) from error


async def body_of(response: "aiohttp.ClientResponse", most: int) -> bytes:
    """The body of an answer, whole up to so many bytes; of a longer one somewhat more than these."""
    found = bytearray()
    async for chunk in response.content.iter_chunked(16 * 1024):
        found += chunk
        if len(found) > most:
            break
    return bytes(found)
