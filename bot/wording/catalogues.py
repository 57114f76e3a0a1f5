"""Loads gettext catalogues into memory from .po files in `locales/<language>/`, ours and the plugins'."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_timedelta, get_timezone_location
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from bot.domain.brand import FIRSTLINE, Brand
from bot.wording.mistakes import in_language

# What a brand says in its own words.
GREETINGS, PLACEHOLDERS = ("talk.greeting", "web.ask.empty.title"), ("web.ask.placeholder",)
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

    def day(self, language: str, moment: datetime, now: datetime) -> str:
        """A day with its time by the clock of the moment's zone, with its year where that is another one."""
        return self.moment(language, "date.day" if moment.year == now.year else "date.day_of_year", moment)

    def moment(self, language: str, key: str, moment: datetime) -> str:
        """A moment by the clock of its zone, in the form of the pattern under this key."""
        known = self._known(language)
        return format_datetime(moment, self.say(known, key), locale=known, tzinfo=moment.tzinfo)

    def number(self, language: str, number: float, digits: int = 0) -> str:
        """A number."""
        return format_decimal(round(number, digits), locale=self._known(language))

    def percent(self, language: str, share: float, digits: int = 1) -> str:
        """A share as a percentage."""
        pattern = "#,##0.0%" if digits else "#,##0%"
        text = format_percent(share, pattern, locale=self._known(language))
        return text if language == FALLBACK else text.replace("%", "\N{NO-BREAK SPACE}%")

    def length(self, seconds: float) -> str:
        """A length of time in hours and minutes, in signs that are the same in all languages."""
        minutes = round(seconds / 60)
        if minutes < 1:
            return "< 1 min"
        if minutes < 60:
            return f"{minutes} min"
        hours, minutes = divmod(minutes, 60)
        return f"{hours} h {minutes} min" if hours < 10 and minutes else f"{hours} h"

    def calendar_day(self, language: str, day: date) -> str:
        """A day as people write it."""
        return format_date(day, "medium", locale=self._known(language))

    def short_date(self, language: str, day: date) -> str:
        """A day and its month, as short as it can be."""
        return format_date(day, "d MMM", locale=self._known(language))

    def amount(self, language: str, amount: timedelta) -> str:
        """A length of time in its largest unit."""
        return format_timedelta(amount, threshold=1, locale=self._known(language))

    def place(self, language: str, zone: str) -> str:
        """The place of a time zone in the reader's language, such as "New York"; else the zone's name."""
        if "/" not in zone or zone.startswith("Etc/"):
            return zone
        city = get_timezone_location(ZoneInfo(zone), locale=self._known(language), return_city=True)
        return city.rpartition("/")[2]

    def either(self, language: str, options: Sequence[str]) -> str:
        """A list of alternatives joined by "or", without a comma before the last."""
        locale = self._known(language)
        return format_list(list(options), "or", "en_GB" if locale == "en" else locale)

    def age(self, language: str, start: datetime, now: datetime) -> str:
        """The time since `start` in words, such as "5 minutes ago"."""
        passed = min(start - now, A_MOMENT)  # of nothing at all it says "in 0 seconds"
        return format_timedelta(passed, add_direction=True, locale=self._known(language))

    def told(self, language: str, sentence: str) -> str:
        """What a check or an error says in English, in this language where it is translated."""
        return in_language(language, sentence)

    def language(self, reader: str, code: str) -> str:
        """The name of a language in the reader's own; its code where it has no name."""
        try:
            return Locale.parse(code, sep="-").get_display_name(self._known(reader)) or code
        except (UnknownLocaleError, ValueError):
            return code

    def _known(self, language: str) -> str:
        return language if language in self.languages else FALLBACK


def load(brand: Brand = FIRSTLINE) -> Catalogues:
    """Read all catalogues in the words of a brand."""
    return _branded(brand)


@lru_cache(4)
def _branded(brand: Brand) -> Catalogues:
    sentences = {language: dict(own) for language, own in _read().items()}
    for own in sentences.values():
        for key, text in own.items():
            for word, value in brand.words.items():
                text = text.replace(f"{{{word}}}", value)
            own[key] = text
    said = [(GREETINGS, brand.greeting), (PLACEHOLDERS, brand.placeholder)]
    for keys, texts in said:
        for language, text in texts:
            sentences[language].update(dict.fromkeys(keys, text))
    return Catalogues(sentences)


@cache
def _read() -> Mapping[str, Mapping[str, str]]:
    """Read all files; a language is a folder, its .po files are parts of one catalogue.

    A plugin's package brings its own sentences in a folder `locales` of the same shape.
    """
    sentences: dict[str, dict[str, str]] = {}
    for folder in (LOCALES, *_of_plugins()):
        for path in sorted(folder.glob("*/*.po")):
            with path.open("rb") as file:
                catalogue = read_po(file)
            own = sentences.setdefault(path.parent.name, {})
            own.update({str(m.id): str(m.string) for m in catalogue if m.id and m.string})
    return sentences


def _of_plugins() -> Iterator[Path]:
    for package in PLUGIN_PACKAGES:
        for folder in import_module(package).__path__:
            yield from sorted(Path(folder).glob("*/locales"))
