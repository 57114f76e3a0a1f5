"""A desk with three engineers in two channels."""

import pytest

from bot.desk.knowledge.library import Library
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.engineers import ENGINEERS
from tests.support.desk.helpdesk import Helpdesk


@pytest.fixture
def desk(database: Database, library: Library, clock: Clock) -> Helpdesk:
    return Helpdesk(database, library, clock, engineers=ENGINEERS)
