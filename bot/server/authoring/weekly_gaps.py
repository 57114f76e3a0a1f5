"""Finds the gaps that the weekly digest tells."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog

from bot.desk.automation.reports.weekly_digest import MOST_GAPS, ToldGap
from bot.desk.knowledge.gaps import GapQuery
from bot.desk.ports.clock import Clock
from bot.domain.errors import Overloaded
from bot.domain.knowledge.gap import Missed
from bot.server.authoring.gap_board import GapBoard
from bot.server.authoring.jobs import Job

log = structlog.get_logger()
SINCE = timedelta(days=28)
MOST_QUESTIONS = 1_500
PATIENCE = 600.0  # seconds for the gaps, without which the digest comes all the same
PAUSE = 0.5  # seconds between looks whether they are found


async def weekly_gaps(board: GapBoard, clock: Clock) -> Sequence[ToldGap]:
    """Find the dearest gaps of the last weeks; none where that fails, which is logged."""
    job: Job | None = None
    try:
        job = board.find(GapQuery(clock() - SINCE, most=MOST_QUESTIONS))
        async with asyncio.timeout(PATIENCE):
            while not job.over:  # noqa: ASYNC110  # the thread that sets it knows of no loop
                await asyncio.sleep(PAUSE)
        if not job.failed:
            gaps = job.result.gaps[:MOST_GAPS]
            return [ToldGap(gap.name, gap.people, gap.missed[Missed.TICKET]) for gap in gaps]
    except (Overloaded, TimeoutError):
        pass
    finally:
        if job is not None and not job.over:
            job.end()
    log.warning("gaps_not_found", next_step="see them on the page of gaps; the digest comes without them")
    return []
