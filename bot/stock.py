"""The content of the settings: where it is read from, and which matcher is made for it."""

from bot.desk.library import Library
from bot.domain.knowledge import Content
from bot.knowledge.files import FileSource
from bot.matching.matcher import WordMatcher
from bot.settings import Settings


def library_of(settings: Settings) -> Library:
    """The articles and intents, with the matcher for them."""

    def matcher(content: Content) -> WordMatcher:
        return WordMatcher(content, settings.language)

    return Library(FileSource(settings.articles, settings.intents), matcher)
