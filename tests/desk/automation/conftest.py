"""A desk with one queue, whose time passes."""

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.tickets.queues import Queue, Queues
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.helpdesk import ROOM, Helpdesk
from tests.support.desk.passing_time import OFFICE, Play, at


@pytest.fixture
def play(database: Database, library: Library, clock: Clock) -> Play:
    """A desk with one queue, in Madrid, at ten o'clock on a Monday."""
    clock.now = at("2026-03-02 10:00")

    def make(rooms: tuple[object, ...] = (ROOM,), **changes: object) -> Helpdesk:
        queue = Queue("it", {"en": "IT desk"}, hours=OFFICE, **changes)  # type: ignore[arg-type]  # the test's own
        return Helpdesk(database, library, clock, rooms=rooms, queues=Queues({"it": queue}, "it"))  # type: ignore[arg-type]  # as above

    return make
