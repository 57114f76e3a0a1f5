"""Reads a draft's texts as files of content are read, and checks them beside the content in force."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bot.desk.knowledge.library import Library
from bot.desk.ports.clock import Clock
from bot.desk.ports.content import DraftTexts
from bot.domain.knowledge.content import Article, Content, Draft, Intent, Problem
from bot.knowledge.articles import LANGUAGE, read_article
from bot.knowledge.check import check
from bot.knowledge.files.picture_store import PictureStore
from bot.knowledge.files.pictures import ArticleFile, with_pictures
from bot.knowledge.files.rendering import article_name, intent_name
from bot.knowledge.intents import read_intent
from bot.knowledge.yaml_reading import Page
from bot.server.cache import cache_of
from bot.server.settings import Settings

ARTICLE, INTENT = "article.md", "intent.yaml"  # as the texts are called as long as they have no id
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")  # it becomes the name of a file and of a branch


@dataclass(frozen=True, slots=True)
class ReadDraft:
    """A draft as it was read: what its texts hold, if they can be read, and what is wrong with them."""

    texts: DraftTexts
    article: Article | None
    intent: Intent | None
    problems: tuple[Problem, ...]

    @property
    def id(self) -> str:
        """The article's id."""
        return self.article.id if self.article is not None else ""

    @property
    def language(self) -> str:
        """The article's language."""
        return self.article.language if self.article is not None else ""

    @property
    def branch(self) -> str:
        """The name of the branch for it, below that of all drafts."""
        return self.id if self.intent is not None else f"{self.id}-{self.language}"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its files."""
        article = (article_name(self.article),) if self.article is not None else ()
        return (*article, *((intent_name(self.intent),) if self.intent is not None else ()))

    def files(self, articles: Path, intents: Path) -> Mapping[Path, str]:
        """Its files in these folders."""
        names, texts = self.names, (self.texts.article, self.texts.intent)
        folders = (articles, intents)
        return {
            folder / name: text if text.endswith("\n") else f"{text}\n"
            for folder, name, text in zip(folders, names, texts, strict=False)
        }

    def beside(self, content: Content) -> Content:
        """The content with the draft in it."""
        article, intent = self.article, self.intent
        if article is None:
            return content
        versions = {**content.articles.get(article.id, {}), article.language: article}
        texts = f"{content.hash}\n{self.texts.article}\n{self.texts.intent}"
        return replace(
            content,
            articles={**content.articles, article.id: versions},
            intents={**content.intents, **({intent.id: intent} if intent is not None else {})},
            hash=hashlib.sha256(texts.encode()).hexdigest(),
        )


class DraftReader:
    """Reader of drafts; nothing is written."""

    def __init__(self, library: Library, settings: Settings, clock: Clock) -> None:
        self._library = library
        self._articles = settings.articles
        self._pictures = PictureStore(cache_of(settings))
        self._clock = clock

    def read(self, texts: DraftTexts) -> ReadDraft:
        """Read both texts; the problems are those that `firstline check` finds in them, errors first."""
        page, beside = Page(ARTICLE), Page(INTENT)
        article = self._article(page, texts.article)
        intent = self._intent(beside, texts.intent) if texts.intent.strip() else None
        for one, draft, key in ((page, article, "id"), (beside, intent, "intent")):
            if draft is not None and not _ID.fullmatch(draft.value.id):
                line = draft.lines.get(key, 1)
                one.error(line, f"{key}: write it in small letters and digits, with hyphens between words")
        if article is not None and not LANGUAGE.fullmatch(article.value.language):
            page.error(article.lines.get("lang", 1), "lang: write a code such as en or es")
        found = (*page.problems, *beside.problems, *self._beside(article, intent))
        told = {(one.file, one.line, one.message): one for one in found}
        ordered = sorted(told.values(), key=lambda one: (not one.error, one.file, one.line))
        return ReadDraft(
            texts, article.value if article else None, intent.value if intent else None, tuple(ordered)
        )

    def _article(self, page: Page, text: str) -> Draft[Article] | None:
        draft = read_article(page, text, self._clock().date())
        if draft is None:
            return None
        (shown,), _ = with_pictures(
            [ArticleFile(draft, self._articles / ARTICLE, page)], self._articles, self._pictures
        )
        return shown

    def _intent(self, page: Page, text: str) -> Draft[Intent] | None:
        draft = read_intent(page, text)
        if draft is None or isinstance(draft.value, Intent):
            return Draft(draft.value, draft.file, draft.lines) if draft is not None else None
        page.error(1, "this adds examples to another intent; write one of its own, which the article answers")
        return None

    def _beside(self, article: Draft[Article] | None, intent: Draft[Intent] | None) -> tuple[Problem, ...]:
        """What is wrong beside what is there: an id twice, an article that there is none of."""
        content = self._library.snapshot.content
        articles = [
            Draft(one, f"{name} ({language})", {})
            for name, versions in content.articles.items()
            for language, one in versions.items()
        ]
        intents = [Draft(one, one.id, {}) for one in content.intents.values()]
        own = [*articles, *([article] if article else [])], [*intents, *([intent] if intent else [])]
        return tuple(one for one in check(*own).problems if one.file in (ARTICLE, INTENT))
