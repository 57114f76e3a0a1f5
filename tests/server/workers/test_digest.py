"""When the digest is posted, and that its gaps are looked for only then."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

import pytest
import structlog

from bot.desk.automation.reports.weekly_digest import ToldGap, WeeklyDigest
from bot.domain.errors import StorageBusy, StorageUnavailable
from bot.domain.insights.report import Period
from bot.server.workers.digest import DigestWorker

WEEK = Period(date(2026, 11, 23), date(2026, 11, 29))
GAPS = (ToldGap("the greenhouse", 5, 4),)


@dataclass
class Digest:
    """A digest that is due or not, and what was posted of it."""

    week: Period | None
    rooms: int = 1
    posted: list[tuple[Period, Sequence[ToldGap]]] = field(default_factory=list)
    woken: int = 0
    asked: int = 0

    def due(self) -> Period | None:
        return self.week

    def post(self, week: Period, gaps: Sequence[ToldGap]) -> int:
        self.posted.append((week, gaps))
        return self.rooms

    async def find_gaps(self) -> Sequence[ToldGap]:
        self.asked += 1
        return GAPS

    def wake(self) -> None:
        self.woken += 1


async def run(function: Callable[..., Any], *values: Any) -> Any:
    return function(*values)


def worker(digest: Digest) -> DigestWorker:
    return DigestWorker(cast(WeeklyDigest, digest), run, digest.wake, digest.find_gaps)


async def test_it_is_posted_with_its_gaps_when_it_is_due() -> None:
    digest = Digest(WEEK)
    await worker(digest).look()
    assert digest.posted == [(WEEK, GAPS)]
    assert digest.woken == 1


async def test_nothing_is_looked_for_while_nothing_is_due() -> None:
    digest = Digest(None)
    await worker(digest).look()
    assert (digest.asked, digest.posted, digest.woken) == (0, [], 0)


async def test_nobody_is_woken_where_another_replica_has_posted_it() -> None:
    digest = Digest(WEEK, rooms=0)
    await worker(digest).look()
    assert digest.woken == 0


@pytest.mark.parametrize(
    ("error", "told"),
    [(StorageBusy("busy"), []), (StorageUnavailable("The database is away."), ["digest_not_posted"])],
)
async def test_a_look_that_fails_is_followed_by_the_next(error: Exception, told: list[str]) -> None:
    digest = Digest(WEEK)
    ours = worker(digest)

    async def away(_function: Callable[..., Any], *_values: Any) -> Any:
        raise error

    ours._run = away
    with structlog.testing.capture_logs() as logs:
        await ours.look()
    assert [entry["event"] for entry in logs] == told
    ours._run = run
    await ours.look()
    assert digest.posted == [(WEEK, GAPS)]
