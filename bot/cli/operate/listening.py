"""Takes the address and the port that the server listens on, and says which."""

import errno
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bot.domain.errors import SettingsInvalid

BACKLOG = 1024  # connections that wait while nobody serves them yet, where the system allows so many
MOST_OPEN = 65_536  # files and connections
FIRST_HANDED_OVER = 3  # the descriptor at which systemd begins


@contextmanager
def listening(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Listen for as long as the block lasts, whatever ends it; see `sockets_for`."""
    taken = sockets_for(host, port)
    try:
        yield taken
    finally:
        _close(taken)


def sockets_for(host: str, port: int) -> list[socket.socket]:
    """The sockets that a service manager holds and hands over, else our own; all of them listen already.

    Who connects before we serve waits instead of being refused: a platform sends its event again soon after
    the first attempt, and then not for a minute. Raise `SettingsInvalid` where the port cannot be taken.
    """
    taken = handed_over() or bind(host, port)
    try:
        for one in taken:
            one.listen(BACKLOG)
    except OSError as error:
        _close(taken)
        raise taken_meanwhile(host, port, error) from error
    return taken


def allow_connections() -> None:
    """Let this process have as many connections as the system allows it: the usual first limit is 1,024."""
    if os.name == "posix":
        import resource

        now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MOST_OPEN if most == resource.RLIM_INFINITY else min(most, MOST_OPEN)
        if now != resource.RLIM_INFINITY and now < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def handed_over() -> list[socket.socket]:
    """The sockets that the process before us left with the service manager (LISTEN_FDS of systemd)."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    count = os.environ.get("LISTEN_FDS", "")
    if not count.isdigit():
        return []
    descriptors = range(FIRST_HANDED_OVER, FIRST_HANDED_OVER + int(count))
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)  # a process of ours must not keep the port
    return [socket.socket(fileno=descriptor) for descriptor in descriptors]


def bind(host: str, port: int) -> list[socket.socket]:
    """Take the port on every address of a host; raise `SettingsInvalid` where that is impossible."""
    taken: list[socket.socket] = []
    missing: OSError | None = None
    for family, address in _addresses(host, port):
        try:
            taken.append(_bound(family, address))
        except OSError as error:
            if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                _close(taken)
                raise SettingsInvalid(_refusal(host, port, error)) from error
            missing = error  # `localhost` may have an address of IPv6 that the machine has not
    if not taken and missing is not None:
        raise SettingsInvalid(_refusal(host, port, missing)) from missing
    return taken


def url_of(host: str, port: int) -> str:
    """The address of the server for a browser on this machine."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def urls_of(sockets: Sequence[socket.socket]) -> list[str]:
    """Where these sockets are reached from this machine, as URLs; a Unix socket by its path."""
    names = [one.getsockname() for one in sockets]
    return [url_of(name[0], name[1]) if isinstance(name, tuple) else str(name) for name in names]


def taken_meanwhile(host: str, port: int, error: OSError) -> SettingsInvalid:
    """The mistake to tell where the port was free, and no longer is when it shall listen."""
    return SettingsInvalid(_refusal(host, port, error))


def _addresses(host: str, port: int) -> list[tuple[int, tuple[str, int] | tuple[str, int, int, int]]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise SettingsInvalid(
            f"FIRSTLINE_HOST: there is no address {host} ({getattr(error, 'strerror', None) or 'no name'}); "
            "name one of this machine, such as 127.0.0.1, ::1 or 0.0.0.0."
        ) from error
    known = (socket.AF_INET, socket.AF_INET6)
    return list(dict.fromkeys((family, address) for family, *_, address in found if family in known))  # type: ignore[misc]  # of these two families


def _bound(family: int, address: tuple[str, int] | tuple[str, int, int, int]) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # a port is free again as soon as its server has ended
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:  # 0.0.0.0 is named by itself
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made


def _close(taken: list[socket.socket]) -> None:
    for one in taken:
        one.close()


def _refusal(host: str, port: int, error: OSError) -> str:
    reason = os.strerror(error.errno or 0)
    if error.errno == errno.EADDRINUSE:
        return (
            f"FIRSTLINE_PORT: {url_of(host, port).removeprefix('http://')} is in use already; stop what uses "
            "it, or choose another port."
        )
    if error.errno == errno.EACCES:
        return (
            f"FIRSTLINE_PORT: this account must not listen on port {port} ({reason}); "
            "choose one from 1024 on."
        )
    return (
        f"FIRSTLINE_HOST: this machine cannot listen on {host} ({reason}); name one of its own addresses, "
        "such as 127.0.0.1, ::1 or 0.0.0.0."
    )
