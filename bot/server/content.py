"""Makes the sources, the matcher and the library that the settings describe."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.desk.knowledge.library import Library
from bot.desk.ports.content import ContentSource, Matcher, SourceHost
from bot.domain.knowledge.content import Content
from bot.knowledge.collection import Collection
from bot.knowledge.labelled_questions import LabelledFile
from bot.knowledge.queues import QueueFile
from bot.knowledge.wiki.port import Puller, PullHost
from bot.matching.embeddings.factory import mistake, store_of
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.matcher import WordMatcher
from bot.server.cache import NO_CACHE, cache_of
from bot.server.plugins import Kind, Plugin, configured, fault_in_room
from bot.server.settings import Settings, complain

FILES = "files"


def content_of(settings: Settings, active_plugins: Sequence[Plugin] | None = None) -> ContentSource:
    """All the sources together: those of these plugins, or whatever is configured; files are always read."""
    if active_plugins is None:
        mistakes: list[str] = []
        active_plugins = configured(Kind.SOURCE, demo=False, mistakes=mistakes)
        complain(mistakes)
    host = SourceHost(
        settings.articles, settings.intents, settings.replies, cache_of(settings), settings.language
    )
    labelled = LabelledFile(settings.questions) if settings.questions is not None else None
    queues = QueueFile(Path(settings.queues), fault_in_room) if settings.queues else None
    return Collection([plugin.build(host) for plugin in active_plugins], labelled, queues)


def pullers_of(settings: Settings, active_plugins: Sequence[Plugin]) -> tuple[Puller, ...]:
    """What brings the pages of other systems into folders that these sources read."""
    host = PullHost(settings.language, _language_of)
    return tuple(made for plugin in active_plugins if (made := plugin.puller(host)) is not None)


def _language_of(text: str) -> str | None:
    # Imported where a page is read: who reads none starts without it.
    from bot.importing.drafting.languages import language_of_text

    return language_of_text(text)


def content_in(articles: Path, intents: Path) -> Content:
    """The content of two folders."""
    return files_of(Settings(articles=articles, intents=intents, queues="")).load()


def files_of(settings: Settings) -> ContentSource:
    """The folders of the settings alone, whatever else is configured."""
    return content_of(settings, configured(Kind.SOURCE, demo=False, mistakes=[], only=(FILES,)))


def embeddings_of(settings: Settings) -> VectorStore | None:
    """The vectors of the content's texts; None where words alone shall do. Raises `EncoderUnavailable`."""
    key = settings.embeddings_key.get_secret_value()
    return store_of(
        settings.embeddings, settings.embeddings_model, key, settings.embeddings_seconds, cache_of(settings)
    )


def mistake_of_embeddings(settings: Settings) -> str | None:
    """What is wrong with the settings of embeddings, as far as can be seen without loading a model."""
    return mistake(settings.embeddings, settings.embeddings_model)


def matcher_of(settings: Settings, content: Content, *, keep: bool = True) -> WordMatcher:
    """A matcher that has learned from this content: from the cache, or in some seconds.

    It measures: where the embeddings cannot be had it raises `EncoderUnavailable`, now or at a question.
    """
    return WordMatcher(
        content,
        settings.language,
        cache=cache_of(settings) if keep else None,
        embeddings=embeddings_of(settings),
        strict=True,
    )


def library_of(settings: Settings, source: ContentSource | None = None, *, at_once: bool = False) -> Library:
    """The articles and intents with their matcher; with `at_once` it may learn later: see `learning`."""

    embeddings = embeddings_of(settings)

    def make(content: Content, previous: Matcher | None) -> WordMatcher:
        made = WordMatcher(
            content,
            settings.language,
            cache=cache_of(settings),
            previous=previous if at_once and isinstance(previous, WordMatcher) else None,
            at_once=at_once,
            embeddings=embeddings,
        )
        if embeddings is not None:
            embeddings.release()  # the matcher has those of this content
        return made

    return Library(
        source or content_of(settings),
        make,
        unanswered=settings.unanswered,
        certain=settings.certainty is not None,
    )


def learning(settings: Settings) -> list[str] | None:
    """The command that learns from the content on its standard input into the cache; None without one.

    It runs in a process of its own: learning takes some seconds of computing and much memory, and answers
    must neither wait for it nor pay for it.
    """
    cache = cache_of(settings)
    return (
        None
        if cache is None
        else [sys.executable, "-m", "bot.server.training", settings.language, str(cache)]
    )


def learner(settings: Settings) -> Callable[[Content], Matcher] | None:
    """What learns in this process where nothing can be kept; None where the operator wants it so."""
    if settings.cache == NO_CACHE:
        return None
    return lambda content: WordMatcher(content, settings.language, embeddings=embeddings_of(settings))
