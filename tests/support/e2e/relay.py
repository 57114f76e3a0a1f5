"""A relay of TCP on loopback that can fall silent: nothing is refused or ends, nothing comes through."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from sqlalchemy import make_url

PIECE = 65_536


class Relay:
    """A port of this machine before a PostgreSQL, with a valve for each direction."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._there, self._back = Event(), Event()
        self._mark = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = [self._listener]
        self.port: int = self._listener.getsockname()[1]
        self.go_on()
        Thread(target=self._accept, daemon=True).start()

    def fall_silent(self) -> None:
        """Hold back all that is sent from now on, in both directions."""
        self._there.clear()
        self._back.clear()

    def swallow_the_commit_of(self, text: str) -> None:
        """Hold back all answers, from the COMMIT of the transaction on that brings this text."""
        self._mark = text.encode()

    @property
    def silent(self) -> bool:
        """Whether anything is held back."""
        return not self._back.is_set()

    def go_on(self) -> None:
        """Let through what was held back, and all that comes."""
        self._mark = b""
        self._there.set()
        self._back.set()

    def close(self) -> None:
        """End every connection."""
        self.go_on()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                outer, _ = self._listener.accept()
                inner = socket.socket(socket.AF_UNIX)
                inner.connect(self._target)
                self._sockets += [outer, inner]
                Thread(target=self._pump, args=(outer, inner, self._there), daemon=True).start()
                Thread(target=self._pump, args=(inner, outer, self._back), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, valve: Event) -> None:
        marked = False
        with suppress(OSError):  # one side has gone
            while piece := source.recv(PIECE):
                if valve is self._there and self._mark:
                    marked = marked or self._mark in piece
                    if marked and b"COMMIT" in piece:
                        self._back.clear()
                valve.wait()
                sink.sendall(piece)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


@contextmanager
def relay_before(database_url: str) -> Iterator[tuple[Relay, str]]:
    """A relay before this PostgreSQL, and the address of the same database through it."""
    url = make_url(database_url)
    relay = Relay(f"{url.query['host']}/.s.PGSQL.5432")
    through = url.set(host="127.0.0.1", port=relay.port, query={})
    try:
        yield relay, through.render_as_string(hide_password=False)
    finally:
        relay.close()
