"""Both languages say the same things, and every key that the code uses exists."""

import re
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bot
from bot import wording
from bot.desk.conversations.answering.answers import NOT_SOLVED
from bot.desk.ports.button_actions import BELONGS, CHOOSE, JOINED, NONE, OTHER, PERSON, SOLVED
from bot.domain.conversations.episode import OFFERED, UNCLEAR

WORDS = wording.load()
PACKAGE = Path(bot.__file__).parent


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert WORDS.languages == ("en", "es")
    assert WORDS.keys("en") == WORDS.keys("es")
    assert len(WORDS.keys("en")) > 100


def test_translations_keep_the_placeholders() -> None:
    different = [
        key
        for key in WORDS.keys("en")
        if placeholders(WORDS.say("en", key)) != placeholders(WORDS.say("es", key))
    ]
    assert different == []


def test_what_a_brand_fills_in_means_nothing_else() -> None:
    """Each catalogue as it is written: `{prefix}` is that of tickets, whoever says the sentence."""
    written = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("locales/*/*.po")]
    named = [found for text in written for found in re.findall(r"\{prefix\}.?", text)]
    assert len(named) > 4
    assert [found for found in named if found != "{prefix}-"] == []


def test_every_key_in_the_code_is_in_the_catalogue() -> None:
    keys = WORDS.keys("en")
    prefixes = {key.split(".")[0] for key in keys}
    used = set()
    for path in PACKAGE.rglob("*.py"):
        used |= set(re.findall(r'"([a-z]+(?:\.[a-z_]+)+)"', path.read_text()))
    assert len(used) > 50
    missing = {key for key in used if key.split(".")[0] in prefixes and key not in keys}
    assert set() == {key for key in missing if not key.endswith(".html")}


def test_every_sentence_of_doctor_is_said_and_what_is_wrong_has_a_remedy() -> None:
    told: set[str] = set()
    unsure, alone = [], set()
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        told |= set(re.findall(r'"((?:[a-z]+\.)?doctor\.[a-z_.]+)"', text))
        unsure += [
            f"{begun}." for begun in re.findall(r"f[\"']((?:[a-z]+\.)?doctor(?:\.[a-z_]+)*)\.\{", text)
        ]
        calls = re.findall(r'tell\.(?:error|warning)\(\s*[^,"]*"?[a-z_.]*"?, "([a-z_.]+)"([^()]*)\)', text)
        alone |= {key for key, rest in calls if "remedy=" not in rest}
    keys = {key for key in WORDS.keys("en") if "doctor" in key.split(".")[:2]}
    assert len(keys) > 100
    assert len(alone) > 15
    assert {key for key in alone if f"{key}.remedy" not in keys} == set()
    dead = {
        key
        for key in keys
        if re.sub(r"\.(remedy|one)$", "", key) not in told and not key.startswith(tuple(unsure))
    }
    assert {key for key in dead if key not in told} == set()


def test_an_unknown_key_shows_itself_and_an_unknown_language_reads_english() -> None:
    assert WORDS.say("en", "no.such.key") == "no.such.key"
    assert WORDS.say("en", "talk.thanks") == WORDS.say("de", "talk.thanks")


def test_times_are_shown_in_the_readers_language_and_zone() -> None:
    moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert "10:00" in WORDS.when("es", moment, "Europe/Madrid")
    assert WORDS.age("en", moment, moment + timedelta(hours=2)) == "2 hours ago"
    assert WORDS.age("es", moment, moment + timedelta(hours=2)) == "hace 2 horas"
    assert WORDS.language("es", "de") == "alemán"
    assert WORDS.language("en", "pt-br") == "Portuguese (Brazil)"
    assert WORDS.language("es", "zh-hant") == "chino (tradicional)"
    assert WORDS.language("en", "xx") == "xx"


def test_what_an_episode_keeps_among_its_clicks_can_be_told() -> None:
    clicks = (SOLVED, PERSON, CHOOSE, NONE, JOINED, OTHER, BELONGS, OFFERED, UNCLEAR, NOT_SOLVED)
    assert [click for click in clicks if f"card.tried.{click}" not in WORDS.keys("en")] == []
