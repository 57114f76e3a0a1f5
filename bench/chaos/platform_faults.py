"""What a platform in trouble does to the desk, and one post that cannot be read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import create_engine, text

from bench.chaos.books import rows
from bench.chaos.gate import Trouble
from bench.chaos.site import Site, until
from bench.processes import BenchFailed, run

SECONDS = 8.0
OLD_BODY = '{"blocks": [{"type": "hologram"}]}'
DEAD = "SELECT id FROM outbox WHERE status = 'dead'"
VICTIM = """SELECT outbox.id, text_id, body FROM outbox JOIN texts ON texts.id = text_id
    JOIN conversations ON conversations.id = conversation_id
    WHERE status = 'waiting' AND kind = 'reply' AND attempts > 0 AND private ORDER BY outbox.id LIMIT 1"""


@asynccontextmanager
async def both_in(site: Site, trouble: Trouble) -> AsyncIterator[None]:
    """Both platforms are in this trouble."""
    for gate in site.gates:
        await gate.fall_into(trouble)
    try:
        yield
    finally:
        for gate in site.gates:
            await gate.recover()


async def trouble(site: Site, kind: Trouble) -> None:
    """Let both platforms be in trouble for some seconds."""
    async with both_in(site, kind):
        await asyncio.sleep(SECONDS)
    if not all(gate.troubled for gate in site.gates):
        site.broken.append("a platform was not called meanwhile: nothing was shown")


async def poisoned_row(site: Site) -> None:
    """Make one waiting reply unreadable; it must be set aside alone, and go out by its number once mended."""
    async with both_in(site, Trouble.BROKEN):
        await asyncio.sleep(1.0)  # what was on its way is out
        number, text_id, body = await _sought(site, VICTIM)
        site.set_aside.append(number)
        await asyncio.to_thread(_write, site.url, text_id, OLD_BODY)
        await asyncio.sleep(1.0)  # an attempt that was on its way has failed
    await _sought(site, DEAD)
    await asyncio.sleep(2.0)
    left = await asyncio.to_thread(rows, site.url, DEAD)
    if left != [(number,)]:
        site.broken.append(f"{len(left)} posts were set aside with it")
    await asyncio.to_thread(_write, site.url, text_id, body)
    environment = {**site.environment, "FIRSTLINE_DATABASE_URL": site.url}
    await _command(site, environment, "outbox", "retry", str(number))


async def _sought(site: Site, query: str) -> Any:
    found: list[Any] = []

    async def look() -> bool:
        found[:] = await asyncio.to_thread(rows, site.url, query)
        return bool(found)

    await until(look, f"a row of {query!r}")
    return found[0]


def _write(url: str, text_id: int, body: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE texts SET body = :body WHERE id = :id"), {"body": body, "id": text_id}
        )
    engine.dispose()


async def _command(site: Site, environment: dict[str, str], *arguments: str) -> None:
    try:
        await asyncio.to_thread(run, ["-m", "bot", *arguments], site.folder, environment)
    except BenchFailed as error:
        site.broken.append(str(error)[-300:])
