"""Tells from which address a request comes, through the proxies that an operator named."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
FORWARDED_FOR = "X-Forwarded-For"
_ONE_HOME = 64  # bits of IPv6 that one household or office has: who has them has all addresses below
NOWHERE = "unknown"


class TrustedProxies:
    """Proxies whose word is taken for where a request comes from."""

    def __init__(self, networks: Iterable[Network] = ()) -> None:
        self._networks = tuple(networks)

    @classmethod
    def parse(cls, text: str) -> "TrustedProxies":
        """Read addresses and networks parted by commas or blanks; raise `ValueError` with the wrong one."""
        networks = []
        for entry in re.split(r"[\s,]+", text.strip(", \t\r\n")):
            try:
                networks += [ip_network(entry, strict=False)] if entry else []
            except ValueError:
                raise ValueError(
                    f"{entry!r} is no address and no network; write them as 10.0.0.7 or 10.0.0.0/8"
                ) from None
        return cls(networks)

    def client_of(self, request: "web.BaseRequest") -> str:
        """The address that a request is counted under: of IPv6 the network of one home."""
        return self.client(_peer(request), request.headers.getall(FORWARDED_FOR, []))

    def unnamed(self, request: "web.BaseRequest") -> bool:
        """Whether a request came through a proxy that nobody named: its address may be that of many."""
        if FORWARDED_FOR not in request.headers:
            return False
        peer = _read_peer(_peer(request))
        return peer is None or not self._trusts(peer)

    def client(self, peer: str, forwarded: Sequence[str]) -> str:
        """The last address of the chain that no trusted proxy has, the peer's where nobody is trusted."""
        address = _read_peer(peer)
        if address is None:
            return NOWHERE
        chain = [entry for line in forwarded for entry in line.split(",")]
        while chain and self._trusts(address):
            further = _read(chain.pop())
            if further is None:
                break  # whatever stands there, the proxy before it is the last that is known
            address = further
        return _home(address)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def _peer(request: "web.BaseRequest") -> str:
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    return str(peer[0]) if isinstance(peer, tuple) and peer else ""


def _read(text: str) -> Address | None:
    written = text.strip().strip('"')
    port = re.fullmatch(r"\[([^\]]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+", written)
    if port is not None:
        written = port[1] or port[2]
    try:
        address = ip_address(written.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(4096)
def _read_peer(text: str) -> Address | None:
    return _read(text)  # what a socket says is short; what a header says could be anything, and is not kept


def _home(address: Address) -> str:
    if isinstance(address, IPv4Address) or address.is_loopback:
        return str(address)
    return str(ip_network((address, _ONE_HOME), strict=False))
