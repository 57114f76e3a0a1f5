"""A whole day, and the days after it: three employees and three engineers over Slack and Teams."""

from collections.abc import AsyncIterator

import pytest

from bot.desk.knowledge.library import Library
from tests.support.days.checks import every_button_works
from tests.support.days.day import day_library, madrid, staged
from tests.support.days.engineers import SlackEngineer, TeamsEngineer
from tests.support.days.friday import (
    Day,
    afternoon,
    answered,
    due,
    everything_is_right,
    outage_begins,
    races,
    restart,
    talks,
    transfer,
)
from tests.support.e2e.running import until
from tests.support.e2e.slack import button, posted, words


@pytest.fixture
async def day(monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str) -> AsyncIterator[Day]:
    async with staged("2026-03-27T09:30", day_library(library), database_url, monkeypatch) as stage:
        eva, eric = SlackEngineer(stage, "UEVA", "Eva"), SlackEngineer(stage, "UERIC", "Eric")
        yield Day(stage, eva, eric, TeamsEngineer(stage, "nia", "Nia Engineer"))


async def test_a_day(day: Day) -> None:
    await answered(day)
    await talks(day)
    await races(day)
    await outage_begins(day)
    await restart(day)
    await transfer(day)
    await afternoon(day)
    await weekend(day)
    await holiday(day)
    await everything_is_right(day)
    assert await every_button_works(day.stage, [day.eva, day.nia]) > 40
    await everything_is_right(day)


async def weekend(day: Day) -> None:
    """From Friday evening over the night in which the clocks change to Monday."""
    stage = day.stage
    await stage.jump("2026-03-27T17:30")
    await day.asks(1009, "UTOM", "the doodad squeaks when it is warm")
    asked = stage.ticket(1009)
    assert due(asked.first_response_due) == madrid("2026-03-30T12:30")
    assert due(asked.resolution_due) == madrid("2026-04-01T14:30")
    await stage.jump("2026-03-28T23:00")
    await day.asks(1010, "bob", "the thingummy is fizzing blue ooze")
    await day.nia.do(1010, "Transfer", queue="net")
    await stage.look()
    moved = stage.ticket(1010)
    assert due(moved.first_response_due) == madrid("2026-03-29T00:00")
    assert due(moved.resolution_due) == madrid("2026-03-30T09:00")
    for moment, releases in (("2026-03-30T09:29", 0), ("2026-03-30T09:32", 1)):
        await stage.jump(moment)
        await stage.look()
        assert stage.kinds(1002).count("released") == releases, moment
    for moment, reminded, breached in (
        ("2026-03-30T11:29", 0, 0),
        ("2026-03-30T11:31", 1, 0),
        ("2026-03-30T12:29", 1, 0),
        ("2026-03-30T12:31", 1, 1),
        ("2026-03-30T12:40", 1, 1),
    ):
        await stage.jump(moment)
        await stage.look()
        kinds = stage.kinds(1009)
        assert (kinds.count("reminded"), kinds.count("breached")) == (reminded, breached), moment


async def holiday(day: Day) -> None:
    """Over Maundy Thursday, Good Friday and another weekend; then the outage ends."""
    stage = day.stage
    await stage.jump("2026-04-01T17:00")
    await day.asks(1011, "UANA", "the contraption is fizzing purple slime")
    assert due(stage.ticket(1011).first_response_due) == madrid("2026-04-06T12:00")
    await stage.jump("2026-04-06T11:59")
    await stage.look()
    assert stage.kinds(1011).count("breached") == 0
    await stage.jump("2026-04-06T12:01")
    await stage.look()
    assert stage.kinds(1011).count("breached") == 1
    card = await posted(stage.slack, "CROOM", "Known outage: The canteen screens are dark")
    before = set(stage.slack.workspace.views)
    await stage.slack.click("UERIC", "CROOM", card["ts"], button(card, "outage_end"))
    [view] = await until(lambda: set(stage.slack.workspace.views) - before, "the modal")
    await stage.slack.submit("UERIC", stage.slack.workspace.views[view], note="Lit again.")
    await posted(stage.slack, "DUANA", "is over, so HELP-")
    await stage.delivered()
    assert len([m for m in stage.slack.posts("DUANA") if "is over, so HELP-" in words(m)]) == 1
