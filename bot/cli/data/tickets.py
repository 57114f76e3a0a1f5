"""Lists, shows and releases tickets: `firstline tickets`."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot import wording
from bot.cli import terminal
from bot.cli.content.check import content_settings
from bot.cli.data.database import check_days, day_after, now, opened, ready_database
from bot.cli.options import Form
from bot.cli.reader import language, word
from bot.desk.ports.tickets import TicketFilter
from bot.desk.tickets.developer_report import DeveloperReport
from bot.domain.errors import TicketNotFound
from bot.domain.tickets.rating import MARKS, MEAN_DAYS
from bot.domain.tickets.ticket import LIVE, Status, Ticket, parse_ticket_id
from bot.server.content import library_of
from bot.server.signed_links import ArticleLinks
from bot.server.wiring import desk_of
from bot.storage.unit_of_work import units_of_work

COLUMNS = (
    "ticket",
    "status",
    "priority",
    "queue",
    "requester",
    "assignee",
    "channel",
    "opened",
    "claimed",
    "closed",
)
IN_WORDS = ("status", "priority")  # columns whose cells are words of ours


@dataclass(frozen=True, slots=True)
class Listed:
    """Which tickets are listed: live ones unless statuses or `closed` say otherwise; days in UTC."""

    closed: bool
    statuses: list[Status]
    queues: list[str]
    assignee: str
    since: datetime | None
    until: datetime | None


def list_tickets(which: Listed, limit: int, form: Form) -> None:
    """List tickets by priority and age; say where there are more than `limit`."""
    _, begin = opened()
    statuses = which.statuses or (list(Status) if which.closed else list(LIVE))
    with begin() as work:
        found = work.tickets.listed(statuses, limit + 1, _filter(which))
        mean = work.ratings.mean(now() - timedelta(days=MEAN_DAYS))
    rows = [row_of(ticket) for ticket in found[:limit]]
    if form is Form.JSON:
        terminal.print_json(rows)
    elif form is Form.CSV:
        terminal.print_csv(COLUMNS, rows)
    else:
        shown = [name for name in COLUMNS if name not in ("channel", "claimed", "closed")]
        table = terminal.table(*shown, whole=("ticket", "status", "priority", "opened"))
        for ticket, row in zip(found, rows, strict=False):
            row["opened"] = terminal.short(ticket.opened_at)
            table.add_row(*(_in_words(name, row[name]) for name in shown))
        if found:
            terminal.console().print(table)
        else:
            terminal.console().tell(_none(which))
        if mean.value is not None:
            marks = f"{mean.value:.1f} of {MARKS[-1]}, {mean.count} marks"
            terminal.console().tell(f"How it went in the last {MEAN_DAYS} days: {marks}.")
    if len(found) > limit:
        terminal.console(errors=True, wraps=True).tell(
            f"These are the first {limit}; --limit prints more, and --status, --queue, --assignee, --since "
            "and --until part them."
        )


def _none(which: Listed) -> str:
    if which != Listed(which.closed, [], [], "", None, None):
        return "No such ticket."
    return "There is no ticket yet." if which.closed else "No ticket is open or claimed; --closed lists all."


def _filter(which: Listed) -> TicketFilter:
    check_days(which.since, which.until)
    until = which.until.replace(tzinfo=UTC) if which.until else None
    return TicketFilter(
        tuple(which.queues),
        which.assignee,
        which.since.replace(tzinfo=UTC) if which.since else None,
        day_after(until) if until else None,
    )


def report_ticket(number: str) -> None:
    """Print one ticket as a report for developers, in Markdown."""
    settings, database = ready_database()
    library = library_of(content_settings(None, None), at_once=True)
    library.load()
    report = DeveloperReport(wording.load(), library)
    with units_of_work(database)() as work:
        ticket = work.tickets.get(parse_ticket_id(number) or 0)
        if ticket is None:
            raise TicketNotFound(f"There is no ticket {number}; `firstline tickets list --closed` lists all.")
        terminal.print_text(report.markdown(work, ticket, settings.language))


def show_ticket(number: str, *, as_json: bool) -> None:
    """Show one ticket with its question and history."""
    _, begin = opened()
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
        terminal.print_json({**row_of(ticket), "question": question, "history": history})
        return
    console = terminal.console()
    for name, value in row_of(ticket).items():
        console.print(f"{word(name)}: {_in_words(name, value)}")
    console.print(f"{word('question')}: {question}")
    table = terminal.table("at", "what", "who", "channel", "detail", whole=("at", "what"))
    for event in events:
        who = event.actor.name if event.actor else ""
        detail = ", ".join(f"{name} {value}" for name, value in event.detail.items())
        table.add_row(terminal.short(event.at), word(event.kind), who, event.channel, detail)
    console.print(table)


def _in_words(name: str, value: str | None) -> str:
    return word(value or "") if name in IN_WORDS else value or ""


def release_ticket(number: str) -> None:
    """Give a claimed ticket back to the team."""
    settings, database = ready_database()
    library = library_of(settings)
    library.load()
    links = ArticleLinks("", "", library, now)
    desk = desk_of(settings, database, library, links, tuple, now)
    with units_of_work(database)() as work:
        ticket = work.tickets.get(parse_ticket_id(number) or 0)
        if ticket is None or not desk.lifecycle.release(work, ticket, now()):
            raise TicketNotFound(f"There is no claimed ticket {number}; `firstline tickets list` lists them.")
    terminal.console(errors=True).print(
        wording.load().say(language(), "refused.open", ticket=ticket.reference)
    )


def row_of(ticket: Ticket) -> dict[str, str | None]:
    """A ticket without its texts, by the names of the columns."""
    values = (
        ticket.reference,
        ticket.status.value,
        ticket.priority.name.lower(),
        ticket.queue or None,
        ticket.requester.name,
        ticket.assignee.name if ticket.assignee else None,
        ticket.channel,
        ticket.opened_at.isoformat(timespec="seconds"),
        ticket.claimed_at.isoformat(timespec="seconds") if ticket.claimed_at else None,
        ticket.closed_at.isoformat(timespec="seconds") if ticket.closed_at else None,
    )
    return dict(zip(COLUMNS, values, strict=True))
