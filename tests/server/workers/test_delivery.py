"""The loop that delivers: whoever hangs takes a share of what may be on its way, and no more."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bot.desk.delivery.capacity import IN_A_CHANNEL, IN_A_PLACE
from bot.desk.ports.channels import Delivery, Receipt
from bot.domain.conversations.messages import ConversationRef, Line, Reply
from bot.domain.errors import DeliveryFailed
from bot.server.database_threads import DatabaseThreads
from bot.server.monitoring.metrics import Metrics
from bot.server.workers.delivery import BROKEN_ATTEMPTS, DeliveryWorker, FileContents
from tests.support.desk.helpdesk import Helpdesk
from tests.support.e2e.running import until
from tests.support.unknown import UNKNOWN

HANGING = "CHANGS"


@dataclass
class Platform:
    """A platform that takes every post, but for places that hang until they are let go, refuse or break."""

    hanging: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    refusing: set[str] = field(default_factory=set)
    tried: Counter[str] = field(default_factory=Counter)
    free: asyncio.Event = field(default_factory=asyncio.Event)
    sent: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)

    name = "slack"

    def trouble(self) -> str | None:
        return None

    async def deliver(self, delivery: Delivery) -> Receipt:
        space = delivery.conversation.space
        if space in self.hanging:
            self.held[space] += 1
            await self.free.wait()
            self.held[space] -= 1
        if space in self.broken:
            self.tried[space] += 1
            raise ZeroDivisionError
        if space in self.refusing:
            raise DeliveryFailed("user_disabled", permanent=True)
        self.sent[space] += 1
        return Receipt(f"m{delivery.id}")


@asynccontextmanager
async def delivering(helpdesk: Helpdesk, **platforms: Platform) -> AsyncIterator[DeliveryWorker]:
    """Deliver to these platforms; at the end whoever hangs is let go, and the worker ends by itself."""
    threads = DatabaseThreads(1)
    files = FileContents(helpdesk.desk.dispatcher, {}, 0, threads.run)
    worker = DeliveryWorker(helpdesk.desk.dispatcher, platforms, files, threads.run, Metrics())
    loop = asyncio.create_task(worker.run())
    yield worker
    for platform in platforms.values():
        platform.free.set()
    worker.stop()
    await loop
    threads.close()


def post(helpdesk: Helpdesk, space: str, count: int, channel: str = "slack") -> None:
    """Let so many posts wait, each in a thread of its own of one place."""
    with helpdesk.begin() as work:
        for number in range(count):
            ref = ConversationRef(channel, "T1", space, f"{number}.0", private=False)
            reply = Reply((Line("Hello"),), summary="Hello", language="en")
            work.outbox.say(work.conversations.open(ref), reply, helpdesk.clock())
        helpdesk.clock.move(seconds=0.001)


async def test_a_place_that_hangs_holds_up_no_other(helpdesk: Helpdesk) -> None:
    post(helpdesk, HANGING, 100)
    post(helpdesk, "CELSE", 20)
    slack = Platform({HANGING})
    async with delivering(helpdesk, slack=slack):
        await until(lambda: slack.sent["CELSE"] == 20, "the posts elsewhere")
        assert slack.held[HANGING] == IN_A_PLACE
        assert slack.sent[HANGING] == 0
        slack.free.set()
        await until(lambda: slack.sent[HANGING] == 100, "what hung, once it is let go")


async def test_a_channel_that_hangs_holds_up_no_other(helpdesk: Helpdesk) -> None:
    places = [f"C{number}" for number in range(30)]
    for place in places:
        post(helpdesk, place, 5, "slack")
    post(helpdesk, "19:room", 20, "teams")
    slack, teams = Platform(set(places)), Platform()
    async with delivering(helpdesk, slack=slack, teams=teams):
        await until(lambda: teams.sent["19:room"] == 20, "the posts of the other channel")
        await until(lambda: slack.held.total() == IN_A_CHANNEL, "a channel with no share left")
        assert max(slack.held.values()) <= IN_A_PLACE


@pytest.mark.parametrize("hours", [-2, 2])
async def test_what_is_on_its_way_is_not_leased_again_however_the_clock_is_set(
    helpdesk: Helpdesk, hours: int
) -> None:
    post(helpdesk, HANGING, 1)
    slack = Platform({HANGING})
    async with delivering(helpdesk, slack=slack) as worker:
        await until(lambda: slack.held[HANGING] == 1, "a post on its way")
        helpdesk.clock.set_by(hours=hours)
        post(helpdesk, "CELSE", 1)
        worker.wake()
        await until(lambda: slack.sent["CELSE"] == 1, "an exchange by the new time")
        assert slack.held[HANGING] == 1
    assert slack.sent[HANGING] == 1


async def test_a_post_that_breaks_its_channels_code_is_given_up_soon_and_what_follows_goes_on(
    helpdesk: Helpdesk,
) -> None:
    post(helpdesk, "CBREAKS", 1)
    slack = Platform(broken={"CBREAKS"})

    async def given_up() -> bool:
        helpdesk.clock.move(seconds=10)
        with helpdesk.begin() as work:
            return bool(work.deliveries.listed(("dead",), 10))

    async with delivering(helpdesk, slack=slack) as worker:
        while not await given_up():
            worker.wake()
            await asyncio.sleep(0.01)
        assert slack.tried["CBREAKS"] == BROKEN_ATTEMPTS
        slack.broken.clear()
        post(helpdesk, "CBREAKS", 1)
        worker.wake()
        await until(lambda: slack.sent["CBREAKS"] == 1, "what follows in the same thread")


async def test_a_post_that_cannot_be_settled_stops_no_other(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"), thread="2.0")
    helpdesk.desk.intake.receive(helpdesk.utterance("ana", "it is still fizzing", thread="9.0"))
    with helpdesk.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE tickets SET priority = 99")
    slack = Platform(refusing={"Dana", "CROOM"})
    post(helpdesk, "CELSE", 20)
    async with delivering(helpdesk, slack=slack):
        await until(lambda: slack.sent["CELSE"] == 20, "the other posts")

        def settled() -> bool:
            with helpdesk.begin.reading() as work:
                return not work.deliveries.listed(("waiting",), 100)

        await until(settled, "everything settled")
    with helpdesk.begin.reading() as work:
        assert [row.space for row in work.deliveries.listed(("dead",), 100)].count("CELSE") == 0
