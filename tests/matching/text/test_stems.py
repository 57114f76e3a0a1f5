"""Forms of one word meet in one stem."""

import pytest

from bot.matching.text.stems import Stems


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "print printer printing printed prints"),
        ("en", "stop stopping stopped"),
        ("es", "impresora impresoras"),
        ("es", "conectar conectado conectan conecta"),
    ],
)
def test_stems_meet(language: str, words: str) -> None:
    stems = Stems()
    assert len({stems.learn(word, language) for word in words.split()}) == 1


def test_stems_leave_other_languages_alone() -> None:
    assert Stems().stem("anmeldungen", "de") == "anmeldungen"
