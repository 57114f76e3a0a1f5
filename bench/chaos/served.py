"""`firstline serve` in a process whose clock and database obey two files beside its log.

    python -m bench.chaos.served FOLDER

`clock` holds the seconds by which the machine's clock is wrong, `database` what every transaction meets:
`full` or `read-only`. Neither is a setting of the product: they are put in here, before it is imported.
"""

import sys
import time
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
ALL_PAGES = 4_294_967_294
ON_SQLITE = {
    "": (f"PRAGMA max_page_count = {ALL_PAGES}", "PRAGMA query_only = 0"),
    "full": ("PRAGMA max_page_count = 1",),
    "read-only": ("PRAGMA query_only = 1",),
}
ON_POSTGRESQL = {
    "": (),
    "full": (
        "DO $$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$",
    ),
    "read-only": ("SET TRANSACTION READ ONLY",),
}
_time = time.time


def said(name: str) -> str:
    """What one of the files says now; "" where there is none."""
    try:
        return (FOLDER / name).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def wrong_by() -> float:
    """The seconds by which the clock is wrong."""
    return float(said("clock") or 0.0)


class WrongTime(datetime):
    """The time of a machine whose clock is wrong."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        """The time that such a machine tells."""
        return datetime.now(tz) + timedelta(seconds=wrong_by())


def set_clock() -> None:
    """Let everything that tells the time here tell the wrong one."""
    time.time = lambda: _time() + wrong_by()  # before anybody imports it by name
    from jwt import api_jwt

    from bot.server import wiring

    for module in (api_jwt, wiring):
        setattr(module, "datetime", WrongTime)  # noqa: B010  # no type has it so


def set_database() -> None:
    """Let each transaction meet what the file says."""
    from sqlalchemy import Connection, Engine, event

    @event.listens_for(Engine, "begin")
    def _begun(connection: Connection) -> None:
        by_kind = ON_SQLITE if connection.dialect.name == "sqlite" else ON_POSTGRESQL
        driver = connection.connection.cursor()
        for statement in by_kind[said("database")]:
            driver.execute(statement)
        driver.close()


def main() -> None:
    """Serve."""
    sys.argv = ["firstline", "serve"]
    set_clock()
    set_database()
    from bot.__main__ import main as firstline

    firstline()


if __name__ == "__main__":
    main()
