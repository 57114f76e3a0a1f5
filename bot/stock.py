"""The content of the settings: where it is read from, and which matcher is made for it."""

import sys
from pathlib import Path

from platformdirs import user_cache_path

from bot.desk.library import Library
from bot.desk.ports import Matcher
from bot.domain.knowledge import Content
from bot.knowledge.files import FileSource
from bot.matching.matcher import WordMatcher
from bot.settings import Settings

NO_CACHE = "off"


def cache_of(settings: Settings) -> Path | None:
    """The folder where what was learned is kept; None when the operator wants none."""
    if settings.cache == NO_CACHE:
        return None
    return Path(settings.cache) if settings.cache else user_cache_path("firstline", appauthor=False)


def matcher_of(settings: Settings, content: Content, *, keep: bool = True) -> WordMatcher:
    """A matcher that has learned from this content: from the cache, or in some seconds."""
    return WordMatcher(content, settings.language, cache=cache_of(settings) if keep else None)


def library_of(settings: Settings, *, at_once: bool = False) -> Library:
    """The articles and intents with their matcher; with `at_once` it may learn later: see `learning`."""

    def make(content: Content, previous: Matcher | None) -> WordMatcher:
        return WordMatcher(
            content,
            settings.language,
            cache=cache_of(settings),
            previous=previous if at_once and isinstance(previous, WordMatcher) else None,
            at_once=at_once,
        )

    return Library(FileSource(settings.articles, settings.intents), make)


def learning(settings: Settings) -> list[str] | None:
    """The command that learns from the content into the cache; None where nothing is kept.

    It runs in a process of its own: learning takes some seconds of computing and much memory, and answers
    must neither wait for it nor pay for it.
    """
    cache = cache_of(settings)
    if cache is None:
        return None
    folders = [str(settings.articles), str(settings.intents)]
    return [sys.executable, "-m", "bot.learn", *folders, settings.language, str(cache)]
