"""What is held of a person: `firstline export` and `firstline erase`."""

import getpass
import time
from collections import Counter
from datetime import UTC, datetime

from bot.cli import terminal
from bot.cli.data.database import opened_database
from bot.cli.progress import Waiting
from bot.cli.reader import said
from bot.domain.diagnosis import counted
from bot.domain.errors import PersonNotFound
from bot.storage import Database
from bot.storage.personal.erasure import Erasure, Step
from bot.storage.personal.export import gather_joined
from bot.storage.personal.log import note_export
from bot.storage.personal.remains import drop_remains
from bot.storage.personal.search import Found, search

PAUSE = 0.05  # seconds between two portions, for whoever asks meanwhile
PATIENCE = 30.0  # seconds for a running server to delete in chat


def export(sought: str) -> None:
    """Print everything that is held of a person as JSON."""
    database = opened_database()
    found = one_person(database, sought)
    with database.transaction(reading=True) as db:
        gathered = gather_joined(db, found.people)
    for one in found.people:
        note_export(database, one, operator(), now())
    terminal.print_json(gathered, 2)


def erase(sought: str, *, yes: bool, compact: bool) -> None:
    """Erase a person; what was begun goes on by itself where a server runs."""
    database = opened_database()
    console = terminal.console(errors=True)
    found = one_person(database, sought)
    if not yes:
        console.print(_described(found))
        terminal.stop_unless_confirmed("Erase their name, accounts, words and files for good?")
    erasure = Erasure(database, now)
    numbers = erasure.begin(found.id, operator())
    with Waiting(console, 0, "rows") as waiting:
        steps = [_run(erasure, number, waiting) for number in numbers]
        if compact and database.sqlite:
            waiting.say("The file is written anew ...")
    left = drop_remains(database, compact=compact)
    counts: Counter[str] = Counter()
    for number in numbers:
        counts.update(erasure.counts(number))
    texts, tickets, posts, files = (counts.get(name, 0) for name in ("texts", "tickets", "posts", "files"))
    console.tell(f"Erased {found.key}: {texts} texts, {tickets} tickets, {posts} posts, {files} files.")
    waiting_posts = sum(step.waits for step in steps)
    if not all(step.finished for step in steps):
        console.tell(
            f"{waiting_posts} posts are still to be deleted in chat: a running server does so, and then "
            "forgets where the person was reached. Run the same again to see whether it is done."
        )
    if left:
        console.tell(left)


def _run(erasure: Erasure, number: int, waiting: Waiting) -> Step:
    until = time.monotonic() + PATIENCE
    while True:
        step = erasure.step(number)
        if step.finished or (step.waits and time.monotonic() > until):
            return step
        waiting.reach(step.done, step.of)
        time.sleep(1.0 if step.waits else PAUSE)


def one_person(database: Database, sought: str) -> Found:
    """Find the one person whom a search means; raise `PersonNotFound` where there is none, or are several."""
    with database.transaction(reading=True) as db:
        found = search(db, sought)
    if not found:
        hint = "\nNo e-mail address is kept." if "@" in sought else ""
        raise PersonNotFound(
            f"Nobody is known as '{sought}': give a name, an account such as slack:T1/U1, or person:17.{hint}"
        )
    if len(found) == 1:
        return found[0]
    table = terminal.table("person", "name", "accounts", "tickets", "known since")
    for one in found:
        table.add_row(
            one.key, one.name, " ".join(map(str, one.accounts)), str(one.tickets), f"{one.since:%Y-%m-%d}"
        )
    terminal.console().print(table)
    raise PersonNotFound(f"{len(found)} people fit '{sought}': say which, such as {found[0].key}.")


def _described(found: Found) -> str:
    accounts = " ".join(map(str, found.accounts)) or said("no account")
    if len(found.people) > 1:
        accounts += said(f"; {len(found.people)} joined accounts, all of which go")
    tickets = said(counted(found.tickets, "ticket", "tickets"))
    return f"{found.key}: {found.name} ({accounts}), {tickets}"


def operator() -> str:
    """Say who runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without an entry for its user
        return "operator"


def now() -> datetime:
    """Return the time, aware, in UTC."""
    return datetime.now(UTC)
