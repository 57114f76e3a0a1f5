"""Texts in pieces of words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.encoders.wordpiece import LONGEST_WORD, VOCABULARY, WordPiece

WORDPIECE = WordPiece()
PIECES = VOCABULARY.read_text("utf-8").split("\n")


def pieces(text: str, most: int = 256) -> str:
    first, *found, last = (PIECES[one] for one in WORDPIECE.ids(text, most))
    assert (first, last) == ("[CLS]", "[SEP]")
    return " ".join(found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("How do I reset my password?", "how do i reset my password ?"),
        ("two-factor\tauthenticator", "two - factor authentic ##ator"),
        ("¿Olvidé la contraseña?", "¿ ol ##vid ##e la contra ##sen ##a ?"),
        ("5$ + C\u200b++", "5 $ + c + +"),
        ("日本", "日 本"),
        ("a\u2603b ok", "[UNK] ok"),
        ("x" * (LONGEST_WORD + 1) + " ok", "[UNK] ok"),
        ("", ""),
    ],
)
def test_words_are_cut_into_the_longest_pieces(text: str, said: str) -> None:
    assert pieces(text) == said


def test_what_is_too_long_is_cut_off() -> None:
    assert pieces("authenticator authenticator", 5) == "authentic ##ator authentic"


@given(st.text(), st.integers(2, 300))
def test_any_text_has_pieces_and_not_too_many(text: str, most: int) -> None:
    assert 2 <= len(WORDPIECE.ids(text, most)) <= most
