"""Opens and migrates the database, lists posts: `firstline migrate` and `outbox`."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from bot.cli import terminal
from bot.cli.reader import word
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.diagnosis import counted
from bot.domain.errors import DatabaseNotReady, SettingsInvalid
from bot.server.settings import Settings, complain, read_core
from bot.storage import Database, connect, current_revision, migrate
from bot.storage.engine import check_is_there
from bot.storage.migrate import newest_revision
from bot.storage.unit_of_work import units_of_work

LIMIT = 200


def ready_database(*, ready: bool = True) -> tuple[Settings, Database]:
    """The settings and their database; with `ready` it must be at the newest schema."""
    mistakes: list[str] = []
    settings = read_core(mistakes)
    complain(mistakes)
    assert settings is not None  # noqa: S101  # `complain` has raised otherwise
    if ready:
        check_is_there(settings.database_url)
    database = connect(settings.database_url)
    if ready and current_revision(database) != newest_revision():
        raise DatabaseNotReady
    return settings, database


def migrate_database() -> None:
    """Bring the database to the newest schema."""
    _, database = ready_database(ready=False)
    before = current_revision(database)
    migrate(database)
    after = current_revision(database)
    terminal.console(errors=True).tell(
        f"The database is at {after} already."
        if before == after
        else f"Migrated from {before} to {after}."
        if before
        else f"Made the database, with the schema {after}."
    )


def list_outbox(*, dead: bool, as_json: bool) -> None:
    """List posts that wait or were given up."""
    begin = _begin()
    with begin() as work:
        rows = work.deliveries.listed(("dead",) if dead else ("waiting", "dead"), LIMIT)
    if as_json:
        data = [{**asdict(row), "created_at": row.created_at.isoformat(timespec="seconds")} for row in rows]
        terminal.print_json(data)
        return
    if not rows:
        terminal.console().tell("No post was given up." if dead else "No post waits, and none was given up.")
        return
    columns = ("number", "kind", "channel", "place", "ticket", "status", "tries", "error", "since")
    table = terminal.table(*columns, whole=("number", "status", "since"))
    for row in rows:
        kind, status = word(row.kind), word(row.status)
        values = (row.id, kind, row.channel, row.space, row.ticket, status, row.attempts, row.error)
        table.add_row(*(str(value or "") for value in values), terminal.short(row.created_at))
    terminal.console().print(table)


def retry_outbox(numbers: list[int] | None) -> None:
    """Let posts that were given up be tried again."""
    begin = _begin()
    with begin() as work:
        requeued = work.deliveries.requeue(numbers or None, now())
    terminal.console(errors=True).tell(
        f"{counted(requeued, 'post', 'posts')} will be tried again; a running server does so at once."
    )


def opened() -> tuple[Settings, UnitsOfWork]:
    """The settings, and a maker of transactions on their database, which must be at the newest schema."""
    settings, database = ready_database()
    return settings, units_of_work(database)


def opened_database() -> Database:
    """The database, which must be at the newest schema."""
    return ready_database()[1]


def _begin() -> UnitsOfWork:
    return units_of_work(ready_database()[1])


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def check_days(since: datetime | None, until: datetime | None) -> None:
    """Raise `SettingsInvalid` where the first day is after the last."""
    if since and until and since > until:
        raise SettingsInvalid(
            f"--since: {since:%Y-%m-%d} is after {until:%Y-%m-%d}; change the two days round."
        )


def day_after(day: datetime) -> datetime | None:
    """The day after; None where there is none."""
    try:
        return day + timedelta(days=1)
    except OverflowError:  # the last day that there is
        return None
