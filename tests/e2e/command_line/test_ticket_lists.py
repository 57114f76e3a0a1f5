"""`firstline tickets list`: which tickets, and as CSV that no spreadsheet takes for formulas."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import terminal
from bot.cli.data.tickets import COLUMNS
from bot.cli.main import app
from bot.desk.knowledge.library import Library
from bot.desk.ports.tickets import TicketFilter
from bot.domain.tickets.ticket import Status
from bot.storage import connect
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk
from tests.support.paths import ROOT
from tests.support.unknown import UNKNOWN

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "|calc", "%x", "\u200e=1"]


def test_a_filter_parts_by_queue_engineer_and_day(helpdesk: Helpdesk) -> None:
    for name in ("ana", "bob", "cem"):
        helpdesk.say(name, UNKNOWN)
        helpdesk.clock.move(days=1)
    helpdesk.claimed("dan")
    start = helpdesk.clock() - timedelta(days=3)

    def listed(*statuses: Status, **only: object) -> list[str]:
        with helpdesk.begin.reading() as work:
            found = work.tickets.listed(statuses or tuple(Status), 10, TicketFilter(**only))  # type: ignore[arg-type]
        return sorted(ticket.reference for ticket in found)

    everything = [f"HELP-{number}" for number in range(1001, 1005)]
    assert listed() == everything
    assert listed(Status.CLAIMED) == ["HELP-1004"]
    assert listed(assignee="EVA") == ["HELP-1004"]
    assert listed(assignee="nobody") == []
    assert listed(queues=("",)) == everything
    assert listed(queues=("hardware",)) == []
    assert listed(since=start + timedelta(days=1)) == everything[1:]
    assert listed(before=start + timedelta(days=1)) == everything[:1]
    assert listed(since=start + timedelta(days=1), before=start + timedelta(days=2)) == everything[1:2]


@pytest.fixture
def listing(
    sqlite_template: Path, library: Library, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., str]:
    """Run `firstline tickets list` over a ticket of somebody with the name of a formula."""
    path = shutil.copy(sqlite_template, tmp_path)
    with closing(connect(f"sqlite:///{path}")) as database:
        helpdesk = Helpdesk(database, library, clock)
        helpdesk.say("ana", UNKNOWN, sender_name="=HYPERLINK(ana)")
        helpdesk.say("bob", UNKNOWN, sender_name="Bob, the «builder»")
    monkeypatch.chdir(tmp_path)

    def run(*options: str) -> str:
        done = CliRunner().invoke(app, ["tickets", "list", *options])
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


def test_csv_has_the_documented_columns_and_no_formula(listing: Callable[..., str]) -> None:
    rows = list(csv.DictReader(io.StringIO(listing("--csv"))))
    assert [row["requester"] for row in rows] == ["'=HYPERLINK(ana)", "Bob, the «builder»"]
    assert tuple(rows[0]) == COLUMNS == tuple(json.loads(listing("--json"))[0])
    described = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    assert [name for name in COLUMNS if f"| `{name}` |" not in described] == []


def test_options_part_and_limit(listing: Callable[..., str]) -> None:
    assert len(json.loads(listing("--json", "--limit", "1"))) == 1
    assert len(json.loads(listing("--json", "--status", "open", "--status", "claimed"))) == 2
    assert json.loads(listing("--json", "--since", "2031-01-01")) == []
    assert json.loads(listing("--json", "--assignee", "nobody")) == []
    assert len(json.loads(listing("--json", "--until", "9999-12-31"))) == 2


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_like_a_formula(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_csv(["name"], [{"name": text}])
    ((cell,),) = list(csv.reader(io.StringIO(capsys.readouterr().out)))[1:]
    assert cell.startswith("'")
    assert cell[1:] in text
