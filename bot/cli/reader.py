"""Knows in which language a command speaks to whoever runs it, and says it there."""

import locale
import os
from contextlib import suppress
from pathlib import Path

LANGUAGE = "FIRSTLINE_LANGUAGE"
LANGUAGES = ("en", "es")


def language() -> str:
    """The desk's language where the settings name it, else the terminal's where that is one of ours."""
    written = given(LANGUAGE).strip().lower()
    return written if written in LANGUAGES else _of_the_terminal()


def said(text: str) -> str:
    """What was said in English, in the reader's language."""
    spoken = language()
    if spoken == "en":
        return text
    from bot.wording.mistakes import in_language

    return in_language(spoken, text)


def word(text: str) -> str:
    """A heading or a label, in the reader's language."""
    spoken = language()
    if spoken == "en":
        return text
    from bot.wording.mistakes import word_in_language

    return word_in_language(spoken, text)


def given(name: str) -> str:
    """A setting as it is written, before the settings are read and whatever is wrong with them."""
    found = {key.upper(): value for key, value in os.environ.items()}
    with suppress(OSError, UnicodeError):
        if name not in found and Path(".env").is_file():
            from dotenv import dotenv_values

            found = {key.upper(): value or "" for key, value in dotenv_values(".env").items()}
    return found.get(name, "")


def _of_the_terminal() -> str:
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    named = named or locale.getlocale()[0] or ""
    return "es" if named.lower().startswith("es") else "en"
