"""Every ticket in the operator's own system: over real HTTP, through errors, and nothing there is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.desk.knowledge.library import Library
from bot.server.wiring import now
from bot.storage.personal.erasure import Erasure
from tests.support.e2e.page_client import TOKENS, Page
from tests.support.e2e.running import Running, running, until
from tests.support.fakes.tickets import SECRET, Elsewhere
from tests.support.unknown import UNKNOWN


@asynccontextmanager
async def played(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> AsyncIterator[tuple[Elsewhere, Running, Page]]:
    elsewhere = Elsewhere()
    tokens = {
        "FIRSTLINE_WEB_TOKENS": f"{TOKENS['wes']}=wes:engineer {TOKENS['ina']}=ina:employee",
        "FIRSTLINE_MIRROR_SECRET": SECRET,
    }
    async with elsewhere.served() as url, aiohttp.ClientSession() as http:
        environment = tokens | {"FIRSTLINE_MIRROR_URL": url}
        async with running(monkeypatch, library, database_url, environment) as server:
            yield elsewhere, server, Page(server.url, http)


async def test_a_ticket_lives_there_too_and_the_card_leads_to_it(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    async with played(monkeypatch, library, database_url) as (elsewhere, _, page):
        elsewhere.failing = [500, 429, 503]
        await page.post("/web/ask", "ina", pane="ask", text=UNKNOWN)

        async def shown() -> bool:
            return "https://else.example/1" in await page.room()

        await until(shown, "a card that leads to the other system")
        assert elsewhere.newest["question"] == UNKNOWN
        assert elsewhere.newest["status"] == "open"
        assert elsewhere.made == 1
        await page.click("claim")

        async def claimed() -> bool:
            return bool(elsewhere.newest["status"] == "claimed")

        await until(claimed, "the claim in the other system")
        assert elsewhere.newest["assignee"]
        assert elsewhere.newest["id"] == "ELSE-1"
        await page.post("/web/ask", "ina", pane="ask", text="it is green and it smells")

        async def added() -> bool:
            return any("it smells" in comment["text"] for comment in elsewhere.comments)

        await until(added, "what the employee added in the other system")
        assert elsewhere.comments[0]["id"] == "ELSE-1"
        await page.click("resolve", inputs={"note": "Mopped."})

        async def resolved() -> bool:
            return bool(elsewhere.newest["status"] == "resolved")

        await until(resolved, "the resolution in the other system")
        assert elsewhere.newest["note"] == "Mopped."
        assert elsewhere.refused == 0
        assert elsewhere.made == 1


async def test_a_mirror_that_is_away_stops_nobody(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    async with played(monkeypatch, library, database_url) as (elsewhere, server, page):
        elsewhere.failing = [500] * 1000
        await page.post("/web/ask", "ina", pane="ask", text=UNKNOWN)

        async def troubled() -> bool:
            async with page.http.get(f"{server.url}/readyz") as answer:
                body = await answer.json()
                assert answer.status == 200
                return bool(body["status"] == "degraded" and "http_500" in body["mirror.webhook"])

        await until(troubled, "a word on the mirror in /readyz")
        status, outcome = await page.click("claim")
        assert (status, outcome["kind"]) == (200, "done")
        elsewhere.failing = []

        async def caught_up() -> bool:
            await asyncio.sleep(0)
            return bool(elsewhere.tickets) and bool(elsewhere.newest["status"] == "claimed")

        await until(caught_up, "the mirror to catch up")
        assert elsewhere.made == 1


async def test_who_is_erased_is_to_be_forgotten_there_too(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    async with played(monkeypatch, library, database_url) as (elsewhere, server, page):
        await page.post("/web/ask", "ina", pane="ask", text=UNKNOWN)

        async def told() -> bool:
            return bool(elsewhere.tickets)

        await until(told, "the ticket in the other system")
        assert "erased" not in elsewhere.newest
        erasure = Erasure(server.database, now)
        (number,) = await server.application.run(erasure.begin, 1, "operator")

        async def erased() -> bool:
            finished: bool = (await server.application.run(erasure.step, number)).finished
            return finished and bool(elsewhere.newest.get("erased"))

        await until(erased, "the erasure in the other system")
        assert elsewhere.newest["question"] == elsewhere.newest["requester"] == "[…]"
        assert UNKNOWN not in await page.room()
