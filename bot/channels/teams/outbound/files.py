"""Fetches the files that Teams lets a bot read: those of personal chats, and pictures in a message."""

from collections.abc import Callable

import aiohttp

from bot.channels.teams.credentials import Credentials
from bot.channels.teams.directory import is_microsoft_url
from bot.channels.teams.inbound.activities import DOWNLOADED, PASTED
from bot.desk.ports.page import File
from bot.domain.errors import DeliveryFailed

_NEVER = (400, 401, 403, 404, 410)
CHUNK = 64 * 1024


class Files:
    """Fetches files: a picture with the bot's token, a file of a personal chat without."""

    def __init__(
        self, session: Callable[[], aiohttp.ClientSession], credentials: Credentials, *, local: bool
    ) -> None:
        self._session = session
        self._credentials = credentials
        self._local = local

    async def fetch(self, file: File, most: int) -> bytes:
        """A file's content, at most so many bytes; raise `DeliveryFailed`."""
        headers: dict[str, str] = {}
        if file.source.startswith(PASTED):  # its address was compared with the service's when it came
            url = file.source.removeprefix(PASTED)
            token = await self._credentials.token()
            headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        else:
            url = file.source.removeprefix(DOWNLOADED)
            if not is_microsoft_url(url, local=self._local):
                raise DeliveryFailed("file_elsewhere", permanent=True)
        try:
            return await self._read(url, headers, most)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DeliveryFailed(f"network_{type(error).__name__}") from error

    async def _read(self, url: str, headers: dict[str, str], most: int) -> bytes:
        async with self._session().get(url, headers=headers, allow_redirects=False) as response:
            if response.status != 200:
                raise DeliveryFailed(f"file_{response.status}", permanent=response.status in _NEVER)
            body = bytearray()
            async for chunk in response.content.iter_chunked(CHUNK):
                body += chunk
                if len(body) > most:
                    raise DeliveryFailed("file_too_large", permanent=True)
            return bytes(body)
