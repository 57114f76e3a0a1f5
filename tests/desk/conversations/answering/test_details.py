"""A detail is noted, what names no thing is asked about, greetings and trials are no questions."""

import pytest

from bot.domain.conversations.messages import Addressed, ConversationRef, OutcomeKind
from tests.support.desk.helpdesk import Helpdesk, buttons_of, text_of

DETAILS = {
    "my outlook does not open": [
        "its a pixel 8",
        "I have an iphone 13",
        "im on windows 11",
        "it's a dell latitude",
        "I already restarted it",
        "my user is jsmith",
        "we use the desktop version",
        "only when zoom is open",
        "the third floor",
        "it starts on monday",
    ],
    "el outlook no abre": [
        "es un pixel 8",
        "tengo un iphone 13",
        "estoy en windows 11",
        "mi usuario es jperez",
        "ya lo he reiniciado",
        "solo cuando abro el zoom",
        "es la versión de la sala grande, la que instalaron en marzo los de sistemas",
    ],
}


@pytest.mark.parametrize(
    ("question", "detail"), [(question, one) for question, found in DETAILS.items() for one in found]
)
def test_a_detail_after_an_answer_opens_nothing_and_offers_nothing_else(
    helpdesk: Helpdesk, question: str, detail: str
) -> None:
    assert helpdesk.say("ana", question, channel="teams").kind is OutcomeKind.ANSWERED
    outcome = helpdesk.say("ana", detail, channel="teams")
    assert outcome.kind in (OutcomeKind.ASKED, OutcomeKind.DONE)
    assert helpdesk.texts_in("CROOM") == []
    helpdesk.say("ana", "I want to talk to a person", channel="teams")
    assert detail in helpdesk.texts_in("CROOM")[0]


@pytest.mark.parametrize(
    "another",
    [
        "I have a problem with the printer, it is jammed",
        "tengo un virus en el portátil",
        "my account is locked",
    ],
)
def test_another_question_after_an_answer_is_no_detail(helpdesk: Helpdesk, another: str) -> None:
    helpdesk.say("ana", "my outlook does not open", channel="teams")
    helpdesk.say("ana", another, channel="teams")
    assert "outlook" not in text_of(helpdesk.last("ana", "teams")).lower()
    assert helpdesk.last("ana", "teams").summary not in ("Did that solve it?", "¿Se ha solucionado con eso?")


def test_a_detail_leaves_a_choice_open_once(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "the VPN won't connect", channel="teams")
    assert helpdesk.say("ana", "it's on the third floor", channel="teams").kind is OutcomeKind.DONE
    assert (
        text_of(helpdesk.last("ana", "teams")) == "Select one of the options above, or tell me a little more."
    )
    outcome = helpdesk.say("ana", "I have a blue lamp", channel="teams")
    assert outcome.kind is OutcomeKind.TICKET
    card = helpdesk.texts_in("CROOM")[0]
    assert all(line in card for line in ("VPN", "third floor", "blue lamp"))


@pytest.mark.parametrize(
    ("bare", "narrower"),
    [
        ("i cant log in", "password expired"),
        ("I can't log in anymore!", "it says the password has expired"),
        ("no puedo iniciar sesión", "la contraseña ha caducado"),
    ],
)
def test_what_names_no_thing_is_asked_about_and_narrowed(
    helpdesk: Helpdesk, bare: str, narrower: str
) -> None:
    assert helpdesk.say("ana", bare, channel="teams").kind is OutcomeKind.ASKED
    assert buttons_of(helpdesk.last("ana", "teams")) == ["person"]
    assert helpdesk.say("ana", narrower, channel="teams").kind is OutcomeKind.ANSWERED
    helpdesk.click("ana", helpdesk.button(helpdesk.last("ana", "teams"), "person"), channel="teams")
    assert f"{bare}\n{narrower}" in helpdesk.texts_in("CROOM")[0]


def test_what_stays_bare_gets_a_person(helpdesk: Helpdesk) -> None:
    assert helpdesk.say("ana", "i cant log in", channel="teams").kind is OutcomeKind.ASKED
    assert helpdesk.say("ana", "i can't get in", channel="teams").kind is OutcomeKind.TICKET


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        *(
            (text, "Hello!")
            for text in (
                "how are you",
                "hey how are you doing?",
                "how r u",
                "what's up",
                "good morning team!",
            )
        ),
        *(
            (text, "¡Hola!")
            for text in ("¿cómo estás?", "cómo va todo", "qué tal todo", "buenos días a todos")
        ),
        *((text, "I answer") for text in ("HELP", "Help!", "test", "this is a test")),
        *((text, "Respondo") for text in ("AYUDA", "¡Ayuda!", "esto es una prueba")),
    ],
)
def test_greetings_and_trials_are_answered_in_kind(helpdesk: Helpdesk, text: str, begin: str) -> None:
    assert helpdesk.say("ana", text, channel="teams").kind is OutcomeKind.DONE
    assert text_of(helpdesk.last("ana", "teams")).startswith(begin)


@pytest.mark.parametrize("text", ["how are you supposed to print here", "team", "test the vpn on my mac"])
def test_what_only_begins_so_is_no_greeting(helpdesk: Helpdesk, text: str) -> None:
    helpdesk.say("ana", text, channel="teams")
    assert not text_of(helpdesk.last("ana", "teams")).startswith(("Hello!", "I answer"))


def test_what_names_no_language_is_answered_in_that_of_earlier_lines(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "no me llega el correo al móvil", channel="teams", locale="en-US")
    helpdesk.clock.move(hours=5)
    helpdesk.say("ana", "citrix", channel="teams", locale="en-US")
    assert helpdesk.last("ana", "teams").language == "es"
    helpdesk.say("eva", "citrix", channel="teams", locale="es-ES")
    assert helpdesk.last("eva", "teams").language == "es"


def test_spanish_among_jargon_is_answered_in_spanish(helpdesk: Helpdesk) -> None:
    for text in ("vpn no conecta", "outlook no abre", "zoom no funciona"):
        helpdesk.clock.move(hours=5)
        helpdesk.say("ana", text, channel="teams", locale="en-US")
        assert helpdesk.last("ana", "teams").language == "es"


def test_an_offer_is_made_in_the_language_of_the_message(helpdesk: Helpdesk) -> None:
    place = ConversationRef("slack", "T1", "CHELP", "new:1", private=False)
    said = "la app de fichajes hace cosas raras hoy"
    helpdesk.say("ana", said, conversation=place, addressed=Addressed.HELP, locale="en-US")
    assert text_of(helpdesk.in_space("CHELP")[-1]).startswith("Puede que esto sea para el equipo de soporte.")


def test_a_password_that_was_given_away_is_no_forgotten_one(helpdesk: Helpdesk) -> None:
    for text in (
        "creo que he puesto mi contraseña en una web falsa",
        "i think i typed my password into a fake site",
    ):
        helpdesk.clock.move(hours=5)
        helpdesk.say("ana", text, channel="teams")
        shown = helpdesk.last("ana", "teams")
        first = shown.buttons[0].label if shown.buttons else ""
        assert "phishing" in f"{first} {shown.summary} {helpdesk.texts_in('ana')}".lower()
