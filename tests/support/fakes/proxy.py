"""A proxy on loopback that notes what came to it, and lets nothing through unless it is told where to."""

import asyncio
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit


class Proxy:
    """Notes the first line and the login of each request, and answers 502.

    Where `leads_to` is an https address on this machine, every CONNECT leads there.
    """

    def __init__(self, leads_to: str = "") -> None:
        self._leads_to = urlsplit(leads_to)
        self.asked: list[str] = []  # such as `CONNECT slack.com:443`
        self.logins: list[str] = []
        self.address = ""  # without a scheme
        self._ends: list[asyncio.WriteTransport] = []
        self._carrying: list[asyncio.Future[tuple[None, None]]] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for end in self._ends:
            end.abort()
        await asyncio.gather(*self._carrying)
        await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        self.asked.append(head[0].rpartition(" ")[0])
        self.logins += [
            line.partition(": ")[2] for line in head if line.lower().startswith("proxy-authorization")
        ]
        if self._leads_to.hostname:
            await self._connect(reader, writer)
            return
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(self._leads_to.hostname, self._leads_to.port)
        self._ends += [writer.transport, there[1].transport]
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        both = asyncio.gather(_carry(reader, there[1]), _carry(there[0], writer))
        self._carrying.append(both)
        await both


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
