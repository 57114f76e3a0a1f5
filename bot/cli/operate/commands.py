"""Commands that run the bot and install it, one function each; no logic."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.operate.setup.choices import Channels, Languages, Spoken
from bot.cli.options import AsJson

app = typer.Typer()
manifest = typer.Typer(help="What the chat platforms need to install the bot.", no_args_is_help=True)
app.add_typer(manifest, name="manifest")
Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on.")]
Anonymous = Annotated[
    bool,
    typer.Option(
        "--allow-anonymous-teams",
        help="Accept Teams requests without a token, on loopback only (for a local client).",
    ),
]
Migrate = Annotated[
    bool, typer.Option("--migrate", help="Bring an older database to the newest schema first.")
]


@app.command()
def demo(host: Host = None, port: Port = None) -> None:
    """Try it: the page, with sample content and an embedded database, on this machine only."""
    from bot.cli.operate.server import run_demo

    run_demo(host, port)


@app.command()
def serve(
    host: Host = None, port: Port = None, allow_anonymous_teams: Anonymous = False, migrate: Migrate = False
) -> None:
    """Run the bot with the settings of the environment."""
    from bot.cli.operate.server import run_serve

    run_serve(host, port, allow_anonymous_teams=allow_anonymous_teams, may_migrate=migrate)


@app.command()
def init(
    folder: Annotated[Path, typer.Option(help="Where to write .env, kb_articles and intents.")] = Path(),
    content: Annotated[Languages | None, typer.Option(help="In which languages people ask.")] = None,
    channels: Annotated[Channels | None, typer.Option(help="Where they ask.")] = None,
    database: Annotated[str | None, typer.Option(help="A FIRSTLINE_DATABASE_URL.")] = None,
    public_url: Annotated[str | None, typer.Option(help="The https address of this server.")] = None,
    engineer: Annotated[str | None, typer.Option(help="The name of the first engineer.")] = None,
    language: Annotated[Spoken | None, typer.Option(help="Of the questions, and of the desk.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing, and take the usual answers.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Write .env anew, the old one aside.")] = False,
) -> None:
    """Begin from nothing: asks five questions, and writes settings and a content to begin with."""
    from bot.cli.operate.setup.answers import Given
    from bot.cli.operate.setup.command import run_init

    given = Given(content, channels, database, public_url, engineer)
    run_init(folder, given, language, yes=yes, replace=replace)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Look at everything that may be wrong, and say what to do; exit 1 on an error. Changes nothing."""
    from bot.cli.operate.doctor.command import run_doctor

    raise typer.Exit(run_doctor(as_json=as_json))


@app.command()
def docs(
    page: Annotated[str, typer.Argument(help="Such as settings or operations; without it, a list.")] = "",
) -> None:
    """Print a page of the documentation, as this version has it."""
    from bot.cli.operate.pages import print_page, print_pages

    print_page(page) if page else print_pages()


@manifest.command("slack")
def manifest_slack(
    url: Annotated[str, typer.Option(help="Public address of this server.")] = "",
    socket_mode: Annotated[
        bool, typer.Option("--socket-mode", help="For SLACK_APP_TOKEN, without a public address.")
    ] = False,
    several: Annotated[
        bool, typer.Option("--several-workspaces", help="To install it in several workspaces, by OAuth.")
    ] = False,
) -> None:
    """Print the manifest that makes the Slack app in one paste."""
    from bot.cli.operate.manifests import print_slack

    print_slack(url, socket_mode=socket_mode, several=several)


@manifest.command("teams")
def manifest_teams(
    app_id: Annotated[str, typer.Option(help="The bot's Microsoft app id.", envvar="MICROSOFT_APP_ID")] = "",
    url: Annotated[str, typer.Option(help="Public address of this server.")] = "",
    output: Annotated[Path, typer.Option(help="The file to write, and the package that it replaces.")] = Path(
        "firstline-teams.zip"
    ),
    above: Annotated[
        str, typer.Option(help="The version that Teams has, where the earlier file is lost.")
    ] = "",
) -> None:
    """Write the Teams app package (a zip with manifest and icons)."""
    from bot.cli.operate.manifests import write_teams

    write_teams(app_id, url, output, above)


@manifest.command("icon")
def manifest_icon(
    output: Annotated[Path, typer.Option(help="Where to write the PNG.")] = Path("icon.png"),
) -> None:
    """Write the icon of the Slack app: the logo of FIRSTLINE_LOGO, else Firstline's mark."""
    from bot.cli.operate.manifests import write_icon

    write_icon(output)


@manifest.command("check")
def manifest_check(
    file: Annotated[Path, typer.Argument(help="A manifest of Slack, or a package or manifest of Teams.")],
) -> None:
    """Name everything for which Slack or Teams would refuse a manifest that was edited; exit 1 then."""
    from bot.cli.operate.manifests import check_manifest

    raise typer.Exit(check_manifest(file))
