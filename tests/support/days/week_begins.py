"""How the week begins: three ask, nobody claims; each is helped from another channel; somebody is silent."""

import json
from dataclasses import dataclass

from playwright.async_api import expect

from tests.support.days.checks import no_note_has_left
from tests.support.days.day import madrid
from tests.support.days.friday import HOMES, Day, due
from tests.support.days.week import PageEmployee, PageEngineer
from tests.support.e2e import microsoft
from tests.support.e2e.running import until
from tests.support.e2e.slack import words
from tests.support.unknown import OTHER, THIRD, UNKNOWN

PRESSING = "These tickets need somebody now"
SUMMARY = "Good morning: IT desk"


@dataclass(kw_only=True)
class Week(Day):
    """The day's people, and the two on the page."""

    pia: PageEmployee
    maya: PageEngineer

    async def passes(
        self, number: int, kinds: tuple[str, ...], *moments: tuple[str, tuple[int, ...]]
    ) -> None:
        """Let time pass; each moment says how often these things have happened to a ticket by then."""
        for moment, times in moments:
            await self.stage.jump(f"2026-10-{moment}")
            await self.stage.look()
            found = self.stage.kinds(number)
            assert times == tuple(found.count(kind) for kind in kinds), (number, moment, found)

    def in_rooms(self, text: str) -> list[list[str]]:
        """The posts in the rooms of Slack and Teams that say something."""
        slack = [words(message) for message in self.stage.slack.posts("CROOM")]
        teams = [microsoft.words(message) for message in microsoft.messages(self.stage.teams, microsoft.ROOM)]
        return [[post for post in posts if text in post] for posts in (slack, teams)]


async def thursday(week: Week) -> None:
    """The summary; three employees ask; nobody claims: the rooms are called, and who is on call is named."""
    stage = week.stage
    for moment, times in (("09:01", 0), ("09:02", 1), ("09:05", 1)):
        await stage.jump(f"2026-10-22T{moment}")
        await stage.look()
        assert [len(posts) for posts in week.in_rooms(SUMMARY)] == [times, times], moment
    assert all("On call: Eva" in post for [post] in week.in_rooms(SUMMARY))
    notices = week.maya.page.locator("#notices li")
    await expect(notices.filter(has_text=SUMMARY)).to_have_count(1)
    await stage.jump("2026-10-22T09:30")
    await week.asks(1001, "UANA", UNKNOWN)
    await week.asks(1002, "bob", OTHER)
    await week.pia.says(THIRD)
    await expect(week.pia.last).to_contain_text("Your ticket is HELP-1003")
    asked = stage.ticket(1001)
    assert due(asked.first_response_due) == madrid("2026-10-22T13:30")
    assert due(asked.resolution_due) == madrid("2026-10-26T15:30")
    await week.passes(1001, ("called",), ("22T10:29", (0,)), ("22T10:31", (1,)), ("22T10:32", (1,)))
    slack, teams = week.in_rooms(PRESSING)
    assert (len(slack), len(teams)) == (1, 1)
    for number in (1001, 1002, 1003):
        assert f"HELP-{number}" in slack[0]
    assert '{"type": "user", "user_id": "UEVA"}' in slack[0]
    await expect(notices.filter(has_text=PRESSING)).to_have_count(1)


async def help_for_all(week: Week) -> None:
    """Each is helped from another channel: in words, with a canned response, with a checklist."""
    stage, slack = week.stage, week.stage.slack
    await week.maya.do(1001, "Claim")
    await week.eva.do(1002, "Claim")
    await week.nia.do(1003, "Claim")
    await stage.delivered()
    await expect((await week.maya.opened(1001)).locator(".chip.claimed")).to_be_visible()
    for kind in ("say", "// note", "say"):
        await week.maya.write(1001, week.text(kind))
    await week.nia.write(1001, week.text("room"))
    await week.nia.write(1003, week.text("say"))
    await week.pia.says(week.text("ask"))
    await week.nia.write(1003, "// " + week.text("note"))
    await week.nia.write(1003, week.text("say"))
    await (await week.eva.prepare(1002, "Canned responses", search="reinicia"))()
    text = await until(lambda: next((v for v in slack.workspace.views.values() if has_text(v)), None), "it")
    assert (await slack.submit("UEVA", text, text="Please restart it")).status == 200
    await microsoft.shown(stage.teams, HOMES["Bob Stone"], "Please restart it")
    await week.nia.do(1003, "Ask for details")
    request = week.pia.page.locator(".message.theirs:not(.waits)", has_text="needs a few details")
    await week.pia.fills_in(request, "Answer", Which_device="FL-2000")
    await expect(await week.maya.opened(1003)).to_contain_text("FL-2000")
    await stage.jump("2026-10-22T10:45")
    await week.nia.do(1003, "Resolve", note="Silenced it")
    resolved = week.pia.page.locator(".message.theirs:not(.waits)", has_text="has resolved HELP-1003")
    await week.pia.clicks(resolved, "5")
    await expect(await week.maya.opened(1003)).to_contain_text("Rating: 5 of 5")
    await stage.delivered()
    assert stage.kinds(1003)[-2:] == ["resolved", "rated"]
    no_note_has_left(stage)


def has_text(view: dict[str, object]) -> bool:
    """Whether this is the second form of a canned response: its text."""
    return "field:text" in json.dumps(view)


async def silence(week: Week) -> None:
    """Who says nothing is asked; without an answer the ticket is open again, and called out next morning."""
    stage = week.stage
    await stage.jump("2026-10-22T11:00")
    await week.answers(1001, "UANA")
    asked = ("22T14:59", (0, 0)), ("22T15:01", (1, 0)), ("22T15:02", (1, 0))
    await week.passes(1001, ("nudged", "released"), *asked)
    await expect((await week.maya.opened(1001)).locator(".thread")).to_contain_text("Are you still on it?")
    await week.passes(1001, ("nudged", "released"), ("22T17:00", (1, 0)), ("22T17:02", (1, 1)))
    assert stage.ticket(1001).status == "open"
    assert len(told(week, "DUANA", "cannot continue with HELP-1001")) == 1
    morning = ("22T17:59", (1,)), ("23T09:01", (1,)), ("23T09:03", (2,))
    await week.passes(1001, ("called",), *morning)
    slack, teams = week.in_rooms(PRESSING)
    assert "HELP-1001" in slack[-1]
    assert '"id": "aad-nia"' in teams[-1]
    summaries = week.in_rooms(SUMMARY)
    assert [len(posts) for posts in summaries] == [2, 2]
    assert all("1 open, 1 claimed, 0 overdue" in posts[-1] for posts in summaries)
    assert all("On call: Nia Engineer" in posts[-1] for posts in summaries)


def told(week: Week, place: str, text: str) -> list[dict[str, object]]:
    """The messages in somebody's chat in Slack that say something."""
    return [message for message in week.stage.slack.posts(place) if text in words(message)]
