"""The matcher of the small content by its words alone, without a model."""

from bot.matching.matcher import WordMatcher
from tests.support.matching.tiny_model import content

WORDS = WordMatcher(content())
