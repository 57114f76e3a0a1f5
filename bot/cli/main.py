"""All commands of `firstline`; each package brings its own."""

import os
from typing import Annotated

import typer

from bot import __version__
from bot.cli.authoring import commands as authoring
from bot.cli.content import commands as content
from bot.cli.data import commands as data
from bot.cli.operate import commands as operate

app = typer.Typer(
    name="firstline",
    help="First-line support in Slack and Microsoft Teams: the right answer in seconds, or a person.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "color": False if os.environ.get("NO_COLOR") else None,
    },
)
for commands in (operate, content, authoring, data):
    app.add_typer(commands.app)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit
