"""A desk over a database file that is gone afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.desk.knowledge.library import Library
from bot.storage import connect
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk


@contextmanager
def a_desk(template: Path, library: Library) -> Iterator[Helpdesk]:
    """A desk over a copy of the migrated file, which is gone afterwards."""
    folder = tempfile.mkdtemp(prefix="firstline-bad-")
    shutil.copy(template, f"{folder}/firstline.db")
    database = connect(f"sqlite:///{folder}/firstline.db")
    try:
        yield Helpdesk(database, library, Clock())
    finally:
        database.close()
        shutil.rmtree(folder)
