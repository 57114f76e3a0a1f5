"""Commands over the database, one function each; no logic."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import Articles, AsCsv, AsJson, By, Day, Form, Intents, MaxWrong
from bot.domain.tickets.ticket import Status

app = typer.Typer()
tickets = typer.Typer(help="Tickets in the database.", no_args_is_help=True)
episodes = typer.Typer(help="Questions in the database.", no_args_is_help=True)
outbox = typer.Typer(help="Posts that wait or could not be delivered.", no_args_is_help=True)
shadow = typer.Typer(help="What the bot would have said where it is silent.", no_args_is_help=True)
app.add_typer(tickets, name="tickets")
app.add_typer(episodes, name="episodes")
app.add_typer(outbox, name="outbox")
app.add_typer(shadow, name="shadow")
examples = typer.Typer(help="Examples that people's own questions bring.", no_args_is_help=True)
app.add_typer(examples, name="examples")
people = typer.Typer(help="People with accounts in several channels.", no_args_is_help=True)
app.add_typer(people, name="people")
WithTexts = Annotated[bool, typer.Option("--texts", help="What people wrote, too.")]
TicketNumber = Annotated[str, typer.Argument(help="Its number, such as HELP-1042.")]
Account = Annotated[str, typer.Argument(help="A name, an account such as slack:T1/U1, or person:17.")]
Numbers = Annotated[
    list[int] | None,
    typer.Argument(min=1, max=2**63 - 1, help="Numbers from `outbox list`; all when left out."),
]


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from bot.cli.data.database import migrate_database

    migrate_database()


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file where there is one.")] = False,
) -> None:
    """Copy the database into a file while the server goes on (SQLite; says what to run on PostgreSQL)."""
    from bot.cli.data.backup import write_backup

    write_backup(file, force=force)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `firstline backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the database that is there.")] = False,
    migrate: Annotated[
        bool, typer.Option("--migrate", help="Bring an older backup to the newest schema.")
    ] = False,
) -> None:
    """Put a backup in the place of the database, with the server stopped (SQLite)."""
    from bot.cli.data.backup import restore_backup

    restore_backup(file, force=force, may_migrate=migrate)


@app.command()
def replay(
    articles: Articles = None,
    intents: Intents = None,
    since: Day = None,
    against: Annotated[
        str | None,
        typer.Option(help="A folder, or a git revision of the content, instead of what was decided then."),
    ] = None,
    most_lost: Annotated[
        int | None, typer.Option("--most-lost", min=0, help="Exit 1 when more right answers are lost.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the questions of the last 90 days again: what an edit of the content would change."""
    from bot.cli.data.replay.command import ReplayOptions, replay_all

    form = Form.JSON if as_json else Form.TABLE
    raise typer.Exit(replay_all(ReplayOptions(articles, intents, since, against, most_lost, form)))


@app.command("export")
def export_person(
    person: Account,
) -> None:
    """Print everything that is held of a person, as JSON."""
    from bot.cli.data.personal import export

    export(person)


@app.command("erase")
def erase_person(
    person: Account,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    compact: Annotated[
        bool, typer.Option("--compact", help="Write SQLite's file anew, too; a server waits meanwhile.")
    ] = False,
) -> None:
    """Erase a person: their name, accounts, words and files, here and in chat."""
    from bot.cli.data.personal import erase

    erase(person, yes=yes, compact=compact)


@tickets.command("list")
def tickets_list(
    closed: Annotated[bool, typer.Option("--closed", help="Closed ones too.")] = False,
    status: Annotated[list[Status] | None, typer.Option(help="Only these; may be repeated.")] = None,
    queue: Annotated[list[str] | None, typer.Option(help="Only these queues; may be repeated.")] = None,
    assignee: Annotated[str, typer.Option(help="Only those of this engineer, by name.")] = "",
    since: Day = None,
    until: Day = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many at most.")] = 200,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List tickets by priority and age; no texts."""
    from bot.cli.data.tickets import Listed, list_tickets

    form = Form.CSV if as_csv else Form.JSON if as_json else Form.TABLE
    list_tickets(Listed(closed, status or [], queue or [], assignee, since, until), limit, form)


@tickets.command("show")
def tickets_show(
    ticket: TicketNumber,
    as_json: AsJson = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print a report for developers, in Markdown, without notes.")
    ] = False,
) -> None:
    """Show one ticket with its history."""
    from bot.cli.data.tickets import report_ticket, show_ticket

    if markdown:
        report_ticket(ticket)
    else:
        show_ticket(ticket, as_json=as_json)


@tickets.command("release")
def tickets_release(ticket: TicketNumber) -> None:
    """Give a claimed ticket back to the team, when its assignee cannot."""
    from bot.cli.data.tickets import release_ticket

    release_ticket(ticket)


@tickets.command("export")
def tickets_export(
    since: Day = None,
    until: Day = None,
    queue: Annotated[list[str] | None, typer.Option(help="Only these queues; may be repeated.")] = None,
    texts: WithTexts = False,
) -> None:
    """Print all tickets opened in these days as CSV, without names; texts only if you ask for them."""
    from bot.cli.data.exports import export_tickets

    export_tickets(since, until, queue or [], texts=texts)


@episodes.command("export")
def episodes_export(since: Day = None, until: Day = None, texts: WithTexts = False) -> None:
    """Print all questions asked in these days as CSV, without names; texts only if you ask for them."""
    from bot.cli.data.exports import export_episodes

    export_episodes(since, until, texts=texts)


@app.command("report")
def manager_report(
    since: Day = None,
    until: Day = None,
    by: Annotated[By | None, typer.Option(help="Part the figures, too.")] = None,
    queue: Annotated[str | None, typer.Option(help="Only this queue.")] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Tell how the desk did in these days, beside the days before; the last four weeks if you name none."""
    from bot.cli.data.reports.report import report

    report(since, until, by, queue, Form.CSV if as_csv else Form.JSON if as_json else Form.TABLE)


@app.command("recount")
def recount_figures() -> None:
    """Count the figures of `report` and of the page anew, by today's queues and hours."""
    from bot.cli.data.reports.report import recount

    recount()


@outbox.command("list")
def outbox_list(
    dead: Annotated[bool, typer.Option("--dead", help="Only what was given up.")] = False,
    as_json: AsJson = False,
) -> None:
    """List posts that wait or were given up; no texts."""
    from bot.cli.data.database import list_outbox

    list_outbox(dead=dead, as_json=as_json)


@outbox.command("retry")
def outbox_retry(numbers: Numbers = None) -> None:
    """Let posts that were given up be tried again; a running server delivers them within seconds."""
    from bot.cli.data.database import retry_outbox

    retry_outbox(numbers)


@shadow.command("report")
def shadow_report(
    since: Day = None,
    until: Day = None,
    max_wrong: MaxWrong = None,
    as_json: AsJson = False,
) -> None:
    """Compare what the bot would have answered with the articles that engineers named."""
    from bot.cli.data.reports.shadow import report

    report(since, until, max_wrong, as_json=as_json)


@app.command("outcomes")
def outcomes_report(
    since: Day = None,
    until: Day = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Tell what became of the questions asked in these days: every one has one outcome."""
    from bot.cli.data.reports.outcomes import report

    report(since, until, Form.CSV if as_csv else Form.JSON if as_json else Form.TABLE)


@app.command("articles")
def articles_report(
    since: Day = None,
    until: Day = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Tell of each article how often it was shown in these days, and whether it helped."""
    from bot.cli.data.reports.outcomes import report_articles

    report_articles(since, until, Form.CSV if as_csv else Form.JSON if as_json else Form.TABLE)


@app.command("gaps")
def gaps_report(
    since: Day = None,
    until: Day = None,
    queue: Annotated[str, typer.Option(help="Only tickets of this queue.")] = "",
    people: Annotated[int, typer.Option(min=2, max=1_000, help="How many people make a gap.")] = 5,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many gaps are printed.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Tell what people asked and nothing answered: in groups, the dearest first, of the last 90 days."""
    from bot.cli.data.reports.gaps import report_gaps

    report_gaps(since, until, queue, people, limit, as_json=as_json)


@people.command("list")
def people_list(
    person: Annotated[
        str, typer.Argument(help="A name or an account; without it, everybody whose accounts are joined.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List people with their accounts, those that are joined on one line."""
    from bot.cli.data.people import list_people

    list_people(person, as_json=as_json)


@people.command("join")
def people_join(one: Account, other: Account) -> None:
    """Make two accounts one person's, rights included."""
    from bot.cli.data.people import join_people

    join_people(one, other)


@people.command("separate")
def people_separate(
    account: Annotated[str, typer.Argument(help="An account such as slack:T1/U1, or person:17.")],
) -> None:
    """Take an account out of those that it is joined with; each has again what was made with it."""
    from bot.cli.data.people import separate_account

    separate_account(account)


OnBranch = Annotated[
    bool, typer.Option("--branch", help="Commit it on a branch of its own in the content's git checkout.")
]
AtOnce = Annotated[bool, typer.Option("--yes", help="Do not ask; it was read before.")]


@examples.command("propose")
def examples_propose(since: Day = None, as_json: AsJson = False) -> None:
    """Find which questions, whose answer somebody confirmed, make good examples; takes minutes."""
    from bot.cli.data.examples import propose_examples

    propose_examples(since, as_json=as_json)


@examples.command("list")
def examples_list(
    approved: Annotated[bool, typer.Option("--approved", help="Those that were approved instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show every proposed example, list by list, with what its target gains and takes from others."""
    from bot.cli.data.examples import list_examples

    list_examples(approved=approved, as_json=as_json)


@examples.command("approve")
def examples_approve(
    which: Annotated[str, typer.Argument(help="The number of a list, or the id of an article or intent.")],
    branch: OnBranch = False,
    yes: AtOnce = False,
) -> None:
    """Show one list's or one target's proposals in full, and write them beside the intents."""
    from bot.cli.data.examples import approve_examples

    approve_examples(which, on_branch=branch, at_once=yes)


@examples.command("take-back")
def examples_take_back(
    number: Annotated[int, typer.Argument(min=1, max=2**63 - 1, help="From `examples list --approved`.")],
    branch: OnBranch = False,
) -> None:
    """Take an approved example out of the content again; it is not proposed any more."""
    from bot.cli.data.examples import take_back_example

    take_back_example(number, on_branch=branch)
