"""Reads the files of a preview: what each would say, and what is wrong with it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.cli.content.check import content_settings
from bot.domain.errors import NothingToPreview
from bot.domain.knowledge.content import AddedExamples, Article, Intent, Problem
from bot.knowledge import articles as article_files
from bot.knowledge.files.folder import Kind, list_folder
from bot.knowledge.files.picture_store import PictureStore
from bot.knowledge.files.pictures import ArticleFile, with_pictures
from bot.knowledge.files.source import ARTICLES, INTENTS, LARGEST
from bot.knowledge.files.text_files import as_text, is_folder, read_bytes, shown
from bot.knowledge.intents import read_intent
from bot.knowledge.yaml_reading import Page
from bot.server.authoring.preview.answers import Read
from bot.server.cache import cache_of
from bot.server.content import files_of
from bot.server.settings import Settings

_CONTENT = Kind("files of content", (*ARTICLES.endings, *INTENTS.endings))


class PreviewFiles:
    """Files of a preview: one, or all that a folder holds; read anew each time."""

    def __init__(self, path: Path) -> None:
        """Raise `NothingToPreview` where there is no such file or folder."""
        self.folder = path if is_folder(path) else path.parent
        self._only = None if is_folder(path) else path
        self._settings = _settings_for(self.folder)
        self._pictures = PictureStore(cache_of(self._settings))
        if not self.names():
            kinds = ", ".join(_CONTENT.endings)
            raise NothingToPreview(
                f"{shown(path)} is no content that can be read; name a file that ends in {kinds}, or a "
                "folder with such files."
            )

    @property
    def settings(self) -> Settings:
        """The settings, with this folder among them."""
        return self._settings

    def names(self) -> Sequence[str]:
        """The files, by their names in the folder."""
        if self._only is not None:
            fine = _CONTENT.reads(self._only) and self._only.is_file()
            return (self._only.name,) if fine else ()
        found = list_folder(self.folder, _CONTENT).files
        return tuple(path.relative_to(self.folder).as_posix() for path in found)

    def read(self, name: str) -> Read:
        """Read one of the files, with the problems that `firstline check` names in it."""
        path = self.folder / name
        data, fault = read_bytes(path, LARGEST, missing="it was moved or deleted")
        text, line, fault = as_text(data) if not fault else ("", 1, fault)
        if fault:
            return Read(name, problems=(Problem(shown(path), line, fault),))
        page = Page(shown(path))
        article = intent = None
        if ARTICLES.reads(path):
            article = self._article(page, text, path)
        else:
            read = read_intent(page, text)
            intent = _as_intent(read.value) if read else None
        found = {(one.line, one.message): one for one in (*page.problems, *self._problems_beside(path))}
        return Read(name, article, intent, tuple(found[key] for key in sorted(found)))

    def _article(self, page: Page, text: str, path: Path) -> Article | None:
        draft = article_files.read_article(page, text, datetime.now(UTC).date())
        if draft is None:
            return None
        file = ArticleFile(draft, path, page)
        (shown,), _ = with_pictures([file], self._settings.articles, self._pictures)
        return shown.value

    def _problems_beside(self, path: Path) -> list[Problem]:
        """What is wrong with the file beside the others: an id twice, an article that there is none of."""
        target = path.resolve()
        problems = files_of(self._settings).load().problems
        return [one for one in problems if Path(one.file).resolve() == target]


def _settings_for(folder: Path) -> Settings:
    """The settings; with this folder as the content's where it is none of theirs."""
    settings = content_settings(None, None)
    here = folder.resolve()
    if any(here.is_relative_to(one.resolve()) for one in (settings.articles, settings.intents)):
        return settings
    return settings.model_copy(update={"articles": folder, "intents": folder})


def _as_intent(value: Intent | AddedExamples) -> Intent:
    """Return what is shown of examples that are added to an intent: the intent with them alone."""
    return value if isinstance(value, Intent) else Intent(value.id, value.examples)
