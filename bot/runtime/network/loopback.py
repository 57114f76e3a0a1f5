"""Tells what comes from this machine itself, or its network: what is anonymous answers nobody else."""

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from aiohttp import web

_INNER = (".localhost", ".local", ".internal", ".lan", ".intranet", ".home.arpa", ".test", ".invalid")
_HTTP_1_1 = (1, 1)
_PROXIES = ("forwarded", "via", "x-real-ip", "true-client-ip")


def is_local(request: "web.BaseRequest") -> bool:
    """Whether a request comes from this machine, for this machine, and through no proxy or tunnel on it.

    A proxy may hide itself: nginx as it is delivered sends our own address as Host and no forwarding header,
    but speaks HTTP/1.0, which no browser and no Teams client does.
    """
    hosts = request.headers.getall("Host", [])
    peer = request.transport.get_extra_info("peername") if request.transport else None
    names = [name.lower() for name in request.headers]
    return (
        request.version >= _HTTP_1_1
        and not any(name in _PROXIES or name.startswith(("x-forwarded", "cf-")) for name in names)
        and len(hosts) == 1
        and is_loopback(_host_name(hosts[0]))
        and isinstance(peer, tuple)
        and is_loopback(str(peer[0]))
    )


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    if host.lower() == "localhost":
        return True
    try:
        address = ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)  # how IPv6 writes an address of IPv4
    return (mapped or address).is_loopback


def is_private(host: str) -> bool:
    """Whether nobody outside this machine or its network reaches a host, by its name or address."""
    try:
        return not ip_address(host.strip("[]").partition("%")[0]).is_global
    except ValueError:
        return "." not in host.strip(".") or host.lower().rstrip(".").endswith(_INNER)


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""
