"""Which messages stand alone, which go on with what was said, and which tell of a trouble."""

import pytest

from bot.domain.conversations.standalone import (
    announces,
    may_be_trouble,
    names_a_trouble,
    refers_back,
    stands_alone,
    tells_time,
    tells_trouble,
)

WHOLE = (
    "my account is locked",
    "also my account is locked",
    "and my phone doesn't get mail anymore",
    "y además mi silla chirría",
    "My chair squeaks!",
    "The VPN won't connect",
    "is the VPN down?",
    "can you reset my password",
    "how do I set up out of office",
    "la impresora no imprime",
    "mi silla chirría",
    "se me ha roto la pantalla",
    "¿cómo cambio la contraseña?",
)
PARTS = (
    "hi",
    "my laptop",
    "is dead",
    "does not print",
    "and it smells of burnt plastic",
    "but since monday",
    "with the blue cable",
    "because of the update",
    "since this morning it beeps",
    "I already restarted twice",
    "error code 17",
    "mi portátil",
    "y hace ruido",
    "desde esta mañana no va",
    "porque lo necesito hoy",
    "",
)


@pytest.mark.parametrize("text", WHOLE)
def test_a_sentence_stands_alone(text: str) -> None:
    assert stands_alone(text)
    assert not refers_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "the coffee robot is broken",
        "the front door is stuck",
        "my chair is broken too",
        "el robot del café no va",
        "la máquina de café está rota",
        "la puerta del garaje no abre",
    ],
)
def test_a_thing_with_a_name_of_its_own_is_in_trouble(text: str) -> None:
    assert names_a_trouble(text)
    assert not refers_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "the tap is broken",  # of what was answered?
        "the app keeps crashing",
        "the login page is broken",
        "the progress bar is stuck",
        "it is broken too",
        "the coffee robot is new",
        "el cliente está roto",
        "la barra de progreso está parada",
        "la página de inicio no carga",
    ],
)
def test_a_part_of_what_a_computer_shows_is_no_thing_of_its_own(text: str) -> None:
    assert not names_a_trouble(text)


@pytest.mark.parametrize("text", ["empieza el lunes", "she starts on Monday", "I am at the office"])
def test_a_time_or_a_place_is_told(text: str) -> None:
    assert tells_time(text)
    assert not tells_time("my mouse is broken")


@pytest.mark.parametrize("text", PARTS)
def test_a_part_does_not(text: str) -> None:
    assert not stands_alone(text)


@pytest.mark.parametrize(
    "text",
    [
        "when will someone look at it?",
        "any news?",
        "this is really urgent",
        "¿hay novedades?",
        "¿puedes mirarlo?",
        "hay que arreglarla hoy",
        "lo necesito hoy",
    ],
)
def test_what_stands_for_something_refers_back(text: str) -> None:
    assert refers_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "my chair squeaks",
        "our coffee machine leaks",
        "The VPN won't connect",
        "the badge reader is dead",
        "mi silla chirría",
        "la impresora no imprime",
        "la red wifi está caída",
    ],
)
def test_a_trouble_is_told(text: str) -> None:
    assert tells_trouble(text)


@pytest.mark.parametrize(
    "text",
    [
        "my username is acosta",
        "my laptop runs windows 11",
        "I am in the Berlin office",
        "we have a call at 3",
        "please call me back",
        "mi usuario es acosta",
        "estoy en la oficina de Bilbao",
    ],
)
def test_a_detail_is_no_trouble(text: str) -> None:
    assert not tells_trouble(text)


@pytest.mark.parametrize(
    "text",
    [
        "heads up: VPN maintenance tonight",
        "FYI, the lift is serviced on Friday",
        "the printer on floor 2 will be replaced tomorrow",
        "Aviso: mantenimiento de la red esta noche",
        "la nueva versión ya está disponible",
    ],
)
def test_an_announcement(text: str) -> None:
    assert announces(text)


def test_what_may_be_a_trouble() -> None:
    for text in ("nobody can reach the portal", "my flurbostat fizzes green", "strange noises from the rack"):
        assert may_be_trouble(text)
        assert not announces(text)
    for text in ("lunch was nice today", "comemos a las dos", "welcome Pilar"):
        assert not may_be_trouble(text)
