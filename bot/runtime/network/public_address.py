"""Tells what is wrong with the address under which a chat platform shall reach this server."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

HTTPS = 443  # port
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
_LONGEST_NAME = 253
# Endings that no public directory resolves: RFC 6761, RFC 6762, and what networks use among themselves.
_NOT_PUBLIC = ("localhost", "local", "internal", "lan", "home", "corp", "intranet", "test", "invalid", "arpa")


def faults_in(url: str, longest: int, *, any_port: bool) -> list[str]:
    """Every fault of an address, each with its remedy; it may have at most `longest` characters.

    Without `any_port` the platform reaches the port of https alone.
    """
    parts = _split(url)
    if parts is None:
        named = url if "@" not in url else "this"  # a password may stand before it
        return [
            f"{named} is no https address; give the one under which Slack or Teams reaches this server, such "
            "as https://help.example.com."
        ]
    return list(_faults(url, parts, longest, any_port=any_port))


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        whole = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if whole and not re.search(r"[^!-~]|\\", url) else None


def _faults(url: str, parts: SplitResult, longest: int, *, any_port: bool) -> Iterator[str]:
    host = parts.hostname or ""
    if fault := _fault_in_host(host):
        yield fault
    if "@" in parts.netloc:
        yield "the address has a name or a password before the @; leave both out: everybody would read them."
    if not any_port and parts.port not in (None, HTTPS):
        yield (
            f"the address names port {parts.port}, and the platform reaches {HTTPS} alone; let the proxy "
            "listen there, and leave the port out."
        )
    if parts.query or parts.fragment or url.endswith(("?", "#")):
        yield "the address goes on after ? or #; leave that out."
    if len(url) > longest:
        yield f"the address has {len(url)} characters, and {longest} is the most; give a shorter one."


def _fault_in_host(host: str) -> str | None:
    try:
        ip_address(host)
    except ValueError:
        pass
    else:
        return f"{host} is the number of a machine; give a name with a certificate, such as help.example.com."
    labels = host.rstrip(".").split(".")
    if len(host) > _LONGEST_NAME or not all(map(_LABEL.fullmatch, labels)):
        return f"{host} is no name of a machine; correct it, such as help.example.com."
    if len(labels) < 2 or labels[-1].lower() in _NOT_PUBLIC:
        return (
            f"{host} is known on this machine or network alone; give the name under which the internet "
            "reaches it, or that of a tunnel."
        )
    return None
