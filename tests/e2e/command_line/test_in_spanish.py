"""What commands print, in Spanish, in 80 columns, where the settings or the terminal say so."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from rich.cells import cell_len

from bot.cli import terminal
from bot.cli.reader import word
from bot.desk.knowledge.library import Library
from bot.domain.errors import DeliveryFailed
from bot.domain.tickets.ticket import Status
from bot.storage import connect, migrate
from tests.support.clock import Clock
from tests.support.desk.helpdesk import ROOM, Helpdesk
from tests.support.e2e.commands import CONTENT, run
from tests.support.unknown import UNKNOWN

Said = Callable[..., str]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Path:
    """A folder with a desk: a claimed ticket, an open one, and a post that was given up."""
    folder = tmp_path_factory.mktemp("desk")
    with closing(connect(f"sqlite:///{folder}/firstline.db")) as database:
        migrate(database)
        helpdesk = Helpdesk(database, library, Clock())
        for user in ("ana", "bob"):
            helpdesk.say(user, UNKNOWN)
        helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"), conversation=ROOM)
        helpdesk.failing["Dana"] = DeliveryFailed("away", permanent=True)
        helpdesk.writes("eva", "Look at it")
    return folder


@pytest.fixture
def said(kept: Path) -> Said:
    """Run a command in Spanish; return what it wrote."""

    def say(*arguments: str, **spanish: str) -> str:
        spanish = spanish or {"FIRSTLINE_LANGUAGE": "es"}
        done = run(kept, *arguments, **CONTENT, **spanish, COLUMNS="80")
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    return say


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("tickets list", "prioridad persona técnico abierto asignado urgente|normal|baja|alta"),
        ("tickets list --closed --status resolved", "No hay ningún ticket así."),
        ("tickets show HELP-1001", "persona: estado: asignado pregunta: cuándo"),
        ("tickets show HELP-9", "No hay ningún ticket HELP-9;"),
        ("tickets release HELP-1002", "No hay ningún ticket asignado HELP-1002;"),
        ("outbox list", "veces estado desistido"),
        ("outcomes", "qué fue de ella pendiente Resolución sin ticket, confirmada"),
        ("articles", "mostrado sirvió"),
        ("shadow report", "En este tiempo no se ha preguntado nada"),
        ("people list", "No hay cuentas unidas"),
        ("report", "Tickets abiertos"),
        ("gaps", "Preguntas sin responder desde"),
        ("migrate", "La base de datos ya está en"),
        ("docs", "página título"),
        ("ask zzz qqq", "confianza título por qué"),
        ("tickets lst", "No existe el comando «lst». Mira `firstline tickets -h`."),
        ("ask --colour red", "No existe la opción --colour"),
        ("tickets list --limit none", "El valor de «--limit» no sirve: debe ser un número entero"),
        ("backup", "Falta el argumento «file»."),
        ("manifest slack", "--url: da la dirección https pública"),
    ],
)
def test_a_command_speaks_spanish_in_80_columns(said: Said, command: str, words: str) -> None:
    text = said(*command.split())
    told = " ".join(text.split())
    for expected in words.split():
        assert any(one in told for one in expected.split("|")), text
    tables = [line for line in text.splitlines() if not line.startswith(("firstline:", "- "))]
    assert [line for line in tables if cell_len(line.rstrip()) > 80] == []


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("status", Status)
def test_a_list_of_tickets_is_whole_in_80_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str, status: Status
) -> None:
    monkeypatch.setenv("FIRSTLINE_LANGUAGE", language)
    monkeypatch.setenv("COLUMNS", "80")
    columns = ("ticket", "status", "priority", "queue", "requester", "assignee", "opened")
    table = terminal.table(*columns, whole=("ticket", "status", "priority", "opened"))
    cells = ("HELP-10042", word(status.value), word("normal"), "", "Ana", "Eva", "2026-11-28 04:31")
    table.add_row(*cells)
    terminal.console().print(table)
    shown = capsys.readouterr().out
    assert [cell for cell in cells if cell not in shown] == []


def test_what_a_program_reads_is_the_same_in_every_language(said: Said) -> None:
    assert said("tickets", "list", "--csv").startswith("ticket,status,priority,queue,requester,")
    assert '"status": "claimed"' in said("tickets", "list", "--json")


def test_the_terminal_says_its_language_where_no_setting_does(said: Said) -> None:
    assert "No hay ningún ticket así." in said(
        "tickets", "list", "--status", "resolved", LC_ALL="es_ES.UTF-8"
    )
    assert "Tickets abiertos" in said("report", LANG="es_MX.UTF-8")
    assert "Tickets opened" in said("report", LANG="es_MX.UTF-8", FIRSTLINE_LANGUAGE="en")
