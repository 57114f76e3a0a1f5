"""The checks of a source of alerts for `firstline doctor`: its address, when it was heard, its keys."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.alerts.receiver import HEARD, path_of
from bot.desk.ports.alerts import EventSink
from bot.domain.diagnosis import Check, DoctorHost, Examination, Finding
from bot.domain.errors import DeliveryFailed
from bot.runtime.network.fetching import NotFetched, fetch

QUIET = timedelta(days=30)


def examination(
    name: str,
    title: str,
    prefix: str,
    host: DoctorHost,
    *,
    place: str = "",
    keys: Sequence[str] = (),
    part: str = "",
    sink: EventSink | None = None,
) -> Examination:
    """What can be known of a system that comes to us: `place` ends its address, `keys` are fetched.

    `part` begins the names of the checks, where a source has several systems. `sink` takes the desk's events.
    """
    tell = host.tell

    async def address() -> Sequence[Finding]:
        if not host.public_url:
            key = "alerts.vendor.no_address"
            return [tell.warning(f"{part}address", key, title=title, path=path_of(name))]
        values = {"title": title, "address": f"{host.public_url}{path_of(name)}{place}", "prefix": prefix}
        remedy = "alerts.vendor.compare"
        return [tell.skipped(f"{part}address", "alerts.vendor.unasked", remedy=remedy, **values)]

    async def heard() -> Sequence[Finding]:
        known = await host.recall(name, HEARD)
        if known is None:
            remedy = "alerts.vendor.send_test"
            return [tell.skipped(f"{part}heard", "alerts.vendor.unheard", remedy=remedy, title=title)]
        at = datetime.fromisoformat(known)
        values = {"title": title, "moment": f"{at:%Y-%m-%d %H:%M} UTC"}
        if host.clock() - at > QUIET:
            return [tell.warning(f"{part}heard", "alerts.vendor.quiet", **values)]
        return [tell.ok(f"{part}heard", "alerts.vendor.heard", **values)]

    async def fetched() -> Sequence[Finding]:
        return [await _fetched(url, host) for url in keys]

    async def events() -> Sequence[Finding]:
        return [await _taken(sink, title, host)] if sink is not None else []

    checks = [Check(f"{part}address", address), Check(f"{part}heard", heard)]
    checks += [Check("keys", fetched)] if keys else []
    checks += [Check("events", events)] if sink is not None else []
    return Examination(tuple(checks), (*keys, *([sink.address] if sink is not None else [])))


async def _fetched(url: str, host: DoctorHost) -> Finding:
    from bot.alerts.issuers import read_keys

    try:
        read_keys(await fetch(url))
    except NotFetched as error:
        return host.tell.error("keys", "alerts.vendor.no_keys", about=url, code=str(error))
    return host.tell.ok("keys", "alerts.vendor.keys", about=url)


async def _taken(sink: EventSink, title: str, host: DoctorHost) -> Finding:
    try:
        await sink.probe()
    except DeliveryFailed as failure:
        return host.tell.error("events", "alerts.events.refused", title=title, code=failure.code)
    return host.tell.ok("events", "alerts.events.taken", title=title)
