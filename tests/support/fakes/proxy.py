"""A proxy on loopback that lets nothing through, and notes what came to it."""

import asyncio
from typing import Self


class Proxy:
    """Notes the first line and the login of each request, and answers 502."""

    def __init__(self) -> None:
        self.asked: list[str] = []  # such as `CONNECT slack.com:443`
        self.logins: list[str] = []
        self.address = ""  # without a scheme

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        self.asked.append(head[0].rpartition(" ")[0])
        self.logins += [
            line.partition(": ")[2] for line in head if line.lower().startswith("proxy-authorization")
        ]
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
