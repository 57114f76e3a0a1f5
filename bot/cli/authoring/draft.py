"""Makes the draft of an article of a resolved ticket: `firstline draft`."""

from pathlib import Path

from bot import wording
from bot.cli import terminal
from bot.cli.content.check import content_settings
from bot.cli.data.database import now, ready_database
from bot.cli.reader import language
from bot.desk.knowledge.drafting import ArticleDrafting
from bot.domain.drafts.draft import ArticleDraft
from bot.domain.errors import ArticleNotWritten, TicketNotFound
from bot.domain.tickets.ticket import parse_ticket_id
from bot.knowledge.articles import LANGUAGE
from bot.knowledge.files.branches import commit_on_branch
from bot.knowledge.files.draft_files import draft_files, write_draft
from bot.knowledge.files.text_files import shown
from bot.server.content import library_of
from bot.storage.unit_of_work import units_of_work

ARTICLES, INTENTS = "kb_articles", "intents"  # folders of content, as `firstline init` calls them


def draft_ticket(number: str, language: str, output: Path | None, *, on_branch: bool) -> None:
    """Print the draft, write it into a folder of content, or commit it on a branch; say what comes next."""
    if language and not LANGUAGE.fullmatch(language):
        raise ArticleNotWritten(f"--language: {language} is no language; write a code such as en or es.")
    draft = _draft(number, language.lower())
    console = terminal.console(errors=True, wraps=True)
    if on_branch:
        told = _commit(draft, output)
    elif output is not None:
        told = _write(draft, output)
    else:
        for name, text in draft_files(draft):
            terminal.print_text(f"# --- {name} ---\n{text}\n")
        told = ["--output FOLDER writes both files into the folder's kb_articles and intents."]
    for line in (_taken(draft), *told, *_missing(draft)):
        console.tell(line)


def _folders(output: Path | None) -> tuple[Path, Path]:
    if output is not None:
        return output / ARTICLES, output / INTENTS
    settings = content_settings(None, None)
    return settings.articles, settings.intents


def _write(draft: ArticleDraft, output: Path) -> list[str]:
    articles, intents = _folders(output)
    paths = write_draft(draft, articles, intents)
    return [
        *(f"Wrote {shown(path)}." for path in paths),
        f"- firstline preview {shown(paths[0])}   shows it as Slack, Teams and the page do, at each save;",
        f"- firstline check --articles {shown(articles)} --intents {shown(intents)}   names what is still "
        "to be written.",
    ]


def _commit(draft: ArticleDraft, output: Path | None) -> list[str]:
    (name, text), (intent, asked) = draft_files(draft)
    articles, intents = _folders(output)
    message = f"Draft an article of {draft.reference}"
    branch = commit_on_branch(draft.article.id, message, {articles / name: text, intents / intent: asked})
    return [
        f"Committed on the branch {branch}; your files are as they were, and nothing was pushed.",
        f"- git switch {branch}   to go on with it; firstline preview and firstline check look at it there.",
    ]


def _draft(number: str, language: str) -> ArticleDraft:
    _, database = ready_database()
    library = library_of(content_settings(None, None), at_once=True)
    library.load()
    with units_of_work(database).reading() as work:
        ticket = work.tickets.get(parse_ticket_id(number) or 0)
        if ticket is None:
            raise TicketNotFound(f"There is no ticket {number}; `firstline tickets list --closed` lists all.")
        return ArticleDrafting(wording.load(), library).draft(work, ticket, now().date(), language)


def _taken(draft: ArticleDraft) -> str:
    say = wording.load().say
    counts = (
        say(language(), f"draft.taken.kind.{kind.name.lower()}", count=count)
        for kind, count in draft.taken.items()
    )
    kinds = ", ".join(counts)
    return (
        say(language(), "draft.taken.out", kinds=kinds) if kinds else say(language(), "draft.taken.nothing")
    )


def _missing(draft: ArticleDraft) -> list[str]:
    there = draft.article.language
    return [
        f"- firstline new article --translate {draft.article.id} --language {code}   once it is written."
        for code in wording.load().languages
        if code != there
    ]
