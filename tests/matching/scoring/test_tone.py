"""Who is angry, and who asks for something."""

import pytest

from bot.matching.scoring import tone


@pytest.mark.parametrize(
    "text",
    [
        "this is ridiculous",
        "THIRD TIME I ask for this",
        "fix it!!!",
        "MY LAPTOP STILL DOES NOT WORK",
        "wtf is wrong with the vpn",
        "i'm sick of this printer",
        "estoy harto de la vpn",
        "es la tercera vez que lo pido",
        "ya está bien, nadie me hace caso",
        "vaya mierda de portátil",
        "😡",
    ],
)
def test_angry(text: str) -> None:
    assert tone.angry(text)


@pytest.mark.parametrize(
    "text",
    [
        "hello, the vpn is down",
        "my VPN on the HP is slow",
        "ERR_CERT_DATE_INVALID",
        "thanks a lot!",
        "hola, ¿me ayudas?",
        "no funciona la impresora",
        "PC",
        "",
    ],
)
def test_calm(text: str) -> None:
    assert not tone.angry(text)


@pytest.mark.parametrize(
    "text",
    [
        "where is my payslip",
        "vpn down?",
        "how do i reset my password",
        "can someone look at the printer",
        "I need access to the share",
        "my laptop doesn't work",
        "i can't log in",
        "outlook won't open",
        "please unlock my account",
        "hi team, could you help",
        "necesito un monitor",
        "no puedo entrar",
        "no me deja instalar nada",
        "¿alguien sabe algo",
        "me sale un error raro",
        "hola, como cambio la clave",
        "se me ha bloqueado la cuenta",
        "keycard expired yesterday",
        "lift badge not opening",
        "outlook crashed twice since lunch",
        "someone stole my laptop",
        "la pantalla está estropeada",
        "me han robado el móvil",
    ],
)
def test_asks(text: str) -> None:
    assert tone.asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "lunch at 12",
        "great news everyone",
        "the release went out yesterday",
        "thanks, all good",
        "gracias a todos",
        "feliz cumpleaños",
        "mañana es fiesta en madrid",
        "lunch was nice today",
        "the build is green again",
        "we won the match yesterday",
        "qué buena la comida de hoy",
        "👍",
        "",
    ],
)
def test_does_not_ask(text: str) -> None:
    assert not tone.asks(text)


def test_a_text_wants_something_where_one_of_its_lines_does() -> None:
    told, asked, denied = "it was late", "can you open the door", "the door is not working"
    texts = [told, asked, f"{told} \n{asked}", f"{denied}\n{told}", f"{told}\n{told}", ""]
    assert tone.which_want_something(texts) == [False, True, True, True, False, False]


@pytest.mark.parametrize("text", ["mouse", "the mouse", "El ratón", "docking station", "mi ratón"])
def test_a_thing_is_only_named(text: str) -> None:
    assert tone.names_only(text)


def test_a_thing_is_named_in_one_word_or_in_more() -> None:
    assert all(map(tone.is_one_word, ["mouse", "the mouse", "una silla"]))
    assert not any(map(tone.is_one_word, ["docking station", "portátil nuevo", ""]))


@pytest.mark.parametrize(
    "text",
    ["mouse please", "I need a mouse", "broken mouse", "no mouse", "and it does it on my phone", "help", ""],
)
def test_more_is_said_than_a_name(text: str) -> None:
    assert not tone.names_only(text)
