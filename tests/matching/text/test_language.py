"""English, Spanish, or neither."""

import json
from collections import Counter

import pytest

from bot.matching.index.corpus import CorpusReader
from bot.matching.text.language import LanguageGuess, in_other_letters
from bot.runtime.resources import find
from bot.server.content import content_in
from tests.support.paths import ROOT

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


WRITTEN = json.loads((ROOT / "tests" / "fixtures" / "languages.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def taught() -> LanguageGuess:
    """A guess that knows the words of the sample content."""
    content = content_in(find("kb_articles"), find("intents"))
    return LanguageGuess(CorpusReader().corpus(content).word_counts)


@pytest.mark.parametrize("language", WRITTEN)
def test_any_language_is_named_rightly_or_not_at_all(language: str, taught: LanguageGuess) -> None:
    for guess in (GUESS, taught):
        named = {text: guess.guess(text) for text in WRITTEN[language]}
        assert {text: name for text, name in named.items() if name not in (None, language)} == {}
    if language in ("en", "es"):
        assert [text for text, name in named.items() if name is None] in ([], ["wifi down"])


@pytest.mark.parametrize(
    "text",
    ["vpn no conecta", "outlook no abre", "zoom no funciona", "vpn caida", "login falla", "jira caido"],
)
def test_spanish_among_jargon_is_told_where_every_word_is_known(text: str, taught: LanguageGuess) -> None:
    assert taught.guess(text) == "es"


@pytest.mark.parametrize("text", ["no internet", "wifi no signal", "outlook no response", "vpn no celular"])
def test_no_before_another_word_than_a_spanish_verb_tells_nothing(text: str, taught: LanguageGuess) -> None:
    assert taught.guess(text) != "es"


@pytest.mark.parametrize(
    "text",
    [
        "l'impressora va lenta",
        "la stampante si blocca mezza giornata",
        "a minha planilha sumiu",
        "apagouse o equipo",
    ],
)
def test_a_word_in_the_shape_of_another_language_is_no_spanish(text: str, taught: LanguageGuess) -> None:
    assert taught.guess(text) is None


def test_addresses_and_codes_are_in_no_language() -> None:
    assert GUESS.guess("I cannot open outlook.com and teams.empresa.es") == "en"
    assert GUESS.guess("no encontramos la cámara 0xA00F4244") == "es"


def test_other_letters_are_told_from_latin_ones_with_names_among_either() -> None:
    other = ("VPN连不上", "не могу войти в VPN", "Outlookが開きません", "ไม่มีเสียง")
    latin = ("the sign 密 on my keyboard", "5 μm are missing", "contraseña", "Łódź office", "12345", "")
    assert all(map(in_other_letters, other))
    assert not any(map(in_other_letters, latin))


def test_words_of_the_content_help_to_tell() -> None:
    counts = {
        "en": Counter({"calendar": 30, "meeting": 30, "shared": 20, "laptop": 9}),
        "es": Counter({"calendario": 30, "reunion": 30, "compartido": 20, "laptop": 9}),
    }
    guess = LanguageGuess(counts)
    assert guess.guess("shared calendar meeting") == "en"
    assert guess.guess("calendario compartido reunion") == "es"
    assert guess.guess("laptop") is None
