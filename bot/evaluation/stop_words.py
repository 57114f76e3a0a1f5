"""Gives the words that say nothing of what a question is about, in English and Spanish, without accents."""

from bot.domain.words.loader import all_words

ORDINARY = all_words("stop_words", "ordinary")
