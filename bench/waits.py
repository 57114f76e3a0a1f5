"""Measures how often the wait that employees are told is kept, on simulated desks; prints a table.

    python -m bench.waits

A desk is open on business days from nine to six in Madrid. Its tickets come by chance, most of them within
its hours, and wait for engineers in the order in which they came, or each for a length of a known
distribution. Once a day the desk learns from its last four weeks; each ticket is told what it would say then.
"""

import heapq
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.tickets.business_hours import Hours, Span
from bot.domain.tickets.queues import Queue
from bot.domain.tickets.ticket import Priority
from bot.domain.tickets.usual_wait import FirstResponse, expect_first_response, learn_usual_waits

ZONE = ZoneInfo("Europe/Madrid")
OFFICE = Hours(ZONE, ((Span(9 * 60, 18 * 60),),) * 5 + ((), ()))
START = datetime(2026, 1, 5, tzinfo=ZONE).astimezone(UTC)
WEEKS = 26
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
Work = Callable[[Sequence[datetime], random.Random], Iterator[timedelta]]


def arrivals(a_week: float, chosen: random.Random) -> list[datetime]:
    """Draw when tickets are opened: two in three within the hours, the others at any time."""
    found = []
    for _ in range(round(a_week * WEEKS)):
        at = START + timedelta(days=chosen.uniform(0, 7 * WEEKS))
        while chosen.random() < 2 / 3 and not OFFICE.is_open(at):
            at = START + timedelta(days=chosen.uniform(0, 7 * WEEKS))
        found.append(at)
    return sorted(found)


def drawn(draw: Callable[[random.Random], float]) -> Work:
    """Let each ticket wait for a length of its own, in minutes of business time."""
    return lambda opened, chosen: (draw(chosen) * MINUTE for _ in opened)


def queued(engineers: int, minutes: float) -> Work:
    """Let engineers take what came first, and be busy with each for so many minutes in the mean."""

    def work(opened: Sequence[datetime], chosen: random.Random) -> Iterator[timedelta]:
        free = [timedelta()] * engineers
        business, before = timedelta(), START
        for at in opened:
            business, before = business + OFFICE.between(before, at), at
            begun = max(heapq.heappop(free), business) + 2 * MINUTE
            heapq.heappush(free, begun + chosen.expovariate(1 / minutes) * MINUTE)
            yield begun - business

    return work


def slowing(opened: Sequence[datetime], chosen: random.Random) -> Iterator[timedelta]:
    """Let the wait double within the half-year."""
    for at in opened:
        yield chosen.expovariate(1 / (20 * 2 ** ((at - START) / (7 * WEEKS * DAY)))) * MINUTE


def played(a_week: float, work: Work, seed: int) -> Iterator[tuple[bool, bool | None]]:
    """Yield whether the desk was open for a ticket, and whether it kept what it told; None for nothing."""
    chosen, queue = random.Random(seed), Queue("it", hours=OFFICE)
    opened = arrivals(a_week, chosen)
    waits = [
        FirstResponse("it", Priority.NORMAL, at, OFFICE.after(at, wait), responded=True)
        for at, wait in zip(opened, work(opened, chosen), strict=True)
    ]
    usual, learned_on = learn_usual_waits(queue, (), START), START
    for index, one in enumerate(waits):
        if one.since - learned_on >= DAY:
            learned_on = one.since
            usual = learn_usual_waits(queue, [_seen(old, learned_on) for old in waits[:index]], learned_on)
        is_open = OFFICE.is_open(one.since)
        wait = usual.get((Priority.NORMAL, is_open))
        by = expect_first_response(OFFICE, wait, one.since, ZONE) if wait is not None else None
        yield is_open, None if by is None else one.until <= by


def _seen(one: FirstResponse, now: datetime) -> FirstResponse:
    """Return what is known of a ticket at a moment: some are not answered yet."""
    if one.until <= now:
        return one
    return FirstResponse(one.queue, one.priority, one.since, now, responded=False)


DESKS: dict[str, tuple[float, Work]] = {
    "each waits 20 minutes in the mean (exponential)": (60, drawn(lambda by: by.expovariate(1 / 20))),
    "a few wait for days (log-normal, median 15 minutes)": (
        60, drawn(lambda by: by.lognormvariate(2.7, 1.5))
    ),
    "most at once, one in four after 4 hours": (
        60, drawn(lambda by: by.uniform(1, 10) if by.random() < 0.75 else by.uniform(200, 280))
    ),
    "two engineers, half busy": (90, queued(2, 30)),
    "two engineers, nine tenths busy": (162, queued(2, 30)),
    "few tickets (12 a week), one engineer": (12, queued(1, 45)),
    "it doubles within the half-year": (60, slowing),
}  # fmt: skip


def main() -> None:
    """Print of each desk how many were told a wait, and how often it was kept, open and closed."""
    print(f"{'desk':54} {'tickets':>7} {'told':>5} {'kept':>5} {'open':>5} {'closed':>6}")
    for name, (a_week, work) in DESKS.items():
        found = [one for seed in range(3) for one in played(a_week, work, seed)]
        told = [(is_open, kept) for is_open, kept in found if kept is not None]
        shares = [
            _share([kept for is_open, kept in told if is_open in which])
            for which in ((True, False), (True,), (False,))
        ]
        print(
            f"{name:54} {len(found):7} {len(told) / len(found):5.0%} {shares[0]} {shares[1]} {shares[2]:>6}"
        )


def _share(kept: Sequence[bool]) -> str:
    return f"{sum(kept) / len(kept):5.1%}" if kept else "    -"


if __name__ == "__main__":
    main()
