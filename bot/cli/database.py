"""Migrates the database, lists tickets and posts: `firstline migrate`, `tickets` and `outbox`."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from rich.table import Table

from bot import wording
from bot.cli import terminal
from bot.cli.content import content_settings
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.desk.tickets.developer_report import DeveloperReport
from bot.domain.errors import DatabaseNotReady, TicketNotFound
from bot.domain.tickets.rating import MARKS, MEAN_DAYS
from bot.domain.tickets.ticket import Status, Ticket, parse_ticket_id
from bot.server.content import library_of
from bot.server.settings import Settings, complain, read_core
from bot.server.signed_links import ArticleLinks
from bot.server.wiring import desk_of
from bot.storage import Database, connect, current_revision, migrate
from bot.storage.migrate import newest_revision
from bot.storage.unit_of_work import units_of_work

LIMIT = 200


def _database(*, ready: bool = True) -> tuple[Settings, Database]:
    mistakes: list[str] = []
    settings = read_core(mistakes)
    complain(mistakes)
    assert settings is not None  # noqa: S101  # `complain` has raised otherwise
    database = connect(settings.database_url)
    if ready and current_revision(database) != newest_revision():
        raise DatabaseNotReady
    return settings, database


def migrate_database() -> None:
    """Bring the database to the newest schema."""
    _, database = _database(ready=False)
    before = current_revision(database)
    migrate(database)
    after = current_revision(database)
    terminal.console(errors=True).print(
        f"The database is at {after} already." if before == after else f"Migrated from {before} to {after}."
    )


def list_tickets(*, closed: bool, as_json: bool) -> None:
    """List tickets by priority and age."""
    begin = _begin()
    statuses = tuple(Status) if closed else (Status.OPEN, Status.CLAIMED)
    with begin() as work:
        tickets = work.tickets.listed(statuses, LIMIT)
        mean = work.ratings.mean(_now() - timedelta(days=MEAN_DAYS))
    if as_json:
        terminal.print_json([_row(ticket) for ticket in tickets])
        return
    table = Table("ticket", "status", "priority", "requester", "assignee", "channel", "opened")
    for ticket in tickets:
        table.add_row(*(str(value or "") for value in _row(ticket).values()))
    terminal.console().print(table)
    if mean.value is not None:
        told = (
            f"How it went in the last {MEAN_DAYS} days: {mean.value:.1f} of {MARKS[-1]}, {mean.count} marks."
        )
        terminal.console().print(told)


def report_ticket(number: str) -> None:
    """Print one ticket as a report for developers, in Markdown."""
    settings, database = _database()
    library = library_of(content_settings(None, None), at_once=True)
    library.load()
    report = DeveloperReport(wording.load(), library)
    with units_of_work(database)() as work:
        ticket = work.tickets.get(parse_ticket_id(number) or 0)
        if ticket is None:
            raise TicketNotFound(f"There is no ticket {number}; `firstline tickets list --closed` lists all.")
        print(report.markdown(work, ticket, settings.language), end="")  # noqa: T201


def show_ticket(number: str, *, as_json: bool) -> None:
    """Show one ticket with its question and history."""
    begin = _begin()
    with begin() as work:
        ticket = work.tickets.get(parse_ticket_id(number) or 0)
        if ticket is None:
            raise TicketNotFound(f"There is no ticket {number}; `firstline tickets list --closed` lists all.")
        question, events = work.texts.get(ticket.question_id), work.tickets.events(ticket.id)
    history = [
        {
            "at": event.at.isoformat(timespec="seconds"),
            "what": event.kind,
            "who": event.actor.name if event.actor else "",
            "channel": event.channel,
            "detail": dict(event.detail),
        }
        for event in events
    ]
    if as_json:
        terminal.print_json({**_row(ticket), "question": question, "history": history})
        return
    console = terminal.console()
    for name, value in _row(ticket).items():
        console.print(f"{name}: {value or ''}")
    console.print(f"question: {question}")
    table = Table("at", "what", "who", "channel", "detail")
    for row in history:
        table.add_row(*(str(value or "") for value in row.values()))
    console.print(table)


def release_ticket(number: str) -> None:
    """Give a claimed ticket back to the team."""
    settings, database = _database()
    library = library_of(settings)
    library.load()
    links = ArticleLinks("", "", library, _now)
    desk = desk_of(settings, database, library, links, tuple, _now)
    with units_of_work(database)() as work:
        ticket = work.tickets.get(parse_ticket_id(number) or 0)
        if ticket is None or not desk.lifecycle.release(work, ticket, _now()):
            raise TicketNotFound(f"There is no claimed ticket {number}; `firstline tickets list` lists them.")
    terminal.console(errors=True).print(wording.load().say("en", "refused.open", ticket=ticket.reference))


def list_outbox(*, dead: bool, as_json: bool) -> None:
    """List posts that wait or were given up."""
    begin = _begin()
    with begin() as work:
        rows = work.deliveries.listed(("dead",) if dead else ("waiting", "dead"), LIMIT)
    if as_json:
        data = [{**asdict(row), "created_at": row.created_at.isoformat(timespec="seconds")} for row in rows]
        terminal.print_json(data)
        return
    table = Table("number", "kind", "channel", "place", "ticket", "status", "tries", "error", "since")
    for row in rows:
        since = row.created_at.isoformat(timespec="seconds")
        values = (row.id, row.kind, row.channel, row.space, row.ticket, row.status, row.attempts, row.error)
        table.add_row(*(str(value or "") for value in values), since)
    terminal.console().print(table)


def retry_outbox(numbers: list[int] | None) -> None:
    """Let posts that were given up be tried again."""
    begin = _begin()
    with begin() as work:
        requeued = work.deliveries.requeue(numbers or None, _now())
    terminal.console(errors=True).print(
        f"{requeued} posts will be tried again; a running server does so at once."
    )


def opened() -> tuple[Settings, UnitsOfWork]:
    """The settings, and a maker of transactions on their database, which must be at the newest schema."""
    settings, database = _database()
    return settings, units_of_work(database)


def _begin() -> UnitsOfWork:
    return units_of_work(_database()[1])


def _now() -> datetime:
    return datetime.now(UTC)


def _row(ticket: Ticket) -> dict[str, str | None]:
    return {
        "ticket": ticket.reference,
        "status": ticket.status.value,
        "priority": ticket.priority.name.lower(),
        "requester": ticket.requester.name,
        "assignee": ticket.assignee.name if ticket.assignee else None,
        "channel": ticket.channel,
        "opened": ticket.opened_at.isoformat(timespec="seconds"),
    }
