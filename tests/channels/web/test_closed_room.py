"""Whoever is no engineer today finds the room closed, whatever their token says."""

import asyncio
from dataclasses import replace

import pytest
from aiohttp import ClientResponse

from bot.channels.web.access.accounts import CHANNEL, ROOM, read_grants
from bot.desk.knowledge.library import Library
from bot.desk.ports.page import File
from bot.domain.people import Identity
from bot.domain.tickets.queues import Queue, Queues
from bot.storage import Database
from tests.support.channels.page_host import Desk
from tests.support.channels.page_site import ANA_TOKEN, MAYA_TOKEN, TOKENS, Serve, Site
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk

PLANTED = "planted-7f3a"
HEADERS = {"Authorization": f"Bearer {MAYA_TOKEN}"}


def _file_for(_id: int, _reader: Identity, engineer: bool) -> File | None:
    return File(1, "x.txt", "text/plain", 3, CHANNEL, "", PLANTED.encode()) if engineer else None


@pytest.fixture
async def closed(served: Serve) -> Site:
    """A page where Ana has asked, and where Maya is no engineer any more."""
    desk = Desk(unlisted=frozenset({"maya_patel"}))
    site = await served(grants=read_grants(TOKENS)[0], desk=desk, anonymous=False, file_for=_file_for)
    ana = {"Authorization": f"Bearer {ANA_TOKEN}", "Origin": site.origin}
    body = {"pane": "ask", "key": "0123456789abcdef", "text": f"the {PLANTED} hums"}
    async with site.client.post("/web/ask", json=body, headers=ana) as response:
        assert (await response.json())["kind"] == "ticket"
    desk.received.clear()
    return site


def _routes(site: Site) -> list[tuple[str, str]]:
    """Every route of the page, with something in the place of what it takes."""
    found = set()
    for route in site.client.app.router.routes():
        assert route.resource is not None
        path = route.resource.canonical.replace("{file}", "1").replace("{token}", "signed")
        found.add((route.method, path.replace("{name}", "page.js")))
    return sorted(found)


async def _read(response: ClientResponse) -> str:
    # A stream never ends by itself; what it says first is enough.
    if response.content_type == "text/event-stream":
        return (await response.content.readany()).decode()
    return await response.text()


async def test_no_route_shows_or_takes_what_is_the_engineers(closed: Site) -> None:
    routes = _routes(closed)
    assert {path for _, path in routes} >= {"/", "/web/room", "/web/ticket", "/web/events", "/web/files/1"}
    body = {"pane": "room", "key": "fedcba9876543210", "text": "x", "action": "claim", "token": "t1"}
    body |= {"under": "t1", "change": "edited", "message": "m1", "behalf": "ana"}
    for method, path in routes:
        sent = body if method == "POST" else None
        headers = HEADERS | {"Origin": closed.origin}
        async with (
            asyncio.timeout(30),
            closed.client.request(method, path, headers=headers, json=sent) as answer,
        ):
            assert PLANTED not in await _read(answer), path
            assert answer.status < 500, path
    assert closed.desk.received == []


async def test_who_is_listed_finds_it_open(served: Serve) -> None:
    desk = Desk()
    site = await served(grants=read_grants(TOKENS)[0], desk=desk, anonymous=False, file_for=_file_for)
    assert "No open tickets" in await site.text("/web/room", **HEADERS)
    assert await site.text("/web/files/1", **HEADERS) == PLANTED
    desk.unlisted = frozenset({"maya_patel"})
    async with site.client.get("/web/room", headers=HEADERS) as response:
        assert response.status == 403


@pytest.mark.parametrize(
    ("engineers", "queues", "open_to"),
    [
        ("", None, {"maya", "leo"}),
        ("web:maya", None, {"maya"}),
        ("leo", None, {"leo"}),
        ("slack:T1/maya", None, set()),
        ("", {"it": ("leo",)}, {"leo"}),
        ("", {"it": ("leo",), "hr": ()}, {"maya", "leo"}),
        ("web:leo", {"it": (), "hr": ("web:maya",)}, {"maya", "leo"}),
    ],
)
def test_the_lists_of_today_open_the_room(
    database: Database,
    library: Library,
    clock: Clock,
    engineers: str,
    queues: dict[str, tuple[str, ...]] | None,
    open_to: set[str],
) -> None:
    named = None
    if queues is not None:
        made = {
            name: Queue(name, engineers=tuple(map(Identity.parse, listed)), rooms={CHANNEL: "room"})
            for name, listed in queues.items()
        }
        named = Queues(made, next(iter(made)), configured=True)
    desk = Helpdesk(database, library, clock, engineers, (ROOM,), queues=named).desk
    found = {name for name in ("maya", "leo") if desk.page_view.opens(ROOM, Identity(CHANNEL, "", name))}
    assert found == open_to
    assert not desk.page_view.opens(replace(ROOM, space="elsewhere"), Identity(CHANNEL, "", "nobody"))
