"""A database that is reached and says nothing: a frozen primary, a firewall that forgot a connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import aiohttp
import pytest

from bot.desk.knowledge.library import Library
from bot.server.database_threads import ANSWER_SECONDS, GRACE_SECONDS
from tests.support.e2e.databases import on_postgresql, rows
from tests.support.e2e.relay import Relay, relay_before
from tests.support.e2e.running import delivered, running, until
from tests.support.e2e.slack import posted
from tests.support.fakes.slack import SlackFake
from tests.support.patience import PATIENCE
from tests.support.unknown import UNKNOWN

pytestmark = on_postgresql
SLACKS_PATIENCE = 3.0


@asynccontextmanager
async def behind_a_relay(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> AsyncIterator[tuple[SlackFake, Relay]]:
    async with SlackFake() as slack:
        slack.workspace.add_person("UANA", "Ana")
        slack.workspace.add_person("UEVA", "Eva")
        slack.workspace.add_channel("CROOM", private=True, members=("UEVA",))
        environment = slack.environment(FIRSTLINE_SLACK_ROOM="CROOM")
        with relay_before(database_url) as (relay, through):
            async with running(monkeypatch, library, through, environment) as server:
                slack.target = f"{server.url}/slack/events"
                yield slack, relay
                relay.go_on()  # or the end would wait for what is on its way


async def test_what_cannot_be_kept_is_refused_in_time_and_taken_when_it_goes_on(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    assert ANSWER_SECONDS + GRACE_SECONDS < SLACKS_PATIENCE
    async with behind_a_relay(monkeypatch, library, database_url) as (slack, relay):
        events = [slack.written("DUANA", "UANA", f"{UNKNOWN} number {number}") for number in range(20)]
        relay.fall_silent()
        async with asyncio.timeout(PATIENCE):
            answers = await asyncio.gather(
                *(slack.event(event, f"Ev{number}") for number, event in enumerate(events))
            )
            await until(lambda: is_now(slack, 503), "an unready server")
            said = {path: await status(slack, path) for path in ("/healthz", "/metrics")}
        assert {answer.status for answer in answers} == {503}
        assert said == {"/healthz": 200, "/metrics": 200}
        relay.go_on()
        await until(lambda: is_now(slack, 200), "a ready server")
        for number, event in enumerate(events):
            await until(partial(taken, slack, event, f"Ev{number}"), "an event that is taken in")
        await delivered(slack.target)
    kept = rows(database_url, "SELECT count(*) FROM utterances")
    assert kept == [(len(events),)]


async def test_a_commit_whose_answer_never_came_is_not_done_twice(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    async with behind_a_relay(monkeypatch, library, database_url) as (slack, relay):
        event = slack.written("DUANA", "UANA", UNKNOWN)
        relay.swallow_the_commit_of(UNKNOWN)
        async with asyncio.timeout(PATIENCE):
            assert (await slack.event(event, "Ev1")).status == 503
        assert relay.silent
        assert rows(database_url, "SELECT count(*) FROM tickets") == [(1,)], "it was committed unseen"
        relay.go_on()
        await until(lambda: taken(slack, event, "Ev1"), "an event that is taken in")
        await posted(slack, "DUANA", "HELP-1001")
        await delivered(slack.target)
        assert len(slack.posts("DUANA")) == 1
    assert rows(database_url, "SELECT count(*) FROM tickets") == [(1,)]


async def is_now(slack: SlackFake, ready: int) -> bool:
    """Whether the server says of itself that it is ready (200), or not (503)."""
    return await status(slack, "/readyz") == ready


async def taken(slack: SlackFake, event: dict[str, object], event_id: str) -> bool:
    """Whether Slack's repeat of an event is acknowledged."""
    return (await slack.event(event, event_id, 1)).status == 200


async def status(slack: SlackFake, path: str) -> int:
    """What the server says under a path of its own."""
    address = slack.target.replace("/slack/events", path)
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        return answer.status
