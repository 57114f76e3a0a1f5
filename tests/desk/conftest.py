"""The desk that these tests play on."""

import pytest

from bot.desk.knowledge.library import Library
from bot.storage import Database
from tests.conftest import Clock
from tests.support.desk.helpdesk import Helpdesk


@pytest.fixture
def helpdesk(database: Database, library: Library, clock: Clock) -> Helpdesk:
    return Helpdesk(database, library, clock)
