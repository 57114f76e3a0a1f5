"""A week in which the clocks go back: Slack, Teams and the page, and what the desk does by itself."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

import aiohttp
import pytest
from playwright.async_api import expect

from bot.alerts.webhook.webhook import PATH, SIGNATURE, sign
from bot.desk.knowledge.library import Library
from tests.support.chromium import launched, needs_chromium
from tests.support.days.checks import (
    SECRET,
    cards_are_true,
    events_once,
    every_button_works,
    no_note_has_left,
    relays,
    transcripts,
)
from tests.support.days.day import Stage, day_library, madrid, staged
from tests.support.days.engineers import SlackEngineer, TeamsEngineer
from tests.support.days.friday import HOMES, due
from tests.support.days.week import (
    ALERTS,
    ENGINEERS,
    QUEUES,
    SETTINGS,
    PageEmployee,
    PageEngineer,
    signed_in,
    whatever_stands_is_taken,
)
from tests.support.days.week_begins import SUMMARY, Week, help_for_all, silence, thursday
from tests.support.e2e import microsoft
from tests.support.e2e.databases import rows
from tests.support.e2e.running import until
from tests.support.e2e.slack import button, buttons, posted

pytestmark = [pytest.mark.browser, needs_chromium]


@pytest.fixture
async def week(monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str) -> AsyncIterator[Week]:
    content = day_library(library, QUEUES)
    play = staged("2026-10-22T08:50", content, database_url, monkeypatch, ENGINEERS, SETTINGS)
    async with play as stage, launched() as browser:
        pia, maya = [await signed_in(browser, stage, who) for who in ("pia", "maya")]
        eva, nia = SlackEngineer(stage, "UEVA", "Eva"), TeamsEngineer(stage, "nia", "Nia Engineer")
        yield Week(stage, eva, eva, nia, pia=PageEmployee(pia), maya=PageEngineer(maya))


async def test_a_week(week: Week) -> None:
    await thursday(week)
    await help_for_all(week)
    await silence(week)
    await friday(week)
    await alert(week)
    await the_night_of_the_clocks(week)
    await monday(week)
    await everything_is_right(week)
    assert await every_button_works(week.stage, [week.eva, week.nia, week.maya]) > 30
    await everything_is_right(week)
    await the_page_keeps_no_stale_button(week)


async def friday(week: Week) -> None:
    """A bad mark, its reason, a trouble that came back; and a restart."""
    stage, slack = week.stage, week.stage.slack
    await stage.jump("2026-10-23T09:30")
    await week.eva.do(1001, "Claim")
    await stage.delivered()
    await week.eva.write(1001, week.text("say"))
    await week.eva.do(1001, "Resolve", note="Tightened it")
    resolved = await posted(slack, "DUANA", "Eva has resolved HELP-1001")
    two = next(one for one in buttons(resolved) if one["text"]["text"] == "2")
    await slack.click("UANA", "DUANA", resolved["ts"], two)
    rated = await posted(slack, "DUANA", "You gave it 2 of 5")
    before = set(slack.workspace.views)
    await slack.click("UANA", "DUANA", rated["ts"], button(rated, "comment"))
    [view] = await until(lambda: set(slack.workspace.views) - before, "the modal")
    await slack.submit("UANA", slack.workspace.views[view], comment="It still drips")
    await expect(await week.maya.opened(1001)).to_contain_text("It still drips")
    await expect((await week.maya.opened(1001)).get_by_role("button", name="Reopen")).to_be_visible()
    await slack.say("DUANA", "UANA", "it came back", thread_ts=week.threads[1001])
    await stage.delivered()
    await stage.look()
    again = stage.ticket(1001)
    assert (again.status, again.assignee and again.assignee.name) == ("claimed", "Eva")
    assert due(again.resolution_due) == madrid("2026-10-27T15:30")
    assert [len(posts) for posts in week.in_rooms("Ana gave HELP-1001 a rating of 2 out of 5")] == [1, 1]
    await stage.stop()
    await stage.start()
    for page in (week.pia.page, week.maya.page):  # a restart signs nobody out
        await page.goto(stage.app.url)
    await week.eva.do(1001, "Resolve", note="Replaced it")
    await stage.delivered()


async def alert(week: Week) -> None:
    """Monitoring knows of it first; its outage is told from the page, who asks joins; it ends by itself."""
    stage = week.stage
    await stage.jump("2026-10-23T10:30")
    await alerted(stage, "began")
    dialog = await week.maya.sign("The canteen screens are dark", "Tell employees")
    await dialog.get_by_label("Notice to employees in English").fill("We are on it.")
    await dialog.get_by_role("button", name="Tell employees").press("Enter")
    await expect(dialog).to_be_hidden()
    await posted(stage.slack, "CROOM", "Known outage: The canteen screens are dark")
    await week.pia.says("help, the canteen screens are dark")
    await expect(week.pia.last).to_contain_text("We are on it.")
    await week.pia.clicks(week.pia.last, "That's it")
    await expect(week.pia.last).to_contain_text("I have added you to the outage")
    assert stage.kinds(1004) == ["opened"]
    await alerted(stage, "began")
    await alerted(stage, "ended")
    await alerted(stage, "ended")
    await expect(week.pia.last).to_contain_text("is over, so HELP-1004 is resolved")
    await stage.delivered()
    assert stage.kinds(1004) == ["opened", "resolved"]
    for text in ("Alert from New Relic", "Outage over: The canteen", "New Relic says that the alert is over"):
        assert [len(posts) for posts in week.in_rooms(text)] == [1, 1], text


async def alerted(stage: Stage, state: str) -> None:
    """Monitoring posts an alert."""
    body = json.dumps({"key": "screens", "title": "The canteen screens are dark", "state": state}).encode()
    moment = str(int(stage.clock().timestamp()))
    headers = {SIGNATURE: sign(ALERTS.encode(), moment, body), "Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(stage.app.url + PATH, data=body, headers=headers) as answer,
    ):
        assert answer.status == 200
    await stage.delivered()


async def the_night_of_the_clocks(week: Week) -> None:
    """From Friday evening over the hour that comes twice."""
    stage = week.stage
    await stage.jump("2026-10-23T17:30")
    await week.asks(1005, "UANA", "the doodad squeaks when it is warm")
    asked = stage.ticket(1005)
    assert due(asked.first_response_due) == madrid("2026-10-26T12:30")
    assert due(asked.resolution_due) == madrid("2026-10-28T14:30")
    await stage.jump("2026-10-24T22:30")
    await week.asks(1006, "UANA", "the thingummy is fizzing blue ooze")
    await week.nia.do(1006, "Transfer", queue="net")
    await stage.look()
    moved = stage.ticket(1006)
    assert due(moved.first_response_due) == madrid("2026-10-24T23:30")
    assert due(moved.resolution_due) == madrid("2026-10-25T05:30")
    assert (due(moved.resolution_due) - madrid("2026-10-24T22:30")).total_seconds() == 8 * 3600
    night = ("24T23:29", (0,)), ("24T23:31", (1,)), ("25T05:29", (1,)), ("25T05:31", (2,))
    await week.passes(1006, ("breached",), *night)


async def monday(week: Week) -> None:
    """Who has not answered for three days is closed; the rota has gone on; a target comes near and passes."""
    stage = week.stage
    await week.passes(1002, ("closed",), ("26T08:59", (0,)), ("26T09:01", (1,)), ("26T09:02", (1,)))
    bobs = [microsoft.words(one) for one in microsoft.messages(stage.teams, HOMES["Bob Stone"])]
    assert len([post for post in bobs if "I have not heard from you about HELP-1002" in post]) == 1
    summaries = week.in_rooms(SUMMARY)
    assert [len(posts) for posts in summaries] == [3, 3]
    assert all("1 open, 0 claimed, 0 overdue" in posts[-1] for posts in summaries)
    assert all("On call: maya" in posts[-1] for posts in summaries)
    times = ("11:29", (0, 0)), ("11:31", (1, 0)), ("12:29", (1, 0)), ("12:31", (1, 1)), ("12:40", (1, 1))
    await week.passes(1005, ("reminded", "breached"), *((f"26T{at}", what) for at, what in times))
    for text in ("the first response is due soon", "the first response is overdue"):
        posts = week.in_rooms(f"HELP-1005: {text}" if "overdue" in text else text)
        assert [len(found) for found in posts] == [1, 1], text
        assert all("maya" in post for found in posts for post in found)
    await week.maya.do(1005, "Claim")
    await expect((await week.maya.opened(1005)).locator(".chip.claimed")).to_be_visible()
    await week.maya.write(1005, week.text("say"))
    resolve = (await week.maya.opened(1005)).locator("details.inline", has_text="Resolve")
    await resolve.locator("summary").click()
    await resolve.get_by_label("Note for the employee").fill("Oiled it")
    await resolve.get_by_role("button", name="Resolve").press("Enter")
    await posted(stage.slack, "DUANA", "maya has resolved HELP-1005")


async def the_page_keeps_no_stale_button(week: Week) -> None:
    """What stands on the page after the ends of tickets is taken, and what an end takes off is gone."""
    ended = week.pia.page.locator(".message.theirs:not(.waits)", has_text="Your ticket is HELP-1003")
    await week.pia.page.reload()
    await expect(ended).to_be_visible()
    await expect(ended.locator("[data-press]")).to_have_count(0)
    assert await whatever_stands_is_taken(week.stage, week.pia.page, "#conversation") > 6
    room = ".card.resolved, .card.withdrawn, .card.sign, .thread, .signs"
    taken = 0
    for number in range(1001, 1007):
        await week.maya.opened(number)
        taken += await whatever_stands_is_taken(week.stage, week.maya.page, room)
    assert taken > 0


async def everything_is_right(week: Week) -> None:
    stage = week.stage
    await stage.delivered()
    transcripts(stage, {name: HOMES[name] for name in ("Ana", "Bob Stone")}, moved={5})
    events_once(stage)
    no_note_has_left(stage)
    cards_are_true(stage)
    written = relays(stage)
    sent = [one.text for one in written if (one.course, one.ticket_id) == ("sent", 3)]
    await until(partial(equal_to, sent, partial(week.pia.got, "say-")), "the page of the employee")
    assert not SECRET.search(await week.pia.page.content())
    for ticket_id in {one.ticket_id for one in written}:
        mine = sorted(one.text.removeprefix("// ") for one in written if one.ticket_id == ticket_id)
        shown = partial(thread, week, ticket_id, mine)
        await until(partial(equal_to, mine, shown), f"{ticket_id} in the room of the page: {mine}")
    await stage.delivered()  # what the application's own loops have said meanwhile, too
    assert (
        rows(stage.database_url, "SELECT status, id FROM outbox WHERE status NOT IN ('sent','superseded')")
        == []
    )


async def thread(week: Week, ticket_id: int, mine: list[str]) -> list[str]:
    """What of these words stands under a card on the page."""
    return sorted(text for text in await week.maya.thread(1000 + ticket_id) if text in mine)


async def equal_to(wanted: list[str], find: Callable[[], Awaitable[list[str]]]) -> bool:
    return wanted == await find()
