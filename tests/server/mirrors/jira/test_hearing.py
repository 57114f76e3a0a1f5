"""How we hear of changes in Jira: its webhook, and asking for what changed."""

import json
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.backends.jira.webhook import PATH
from bot.domain.errors import DeliveryFailed
from tests.support.fakes.jira.playing import AGENT, Played, playing
from tests.support.fakes.jira.server import signature, webhook


async def post(played: Played, body: bytes, headers: dict[str, str]) -> int:
    app = web.Application()
    played.backend.mount(app)
    async with TestClient(TestServer(app)) as client:
        return (await client.post(PATH, data=body, headers=headers)).status


async def test_a_signed_webhook_says_which_ticket_to_look_at() -> None:
    async with playing() as played:
        issue = await played.issue()
        body, headers = webhook("comment_created", issue, played.clock.now, identifier="a")
        assert await post(played, body, headers) == 200
        assert (played.changed, played.checked) == ([(issue.id,)], [""])


async def test_a_repeat_is_known_by_its_identifier() -> None:
    async with playing() as played:
        issue = await played.issue()
        app = web.Application()
        played.backend.mount(app)
        async with TestClient(TestServer(app)) as client:
            for identifier in ("a", "a", "b"):
                body, headers = webhook("jira:issue_updated", issue, played.clock.now, identifier=identifier)
                assert (await client.post(PATH, data=body, headers=headers)).status == 200
        assert played.changed == [(issue.id,), (issue.id,)]


@pytest.mark.parametrize(
    ("reason", "header"),
    [
        ("no_signature", ""),
        ("signature", signature(b"other")),
        ("signature", "sha1=abc"),
        ("signature", signature(b"", "another-secret-0123456789")),
        ("signature", "sha256=ñ"),
    ],
)
async def test_what_is_not_signed_is_refused(reason: str, header: str) -> None:
    async with playing() as played:
        body, headers = webhook("jira:issue_updated", await played.issue(), played.clock.now)
        signed = {"X-Hub-Signature": header} if header else {"X-Hub-Signature": ""}
        assert await post(played, body, headers | signed) == 401
        assert (played.changed, played.checked) == ([], [reason])


async def test_what_is_old_or_of_tomorrow_is_refused() -> None:
    async with playing() as played:
        issue = await played.issue()
        for off in (timedelta(hours=-7), timedelta(minutes=6)):
            body, headers = webhook("jira:issue_updated", issue, played.clock.now + off)
            assert await post(played, body, headers) == 401
        assert played.checked == ["age", "age"]


@pytest.mark.parametrize("said", [[], {"timestamp": "now"}, {"timestamp": 10**20}, {"timestamp": True}, None])
async def test_a_signed_body_without_a_time_is_refused(said: object) -> None:
    async with playing() as played:
        body = json.dumps(said).encode()
        assert await post(played, body, {"X-Hub-Signature": signature(body)}) == 401


async def test_a_signed_body_about_no_issue_changes_nothing() -> None:
    async with playing() as played:
        for issue in (None, "x", {"id": "../1"}, {"id": 5}):
            moment = int(played.clock.now.timestamp() * 1000)
            body = json.dumps({"timestamp": moment, "issue": issue}).encode()
            assert await post(played, body, {"X-Hub-Signature": signature(body)}) == 200
        assert played.changed == [("5",)]


async def test_without_a_secret_there_is_no_address() -> None:
    async with playing() as played:
        body, headers = webhook("jira:issue_updated", await played.issue(), played.clock.now)
        played.backend._webhook._secret = b""  # as with no such setting
        assert await post(played, body, headers) == 404


async def test_what_changed_is_told_once_and_nothing_is_missed() -> None:
    async with playing() as played:
        issue = await played.issue()
        start = await played.backend.changes("")
        assert start.ids == ()
        first = await played.backend.changes(start.cursor)
        again = await played.backend.changes(first.cursor)
        assert (first.ids, again.ids) == ((issue.id,), ())
        played.clock.move(minutes=3)
        played.site.comment(issue, AGENT, "Try sand.", public=True)
        assert (await played.backend.changes(again.cursor)).ids == (issue.id,)


async def test_what_the_search_learns_late_is_not_missed() -> None:
    async with playing() as played:
        issue = await played.issue()
        cursor = (await played.backend.changes((await played.backend.changes("")).cursor)).cursor
        played.site.behind = True
        played.site.prioritise(issue, "High", AGENT)
        played.clock.move(minutes=4)
        late = await played.backend.changes(cursor)
        assert late.ids == ()
        played.site.index()
        played.clock.move(minutes=4)
        assert (await played.backend.changes(late.cursor)).ids == (issue.id,)


async def test_an_outage_of_hours_is_caught_up_with_page_by_page() -> None:
    async with playing() as played:
        cursor = (await played.backend.changes("")).cursor
        made = {played.site.create({"summary": "x"}, AGENT, AGENT).id for _ in range(130)}
        played.clock.move(hours=5)
        played.site.faults = [(502, {})]
        with pytest.raises(DeliveryFailed):
            await played.backend.changes(cursor)
        changes = await played.backend.changes(cursor)
        assert set(changes.ids) == made
        assert not changes.more
