"""A desk whose rooms are in two channels."""

import pytest

from bot.desk.knowledge.library import Library
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk
from tests.support.desk.relay import ROOMS


@pytest.fixture
def across(database: Database, library: Library, clock: Clock) -> Helpdesk:
    """A desk with a room in Slack and one in Teams."""
    return Helpdesk(database, library, clock, rooms=ROOMS)
