"""English, Spanish, or neither."""

from collections import Counter

import pytest

from bot.matching.text.language import LanguageGuess

GUESS = LanguageGuess({})
ENGLISH = [
    "my laptop does not connect to the vpn",
    "outlook keeps crashing on me",
    "pls reset my pwd asap",
    "who can give me access to finance",
    "the printer on floor 2 is jammed",
    "cannot hear anybody in zoom calls",
    "I'd like a second screen",
    "where do i find my payslip",
]
SPANISH = [
    "mi portatil no se conecta a la vpn",
    "el outlook se me cierra solo",
    "necesito q me reinicien la clave",
    "quien me da acceso a finanzas",
    "la impresora de la planta 2 esta atascada",
    "no oigo a nadie en zoom",
    "donde encuentro mi nomina",
    "se me ha caído el café en el teclado",
]
OTHERS = [
    "mein laptop verbindet sich nicht mit dem vpn",
    "ich habe mein passwort vergessen",
    "mon ordinateur ne démarre plus depuis ce matin",
    "je n'arrive pas à me connecter au vpn",
    "não consigo entrar no meu computador",
    "esqueci a minha senha do e-mail",
    "il mio computer non si accende più",
    "mijn laptop start niet meer op",
    "мой ноутбук не включается",
    "電源が入りません",
    "12345",
    "vpn",
    "",
]


@pytest.mark.parametrize("text", ENGLISH)
def test_english(text: str) -> None:
    assert GUESS.guess(text) == "en"


@pytest.mark.parametrize("text", SPANISH)
def test_spanish(text: str) -> None:
    assert GUESS.guess(text) == "es"


@pytest.mark.parametrize("text", OTHERS)
def test_neither(text: str) -> None:
    assert GUESS.guess(text) is None


def test_words_of_the_content_help_to_tell() -> None:
    counts = {
        "en": Counter({"calendar": 30, "meeting": 30, "shared": 20, "laptop": 9}),
        "es": Counter({"calendario": 30, "reunion": 30, "compartido": 20, "laptop": 9}),
    }
    guess = LanguageGuess(counts)
    assert guess.guess("shared calendar meeting") == "en"
    assert guess.guess("calendario compartido reunion") == "es"
    assert guess.guess("laptop") is None
