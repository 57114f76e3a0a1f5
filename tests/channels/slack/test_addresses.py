"""Who in the engineers' room has an e-mail address, by Slack's own word."""

from typing import Any

import pytest

from bot.domain.errors import RosterUnavailable
from tests.support.channels.slack_stage import Starter
from tests.support.fakes.slack import SlackFake

GOOD = {"is_email_confirmed": True}


@pytest.mark.parametrize(
    ("user", "changes", "expected"),
    [
        ("UENG", GOOD, True),
        ("UENG", {}, False),
        ("UENG", {"is_email_confirmed": False}, False),
        ("UENG", GOOD | {"is_restricted": True}, False),
        ("UENG", GOOD | {"deleted": True}, False),
        ("U1", GOOD, False),  # she is not in the room
    ],
)
async def test_a_confirmed_address_of_a_member_counts(
    user: str, changes: dict[str, Any], expected: bool, slack: SlackFake, start: Starter
) -> None:
    slack.workspace.users[user] |= {"profile": {"email": "eve@example.com"}, **changes}
    stage = await start()
    room = stage.channel.room
    assert room is not None
    assert await stage.channel.has_member(room, "eve@example.com") is expected
    assert not await stage.channel.has_member(room, "nobody@example.com")


async def test_an_address_that_slack_takes_for_alike_is_not_the_same(
    slack: SlackFake, start: Starter
) -> None:
    slack.workspace.users["UENG"] |= {"profile": {"email": "Kim@example.com"}, **GOOD}
    stage = await start()
    room = stage.channel.room
    assert room is not None
    assert await stage.channel.has_member(room, "kim@example.com")
    assert not await stage.channel.has_member(room, "\u212aim@example.com")


async def test_where_slack_does_not_say_it_is_no_no(slack: SlackFake, start: Starter) -> None:
    stage = await start()
    room = stage.channel.room
    assert room is not None
    slack.fail("users.lookupByEmail", error="missing_scope")
    with pytest.raises(RosterUnavailable, match="missing_scope"):
        await stage.channel.has_member(room, "eve@example.com")
