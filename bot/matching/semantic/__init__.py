"""What a sentence-embedding model adds to the words: optional, learned for each language, never needed."""

from bot.matching.semantic.meaning import NAMES, NONE_NAMES

VERSION = "meaning-3"
__all__ = ["NAMES", "NONE_NAMES", "VERSION"]
