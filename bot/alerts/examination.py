"""The checks of a source of alerts for `firstline doctor`: its address, when it was heard, its keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.alerts.receiver import HEARD, path_of
from bot.desk.ports.alerts import EventSink
from bot.domain.diagnosis import Check, DoctorHost, Examination, Finding
from bot.domain.errors import DeliveryFailed
from bot.runtime.network.fetching import NotFetched, fetch

QUIET = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class System:
    """Monitoring system as doctor knows it: `place` ends its address, `prefix` begins its settings.

    `part` begins the names of its checks, where a source has several systems. `keys` are what is fetched to
    check tokens with, `sink` takes the desk's events.
    """

    name: str
    title: str
    prefix: str
    place: str = ""
    part: str = ""
    keys: Sequence[str] = ()
    sink: EventSink | None = None


def examination(system: System, host: DoctorHost) -> Examination:
    """What can be known of a system that comes to us."""

    async def fetched() -> Sequence[Finding]:
        return [await _fetched(url, host) for url in system.keys]

    checks = [
        Check(f"{system.part}address", partial(_address, system, host)),
        Check(f"{system.part}heard", partial(_heard, system, host)),
    ]
    checks += [Check("keys", fetched)] if system.keys else []
    if system.sink is None:
        return Examination(tuple(checks), tuple(system.keys))
    events = Check("events", partial(_taken, system.sink, system.title, host))
    return Examination((*checks, events), (*system.keys, system.sink.address))


async def _address(system: System, host: DoctorHost) -> Sequence[Finding]:
    tell, check, path = host.tell, f"{system.part}address", f"{path_of(system.name)}{system.place}"
    if not host.public_url:
        return [tell.warning(check, "vendor.doctor.no_address", title=system.title, path=path)]
    values = {"title": system.title, "address": f"{host.public_url}{path}", "settings": system.prefix}
    return [tell.skipped(check, "vendor.doctor.unasked", remedy="vendor.doctor.compare", **values)]


async def _heard(system: System, host: DoctorHost) -> Sequence[Finding]:
    tell, check, known = host.tell, f"{system.part}heard", await host.recall(system.name, HEARD)
    if known is None:
        remedy = "vendor.doctor.send_test"
        return [tell.skipped(check, "vendor.doctor.unheard", remedy=remedy, title=system.title)]
    at = datetime.fromisoformat(known)
    values = {"title": system.title, "moment": f"{at:%Y-%m-%d %H:%M} UTC"}
    if host.clock() - at > QUIET:
        return [tell.warning(check, "vendor.doctor.quiet", **values)]
    return [tell.ok(check, "vendor.doctor.heard", **values)]


async def _fetched(url: str, host: DoctorHost) -> Finding:
    from bot.alerts.issuers import read_keys

    try:
        read_keys(await fetch(url))
    except NotFetched as error:
        return host.tell.error("keys", "vendor.doctor.no_keys", about=url, code=str(error))
    return host.tell.ok("keys", "vendor.doctor.keys", about=url)


async def _taken(sink: EventSink, title: str, host: DoctorHost) -> Sequence[Finding]:
    try:
        await sink.probe()
    except DeliveryFailed as failure:
        return [host.tell.error("events", "vendor.doctor.events_refused", title=title, code=failure.code)]
    return [host.tell.ok("events", "vendor.doctor.events_taken", title=title)]
