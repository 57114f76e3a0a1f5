"""Waiting for an event, with a limit."""

import asyncio

from bot.runtime.waiting import wait_for_event


async def test_an_event_that_is_set_is_not_waited_for() -> None:
    event = asyncio.Event()
    event.set()
    assert await wait_for_event(event, 0.0)


async def test_the_wait_ends_when_the_event_comes() -> None:
    event = asyncio.Event()
    asyncio.get_running_loop().call_soon(event.set)
    assert await wait_for_event(event, 60.0)


async def test_the_wait_has_a_limit() -> None:
    assert not await wait_for_event(asyncio.Event(), 0.001)
