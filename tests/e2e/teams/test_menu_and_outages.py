"""The card's menu, outages and alerts over signed HTTP: Slack and Teams around the whole application."""

import json
from functools import partial
from typing import Any

import aiohttp
import pytest

from bot.alerts.webhook.webhook import PATH, SIGNATURE, sign
from bot.desk.knowledge.library import Library
from tests.support.e2e.microsoft import CARD, NOTICE, chat, shown, titles, words
from tests.support.e2e.microsoft import ROOM as TEAMS_ROOM
from tests.support.e2e.running import Running, delivered, running, until
from tests.support.e2e.slack import button, buttons, has_roster, posted, slack_workspace
from tests.support.fakes.slack import SlackFake
from tests.support.fakes.teams import TeamsFake
from tests.support.unknown import OTHER, UNKNOWN

SECRET = "a-secret-of-the-alerts"
ENVIRONMENT = {
    "FIRSTLINE_SLACK_ROOM": "CROOM",
    "FIRSTLINE_ALERTS_SECRET": SECRET,
    "FIRSTLINE_ALERTS_NAME": "New Relic",
}


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str) -> Any:
    async with (
        slack_workspace() as slack,
        running(monkeypatch, library, database_url, slack.environment(**ENVIRONMENT)) as app,
    ):
        slack.target = f"{app.url}/slack/events"
        await until(lambda: not app.application.channels["slack"].trouble(), "Slack's auth.test")
        await until(lambda: has_roster(app), "the roster")
        yield slack, app


async def modal(slack: SlackFake) -> dict[str, Any]:
    """The newest modal that was opened."""
    found: dict[str, Any] = await until(
        lambda: next(reversed(slack.workspace.views.values()), None), "a modal"
    )
    return found


async def picked(slack: SlackFake, card: dict[str, Any], label: str, user: str = "UEVA") -> dict[str, Any]:
    """Pick something in a card's menu; the modal that opens."""
    before = len(slack.workspace.views)
    answer = await slack.click(user, "CROOM", card["ts"], slack.menu_option(card, label))
    assert answer.status == 200
    await until(lambda: len(slack.workspace.views) > before, "a modal")
    return await modal(slack)


async def test_an_engineer_assigns_a_ticket_in_slack(stage: tuple[SlackFake, Running]) -> None:
    slack, app = stage
    await slack.say("DUANA", "UANA", UNKNOWN)
    card = await posted(slack, "CROOM", UNKNOWN)
    await until(lambda: knows(app, "Eric"), "the names of the roster")
    view = await picked(slack, card, "Assign")
    answer = await slack.submit("UEVA", view, engineer="slack:T1/UERIC")
    assert answer.status == 200
    await posted(slack, "DUANA", "Eric is now working on HELP-1001")
    await posted(slack, "CROOM", "Eric: Eva has assigned HELP-1001 to you.")
    late = await slack.submit("UERIC", view, engineer="slack:T1/UEVA")
    assert "HELP-1001 is assigned to Eric" in json.dumps(late.json, ensure_ascii=False)


async def test_the_same_can_be_picked_again_after_a_form_was_closed(stage: tuple[SlackFake, Running]) -> None:
    slack, _ = stage
    await slack.say("DUANA", "UANA", UNKNOWN)
    card = await posted(slack, "CROOM", UNKNOWN)
    await slack.click("UEVA", "CROOM", card["ts"], button(card, "claim"))
    card = await until(lambda: with_list(slack, card["ts"]), "a menu with many things")
    for _ in range(3):
        before = menus_block(card)
        await picked(slack, card, "Set priority")  # and nothing is sent from it
        await until(partial(renewed, slack, card["ts"], before), "the menu as it was")
        card = with_list(slack, card["ts"])
    # Quicker than the card: Slack takes it for picking nothing, and nothing happens.
    option = slack.menu_option(card, "Set priority") | {"selected_option": None}
    pressed = slack.interaction("block_actions", "UEVA") | {"channel": {"id": "CROOM", "name": "x"}}
    answer = await slack.send_interaction(pressed | {"message": card, "actions": [option]})
    await delivered(slack.target)
    assert (answer.status, len(slack.workspace.views), slack.workspace.ephemerals) == (200, 3, [])


def with_list(slack: SlackFake, ts: str) -> dict[str, Any]:
    """A card as it is now, if its menu is a list."""
    card = slack.workspace.channels["CROOM"].message(ts) or {}
    return dict(card) if menus_block(card) else {}


def menus_block(card: dict[str, Any]) -> str:
    """The name of the block that holds a card's menu."""
    names = [block["block_id"] for block in card["blocks"] if "static_select" in json.dumps(block)]
    return names[0] if names else ""


def renewed(slack: SlackFake, ts: str, before: str) -> bool:
    return menus_block(slack.workspace.channels["CROOM"].message(ts) or {}) != before


def knows(app: Running, name: str) -> bool:
    now = app.application.clock()
    with app.application.begin() as work:
        return name in [known for _, known in work.rosters.members(now.replace(year=now.year - 1))]


async def test_an_outage_from_the_command_to_its_end_in_slack(stage: tuple[SlackFake, Running]) -> None:
    slack, _ = stage
    await slack.command("UEVA", "outage Flurbostats fizz goo", channel="CROOM")
    answer = await slack.submit(
        "UEVA", await modal(slack), title="Flurbostats fizz goo", notice_en="Stay away!"
    )
    assert answer.status == 200
    sign_there = await posted(slack, "CROOM", "Known outage: Flurbostats fizz goo")
    await slack.say("DUANA", "UANA", "help, the flurbostats fizz goo")
    notice = await posted(slack, "DUANA", "Stay away!")
    await slack.click("UANA", "DUANA", notice["ts"], button(notice, "joined"))
    await posted(slack, "DUANA", "I have added you to the outage")
    await slack.click("UERIC", "CROOM", sign_there["ts"], button(sign_there, "outage_end"))
    await slack.submit("UERIC", await modal(slack), note="Fixed.")
    over = await posted(slack, "DUANA", "is over, so HELP-1001 is resolved")
    asked = [found["text"]["text"] for found in buttons(over)]
    assert asked == ["1", "2", "3", "4", "5", "Still not working"]
    await posted(slack, "CROOM", "Outage over")
    await delivered(slack.target)
    assert len([m for m in slack.posts("CROOM") if "thread_ts" not in m]) == 1


async def test_an_alert_reaches_the_room(stage: tuple[SlackFake, Running]) -> None:
    slack, app = stage
    for state, text in (
        ("began", "Alert from New Relic"),
        ("ended", "New Relic says that the alert is over"),
    ):
        body = json.dumps({"key": "vpn-1", "title": "VPN down", "state": state}).encode()
        moment = str(int(app.application.clock().timestamp()))
        headers = {SIGNATURE: sign(SECRET.encode(), moment, body)}
        headers["Content-Type"] = "application/json"
        async with (
            aiohttp.ClientSession() as session,
            session.post(app.url + PATH, data=body, headers=headers) as answer,
        ):
            assert (answer.status, await answer.json()) == (200, {"status": "taken"})
        await posted(slack, "CROOM", text)


async def test_the_menu_in_teams_shows_a_form_in_the_cards_place(teams: TeamsFake) -> None:
    await teams.says("ana", UNKNOWN)
    card = await shown(teams, TEAMS_ROOM, UNKNOWN)
    status, body = await teams.clicks("eva", card, "Set priority")
    assert (status, body["type"]) == (200, CARD)
    form = body["value"]
    _, back = await teams.clicks("eva", card, "Back to the card", card=form)
    assert titles(back["value"]) == ["Claim"]
    _, done = await teams.clicks("eva", card, "Set priority", {"field.priority": "4"}, card=form)
    assert (done["type"], "Urgent" in words(done["value"])) == (CARD, True)
    await until(lambda: "Urgent" in words(card), "the card for the others")
    _, late = await teams.clicks("eric", card, "Set priority", {"field.priority": "1"}, card=form)
    assert (late["type"], "already has the priority “Urgent”" in late["value"]) == (NOTICE, True)


async def test_a_merge_in_teams(teams: TeamsFake) -> None:
    await teams.says("ana", UNKNOWN)
    card = await shown(teams, TEAMS_ROOM, UNKNOWN)
    await teams.says("bob", OTHER)
    second = await shown(teams, TEAMS_ROOM, OTHER)
    _, body = await teams.clicks("eva", second, "Merge")
    await teams.clicks("eva", second, "Merge", {"field.ticket": "HELP-1001"}, card=body["value"])
    await shown(teams, chat("bob"), "HELP-1002 has been merged into HELP-1001")
    await until(lambda: "Merged into HELP-1001" in words(second), "the merged card")
    await teams.clicks("eva", card, "Claim")
    await until(lambda: "Claimed" in words(card), "the claim")
    await teams.clicks("eva", card, "Resolve", {"field.note": "Mopped."})
    for person in ("ana", "bob"):
        await shown(teams, chat(person), "Mopped.")


async def test_an_outage_by_a_message_in_teams(teams: TeamsFake) -> None:
    await teams.says("eva", "outage Flurbostats fizz goo")
    asked = await shown(teams, chat("eva"), "Notice to employees in English")
    inputs = {"field.title": "Flurbostats fizz goo", "field.notice_en": "Stay away!", "field.notice_es": ""}
    _, body = await teams.clicks("eva", asked, "Tell employees", inputs)
    assert (body["type"], "From now on" in body["value"]) == (NOTICE, True)
    there = await shown(teams, TEAMS_ROOM, "Known outage: Flurbostats fizz goo")
    await teams.says("ana", "help, the flurbostats fizz goo")
    notice = await shown(teams, chat("ana"), "Stay away!")
    await teams.clicks("ana", notice, "That's it")
    await shown(teams, chat("ana"), "I have added you to the outage")
    _, form = await teams.clicks("eric", there, "End outage")
    _, back = await teams.clicks("eric", there, "Back to the card", card=form["value"])
    assert "End outage" in titles(back["value"])
    await teams.clicks("eric", there, "End outage", {"field.note": ""}, card=form["value"])
    await shown(teams, chat("ana"), "is over, so HELP-1001 is resolved")
