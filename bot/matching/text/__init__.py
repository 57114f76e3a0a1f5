"""Texts as words: normalised, stemmed, corrected, in which language."""
