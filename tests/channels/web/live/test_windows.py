"""Many windows of the page: what they show alike is read and rendered once, and the last change comes out."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from bot.channels.web.access.accounts import PERSONAS, ROOM, Participant
from bot.channels.web.live.inbox import Board, TicketPage, Viewer, reopens
from bot.channels.web.live.shared import Shared
from bot.channels.web.view import View
from bot.desk.ports.page import Card, Message, Standing
from bot.desk.ports.tickets import InboxEntry
from bot.domain.conversations.messages import Button, Line, Reply
from bot.domain.people import Person
from bot.domain.tickets.relay import Visibility
from bot.domain.tickets.ticket import Status
from tests.support.channels.page_host import Desk, make_host
from tests.support.channels.page_site import Serve, Site

MAYA, LEO = PERSONAS[3:]
MORNING = datetime(2026, 3, 2, 9, 0, 10, tzinfo=UTC)


@pytest.fixture
async def site(served: Serve) -> Site:
    site = await served()
    for number in range(3):
        await site.post("/web/ask", text=f"nothing fits {number}", key=f"key-{number}-0123")
    return site


class Held:
    """A reading that counts, and ends when it is let go."""

    def __init__(self) -> None:
        self.begun: list[float] = []
        self.has_begun, self.free = asyncio.Event(), asyncio.Event()
        self.state = 0

    async def read(self) -> int:
        self.begun.append(asyncio.get_running_loop().time())
        self.has_begun.set()
        found = self.state
        await self.free.wait()
        return found


async def test_all_who_wait_share_one_reading() -> None:
    held = Held()
    shared = Shared(held.read, pause=0)
    held.free.set()
    assert await asyncio.gather(*(shared() for _ in range(10))) == [0] * 10
    assert len(held.begun) == 1


async def test_who_asks_after_a_change_does_not_get_a_reading_from_before_it() -> None:
    held = Held()
    shared = Shared(held.read, pause=0)
    first = asyncio.create_task(shared())
    await held.has_begun.wait()
    held.state = 1
    later = [asyncio.create_task(shared()) for _ in range(10)]
    await asyncio.sleep(0)
    held.free.set()
    assert [await first, *(await asyncio.gather(*later))] == [0] + [1] * 10
    assert len(held.begun) == 2


async def test_between_two_readings_there_is_a_pause() -> None:
    held = Held()
    held.free.set()
    shared = Shared(held.read, pause=0.05)
    for _ in range(4):
        await shared()
    waits = [later - earlier for earlier, later in zip(held.begun, held.begun[1:], strict=False)]
    assert all(wait >= 0.05 for wait in waits), waits


async def test_a_reading_that_fails_fails_for_those_who_waited_and_no_longer() -> None:
    answers: list[int | Exception] = [OSError("the database is away"), 7]

    async def read() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    shared = Shared(read, pause=0)
    outcomes = await asyncio.gather(shared(), shared(), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [OSError, OSError]
    assert await shared() == 7


async def test_who_goes_away_does_not_take_the_reading_from_the_others() -> None:
    held = Held()
    shared = Shared(held.read, pause=0)
    leaving, staying = asyncio.create_task(shared()), asyncio.create_task(shared())
    await held.has_begun.wait()
    leaving.cancel()
    held.free.set()
    assert await staying == 0


async def test_the_room_is_read_once_for_ten_windows(site: Site) -> None:
    before = site.desk.rooms_read
    rooms = await asyncio.gather(*(site.text("/web/room?desk=maya") for _ in range(10)))
    assert len(set(rooms)) == 1
    assert "HELP-1" in rooms[0]
    # Those that came while it was being read share the next one.
    assert site.desk.rooms_read - before <= 2


def reader(engineer: Participant, query: str = "", *, has: bool = False, may: bool = True) -> Viewer:
    person = Person(4 if has else 5, engineer.name)
    return Viewer(engineer, query, Standing(person, frozenset({""} if may else ())))


def page_of(desk: Desk, *thread: Message) -> TicketPage:
    card = desk.ticket(ROOM, 1)
    assert card is not None
    return TicketPage(replace(card, thread=thread))


class Rendered:
    """What was rendered, in place of templates."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def __call__(self, template: str, context: dict[str, object]) -> str:
        self.done.append(template)
        if template == "inbox/row.html":
            entry = context["entry"]
            assert isinstance(entry, InboxEntry)
            return entry.ticket.reference
        thread = context["thread"]
        assert isinstance(thread, list)
        return f"{[message.text for message in thread]}"


def board_of(desk: Desk, read_at: datetime = MORNING) -> Board:
    return Board(desk.live(ROOM), (), (), read_at)


async def test_a_row_is_rendered_once_for_all(site: Site) -> None:
    board, rendered = board_of(site.desk), Rendered()
    for _ in range(3):
        assert [board.row(entry, rendered) for entry in board.entries] == [
            "HELP-1001",
            "HELP-1002",
            "HELP-1003",
        ]
    assert len(rendered.done) == 3


async def test_a_row_is_rendered_again_when_it_changes_or_its_age_does(site: Site) -> None:
    rendered = Rendered()

    def rows(board: Board, earlier: Board | None = None) -> Board:
        if earlier is not None:
            board.take_over(earlier)
        for entry in board.entries:
            board.row(entry, rendered)
        return board

    first = rows(board_of(site.desk))
    site.desk.threads[2] = [Message("o1", MORNING, text="new", visibility=Visibility.FROM_EMPLOYEE)]
    changed = rows(board_of(site.desk), first)
    assert len(rendered.done) == 3 + 1
    rows(board_of(site.desk, MORNING + timedelta(minutes=1)), changed)
    assert len(rendered.done) == 3 + 1 + 3


async def test_a_ticket_that_looks_the_same_to_all_is_rendered_once(site: Site) -> None:
    page, rendered = (
        page_of(site.desk, Message("o2", MORNING, text="for all", author="Ana Costa")),
        Rendered(),
    )
    for engineer in (MAYA, LEO, MAYA):
        assert "for all" in page.html(reader(engineer), False, rendered)
    assert len(rendered.done) == 1


async def test_nobody_is_shown_what_is_private_to_another(site: Site) -> None:
    private = Message("o1", MORNING, text="for Maya alone", private_to=str(MAYA.identity))
    common = Message("o2", MORNING, text="for all", author="Ana Costa")
    for engineers in ((MAYA, LEO), (LEO, MAYA)):
        page = page_of(site.desk, private, common)
        shown = {one.name: page.html(reader(one), False, Rendered()) for one in engineers}
        assert "for Maya alone" in shown[MAYA.name]
        assert "for Maya alone" not in shown[LEO.name]
        assert "for all" in shown[LEO.name]


async def test_the_form_that_changes_a_message_is_its_writers_alone(site: Site) -> None:
    written = Message(
        "r1", MORNING, author=MAYA.name, text="which colour?", own="m1", author_id=4, relay_id=1
    )
    render = partial(View(make_host(site.desk)).compose, "en")
    page = page_of(site.desk, written)
    shown = {one: page.html(reader(one), False, render) for one in (MAYA, LEO, MAYA)}
    assert "data-change" in shown[MAYA]
    assert "data-change" not in shown[LEO]
    assert "which colour?" in shown[LEO]


async def test_only_what_would_be_accepted_is_offered(site: Site) -> None:
    held = site.desk.held["t1"]
    site.desk.menu = tuple(Button(name, name, "t1") for name in ("merge", "canned", "release", "assign"))
    render = partial(View(make_host(site.desk)).compose, "en")

    def actions(who: Viewer) -> list[str]:
        return re.findall(r'data-action="(\w+)"', page_of(site.desk).html(who, False, render))

    assert actions(reader(LEO)) == ["claim", "release", "assign", "merge"]
    assert actions(reader(LEO, may=False)) == []
    held.ticket = replace(held.ticket, status=Status.CLAIMED, assignee=Person(4, MAYA.name))
    assert actions(reader(MAYA, has=True)) == ["resolve", "release", "assign", "merge"]
    assert actions(reader(LEO)) == ["assign", "assign", "merge"]  # the first takes it over
    assert actions(reader(LEO, may=False)) == []
    held.ticket = replace(held.ticket, notes_only=True)  # then a canned response would be refused
    assert actions(reader(MAYA, has=True)) == ["resolve", "release", "assign", "merge"]


async def test_what_was_resolved_can_be_reopened_by_whoever_may(site: Site) -> None:
    held = site.desk.held["t1"]
    held.ticket = replace(held.ticket, status=Status.RESOLVED, assignee=Person(4, MAYA.name))
    render = partial(View(make_host(site.desk)).compose, "en")

    def offers(who: Viewer) -> int:
        return page_of(site.desk).html(who, False, render).count('data-action="reopen"')

    assert [offers(reader(MAYA, has=True)), offers(reader(LEO)), offers(reader(LEO, may=False))] == [1, 1, 0]
    held.ticket = replace(held.ticket, status=Status.CLAIMED)
    assert offers(reader(LEO)) == 0
    closed = Card(replace(held.ticket, status=Status.RESOLVED), Reply(()))
    assert reopens(closed)
    low = Reply((), (Button("reopen", "Reopen", "t1"),))
    assert not reopens(replace(closed, reply=low)), "after a low mark its card does"
    assert not reopens(replace(closed, followed="HELP-1002")), "another ticket goes on with it"


async def test_windows_are_told_of_the_last_of_many_changes(site: Site) -> None:
    async with site.client.get("/web/events?desk=maya") as stream:
        await stream.content.readuntil(b"\n\n")
        for number in range(20):
            site.desk.told.append(
                Message(f"n{number}", site.desk.now(), reply=Reply((Line(f"notice {number}"),)))
            )
            site.desk.marks += 1
            await stream.content.readuntil(b"\n\n")
        assert "notice 19" in await site.text("/web/room?desk=maya")


async def test_pages_are_read_beside_whoever_writes(served: Serve) -> None:
    reads = 0

    async def read(function: Callable[..., Any], *values: Any) -> Any:
        nonlocal reads
        reads += 1
        return await asyncio.to_thread(function, *values)

    async def run(function: Callable[..., Any], *values: Any) -> Any:
        raise AssertionError(f"{function} of {values} would wait for those who write")

    site = await served(run=run, read=read)
    for path in ("/?as=ana&desk=maya", "/web/room", "/web/conversation", "/web/ticket?ticket=HELP-1001"):
        await site.text(path)
    assert reads >= 4
