"""`firstline export` and `firstline erase`, as an operator runs them."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.e2e.commands import good, refused, run

PEOPLE = (("Ana Costa", "U1"), ("Ana Lima", "U2"), ("Bob", "U3"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a database in which three people are."""
    good(tmp_path, "migrate")
    with closing(sqlite3.connect(tmp_path / "firstline.db")) as database:
        for number, (name, account) in enumerate(PEOPLE, 1):
            database.execute(
                "INSERT INTO people (name, created_at) VALUES (?, '2026-01-01 09:00:00')", (name,)
            )
            database.execute(
                "INSERT INTO identities (person_id, channel, tenant, external_id)"
                " VALUES (?, 'slack', 'T1', ?)",
                (number, account),
            )
        database.commit()
    return tmp_path


def logged(folder: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(folder / "firstline.db")) as database:
        return database.execute("SELECT kind, person_id FROM privacy_log ORDER BY id").fetchall()


def test_where_several_fit_they_are_listed_and_nothing_is_done(folder: Path) -> None:
    for command in (("export", "ana"), ("erase", "ana", "--yes")):
        told = refused(folder, *command)
        for part in ("person:1", "Ana Costa", "slack:T1/U1", "person:2", "Ana Lima", "2 people"):
            assert part in told
        assert "Bob" not in told
    assert "No e-mail address is kept" in refused(folder, "erase", "ana@example.com", "--yes")
    assert logged(folder) == []


def test_an_export_is_json_and_noted(folder: Path) -> None:
    exported = json.loads(good(folder, "export", "slack:T1/U2"))
    assert exported["person"]["name"] == "Ana Lima"
    assert logged(folder) == [("export", 2)]


def test_an_erasure_asks_first_unless_told_not_to(folder: Path) -> None:
    asked = run(folder, "erase", "bob")
    assert asked.returncode == 1, "nobody answered"
    assert "person:3: Bob (slack:T1/U3), 0 tickets" in asked.stderr
    assert logged(folder) == []
    told = run(folder, "erase", "bob", "--yes", "--compact")
    assert (told.returncode, "Erased person:3" in told.stderr) == (0, True), told.stderr
    assert "Nobody is known" in refused(folder, "export", "bob")
    assert json.loads(good(folder, "export", "person:3"))["person"]["accounts"] == []
    assert logged(folder) == [("erase", 3), ("export", 3)]
    left = b"".join(path.read_bytes() for path in folder.glob("firstline.db*"))
    assert b"Ana Lima" in left
    assert b"Bob" not in left


def test_an_operator_joins_lists_and_separates_accounts(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "firstline.db")) as database:
        database.execute("UPDATE identities SET channel = 'teams' WHERE external_id = 'U3'")
        database.commit()
    joined = run(folder, "people", "join", "slack:T1/U1", "bob")
    assert "Joined person:1 (Ana Costa) and person:3 (Bob)" in joined.stderr
    [listed] = json.loads(good(folder, "people", "list", "--json"))
    assert listed["accounts"] == ["slack:T1/U1", "teams:T1/U3"]
    assert "2 joined accounts, all of which go" in run(folder, "erase", "bob").stderr
    assert "Separated person:3" in run(folder, "people", "separate", "teams:T1/U3").stderr
