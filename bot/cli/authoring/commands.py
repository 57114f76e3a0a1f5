"""Commands for editors of the content, one function each; no logic."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import DAYS, Articles

app = typer.Typer()
new = typer.Typer(help="Begin a new file of content.", no_args_is_help=True)
app.add_typer(new, name="new")


@new.command("article")
def new_article(
    title: Annotated[str, typer.Argument(help="What people read; asked for in a terminal.")] = "",
    article_id: Annotated[
        str, typer.Option("--id", help="Its name in intents; else made of the title.")
    ] = "",
    language: Annotated[
        str, typer.Option("--language", help="en, es or any other; else FIRSTLINE_LANGUAGE.")
    ] = "",
    translate: Annotated[
        str, typer.Option(help="The id of an article to be written in another language.")
    ] = "",
    owner: Annotated[str, typer.Option(help="The team that looks after it.")] = "",
    review_by: Annotated[
        datetime | None,
        typer.Option(formats=DAYS, metavar="YYYY-MM-DD", help="The day by which somebody reviews it."),
    ] = None,
    articles: Articles = None,
) -> None:
    """Write the beginning of an article into the content folder, and say what comes next."""
    from bot.cli.authoring.new_article import NewArticle, write_article

    day = review_by.date() if review_by else None
    write_article(NewArticle(title, article_id, language, translate, owner, day), articles)


@app.command()
def draft(
    ticket: Annotated[str, typer.Argument(help="The number of a resolved ticket, such as HELP-1042.")],
    language: Annotated[str, typer.Option("--language", help="en, es or any other; else the ticket's.")] = "",
    output: Annotated[
        Path | None, typer.Option(help="A folder of content to write into; without it the draft is printed.")
    ] = None,
    branch: Annotated[
        bool, typer.Option("--branch", help="Commit it on a branch of its own in the content's git checkout.")
    ] = False,
) -> None:
    """Make a draft of an article of a ticket: what was asked, and what helped; no note, no name."""
    from bot.cli.authoring.draft import draft_ticket

    draft_ticket(ticket, language, output, on_branch=branch)


@app.command()
def preview(
    path: Annotated[Path, typer.Argument(help="A file of content, or a folder of such files.")],
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on this machine; 0 for a free one.")
    ] = 3979,
) -> None:
    """Show in a browser how Slack, Teams and the page show a file, anew at each save."""
    from bot.cli.authoring.preview.server import run_preview

    run_preview(path, port)
