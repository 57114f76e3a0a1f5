"""What is typed into a draft is on every replica, and goes: after a day, and where anybody is erased."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot.domain.drafts.typed_draft import TypedDraft
from bot.domain.people import Identity
from bot.server.settings import Settings
from bot.server.workers.retention import RetentionWorker
from bot.storage import Database
from bot.storage.learning.typed_drafts import MOST
from bot.storage.personal.erasure import Erasure
from bot.storage.personal.export import Export
from bot.storage.unit_of_work import units_of_work
from tests.support.clock import Clock


def draft(at: datetime, text: str = "# Typed") -> TypedDraft:
    return TypedDraft(at, "base", text, "intent: typed")


def test_another_replica_finds_what_was_typed(database: Database, clock: Clock) -> None:
    with units_of_work(database)() as work:
        work.typed_drafts.keep("web:/maya", "gap:7:en", draft(clock(), "# First"))
        work.typed_drafts.keep("web:/maya", "gap:7:en", draft(clock()))
        work.typed_drafts.keep("web:/nora", "gap:7:en", draft(clock(), "# Hers"))
    with units_of_work(database).reading() as work:
        assert work.typed_drafts.find("web:/maya", "gap:7:en") == draft(clock())
        assert work.typed_drafts.find("web:/maya", "gap:8:en") is None
    with units_of_work(database)() as work:
        work.typed_drafts.forget("web:/maya", "gap:7:en")
        assert work.typed_drafts.find("web:/maya", "gap:7:en") is None
        assert work.typed_drafts.find("web:/nora", "gap:7:en") is not None


def test_of_too_many_the_oldest_go(database: Database, clock: Clock) -> None:
    with units_of_work(database)() as work:
        for number in range(MOST + 1):
            clock.move(seconds=1)
            work.typed_drafts.keep("web:/maya", str(number), draft(clock()))
        assert work.typed_drafts.find("web:/maya", "0") is None
        assert work.typed_drafts.find("web:/maya", "1") is not None


async def no_thread(act: Callable[..., Any], *values: Any) -> Any:
    """Do it here and now."""
    return act(*values)


async def test_what_is_a_day_old_goes_from_a_server(database: Database, clock: Clock) -> None:
    with units_of_work(database)() as work:
        work.typed_drafts.keep("web:/maya", "old", draft(clock() - timedelta(hours=25)))
        work.typed_drafts.keep("web:/maya", "new", draft(clock()))
    working = asyncio.create_task(RetentionWorker(database, no_thread, clock, Settings()).run())
    for _ in range(5):  # each of its looks has been done once
        await asyncio.sleep(0)
    working.cancel()
    with units_of_work(database).reading() as work:
        assert work.typed_drafts.find("web:/maya", "old") is None
        assert work.typed_drafts.find("web:/maya", "new") is not None


def test_what_somebody_typed_is_in_their_export_until_anybody_is_erased(
    database: Database, clock: Clock
) -> None:
    with units_of_work(database)() as work:
        maya = work.people.meet(Identity("web", "", "maya"), "Maya", None, clock())
        ana = work.people.meet(Identity("web", "", "ana"), "Ana", None, clock())
        work.typed_drafts.keep(str(Identity("web", "", "maya")), "ticket:1:en", draft(clock()))
    with database.transaction(reading=True) as db:
        (typed,) = Export(db, maya.id).gather()["typed_into_drafts"]
        assert (typed["of"], typed["article"]) == ("ticket:1:en", "# Typed")
        assert Export(db, ana.id).gather()["typed_into_drafts"] == []
    Erasure(database, clock).begin(ana.id, "operator")  # whose ticket the draft may be of
    with database.transaction(reading=True) as db:
        assert Export(db, maya.id).gather()["typed_into_drafts"] == []
