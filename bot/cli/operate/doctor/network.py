"""Looks at the certificate of the public address, and at the proxies of the calls."""

import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from bot.domain.diagnosis import CHECK_SECONDS, Finding, Teller
from bot.runtime.network.outgoing import Proxies, without_login
from bot.runtime.network.tunnel import ProxyRefused, open_encrypted

NAME = "certificate"
SOON = 21  # days: whoever renews certificates by itself does so earlier
# What OpenSSL says of a certificate, by its code.
_REFUSALS = {
    10: "expired",
    9: "not_yet",
    18: "self_signed",
    19: "self_signed",
    2: "unchained",
    20: "unchained",
    21: "unchained",
    62: "other_name",
    63: "other_name",
    64: "other_name",
}
_SIGNED_BY_NOBODY_KNOWN = ("self_signed", "unchained")


async def certificate(public_url: str, clock: Callable[[], datetime], tell: Teller) -> Sequence[Finding]:
    """Look at the certificate of the public address, as Slack and Teams see it."""
    parts = urlsplit(public_url)
    if parts.scheme != "https" or not parts.hostname:
        key = "doctor.certificate.plain" if public_url else "doctor.certificate.unset"
        return [tell.skipped(NAME, key, url=public_url)]
    host, port = parts.hostname, parts.port or 443
    proxy = without_login(Proxies.of_environment().proxy_for(public_url))
    try:
        shown = await _shown(host, port)
    except ssl.SSLCertVerificationError as failure:
        return [_refused(host, failure, proxy, tell)]
    except ProxyRefused as failure:
        values = {"host": host, "proxy": proxy, "reason": str(failure)}
        return [tell.skipped(NAME, "doctor.certificate.proxy", remedy="doctor.certificate.outside", **values)]
    except (OSError, TimeoutError) as failure:
        reason = (
            failure.strerror if isinstance(failure, OSError) and failure.strerror else type(failure).__name__
        )
        return [tell.warning(NAME, "doctor.certificate.silent", host=host, port=port, reason=reason)]
    return [_left(host, shown, clock(), tell)]


async def proxies(calls: Sequence[str], tell: Teller) -> Sequence[Finding]:
    """Say for each host that is called whether a proxy is used; a proxy's login is not shown."""
    known = Proxies.of_environment()
    hosts = {urlsplit(url).netloc.rpartition("@")[2]: url for url in calls}
    if not hosts:
        return [tell.skipped("proxies", "doctor.proxies.none")]
    found = {host: without_login(known.proxy_for(url)) for host, url in hosts.items()}
    return [
        tell.ok("proxies", "doctor.proxies.through", proxy=proxy, about=host)
        if proxy
        else tell.ok("proxies", "doctor.proxies.direct", about=host)
        for host, proxy in found.items()
    ]


async def _shown(host: str, port: int) -> dict[str, Any]:
    writer = await open_encrypted(host, port, ssl.create_default_context(), CHECK_SECONDS)
    try:
        found: dict[str, Any] = writer.get_extra_info("peercert")
        return found
    finally:
        writer.transport.abort()


def _left(host: str, shown: dict[str, Any], now: datetime, tell: Teller) -> Finding:
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)
    days = (until - now).days
    say = tell.warning if days < SOON else tell.ok
    return say(
        NAME,
        "doctor.certificate.left",
        host=host,
        issuer=_issuer(shown) or tell.say("doctor.certificate.unnamed"),
        days=days,
        day=f"{until:%Y-%m-%d}",
    )


def _issuer(shown: dict[str, Any]) -> str:
    names = {name: value for part in shown.get("issuer", ()) for name, value in part}
    return str(names.get("organizationName") or names.get("commonName") or "")


def _refused(host: str, failure: ssl.SSLCertVerificationError, proxy: str, tell: Teller) -> Finding:
    kind = _REFUSALS.get(failure.verify_code, "refused")
    values = {"host": host, "reason": failure.verify_message}
    if proxy and kind in _SIGNED_BY_NOBODY_KNOWN:  # such as one of the proxy's own, which reads along
        remedy = "doctor.certificate.outside"
        return tell.warning(NAME, f"doctor.certificate.{kind}", remedy=remedy, **values)
    return tell.error(NAME, f"doctor.certificate.{kind}", **values)
