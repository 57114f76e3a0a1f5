"""Erases somebody of whom much was planted, and looks for it in every column and in the files."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.attack.attempts import Options, Row, row
from bench.attack.site import library
from bench.databases import databases
from bench.plan import DATABASES
from bot.storage import connect
from bot.storage.personal.remains import drop_remains
from tests.support.clock import Clock
from tests.support.days.planted_words import ANA, EVA, counts, erase, figures, holding, play, remains, shown
from tests.support.desk.helpdesk import Helpdesk

COLUMNS = "after an erasure: every column of the database"
FILES = "after an erasure: the bytes of its files"
CHAT = "after an erasure: what is shown in chat"
COUNTS = "after an erasure: counts and figures"
ATTACKS = (COLUMNS, FILES, CHAT, COUNTS)
Erase = Callable[[Helpdesk, str], object]


def attack(kind: str, url: str, erasure: Erase = erase) -> list[Row]:
    """Play a desk full of what is somebody's, erase them, and look for it."""
    database = connect(url)
    try:
        desk = Helpdesk(database, library(), Clock(), engineers=f"{EVA} eric")
        play(desk)
        planted, before = sorted(holding(database)), (counts(database), figures(desk))
        for person in (ANA, EVA):
            erasure(desk, person)
        desk.clock.move(hours=1)
        desk.deliver()
        drop_remains(database, compact=False)
        left = holding(database)
        same = "" if (counts(database), figures(desk)) == before else f"{kind}: they are not as before"
        return [
            row(COLUMNS, [f"{kind}: {one}" if one in left else "" for one in planted]),
            row(FILES, [f"{kind}: {one}" for one in remains(database, url)] or [""]),
            row(CHAT, [f"{kind}: {one[:60]}" for one in shown(desk)] or [""]),
            row(COUNTS, [same]),
        ]
    finally:
        database.close()


def run(options: Options) -> list[Row]:
    """Attack a database of each kind; the rows of both as one."""
    kinds = DATABASES[:1] if options.quick else DATABASES
    found = [_of(kind) for kind in kinds]
    return [_together(rows, kinds) for rows in zip(*found, strict=True)]


def _together(rows: Sequence[Row], kinds: Sequence[str]) -> Row:
    through = tuple(one for each in rows for one in each.through)
    return Row(rows[0].attack, sum(one.tried for one in rows), through, ", ".join(kinds))


def _of(kind: str) -> list[Row]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="firstline-attack-")))
        folder.chmod(0o755)  # PostgreSQL has a user of its own
        made = stack.enter_context(databases(folder, postgresql=kind != "sqlite"))
        return attack(kind, made.fresh(kind))
