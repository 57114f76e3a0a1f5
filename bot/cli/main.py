"""The commands, one function each; no logic."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot import __version__

app = typer.Typer(
    name="firstline",
    help="First-line support in Slack and Microsoft Teams: the right answer in seconds, or a person.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
manifest = typer.Typer(help="What the chat platforms need to install the bot.", no_args_is_help=True)
tickets = typer.Typer(help="Tickets in the database.", no_args_is_help=True)
outbox = typer.Typer(help="Posts that wait or could not be delivered.", no_args_is_help=True)
app.add_typer(manifest, name="manifest")
app.add_typer(tickets, name="tickets")
app.add_typer(outbox, name="outbox")
shadow = typer.Typer(help="What the bot would have said where it is silent.", no_args_is_help=True)
app.add_typer(shadow, name="shadow")

Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on.")]
Anonymous = Annotated[
    bool, typer.Option(help="Accept Teams requests without a token, on loopback only (for a local client).")
]
Articles = Annotated[Path | None, typer.Option(help="Folder of articles.")]
Intents = Annotated[Path | None, typer.Option(help="Folder of intents.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
TrafficFile = Annotated[
    Path | None,
    typer.Option(
        "--traffic", help="Texts as people ask them, one a line: by them, how much is asked in vain."
    ),
]
NoTraffic = Annotated[
    bool, typer.Option("--no-traffic", help="Assume what is assumed before anything was asked.")
]
Questions = Annotated[
    Path | None, typer.Argument(help="JSON lines of text, expected and lang; the content's examples without.")
]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day in UTC, included.")]
Numbers = Annotated[
    list[int] | None,
    typer.Argument(min=1, max=2**63 - 1, help="Numbers from `outbox list`; all when left out."),
]


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def demo(host: Host = None, port: Port = None) -> None:
    """Try it: the page, with sample content and an embedded database, on this machine only."""
    from bot.cli.server import run_demo

    run_demo(host, port)


@app.command()
def serve(host: Host = None, port: Port = None, allow_anonymous_teams: Anonymous = False) -> None:
    """Run the bot with the settings of the environment."""
    from bot.cli.server import run_serve

    run_serve(host, port, allow_anonymous_teams=allow_anonymous_teams)


@app.command()
def ask(
    question: str,
    articles: Articles = None,
    intents: Intents = None,
    as_json: AsJson = False,
    explain: Annotated[bool, typer.Option(help="Show what each candidate was given for.")] = False,
) -> None:
    """Answer one question here in the terminal, with what matched and how sure it was."""
    from bot.cli.content import ask_once

    ask_once(question, articles, intents, as_json=as_json, explain=explain)


@app.command()
def check(articles: Articles = None, intents: Intents = None) -> None:
    """Check the content, and the settings where there are any; exit 1 on an error."""
    from bot.cli.content import check_all

    raise typer.Exit(check_all(articles, intents))


@app.command()
def evaluate(
    questions: Questions = None,
    articles: Articles = None,
    intents: Intents = None,
    as_json: AsJson = False,
    predictions: Annotated[
        Path | None, typer.Option(help="Write one line of JSON for each question.")
    ] = None,
    two_way: Annotated[
        bool, typer.Option("--two-way", help="Answer or escalate, never offer a choice.")
    ] = False,
    max_wrong: Annotated[
        float | None, typer.Option(min=0, max=1, help="Exit 1 when more of the answers given are wrong.")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="An earlier --json: exit 1 when an edit made answers worse.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the curve and the calibration.")] = None,
    traffic: TrafficFile = None,
    no_traffic: NoTraffic = False,
) -> None:
    """Measure the answers on questions with known answers; exit 1 where a gate is closed."""
    from bot.cli.evaluate import EvaluateOptions, evaluate_all
    from bot.cli.labelled_questions import GivenTraffic

    options = EvaluateOptions(
        questions,
        articles,
        intents,
        as_json,
        predictions,
        two_way,
        max_wrong,
        baseline,
        plot,
        GivenTraffic(traffic, not no_traffic),
    )
    raise typer.Exit(evaluate_all(options))


@app.command()
def tune(
    questions: Questions = None,
    articles: Articles = None,
    intents: Intents = None,
    max_wrong: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="The tolerable share of wrong answers, if not FIRSTLINE_MAX_WRONG."),
    ] = None,
    write: Annotated[Path | None, typer.Option(help="Write the thresholds into this .env file.")] = None,
    traffic: TrafficFile = None,
    no_traffic: NoTraffic = False,
) -> None:
    """Look for better thresholds on questions with known answers, and say what each gains."""
    from bot.cli.labelled_questions import GivenTraffic
    from bot.cli.tune import TuneOptions, tune_all

    given = GivenTraffic(traffic, not no_traffic)
    raise typer.Exit(tune_all(TuneOptions(questions, articles, intents, max_wrong, write, given)))


@app.command()
def promise(
    reopen: Annotated[bool, typer.Option("--reopen", help="Answer again, and begin the watch anew.")] = False,
) -> None:
    """Say whether few enough answers are wrong, as promised with FIRSTLINE_CERTAINTY."""
    from bot.cli.content import show_promise

    show_promise(reopen=reopen)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from bot.cli.database import migrate_database

    migrate_database()


@manifest.command("slack")
def manifest_slack(
    url: Annotated[str, typer.Option(help="Public address of this server.")] = "",
    socket_mode: Annotated[bool, typer.Option(help="For SLACK_APP_TOKEN, without a public address.")] = False,
) -> None:
    """Print the manifest that makes the Slack app in one paste."""
    from bot.cli.manifests import print_slack

    print_slack(url, socket_mode=socket_mode)


@manifest.command("teams")
def manifest_teams(
    app_id: Annotated[str, typer.Option(help="The bot's Microsoft app id.", envvar="MICROSOFT_APP_ID")] = "",
    url: Annotated[str, typer.Option(help="Public address of this server.")] = "",
    output: Annotated[Path, typer.Option(help="The file to write.")] = Path("firstline-teams.zip"),
) -> None:
    """Write the Teams app package (a zip with manifest and icons)."""
    from bot.cli.manifests import write_teams

    write_teams(app_id, url, output)


@tickets.command("list")
def tickets_list(
    closed: Annotated[bool, typer.Option(help="Closed ones too.")] = False, as_json: AsJson = False
) -> None:
    """List tickets by priority and age; no texts."""
    from bot.cli.database import list_tickets

    list_tickets(closed=closed, as_json=as_json)


@tickets.command("show")
def tickets_show(
    ticket: str,
    as_json: AsJson = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print a report for developers, in Markdown, without notes.")
    ] = False,
) -> None:
    """Show one ticket with its history."""
    from bot.cli.database import report_ticket, show_ticket

    if markdown:
        report_ticket(ticket)
    else:
        show_ticket(ticket, as_json=as_json)


@tickets.command("release")
def tickets_release(ticket: str) -> None:
    """Give a claimed ticket back to the team, when its assignee cannot."""
    from bot.cli.database import release_ticket

    release_ticket(ticket)


@outbox.command("list")
def outbox_list(
    dead: Annotated[bool, typer.Option(help="Only what was given up.")] = False, as_json: AsJson = False
) -> None:
    """List posts that wait or were given up; no texts."""
    from bot.cli.database import list_outbox

    list_outbox(dead=dead, as_json=as_json)


@outbox.command("retry")
def outbox_retry(numbers: Numbers = None) -> None:
    """Let posts that were given up be tried again; a running server delivers them within seconds."""
    from bot.cli.database import retry_outbox

    retry_outbox(numbers)


@shadow.command("report")
def shadow_report(
    since: Day = None,
    until: Day = None,
    max_wrong: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="The tolerable share of wrong answers, if not FIRSTLINE_MAX_WRONG."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare what the bot would have answered with the articles that engineers named."""
    from bot.cli.shadow import report

    report(since, until, max_wrong, as_json=as_json)
