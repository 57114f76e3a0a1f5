"""A ticket in Zendesk and here, over real HTTP: what an agent does there is seen in chat."""

import aiohttp
import pytest

from bot.desk.knowledge.library import Library
from bot.server.wiring import now
from tests.support.e2e.page_client import TOKENS, Page
from tests.support.e2e.running import Running, running, until
from tests.support.fakes.mirrors.zendesk import ANN, EMAIL, SECRET, TOKEN, FakeZendesk
from tests.support.unknown import UNKNOWN


async def _tell(server: Running, there: FakeZendesk, ticket: int) -> int:
    body, headers = there.signed(ticket)
    url = f"{server.url}/mirrors/zendesk"
    async with aiohttp.ClientSession() as http, http.post(url, data=body, headers=headers) as answer:
        return answer.status


async def test_an_agent_in_zendesk_helps_somebody_in_chat(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    there = FakeZendesk(now)
    async with there.served() as url, aiohttp.ClientSession() as http:
        environment = {
            "FIRSTLINE_WEB_TOKENS": f"{TOKENS['wes']}=wes:engineer {TOKENS['ina']}=ina:employee",
            "FIRSTLINE_ZENDESK_URL": url,
            "FIRSTLINE_ZENDESK_EMAIL": EMAIL,
            "FIRSTLINE_ZENDESK_TOKEN": TOKEN,
            "FIRSTLINE_ZENDESK_WEBHOOK_SECRET": SECRET,
            "FIRSTLINE_ZENDESK_POLL_SECONDS": "0",
        }
        async with running(monkeypatch, library, database_url, environment) as server:
            page = Page(server.url, http)
            await page.post("/web/ask", "ina", pane="ask", text=UNKNOWN)

            async def linked() -> bool:
                return "/agent/tickets/" in await page.room()

            await until(linked, "a card that leads to Zendesk")
            (ticket,) = there.tickets
            there.update(ANN, ticket, assignee_id=ANN)
            there.update(ANN, ticket, comment={"body": "Ann looks at it.", "public": False})
            assert await _tell(server, there, ticket) == 200

            async def seen() -> bool:
                room = await page.room()
                return "Ann Agent" in room and "claimed" in room.lower()

            await until(seen, "the agent on the card")
            body, headers = there.signed(ticket)
            headers["X-Zendesk-Webhook-Signature"] = "AAAA"
            async with http.post(f"{server.url}/mirrors/zendesk", data=body, headers=headers) as answer:
                assert answer.status == 401
