"""Words that people write: every list is in our languages, well formed and read, and mistakes are named."""

import re
import unicodedata
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from bot.domain.errors import WordsInvalid
from bot.domain.words.loader import ANY_GAP, WordList, any_of, meanings, parse, pattern, read, together, words

FOLDER = files("bot.domain.words")
SOURCES = Path(str(files("bot")))
SUBJECTS = {file.stem: read(FOLDER, file.stem) for file in Path(str(FOLDER)).glob("*/*.toml")}
LISTS = [(subject, name) for subject, lists in SUBJECTS.items() for name in lists]
OURS = {"en", "es"}  # the languages that the bot speaks
FROM_ENGLISH = {"translations"}  # what English words mean is said in the other languages
FOREIGN = {"foreign"}  # tells ours from others
PLAIN = {
    "everyday",
    "follow_ups",
    "foreign",
    "stop_words",
    "tone",
    "urgency",
    "variants",
}  # these see text without accents


def entries(found: WordList) -> list[str]:
    return [*found.words, *found.patterns]


@pytest.mark.parametrize(("subject", "name"), LISTS)
def test_a_list_is_in_every_language_of_ours(subject: str, name: str) -> None:
    languages = set(SUBJECTS[subject][name])
    if subject in FOREIGN:
        assert languages
        assert not languages & {*OURS, "any"}
    elif subject in FROM_ENGLISH:
        assert languages == OURS - {"en"}
    else:
        assert languages in (OURS, {"any"})


@pytest.mark.parametrize(("subject", "name"), LISTS)
def test_no_entry_stands_twice(subject: str, name: str) -> None:
    for found in SUBJECTS[subject][name].values():
        for listed in (entries(found), *(meant.split() for meant in found.meanings.values())):
            assert sorted(listed) == sorted(set(listed))


@pytest.mark.parametrize(("subject", "name"), LISTS)
def test_every_entry_can_be_met(subject: str, name: str) -> None:
    for found in SUBJECTS[subject][name].values():
        for entry in entries(found):
            assert subject not in PLAIN or not any(
                map(unicodedata.combining, unicodedata.normalize("NFD", entry))
            )
        for entry in (*found.words, *found.meanings):
            assert entry == entry.lower()
        for entry in found.patterns:
            assert re.compile(entry).groups == 0, f"{entry}: write (?:...) for a group"
            assert not re.search(r"\[[^]]* [^]]*\]", entry), f"{entry}: a space may stand for any gap"


@pytest.mark.parametrize(("subject", "name"), LISTS)
def test_every_list_is_read(subject: str, name: str) -> None:
    texts = [path.read_text("utf-8") for path in SOURCES.rglob("*.py")]
    readers = [text for text in texts if "domain.words" in text and re.search(rf"[\"']{subject}[\"']", text)]
    assert any(re.search(rf"[\"'{{]{name}[\"'}}]", text) for text in readers)


def test_a_short_word_means_the_same_in_every_language() -> None:
    english, spanish = (SUBJECTS["everyday"]["chat"][language].meanings for language in ("en", "es"))
    assert not english.keys() & spanish.keys()


def test_entries_are_words_phrases_patterns_and_meanings() -> None:
    lists = parse(
        """
        [all]
        words = '''
        one two
        three
        '''
        phrases = '''
        four  and five
        '''
        patterns = '''
        six|
          seven
        eight?
        '''
        [short.meanings]
        pls = "please"
        """,
        "here.toml",
    )
    assert lists["all"] == WordList(("one", "two", "three", "four  and five"), ("six|seven", "eight?"))
    assert lists["short"].meanings == {"pls": "please"}


def test_languages_are_kept_apart() -> None:
    assert list(words("commands", "queue").items()) == [("en", ("queue",)), ("es", ("cola",))]
    failing = re.compile(together("tone", "{not} {not_happening}"))
    assert failing.search("it does not work")
    assert failing.search("no funciona")
    assert not failing.search("not funciona")


def test_a_pattern_finds_whole_words_and_what_a_space_stands_for() -> None:
    urgent = pattern("urgency", "deadline")
    assert urgent.search("it is urgent!")
    assert not urgent.search("insurgent")
    assert not urgent.search("right\nnow")
    assert pattern("urgency", "deadline", gap=ANY_GAP).search("right \n now")
    assert re.fullmatch(any_of("tone", "fury"), "!!!")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[a]\nwords = 'one", "es/x.toml is not valid TOML: .* Correct it there"),
        ("a = 'one'", r"es/x.toml: \[a\] must be a table with words, phrases, patterns or meanings"),
        ("[a]", r"es/x.toml: \[a\] must be a table"),
        ("[a]\nword = 'one'", r"es/x.toml: \[a\] has word: write words, phrases"),
        ("[a]\nwords = ['one']", r"es/x.toml: \[a\]: words must be a text"),
        ("[a]\nmeanings = 'one'", r"es/x.toml: \[a\]: meanings must be a table"),
        ("[a.meanings]\none = 1", r"es/x.toml: \[a\]: meanings must be a table"),
        ("[a]\nwords = ' '", r"es/x.toml: \[a\] has no entries: add one"),
    ],
)
def test_a_mistake_in_a_file_is_named(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / "x.toml").write_text(text, "utf-8")
    with pytest.raises(WordsInvalid, match=says):
        read(tmp_path, "x")


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(WordsInvalid, match=f"{tmp_path} has no words .* add <language>/tone.toml there"):
        read(tmp_path, "tone")
    with pytest.raises(WordsInvalid, match=r"No tone.toml in .*words has the list \[calm\]: add it there"):
        pattern("tone", "calm")


@pytest.mark.parametrize(
    ("reader", "subject", "name", "says"),
    [
        (words, "tone", "angry", r"en/tone.toml: \[angry\] is read as words: write nothing else there"),
        (meanings, "tone", "angry", r"en/tone.toml: \[angry\] is read as meanings"),
        (pattern, "everyday", "chat", r"en/everyday.toml: \[chat\] is read as words and patterns"),
    ],
)
def test_a_list_of_another_kind_is_named(
    reader: Callable[[str, str], object], subject: str, name: str, says: str
) -> None:
    with pytest.raises(WordsInvalid, match=says):
        reader(subject, name)
