"""A ticket in Jira Service Management, both ways: over real HTTP, with an agent there and people here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest

from bot.backends.jira.webhook import PATH
from bot.desk.knowledge.library import Library
from bot.server.wiring import now
from tests.support.e2e.page_client import TOKENS, Page, said, token_of
from tests.support.e2e.running import delivered, running, until
from tests.support.fakes.jira import SECRET, TOKEN, Issue, served
from tests.support.fakes.jira.playing import AGENT, OTHER, new_site
from tests.support.fakes.jira.server import EMAIL, webhook
from tests.support.fakes.jira.site import STATUSES, US, Site
from tests.support.unknown import UNKNOWN


@dataclass
class Played:
    """A server with its page, the site, and the request that a ticket has become there."""

    site: Site
    page: Page
    issue: Issue

    async def tell(self) -> None:
        """Let Jira tell that the request has changed."""
        body, headers = webhook("jira:issue_updated", self.issue, now())
        async with self.page.http.post(self.page.url + PATH, data=body, headers=headers) as answer:
            assert answer.status == 200

    async def in_room(self, text: str) -> None:
        async def shown() -> bool:
            return text in said(await self.page.room())

        await until(shown, f"{text!r} in the room")

    async def reads(self, text: str) -> bool:
        """Whether the employee reads it."""
        return text in said(await self.page.conversation("ina"))


@asynccontextmanager
async def played(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> AsyncIterator[Played]:
    site = new_site(now)
    async with served(site) as url, aiohttp.ClientSession() as http:
        environment = {
            "FIRSTLINE_WEB_TOKENS": f"{TOKENS['wes']}=wes:engineer {TOKENS['ina']}=ina:employee",
            "FIRSTLINE_JIRA_URL": url,
            "FIRSTLINE_JIRA_EMAIL": EMAIL,
            "FIRSTLINE_JIRA_TOKEN": TOKEN,
            "FIRSTLINE_JIRA_SERVICE_DESK": "IT",
            "FIRSTLINE_JIRA_REQUEST_TYPE": "Get IT help",
            "FIRSTLINE_JIRA_WEBHOOK_SECRET": SECRET,
            "FIRSTLINE_JIRA_POLL_SECONDS": "0",
        }
        async with running(monkeypatch, library, database_url, environment) as server:
            page = Page(server.url, http)
            await page.post("/web/ask", "ina", pane="ask", text=UNKNOWN)
            await until(lambda: bool(site.issues), "the request in Jira")
            (issue,) = site.issues.values()

            async def linked() -> bool:
                return f"/browse/{issue.key}" in await page.room()

            await until(linked, "a card that leads to the request")
            yield Played(site, page, issue)


async def test_what_an_agent_does_there_reaches_people_here(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    async with played(monkeypatch, library, database_url) as one:
        one.site.comment(one.issue, AGENT, "Is anybody hurt?", public=True)
        one.site.comment(one.issue, AGENT, "She burns things every week.", public=False)
        one.site.prioritise(one.issue, "Highest", AGENT)
        one.site.assign(one.issue, AGENT, AGENT)
        await one.tell()
        await one.in_room("She burns things every week.")
        await until(lambda: one.reads("Is anybody hurt?"), "the agent's words at the employee")
        await one.in_room("Eva Ruiz")
        await delivered(one.page.url)
        assert not await one.reads("She burns things")
        assert len(one.issue.comments) == 2  # nothing came back
        one.site.move(one.issue, "Resolved", AGENT)
        await one.tell()

        async def ended() -> bool:
            return "Resolved Reopen" in said(await one.page.room())

        await until(ended, "the ticket among those that are closed")


async def test_what_people_do_here_is_seen_there(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    async with played(monkeypatch, library, database_url) as one:
        await one.page.post("/web/ask", "ina", pane="ask", text="it is green and it smells")

        def added() -> bool:
            return any(comment.public and "it smells" in comment.text for comment in one.issue.comments)

        await until(added, "what the employee added, as a public comment")
        await one.page.click("claim")
        await one.page.click("resolve", inputs={"note": "Mopped."})
        await until(lambda: STATUSES[one.issue.status][0] == "Resolved", "the status there")
        await delivered(one.page.url)
        notes = [comment for comment in one.issue.comments if "Mopped" in comment.text and comment.public]
        assert len(notes) == 1
        assert not one.site.notified


async def test_a_comment_that_is_deleted_there_disappears_here(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    async with played(monkeypatch, library, database_url) as one:
        wrong = one.site.comment(one.issue, AGENT, "This was for somebody else.", public=True)
        await one.tell()
        await until(lambda: one.reads("This was for somebody else."), "the agent's words at the employee")
        one.site.remove_comment(one.issue, wrong.id)
        await one.tell()

        async def gone() -> bool:
            return not await one.reads("This was for somebody else.")

        await until(gone, "the words taken back")


async def test_an_engineer_gives_an_approval_that_our_account_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    async with played(monkeypatch, library, database_url) as one:
        approval = one.site.ask_approval(one.issue, "A new laptop", US, AGENT)
        await one.tell()
        await one.in_room("A new laptop")
        assert 'data-action="approve"' in await one.page.room()
        status, outcome = await one.page.click("approve", argument=f"mirror.jira/{approval['id']}")
        assert (status, outcome["kind"]) == (200, "sent")
        await until(lambda: approval["finalDecision"] == "approved", "the approval in Jira")
        await one.in_room("A new laptop of HELP-1001 was approved in Jira, by")
        assert 'data-action="approve"' not in await one.page.room()
        assert [comment.public for comment in one.issue.comments] == [False]  # who decided, for the team
        assert not await one.reads("laptop")
        status, outcome = await one.page.press_token(
            "approve", await _token(one), argument=f"mirror.jira/{approval['id']}"
        )
        assert outcome["kind"] == "refused"


async def test_an_approval_of_others_is_shown_and_theirs_to_give(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    async with played(monkeypatch, library, database_url) as one:
        approval = one.site.ask_approval(one.issue, "A new laptop", AGENT, OTHER)
        await one.tell()
        await one.in_room("It was asked of Eva Ruiz, Luis.")
        assert 'data-action="approve"' not in await one.page.room()
        one.site.decide(one.issue, approval, OTHER, "declined")
        await one.tell()
        await one.in_room("A new laptop of HELP-1001 was declined in Jira, by Luis.")


async def test_an_approval_that_jira_does_not_take_from_us_is_told(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    async with played(monkeypatch, library, database_url) as one:
        approval = one.site.ask_approval(one.issue, "A new laptop", US)
        await one.tell()
        await one.in_room("A new laptop")
        approval["approvers"] = {AGENT: "pending"}  # somebody else is asked meanwhile
        await one.page.click("approve", argument=f"mirror.jira/{approval['id']}")
        await one.in_room("Jira did not take the decision on HELP-1001 from here.")
        assert approval["finalDecision"] == "pending"
        assert one.issue.comments == []


async def test_only_engineers_give_approvals(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    async with played(monkeypatch, library, database_url) as one:
        approval = one.site.ask_approval(one.issue, "A new laptop", US)
        await one.tell()
        await one.in_room("A new laptop")
        token = await _token(one)
        argument = f"mirror.jira/{approval['id']}"
        status, outcome = await one.page.press_token("approve", token, "ina", argument=argument)
        assert (status, outcome) == (403, {"error": "Only engineers can do this."})
        await delivered(one.page.url)
        assert approval["finalDecision"] == "pending"


async def _token(one: Played) -> str:
    return token_of(await one.page.room(), "claim")
