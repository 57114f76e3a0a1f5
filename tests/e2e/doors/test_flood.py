"""Many messages of one person at once: nobody waits behind them, and none of them is lost."""

import asyncio

import pytest

from bot.desk.knowledge.library import Library
from tests.support.e2e.running import running, until
from tests.support.e2e.slack import ENVIRONMENT, has_roster, posted, slack_workspace
from tests.support.unknown import UNKNOWN

FLOOD = 60
AHEAD = 20  # of the flood may be answered before somebody else is: they wait for a few, not for all


async def test_a_flood_waits_for_itself_and_is_taken_in(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    async with (
        slack_workspace() as slack,
        running(monkeypatch, library, database_url, slack.environment(**ENVIRONMENT)) as app,
    ):
        slack.target = f"{app.url}/slack/events"
        await until(lambda: not app.application.channels["slack"].trouble(), "Slack's auth.test")
        await until(lambda: has_roster(app), "the roster")
        for person in ("UMAL", "UTOM"):
            await slack.say(f"D{person}", person, "hello")
            await posted(slack, f"D{person}", "Hello")
        written = [slack.written("DUMAL", "UMAL", f"{UNKNOWN} {number}") for number in range(FLOOD)]
        flood = [
            asyncio.create_task(slack.event(event, f"Ev{number}")) for number, event in enumerate(written)
        ]
        other = await slack.event(slack.written("DUTOM", "UTOM", "hello again"), "EvTom")
        ahead = sum(task.done() for task in flood)
        assert other.status == 200
        assert ahead <= AHEAD
        # What was refused is sent again, as Slack does, until all of it is taken in.
        left = dict(enumerate(written))
        for retry in range(1, FLOOD):
            answers = await asyncio.gather(*flood)
            statuses = [answer.status for answer in answers]
            assert set(statuses) <= {200, 503}
            taken = [status == 200 for status in statuses]
            left = {
                number: event for (number, event), done in zip(left.items(), taken, strict=True) if not done
            }
            if not left:
                break
            flood = [
                asyncio.create_task(slack.event(event, f"Ev{number}", retry=min(retry, 2)))
                for number, event in left.items()
            ]
        assert not left
