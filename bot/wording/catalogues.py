"""Loads gettext catalogues into memory from .po files in `locales/<language>/`, ours and the plugins'."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, format_timedelta
from babel.lists import format_list
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent / "locales"
PLUGIN_PACKAGES = ("bot.channels", "bot.knowledge", "bot.backends", "bot.alerts")
FALLBACK = "en"
A_MOMENT = timedelta(seconds=-1)


class Catalogues:
    """Sentences by language and key; a missing one reads English, then its key."""

    def __init__(self, sentences: Mapping[str, Mapping[str, str]]) -> None:
        self._sentences = sentences
        self.languages = tuple(sorted(sentences))

    def keys(self, language: str) -> frozenset[str]:
        """The keys that a language has."""
        return frozenset(self._sentences[language])

    def say(self, language: str, key: str, /, **values: object) -> str:
        """The sentence under this key, filled in."""
        own = self._sentences.get(language, {})
        template = own.get(key) or self._sentences[FALLBACK].get(key) or key
        return template.format_map(values) if values else template

    def when(self, language: str, moment: datetime, zone: str | None = None) -> str:
        """A date and time as people write it, in the reader's zone or UTC."""
        return format_datetime(
            moment,
            "medium",
            locale=self._known(language),
            tzinfo=ZoneInfo(zone) if zone else None,
        )

    def either(self, language: str, options: Sequence[str]) -> str:
        """A list of alternatives joined by "or", without a comma before the last."""
        locale = self._known(language)
        return format_list(list(options), "or", "en_GB" if locale == "en" else locale)

    def age(self, language: str, start: datetime, now: datetime) -> str:
        """The time since `start` in words, such as "5 minutes ago"."""
        passed = min(start - now, A_MOMENT)  # of nothing at all it says "in 0 seconds"
        return format_timedelta(passed, add_direction=True, locale=self._known(language))

    def language(self, reader: str, code: str) -> str:
        """The name of a language in the reader's own; its code where it has no name."""
        try:
            return Locale.parse(code, sep="-").get_display_name(self._known(reader)) or code
        except (UnknownLocaleError, ValueError):
            return code

    def _known(self, language: str) -> str:
        return language if language in self.languages else FALLBACK


@cache
def load() -> Catalogues:
    """Read all catalogues; a language is a folder, its .po files are parts of one catalogue.

    A plugin's package brings its own sentences in a folder `locales` of the same shape.
    """
    sentences: dict[str, dict[str, str]] = {}
    for folder in (LOCALES, *_of_plugins()):
        for path in sorted(folder.glob("*/*.po")):
            with path.open("rb") as file:
                catalogue = read_po(file)
            own = sentences.setdefault(path.parent.name, {})
            own.update({str(m.id): str(m.string) for m in catalogue if m.id and m.string})
    return Catalogues(sentences)


def _of_plugins() -> Iterator[Path]:
    for package in PLUGIN_PACKAGES:
        for folder in import_module(package).__path__:
            yield from sorted(Path(folder).glob("*/locales"))
