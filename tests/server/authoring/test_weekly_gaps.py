"""The digest's gaps are found beside the requests; where that fails, it comes without them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
import structlog

from bot import wording
from bot.domain.errors import FirstlineError, Overloaded
from bot.server.authoring import weekly_gaps as module
from bot.server.authoring.desk import AuthoringDesk
from bot.server.authoring.gap_board import GapBoard
from bot.server.authoring.jobs import Job, Jobs
from bot.server.authoring.weekly_gaps import weekly_gaps
from bot.server.settings import Settings
from bot.storage.unit_of_work import ChannelMemory
from tests.support.desk.helpdesk import Helpdesk
from tests.support.matching.gaps import GREENHOUSE, SPECTROMETER, ask_all


@dataclass
class Here:
    """Jobs that are done at once in this process, as `do` says."""

    do: Callable[[Job, Callable[[], Any]], None]
    ended: list[Job] = field(default_factory=list)

    def start(self, work: Callable[..., Any], prepare: Callable[[], tuple[Any, ...]]) -> Job:
        job = Job(work, prepare)
        job.end = lambda: self.ended.append(job)  # type: ignore[method-assign]
        self.do(job, lambda: work(lambda _done, _of: None, *prepare()))
        return job


def board(desk: Helpdesk, jobs: Here) -> GapBoard:
    begin, permissions = desk.begin, desk.desk.permissions
    memory, settings = ChannelMemory(begin), Settings(queues="")
    made = AuthoringDesk(begin, desk.library, wording.load(), settings, memory, desk.clock, permissions)
    return GapBoard(made, cast(Jobs, jobs))


def compute(job: Job, work: Callable[[], Any]) -> None:
    try:
        job.result = work()
    except FirstlineError as error:
        job.failed = str(error)
    job.over = True


def refuse(_job: Job, _work: Callable[[], Any]) -> None:
    raise Overloaded


def fail(job: Job, _work: Callable[[], Any]) -> None:
    job.failed, job.over = "no memory", True


def stay(_job: Job, _work: Callable[[], Any]) -> None:
    """Never end."""


async def test_the_dearest_of_the_last_weeks_come_first(helpdesk: Helpdesk) -> None:
    ask_all(helpdesk, GREENHOUSE, "early")
    helpdesk.clock.move(seconds=module.SINCE.total_seconds() + 1)
    ask_all(helpdesk, SPECTROMETER, "olga")
    (gap,) = await weekly_gaps(board(helpdesk, Here(compute)), helpdesk.clock)
    assert gap.name in SPECTROMETER
    assert (gap.people, gap.tickets) == (5, 5)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("do", [refuse, fail, stay])
async def test_it_comes_without_them_where_they_cannot_be_found(
    helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch, do: Callable[[Job, Any], None]
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    jobs = Here(do)
    with structlog.testing.capture_logs() as logs:
        assert await weekly_gaps(board(helpdesk, jobs), helpdesk.clock) == []
    assert [entry["event"] for entry in logs] == ["gaps_not_found"]
    assert len(jobs.ended) == (do is stay), "what nobody waits for any more is ended"
