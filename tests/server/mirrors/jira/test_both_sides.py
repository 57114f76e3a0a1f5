"""Random work on both sides of tickets in Jira, with repeats, delays and outages."""

import pytest

from bot.desk.knowledge.library import Library
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.fakes.jira.in_play import in_jira
from tests.support.fakes.mirrors.play import Play


@pytest.mark.parametrize("seed", [1, 2])
async def test_both_sides_agree_in_the_end_and_nothing_internal_was_public(
    database: Database, library: Library, clock: Clock, seed: int
) -> None:
    async with in_jira(database, library, clock) as (desk, there):
        verdict = await Play(desk, there, seed).run(150)
        assert (verdict.divergences, verdict.echoes, verdict.leaks) == ([], [], [])
        assert verdict.done["comments"] > 3
