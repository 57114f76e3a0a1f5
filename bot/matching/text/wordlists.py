"""Gives the words that every desk meets, whatever its content: English and Spanish, without accents."""

from bot.domain.words.loader import all_words, meanings, pattern, words

# They bind a sentence and say nothing of what it is about.
FUNCTION = {language: frozenset(found) for language, found in words("everyday", "function").items()}

# Function words of other languages that English and Spanish do not share.
FOREIGN = all_words("foreign", "common")

# They say that something is wrong or wanted, and not what.
GENERIC_IN = {language: frozenset(found) for language, found in words("everyday", "generic").items()}
GENERIC = all_words("everyday", "generic")

# What people type in a hurry.
CHAT = {short: meant for found in meanings("everyday", "chat").values() for short, meant in found.items()}

GREETINGS = all_words("everyday", "greetings")
GREETING_STARTS = all_words("everyday", "greeting_starts")
"""A greeting begins with one of these, and may go on with GREETINGS."""

CLOSINGS = tuple(all_words("everyday", "closings"))
"""A line that begins with one of these ends what is asked; a signature may follow."""

TELLING = all_words("everyday", "telling")
"""With these people tell something: what has none of them below a closing is a signature."""

SMALL_PRINT = pattern("everyday", "small_print")
"""Finds what stands in the small print below a signature."""
