"""Texts as words: normalising, stemming, spelling correction, language detection."""
