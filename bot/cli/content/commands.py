"""Commands over the content, one function each; no logic."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import Articles, AsJson, Intents, MaxWrong, Sentence

app = typer.Typer()
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
    Path | None,
    typer.Argument(help="JSON lines of text, expected and lang; without it, the content's own examples."),
]


@app.command(cls=Sentence)
def ask(
    question: Annotated[list[str], typer.Argument(help="The question; it needs no quotes.")],
    articles: Articles = None,
    intents: Intents = None,
    as_json: AsJson = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show what each candidate was given points for.")
    ] = False,
) -> None:
    """Answer one question here in the terminal, with what matched and how sure it was."""
    from bot.cli.content.check import ask_once

    ask_once(" ".join(question), articles, intents, as_json=as_json, explain=explain)


@app.command()
def check(articles: Articles = None, intents: Intents = None) -> None:
    """Check the content, and the settings where there are any; exit 1 on an error."""
    from bot.cli.content.check import check_all

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
    from bot.cli.content.evaluate import EvaluateOptions, evaluate_all
    from bot.cli.content.labelled_questions import GivenTraffic

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
    max_wrong: MaxWrong = None,
    write: Annotated[Path | None, typer.Option(help="Write the thresholds into this .env file.")] = None,
    traffic: TrafficFile = None,
    no_traffic: NoTraffic = False,
) -> None:
    """Look for better thresholds on questions with known answers, and say what each gains."""
    from bot.cli.content.labelled_questions import GivenTraffic
    from bot.cli.content.tune import TuneOptions, tune_all

    given = GivenTraffic(traffic, not no_traffic)
    raise typer.Exit(tune_all(TuneOptions(questions, articles, intents, max_wrong, write, given)))


@app.command()
def promise(
    reopen: Annotated[bool, typer.Option("--reopen", help="Answer again, and begin the watch anew.")] = False,
) -> None:
    """Say whether few enough answers are wrong, as promised with FIRSTLINE_CERTAINTY."""
    from bot.cli.content.check import show_promise

    show_promise(reopen=reopen)


@app.command()
def pull(
    source: Annotated[
        str | None, typer.Argument(help="The source, such as confluence; without it, every one.")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Read every page anew, not only what changed.")
    ] = False,
) -> None:
    """Read the pages of Confluence and SharePoint into their folders, as a server does by itself."""
    from bot.cli.content.pulling import pull_all

    raise typer.Exit(pull_all(source, whole=whole))


@app.command("import")
def import_content(
    source: Annotated[Path, typer.Argument(help="A folder, a zip archive or a file of what you have.")],
    articles: Articles = None,
    into: Annotated[
        str | None, typer.Option(help="The folder within the articles; the source's name without.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="Where the source is published: links lead there.")
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option(help="Take this language only; may be given more than once.")
    ] = None,
    question_column: Annotated[str | None, typer.Option(help="The column of questions in a table.")] = None,
    answer_column: Annotated[str | None, typer.Option(help="The column of answers.")] = None,
    language_column: Annotated[str | None, typer.Option(help="The column of languages.")] = None,
    tags_column: Annotated[str | None, typer.Option(help="The column of tags.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Delete what is gone at the source.")] = False,
) -> None:
    """Make articles of what you have: Markdown, HTML, Word, Excel, CSV; shows them first."""
    from bot.cli.content.importing import ImportOptions, import_all

    columns = {
        "question": question_column,
        "answer": answer_column,
        "language": language_column,
        "tags": tags_column,
    }
    named = {role: name for role, name in columns.items() if name}
    import_all(ImportOptions(source, articles, into, base_url, language or (), named, yes, prune))
