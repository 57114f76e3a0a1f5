"""Tells the service manager that started us how far we are (sd_notify of systemd)."""

import os
import socket

from aiohttp import web

READY, STOPPING = "READY=1", "STOPPING=1"


def tell_how_far(app: web.Application) -> None:
    """Tell it when the application serves, and when it ends; nothing where nobody asked (NOTIFY_SOCKET)."""

    async def serves(_: web.Application) -> None:
        tell(READY)

    async def ends(_: web.Application) -> None:
        tell(STOPPING)

    app.on_startup.append(serves)
    app.on_shutdown.append(ends)


def tell(state: str) -> None:
    """Send one state; who does not listen any more is no reason to stop."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # a name without a file
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        try:
            manager.connect(address)
            manager.sendall(state.encode())
        except OSError:
            return
