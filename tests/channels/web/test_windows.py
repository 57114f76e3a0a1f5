"""Many windows of the page: what they show alike is read and rendered once, and the last change comes out."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.web.access.accounts import PERSONAS, Participant
from bot.channels.web.live.panes import Board, Panes, Viewer
from bot.channels.web.live.shared import Shared
from bot.channels.web.view import View
from bot.desk.ports.channels import Card, Message
from bot.domain.conversations.messages import Line, Reply
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


def board_of(desk: Desk, read_at: datetime = MORNING, *threads: tuple[Message, ...]) -> Board:
    cards = desk.room(MAYA.conversation)
    given = threads or ((),) * len(cards)
    return Board(
        tuple(replace(card, thread=thread) for card, thread in zip(cards, given, strict=True)),
        (),
        (),
        read_at,
    )


class Rendered:
    """The cards that were rendered, in place of templates."""

    def __init__(self) -> None:
        self.cards: list[str] = []

    def __call__(self, template: str, context: dict[str, object]) -> str:
        assert template == "card.html"
        card, thread = context["card"], context["thread"]
        assert isinstance(card, Card)
        assert isinstance(thread, list)
        self.cards.append(card.ticket.reference)
        return f"{card.ticket.reference} {[message.text for message in thread]}"

    def room(self, board: Board, engineer: Participant, query: str = "") -> list[str]:
        return [board.card(card, Viewer(engineer, query), self) for card in board.cards]


async def test_a_card_that_looks_the_same_to_all_is_rendered_once(site: Site) -> None:
    board, rendered = board_of(site.desk), Rendered()
    for engineer in (MAYA, LEO, MAYA):
        rendered.room(board, engineer)
    assert len(rendered.cards) == len(board.cards) == 3


async def test_a_card_is_rendered_again_when_it_changes_or_its_ages_do(site: Site) -> None:
    rendered = Rendered()
    board = board_of(site.desk)
    rendered.room(board, MAYA)
    changed = board_of(site.desk, MORNING, (Message("o1", MORNING, text="new"),), (), ())
    changed.take_over(board)
    assert "new" in rendered.room(changed, MAYA)[0]
    assert len(rendered.cards) == 3 + 1
    later = board_of(site.desk, MORNING + timedelta(minutes=1), (Message("o1", MORNING, text="new"),), (), ())
    later.take_over(changed)
    rendered.room(later, MAYA)
    assert len(rendered.cards) == 3 + 1 + 3


async def test_nobody_is_shown_what_is_private_to_another(site: Site) -> None:
    rendered = Rendered()
    private = Message("o1", MORNING, text="for Maya alone", private_to=str(MAYA.identity))
    common = Message("o2", MORNING, text="for all", author="Ana Costa")
    board = board_of(site.desk, MORNING, (private, common), (), ())
    for engineers in ((MAYA, LEO), (LEO, MAYA)):
        shown = {engineer.name: rendered.room(board, engineer)[0] for engineer in engineers}
        assert "for Maya alone" in shown[MAYA.name]
        assert "for Maya alone" not in shown[LEO.name]
        assert "for all" in shown[LEO.name]
    assert len(rendered.cards) == 3 + 1


async def test_the_form_that_changes_a_message_is_its_writers_alone(site: Site) -> None:
    written = Message(
        "r1", MORNING, author=MAYA.name, text="which colour?", own="m1", author_id=4, relay_id=1
    )
    host = make_host(site.desk)
    panes = Panes(host, View(host), pause=0)
    board = board_of(site.desk, MORNING, (written,), (), ())
    shown = {one: panes.render_room(board, Viewer(one, ""), "en").html for one in (MAYA, LEO, MAYA)}
    assert "data-change" in shown[MAYA]
    assert "data-change" not in shown[LEO]
    assert "which colour?" in shown[LEO]


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
    for path in ("/?as=ana&desk=maya", "/web/room", "/web/conversation", "/web/queue"):
        await site.text(path)
    assert reads >= 4
