"""More than can be taken in: Slack hears 503 in time, and loses nothing by it."""

import asyncio
from threading import Event

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.tickets.ticket import Status
from tests.support.e2e.running import running, until
from tests.support.e2e.slack import ENVIRONMENT, has_roster, posted, slack_workspace
from tests.support.unknown import UNKNOWN

MORE_THAN_THREADS = 12


async def test_while_every_thread_is_stuck_slack_hears_503_and_sends_the_same_again(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    async with (
        slack_workspace() as slack,
        running(monkeypatch, library, database_url, slack.environment(**ENVIRONMENT)) as app,
    ):
        slack.target = f"{app.url}/slack/events"
        await until(lambda: not app.application.channels["slack"].trouble(), "Slack's auth.test")
        await until(lambda: has_roster(app), "the roster")
        await slack.say("DUANA", "UANA", "hello")
        await posted(slack, "DUANA", "Hello")
        free = Event()
        stuck = [asyncio.create_task(app.application.run(free.wait)) for _ in range(16)]
        events = [
            slack.written("DUANA", "UANA", f"{UNKNOWN} {number}") for number in range(MORE_THAN_THREADS)
        ]
        try:
            # Nobody is left waiting until Slack gives up, and nothing is begun for those who are told so.
            answers = await asyncio.gather(
                *(slack.event(event, f"Ev{number}") for number, event in enumerate(events))
            )
        finally:
            free.set()
            await asyncio.gather(*stuck)
        assert [answer.status for answer in answers] == [503] * MORE_THAN_THREADS
        with app.application.begin() as work:
            assert work.tickets.listed(tuple(Status), 1) == ()
        for number, event in enumerate(events):
            assert (await slack.event(event, f"Ev{number}", retry=1)).status == 200
        await posted(slack, "CROOM", f"{UNKNOWN} 0")
        # The first of them waited for a thread, the others for their turn after it.
        metrics = app.application.metrics
        refused = (metrics.overloaded.labels("slack", "late"), metrics.limited.labels("slack", "share"))
        assert sum(one._value.get() for one in refused) == MORE_THAN_THREADS
