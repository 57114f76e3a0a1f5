"""The promises that a load may not break."""

from collections import Counter
from collections.abc import Iterator

from bench.levels.figures import Found, ratio
from bench.levels.meters import LONG_WAIT, LongWait
from bench.levels.plan import Size
from bench.load import REFUSED
from bench.report import Goal
from bench.sections import NAMES

PATIENCE = 3000.0  # milliseconds that Slack waits
CPU_RATIO = 1.15  # of the processor time a message with more replicas, to that with one
P99_RATIO = 1.3  # of the acknowledgement with windows or with a long history, to that without


def limits(found: Found) -> Iterator[Goal]:
    """Each promise with what was measured; of a smoke run those that are no matter of time."""
    lost = sum(phase.lost for phase in found.phases)
    yield Goal("acknowledged and lost", "0", str(lost), not lost)
    sent = [one for phase in found.phases for one in phase.measured.sent]
    others = Counter(one.status for one in sent if one.status not in ("200", REFUSED))
    yield Goal("neither taken in nor refused with 503", "0", str(dict(others) or 0), not others)
    if not found.chosen.compared:
        return
    longest = max(one.milliseconds for one in sent)
    late = sum(one.milliseconds > PATIENCE for one in sent)
    seen = f"{late} of {len(sent)}, longest {longest:.0f} ms"
    yield Goal(f"answered after {PATIENCE / 1000:.0f} s", "0", seen, not late)
    for kind in found.chosen.kinds:
        yield from _ratios(found, kind)
    if "postgresql" in found.chosen.kinds:
        waits = [one for phase in found.phases for one in phase.lock_waits]
        seen = f"{len(waits)}, longest {_told(max(waits))}" if waits else "0"
        yield Goal(f"waits for a lock over {LONG_WAIT} ms", "0", seen, not waits)


def _told(wait: LongWait) -> str:
    return f"{wait.milliseconds:.0f} ms ({wait.what})"


def doubtful(found: Found, kind: str) -> list[Size]:
    """The sizes whose p99 seems to be too high: they are measured as often again before that is said."""
    return [size for size in _compared(found, kind) if not _p99_ratio(found, size) <= P99_RATIO]


def _compared(found: Found, kind: str) -> list[Size]:
    chosen = found.chosen
    return [Size(kind, windows=chosen.windows), Size(kind, tickets=chosen.tickets)] if chosen.compared else []


def _p99_ratio(found: Found, size: Size) -> float:
    pace = found.chosen.pace
    return ratio(found.of(size, pace).p99, found.of(size.base, pace).p99)


def _ratios(found: Found, kind: str) -> Iterator[Goal]:
    chosen = found.chosen
    at = f"at {chosen.pace.rate:g} events/s"
    for size in _compared(found, kind):
        measured = _p99_ratio(found, size)
        what = f"{NAMES[kind]}, {size.name}: p99 to the acknowledgement {at}, to that without"
        yield Goal(what, f"≤ {P99_RATIO}", f"{measured:.2f}", measured <= P99_RATIO)
    if kind == "postgresql":
        base, more = (found.of(Size(kind, replicas=count), chosen.pace) for count in (1, chosen.replicas))
        measured = ratio(more.cpu, base.cpu)
        what = f"{NAMES[kind]}, {chosen.replicas} replicas: processor time a message {at}, to that of one"
        seen = f"{measured:.2f}, without idling {ratio(more.net_cpu, base.net_cpu):.2f}"
        yield Goal(what, f"≤ {CPU_RATIO}", seen, measured <= CPU_RATIO)
