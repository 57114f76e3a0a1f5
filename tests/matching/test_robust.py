"""Questions as people type them, of this repository's own content: each kind in words of its own."""

import pytest

from bot import wording
from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import OutcomeKind
from bot.domain.knowledge.decision import Answer, Escalate, Thresholds, Tolerance, decide
from bot.matching.matcher import WordMatcher
from bot.server.content import files_of
from bot.server.settings import Settings
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk, text_of
from tests.support.unknown import ALIKE, OTHER, SPANISH, THIRD, UNKNOWN

KINDS: dict[str, list[tuple[str, str]]] = {
    "typos": [
        ("i forgto my pasword and cant sing in", "password-reset"),
        ("the prniter wont print anythng", "printer"),
        ("my laptp batery drains realy fast", "battery"),
        ("outlok keeps crashng when i open it", "outlook"),
        ("wbecam not detcted in the meeting", "webcam"),
        ("olvide mi contarseña", "password-reset"),
        ("la impresroa no imprmie", "printer"),
        ("el raton y el tecaldo no funcionan", "keyboard"),
        ("el wfii va fatal en la oficna", "wifi"),
    ],
    "joined and split words": [
        ("how do i set up my newphone for mfa", "new-phone-mfa"),
        ("pass word reset", "password-reset"),
        ("dockingstation not recognised", "docking-station"),
        ("one drive does not sync", "onedrive"),
        ("key board types wrong letters", "keyboard"),
        ("web cam is black", "webcam"),
        ("wi fi keeps dropping in the office", "wifi"),
        ("necesito accesoa una base dedatos", "database-access"),
    ],
    "chat abbreviations": [
        ("pwd reset pls", "password-reset"),
        ("need 2 reset my pw asap thx", "password-reset"),
        ("cant print w/ my laptop, printer says offline", "printer"),
        ("xq no puedo imprimir??", "printer"),
        ("q hago si perdi el portatil", "lost-laptop"),
        ("ayuda xfa, contra olvidada", "password-reset"),
        ("no tngo sonido en los cascos x teams", "teams-audio"),
    ],
    "emoji": [
        ("printer 🖨️ is jammed again 😡", "printer"),
        ("😭😭 forgot my password 😭😭", "password-reset"),
        ("la cámara 📷 no va", "webcam"),
        ("wifi:fire::fire: super slow", "wifi"),
    ],
    "greetings and signatures": [
        (
            "Good morning team,\n\nMy badge does not open the door on the third floor.\n\nKind regards,\n"
            "Jane Doe\nHead of Sales | Printer & Co | +34 600 000 000",
            "badge",
        ),
        ("Hi there! Hope you are all well. The external monitor stays black. Cheers, Tom", "external-screen"),
        ("Buenos días, equipo: no me llega la nómina al portal. Un saludo, Ana", "payslip-portal"),
        ("hola buenas!! q tal? me podeis instalar un programa? gracias", "software-request"),
        (
            "Dear support,\nplease unlock my account, it is locked.\n--\nVPN Project Office\nwww.vpn.example",
            "account-locked",
        ),
        ("Hey, quick one: how do I set an out of office reply?\nSent from my iPhone", "out-of-office"),
    ],
    "quotes and links": [
        ("> the vpn is down again\nThat is solved. Now my headset has no sound", "headset"),
        ("see https://intranet.example/vpn/printer?x=password how do I share my calendar?", "calendar"),
        (
            "El lun, Ana escribió:\n> la impresora no va\nAhora es el teclado, escribe lo que no es",
            "keyboard",
        ),
        ("https://files.example/q the shared folder cannot be opened", "file-share"),
        ("&gt; old text about zoom\nI deleted a file by mistake and want it back", "deleted-file"),
    ],
    "a story with the question at its end": [
        (
            "So yesterday I came back from my holidays, which were great by the way. The train was late "
            "and I got to the office around ten. I made a coffee and talked to my colleague about the new"
            " project. Then I opened my laptop and read a lot of mail for two hours. After lunch I wanted"
            " to join a call with a customer. Everybody could see me and the slides were fine. But nobody"
            " could hear me. How can I fix my microphone in Teams?",
            "teams-audio",
        ),
        (
            "Ayer estuve todo el día de viaje y llegué tarde al hotel. Por la mañana desayuné con el "
            "cliente y luego fuimos a su oficina. La reunión fue bien y todos quedaron contentos con la "
            "propuesta que llevamos. Después cogí un taxi al aeropuerto con bastante prisa porque había "
            "atasco. Ya en casa me di cuenta de que me falta algo. Creo que me lo he dejado en el taxi. "
            "¿Qué hago si he perdido el portátil?",
            "lost-laptop",
        ),
        (
            "We moved to the new building last week. Everything is very nice here, the kitchen is big and"
            " the chairs are good. My team sits by the window. The other team has the corner. We all got "
            "new screens and new desks, and even plants. Since this morning the door on our floor stays "
            "closed for me although it works for all the others. Can somebody look at my access badge?",
            "badge",
        ),
    ],
    "accents and case": [
        ("LA CAMARA NO FUNCIONA", "webcam"),
        ("RESET MY PASSWORD", "password-reset"),
        ("la bateria del portatil no carga", "battery"),
        ("Nómina: no puedo entrar en el portál", "payslip-portal"),
        ("mí tárjeta de acceso no ábre", "badge"),
    ],
    "everything in one word": [
        ("ineedanewpassword", "password-reset"),
        ("theprinterisoffline", "printer"),
        ("olvidemicontraseña", "password-reset"),
    ],
    "codes": [
        ("0x0000011b", "printer"),
        ("what does 0x00000709 mean", "printer"),
        ("me sale 0X0000011B al conectar", "printer"),
    ],
}


@pytest.mark.parametrize(
    ("text", "target"), [pair for pairs in KINDS.values() for pair in pairs], ids=lambda value: value[:30]
)
def test_it_is_understood(library: Library, text: str, target: str) -> None:
    found = library.snapshot.matcher.find(text)
    assert found.best is not None
    assert target == found.best.target, [(m.target, round(m.confidence, 2), m.why) for m in found.matches[:3]]
    assert found.best.confidence >= 0.5


# Two common words and a picture that has none: likelier than anything else, and nothing to be sure of.
@pytest.mark.parametrize(("text", "target"), [("🔋 dies after 20 min", "battery")])
def test_what_says_hardly_anything_has_its_likeliest_first(library: Library, text: str, target: str) -> None:
    found = library.match(text)
    assert found.best is not None
    assert target == found.best.target, [(m.target, round(m.confidence, 2), m.why) for m in found.matches[:3]]
    assert not isinstance(decide(found, library.thresholds(Tolerance(), found)), Answer)


@pytest.mark.parametrize("text", [UNKNOWN, ALIKE, OTHER, THIRD, SPANISH])
def test_what_the_tests_take_for_unknown_is_unknown(library: Library, text: str) -> None:
    found = library.snapshot.matcher.find(text)
    assert found.nothing > 0.5
    assert found.best is None or found.best.confidence < 0.1, found.best


@pytest.mark.parametrize("text", ["0x0000011c", "0x80070643 0", "error 0xA00F42", "vpn-gw-2"])
def test_a_code_that_is_not_whole_is_no_code_of_ours(library: Library, text: str) -> None:
    for match in library.snapshot.matcher.find(text).matches[:1]:
        whole = any(code in match.why for code in ("0x0000011b", "0xa00f4244"))
        assert not whole


@pytest.mark.parametrize("text", ["0x0000011c", "0x12345678", "ERR_SOMETHING_ELSE_9", "kaffee-maschine-7"])
def test_a_code_that_nobody_wrote_of_goes_to_a_person(library: Library, text: str) -> None:
    assert isinstance(decide(library.snapshot.matcher.find(text), Thresholds(0.75, 0.5)), Escalate)


ONLY_ENGLISH = {
    "printer": ("Fix the printer", "Check the paper and the toner, then print again."),
    "badge": ("Lost badge", "Your badge opens the door. Ask the reception for a new badge."),
    "screen": ("Screen stays black", "Check the cable of the screen, then restart the computer."),
    "payslip": ("Download a payslip", "Open the payroll portal and download the payslip."),
    "mailbox": (
        "Request a shared mailbox",
        "Ask your manager for permission to a shared mailbox.",
    ),
}
ONLY_SPANISH = {
    "vacaciones": ("Pedir vacaciones", "Abre el portal y solicita las vacaciones a tu jefe."),
    "aparcamiento": ("Plaza de aparcamiento", "Pide una plaza de aparcamiento en la oficina."),
}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A desk that has each article in one language only."""
    folder = tmp_path_factory.mktemp("mixed")
    (folder / "kb").mkdir()
    (folder / "intents").mkdir()
    for language, articles in (("en", ONLY_ENGLISH), ("es", ONLY_SPANISH)):
        for name, (title, body) in articles.items():
            (folder / "kb" / f"{name}.md").write_text(f"---\ntitle: {title}\nlang: {language}\n---\n{body}\n")
    made = Library(
        files_of(Settings(articles=folder / "kb", intents=folder / "intents")),
        lambda content, _: WordMatcher(content, "en"),
    )
    assert made.load()
    return made


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("la impresora no imprime", "printer"),
        ("he perdido mi tarjeta", "badge"),
        ("la pantalla del ordenador está negra", "screen"),
        ("¿cómo descargo mi nómina?", "payslip"),
        ("permiso para un buzón compartido", "mailbox"),
        ("when can I take a vacation", "vacaciones"),
        ("I need a parking space at the office", "aparcamiento"),
    ],
)
def test_an_article_of_the_other_language_is_found(mixed: Library, text: str, target: str) -> None:
    found = mixed.snapshot.matcher.find(text)
    assert found.best is not None
    assert target == found.best.target, [(m.target, round(m.confidence, 2), m.why) for m in found.matches[:3]]


def test_the_person_is_told_that_it_is_in_the_other_language(
    database: Database, mixed: Library, clock: Clock
) -> None:
    helpdesk = Helpdesk(database, mixed, clock)
    outcome = helpdesk.say("ana", "la impresora no imprime")
    if outcome.kind == OutcomeKind.CHOICE:
        helpdesk.click("ana", helpdesk.button(helpdesk.in_space("Dana")[0], "choose", "0"))
    told = "\n".join(text_of(reply) for reply in helpdesk.in_space("Dana"))
    assert wording.load().say("es", "answer.other_language", language="inglés") in told
    assert "Check the paper" in told
