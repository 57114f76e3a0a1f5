"""What /metrics says of the promise of few wrong answers."""

from collections.abc import Callable
from typing import Any

from bot.desk.knowledge.library import Library
from bot.server.monitoring.statistics import Statistics
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk
from tests.support.desk.promise import certified, judge


async def run(work: Callable[[], Any]) -> Any:
    return work()


def statistics(helpdesk: Helpdesk) -> Statistics:
    return Statistics(helpdesk.begin, run, helpdesk.clock, (), helpdesk.desk.promise)


async def test_the_promise_is_counted(database: Database, library: Library, clock: Clock) -> None:
    assert await statistics(Helpdesk(database, library, clock)).promise() is None
    uncertified = await statistics(Helpdesk(database, library, clock, certainty=0.95)).promise()
    assert uncertified is not None
    assert (uncertified.closed, uncertified.evidence.total) == (True, 1.0)
    helpdesk = Helpdesk(database, certified(library), clock, certainty=0.95)
    judge(helpdesk, "ana")
    judge(helpdesk, "tom", "solved")
    found = await statistics(helpdesk).promise()
    assert found is not None
    assert (found.closed, found.evidence.judged, found.evidence.wrong) == (False, 2, 1)
    assert found.evidence.total > 1
    for person in ("cat", "dan"):
        judge(helpdesk, person)
    found = await statistics(helpdesk).promise()
    assert found is not None
    assert found.closed
