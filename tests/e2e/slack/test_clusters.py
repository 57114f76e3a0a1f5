"""Many ask the same in Slack before anybody has called it an outage: one card grows, and takes all along."""

from typing import Any

import pytest

from bot.desk.knowledge.library import Library
from tests.support.e2e.running import delivered, running, until
from tests.support.e2e.slack import buttons, has_roster, posted, slack_workspace, words
from tests.support.fakes.slack import SlackFake
from tests.support.unknown import UNKNOWN


@pytest.fixture
async def slack(monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str) -> Any:
    """A workspace with a room of engineers."""
    async with (
        slack_workspace() as workspace,
        running(
            monkeypatch, library, database_url, workspace.environment(FIRSTLINE_SLACK_ROOM="CROOM")
        ) as app,
    ):
        for number in range(20):
            workspace.workspace.add_person(f"U{number}", f"P{number}")
        workspace.target = f"{app.url}/slack/events"
        await until(lambda: not app.application.channels["slack"].trouble(), "Slack's auth.test")
        await until(lambda: has_roster(app), "the roster")
        yield workspace


def cards(slack: SlackFake) -> list[dict[str, Any]]:
    """What stands at the top of the room."""
    return [message for message in slack.posts("CROOM") if "thread_ts" not in message]


async def test_one_card_grows_and_its_first_button_tells_everybody(slack: SlackFake) -> None:
    for number in range(20):
        await slack.say(f"DU{number}", f"U{number}", UNKNOWN)
    await delivered(slack.target)
    card = await posted(slack, "CROOM", "and 16 more like it")
    assert len(cards(slack)) == 4
    assert "16 more like it" in card["text"]
    first, second = buttons(card)[:2]
    assert (first["text"]["text"], first["style"], second["text"]["text"]) == (
        "Known outage",
        "primary",
        "Claim",
    )
    await slack.click("UEVA", "CROOM", card["ts"], first)
    form = await until(lambda: next(reversed(slack.workspace.views.values()), None), "the form")
    answer = await slack.submit("UEVA", form, title="Flurbostats fizz", notice_en="Stay away!")
    assert answer.status == 200
    await posted(slack, "CROOM", "Known outage: Flurbostats fizz")
    for number in (0, 4, 19):
        await posted(slack, f"DU{number}", "Stay away!")
    assert "more like it" not in words(card)


async def test_the_card_of_the_next_one_follows_a_claim(slack: SlackFake) -> None:
    for number in range(12):
        await slack.say(f"DU{number}", f"U{number}", UNKNOWN)
    card = await posted(slack, "CROOM", "and 8 more like it")
    await slack.click("UEVA", "CROOM", card["ts"], buttons(card)[1])
    following = await posted(slack, "CROOM", "and 7 more like it")
    assert "HELP-1005" in words(following)
    await slack.click("UEVA", "CROOM", following["ts"], slack.menu_option(following, "Show each"))
    await posted(slack, "CROOM", "HELP-1012")
    await until(lambda: len(cards(slack)) == 12, "a card for each")
