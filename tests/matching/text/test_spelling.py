"""Misspelt words, and words that are left alone."""

from collections import Counter

import pytest

from bot.matching.text.normalise import words_of
from bot.matching.text.spelling import SpellingCorrector

SPELLER = SpellingCorrector(
    Counter("password account screen printer movie train quit connection pero".split() * 3), lambda _: False
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("pasword", "password"),
        ("passwrod", "password"),
        ("acount", "account"),
        ("scren", "screen"),
        ("rpinter", "printer"),
        ("conectoin", "connection"),
        ("passwordprinter", "password printer"),
        ("quiet", "quiet"),
        ("rain", "rain"),
        ("perro", "perro"),
        ("zebra", "zebra"),
        ("pass", "password"),
    ],
)
def test_spelling(typed: str, meant: str) -> None:
    assert SPELLER.repair(words_of(typed))[0].text == meant


def test_a_word_with_a_known_form_is_left_alone() -> None:
    assert (
        SpellingCorrector({"connection": 1}, lambda word: word == "connectoin").repair(
            words_of("connectoin")
        )[1]
        == {}
    )


def test_a_word_is_not_taken_apart() -> None:
    speller = SpellingCorrector({"scan": 3, "desk": 1, "new": 1, "phone": 1}, lambda _: False)
    assert speller.repair(words_of("dias de descanso"))[1] == {}
    assert speller.repair(words_of("my newphone"))[1] == {"newphone": "new phone"}
