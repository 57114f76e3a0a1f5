"""Every command that prints what people wrote, with names and texts that would command the terminal."""

from pathlib import Path

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.errors import DeliveryFailed
from bot.domain.people import Identity
from bot.storage import connect, migrate
from tests.support.clock import Clock
from tests.support.desk.helpdesk import ROOM, Helpdesk
from tests.support.e2e.commands import CONTENT, run
from tests.support.unknown import UNKNOWN

HOSTILE = "\x1b[31m[/red][link=x]\x1b]0;owned\x07\x9b2J\u202e"
FORBIDDEN = set("\x1b\x07\x9b\u202e")
COMMANDS = (
    ("tickets", "list", "--closed"),
    ("tickets", "list", "--json"),
    ("tickets", "show", "HELP-1001"),
    ("tickets", "show", "HELP-1001", "--json"),
    ("tickets", "show", "HELP-1001", "--markdown"),
    ("tickets", "show", HOSTILE),
    ("tickets", "release", HOSTILE),
    ("tickets", "release", "HELP-1001"),
    ("outbox", "list"),
    ("outbox", "list", "--json"),
    ("ask", f"{HOSTILE} my account is locked"),
    ("ask", HOSTILE, "--json"),
    ("shadow", "report"),
    ("export", "slack:T1/ana"),
    ("export", HOSTILE),
    ("export", "Ana"),
    ("erase", HOSTILE, "--yes"),
    ("migrate",),
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Path:
    """A folder with a database in which a person's name, question and place are hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    database = connect(f"sqlite:///{folder}/firstline.db")
    migrate(database)
    helpdesk = Helpdesk(database, library, Clock())
    ana = Identity("slack", "T1", "ana")
    helpdesk.say("ana", f"{UNKNOWN} {HOSTILE}", sender=ana, sender_name=f"Ana {HOSTILE}")
    claim = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
    helpdesk.click("eva", claim, conversation=ROOM, sender_name=f"Eva {HOSTILE}")
    helpdesk.failing["Dana"] = DeliveryFailed(f"code {HOSTILE}", permanent=True)
    helpdesk.writes("eva", f"Look at {HOSTILE}")
    database.close()
    return folder


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: ascii(" ".join(command[:3])))
def test_nothing_that_is_printed_commands_the_terminal(kept: Path, command: tuple[str, ...]) -> None:
    settings = {**CONTENT, "FIRSTLINE_DATABASE_URL": f"sqlite:///{kept}/firstline.db"}
    done = run(kept, *command, **settings)
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    assert not set(done.stdout + done.stderr) & FORBIDDEN
