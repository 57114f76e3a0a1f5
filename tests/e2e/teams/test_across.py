"""One ticket in three rooms at once: Slack, Teams and the page, each over its real HTTP."""

import asyncio

from tests.support.e2e import microsoft
from tests.support.e2e.page_client import said, token_of
from tests.support.e2e.running import delivered, until
from tests.support.e2e.slack import button, buttons, posted, words
from tests.support.e2e.three_channels import Stage, three_cards
from tests.support.unknown import UNKNOWN


async def test_three_engineers_claim_at_once_and_one_wins(stage: Stage) -> None:
    question = await stage.slack.say("DUANA", "UANA", UNKNOWN)
    in_slack, in_teams = await three_cards(stage, UNKNOWN)
    token = token_of(await stage.page.room(), "claim")
    slack, teams, page = await asyncio.gather(
        stage.slack.click("UEVA", "CROOM", in_slack["ts"], button(in_slack, "claim")),
        stage.teams.clicks("eric", in_teams, "Claim"),
        stage.page.press_token("claim", token),
    )
    assert (slack.status, teams[0], page[0]) == (200, 200, 200)
    with stage.app.application.begin() as work:
        ticket = work.tickets.get(1)
        assert ticket is not None
        assert ticket.assignee is not None
        name = ticket.assignee.name
        events = [event.kind for event in work.tickets.events(1)]
    assert sorted(events) == ["claimed", "opened", "refused", "refused"]
    assert name in ("Eva", "Eric Engineer", "wes")

    told_so = f"HELP-1001 is assigned to {name}"
    if name != "Eva":
        await until(
            lambda: told_so in words({"all": stage.slack.workspace.ephemerals}), "a private line in Slack"
        )
    if name != "Eric Engineer":
        assert (microsoft.NOTICE, told_so) == (teams[1]["type"], teams[1]["value"].rstrip("."))
    if name != "wes":
        assert told_so in said(page[1]["notice"])
    assert (name == "Eva") + (teams[1]["type"] == microsoft.CARD) + (page[1]["kind"] == "done") == 1

    await three_cards(stage, "Claimed")
    assert name in words(stage.slack.posts("CROOM")[0])
    assert name in microsoft.words(in_teams)
    assert name in await stage.page.room()
    told = await posted(stage.slack, "DUANA", f"{name} is now working on HELP-1001")
    assert question["ts"] == told["thread_ts"]
    await delivered(stage.app.url)
    assert len([m for m in stage.slack.posts("DUANA") if "is now working on" in words(m)]) == 1
    assert [len(stage.slack.posts("CROOM")), len(microsoft.messages(stage.teams, microsoft.ROOM))] == [1, 1]


async def test_a_resolution_from_the_page_reaches_the_employee_in_slack(stage: Stage) -> None:
    question = await stage.slack.say("DUANA", "UANA", UNKNOWN)
    _, in_teams = await three_cards(stage, UNKNOWN)
    status, claimed = await stage.page.click("claim")
    assert (status, claimed["kind"], claimed["ticket"]) == (200, "done", "HELP-1001")
    await three_cards(stage, "Claimed")
    status, empty = await stage.page.click("resolve", inputs={"note": "   "})
    assert (status, empty["kind"]) == (200, "refused")
    status, done = await stage.page.click("resolve", inputs={"note": "Sealed it <!channel> @everyone"})
    assert (status, done["kind"]) == (200, "done")
    told = await posted(stage.slack, "DUANA", "wes has resolved HELP-1001")
    assert question["ts"] == told["thread_ts"]
    assert "Sealed it" in words(told)
    assert "<!channel>" not in words(told)
    in_slack, _ = await three_cards(stage, "Resolved")
    assert [one["text"]["text"] for one in buttons(in_slack)] == ["Details", "Make an article"]
    assert microsoft.titles(in_teams.card) == []
    assert 'data-action="resolve"' not in await stage.page.room()


async def test_who_may_claim_in_one_channel_may_not_in_another(stage: Stage) -> None:
    await stage.page.post("/web/ask", "ina", pane="ask", text=UNKNOWN)
    in_slack, _ = await three_cards(stage, UNKNOWN)
    await stage.slack.click("UMAL", "CROOM", in_slack["ts"], button(in_slack, "claim"))
    await posted(stage.slack, "DUMAL", "Only engineers in this room")
    token = token_of(await stage.page.room(), "claim")
    status, _ = await stage.page.press_token("claim", token, "ina")
    assert status == 403
    # The employee's own pane leads to the same desk: there the core itself must say no.
    status, body = await stage.page.post("/web/press", "ina", pane="ask", action="claim", token=token)
    assert (status, body["kind"]) == (200, "refused")
    await delivered(stage.app.url)
    assert "Open" in words(in_slack)
    status, body = await stage.page.click("claim")
    assert (status, body["kind"]) == (200, "done")

    async def told() -> bool:
        return "wes is now working on HELP-1001" in said(await stage.page.conversation("ina"))

    await until(told, "the employee's own pane")


async def test_what_the_employee_adds_is_under_each_card(stage: Stage) -> None:
    question = await stage.slack.say("DUANA", "UANA", UNKNOWN)
    in_slack, in_teams = await three_cards(stage, UNKNOWN)
    await stage.slack.say("DUANA", "UANA", "it is blue now", thread_ts=question["ts"])
    under_slack = await posted(stage.slack, "CROOM", "added to HELP-1001")
    under_teams = await microsoft.shown(stage.teams, microsoft.ROOM, "added to HELP-1001")
    assert under_slack["thread_ts"] == in_slack["ts"]
    assert under_teams.conversation == in_teams.conversation
    assert under_teams.id != in_teams.id
    assert "it is blue now" in await stage.page.room()


async def test_one_room_that_is_away_does_not_keep_the_others(stage: Stage) -> None:
    stage.slack.fail("chat.postMessage", error="not_in_channel", times=1)
    await stage.page.post("/web/ask", "ina", pane="ask", text=UNKNOWN)
    await three_cards(stage, UNKNOWN)
    await delivered(stage.app.url)
    assert len(stage.slack.posts("CROOM")) == 1
