"""Begins an article: `firstline new article`."""

import re
import sys
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import typer

from bot import wording
from bot.cli import terminal
from bot.cli.reader import word
from bot.domain.errors import ArticleNotWritten
from bot.domain.knowledge.content import Article, Draft
from bot.domain.knowledge.ids import LONGEST_ID, alike, composed, free_id, nearest
from bot.knowledge.articles import LANGUAGE, id_and_language
from bot.knowledge.files.rendering import article_text
from bot.knowledge.files.source import FileSource
from bot.knowledge.files.text_files import is_folder, shown
from bot.runtime.output.printable import printable
from bot.server.cache import cache_of
from bot.server.settings import Settings, complain, read_core

UNNAMED = "en"  # the language of a file whose name has none
_ID = re.compile(r"[^\W_][\w.-]*")


@dataclass(frozen=True, slots=True)
class NewArticle:
    """What was typed of a new article; empty where nothing was."""

    title: str = ""
    id: str = ""
    language: str = ""
    translate: str = ""
    owner: str = ""
    review_by: date | None = None


def write_article(typed: NewArticle, articles: Path | None) -> None:
    """Write the beginning of an article, or of its version in another language, and say what comes next."""
    settings = _settings(articles)
    folder = settings.articles
    known = FileSource(folder, folder / ".none", cache=cache_of(settings)).load().articles
    if typed.translate:
        article, place = _translation(typed, known, folder)
    else:
        article, place = _first(typed, known, settings), folder
    path = _free_path(place, article)
    _write(path, article)
    _tell(path, article, known)


def _settings(articles: Path | None) -> Settings:
    mistakes: list[str] = []
    settings = read_core(mistakes)
    complain(mistakes)
    assert settings is not None  # noqa: S101  # `complain` has raised otherwise
    folder = articles or settings.articles
    if not is_folder(folder):
        raise ArticleNotWritten(
            f"{'--articles' if articles else 'FIRSTLINE_ARTICLES'}: there is no folder {shown(folder)}; make "
            "it, or name the folder of your articles."
        )
    return settings.model_copy(update={"articles": folder})


# --- what it is -----------------------------------------------------------------------------------------


def _first(typed: NewArticle, known: Sequence[Draft[Article]], settings: Settings) -> Article:
    asked = not typed.title and sys.stdin.isatty()
    title = _line(typed.title or _asked("Title", "", asked=asked))
    if not title:
        raise ArticleNotWritten('TITLE: give the title, as in firstline new article "Reset a password".')
    taken = {alike(draft.value.id): draft for draft in known}
    if typed.id and alike(composed(typed.id)) in taken:
        raise ArticleNotWritten(
            f"--id: {typed.id} is the id of {taken[alike(composed(typed.id))].file}; choose another one, or "
            f"begin a version in another language with --translate {typed.id}."
        )
    free = typed.id or _asked("Id", free_id(title, taken), asked=asked)
    language = typed.language or _asked("Language", settings.language, asked=asked)
    owner = typed.owner or _asked("Owner (a team; may stay empty)", "", asked=asked)
    return Article(
        _checked_id(free, taken),
        title,
        _skeleton(_checked_language(language)),
        _checked_language(language),
        owner=_line(owner) or None,
        review_by=typed.review_by,
    )


def _translation(typed: NewArticle, known: Sequence[Draft[Article]], folder: Path) -> tuple[Article, Path]:
    versions = [draft for draft in known if alike(draft.value.id) == alike(composed(typed.translate))]
    if not versions:
        near = nearest(typed.translate, [draft.value.id for draft in known])
        hint = f"did you mean '{near}'?" if near else "`firstline check` reads them all."
        raise ArticleNotWritten(
            f"--translate: there is no article {typed.translate} in {shown(folder)}; {hint}"
        )
    there = {draft.value.language: draft for draft in versions}
    missing = [code for code in wording.load().languages if code not in there]
    language = _checked_language(typed.language) if typed.language else next(iter(missing), "")
    if not language:
        raise ArticleNotWritten(
            f"--language: {typed.translate} is there in {', '.join(sorted(there))}; name another language."
        )
    if language in there:
        raise ArticleNotWritten(
            f"--language: {typed.translate} is written in {language}: {there[language].file}."
        )
    original = there.get(UNNAMED, versions[0])
    asked = not typed.title and sys.stdin.isatty()
    title = _line(
        typed.title or _asked(f"Title in {language}, for “{original.value.title}”", "", asked=asked)
    )
    if not title:
        raise ArticleNotWritten(
            f"TITLE: give the title in {language}; the article is “{original.value.title}”."
        )
    place = Path(original.file).parent
    return _translated(original.value, title, language, typed), place if is_folder(place) else folder


def _translated(original: Article, title: str, language: str, typed: NewArticle) -> Article:
    words = wording.load()
    named = words.language(language, original.language)
    return Article(
        original.id,
        title,
        words.say(language, "new.translate", language=named) + "\n\n" + original.body.strip("\n"),
        language,
        original.tags,
        owner=typed.owner or original.owner,
        url=original.url,
        review_by=typed.review_by or original.review_by,
    )


def _skeleton(language: str) -> str:
    return wording.load().say(language, "new.article")


def _checked_id(name: str, taken: Container[str]) -> str:
    made = composed(name)
    if not _ID.fullmatch(made) or len(made) > LONGEST_ID or id_and_language(f"{made}.md") != (made, None):
        raise ArticleNotWritten(
            f"--id: {printable(name)} does not name a file well; write up to {LONGEST_ID} letters, digits, "
            "hyphens and dots, and no language at the end, such as vpn-linux."
        )
    if alike(made) in taken:
        raise ArticleNotWritten(f"--id: {made} is taken; choose another one.")
    return made


def _checked_language(code: str) -> str:
    if not LANGUAGE.fullmatch(code):
        raise ArticleNotWritten(f"--language: {code} is no language; write a code such as en or es.")
    return code.lower()


def _line(text: str) -> str:
    return " ".join(printable(text).split())


def _asked(what: str, default: str, *, asked: bool) -> str:
    if not asked:
        return default
    return str(typer.prompt(word(what), default=default, show_default=bool(default), err=True))


# --- the file -------------------------------------------------------------------------------------------


def _free_path(folder: Path, article: Article) -> Path:
    ending = "" if article.language == UNNAMED else f".{article.language}"
    path = folder / f"{article.id}{ending}.md"
    if path.exists() or path.is_symlink():
        raise ArticleNotWritten(f"{shown(path)} is there already, and stays as it is; choose another --id.")
    return path


def _write(path: Path, article: Article) -> None:
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(article_text(article))


def _tell(path: Path, article: Article, known: Sequence[Draft[Article]]) -> None:
    there = {draft.value.language for draft in known if draft.value.id == article.id} | {article.language}
    missing = [code for code in wording.load().languages if code not in there]
    lines = [
        f"Wrote {shown(path)}. A server that reads this folder shows it within seconds, so:",
        "- write what stands there in brackets;",
        f"- firstline preview {shown(path)}   shows it as Slack, Teams and the page do, at each save;",
    ]
    if len(there) == 1:
        lines.append(
            f"- write how people ask for it in intents/{article.id}.yaml "
            f"(`firstline docs content` shows how);"
        )
    lines += [f"- firstline new article --translate {article.id} --language {code}" for code in missing]
    lines.append("- firstline check   names what is still to be written.")
    console = terminal.console(errors=True, wraps=True)
    for line in lines:
        console.tell(line)
