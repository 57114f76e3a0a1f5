"""How `firstline doctor` tells what it found: to people, to programs, and by its exit code."""

import asyncio
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread, current_thread

import pytest

from bot.__main__ import main
from bot.cli.operate.doctor.command import looked
from bot.cli.operate.doctor.report import as_data, print_report
from bot.cli.operate.doctor.rounds import Rounds
from bot.cli.operate.setup.starter import write_starter
from bot.cli.terminal import console
from bot.domain.diagnosis import Check, Finding, Level, error, ok, skipped, warning
from tests.support.e2e.doctor import ENGLISH
from tests.support.paths import ROOT

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `firstline doctor` beside a content to begin with; return the exit code and what it printed."""
    write_starter(tmp_path, ("en",))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: str, **settings: str) -> tuple[int, str]:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["firstline", "doctor", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code is None or isinstance(ended.value.code, int)
        return ended.value.code or 0, capsys.readouterr().out

    return run


def test_the_exit_code_says_whether_there_is_an_error(doctor: Run) -> None:
    code, said = doctor()
    assert code == 1
    assert "No channel is configured" in " ".join(said.split())
    code, said = doctor(FIRSTLINE_WEB_TOKENS="token-of-wes-the-engineer=wes:engineer")
    assert (code, "0 errors" in said) == (0, True), said
    assert max(map(len, said.splitlines())) <= 80
    code, said = doctor(FIRSTLINE_PORT="many")
    assert (code, "FIRSTLINE_PORT" in said) == (1, True)
    assert doctor("--nonsense")[0] == 2


def test_the_json_has_the_documented_shape(doctor: Run) -> None:
    _, said = doctor("--json", FIRSTLINE_WEB_TOKENS="token-of-wes-the-engineer=wes:engineer")
    data = json.loads(said)
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    table = page.split("`--json` prints one object.")[1].split("## Running it")[0]
    rows = [cell for row in re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE) for cell in row.split(", ")]
    assert [f"`{name}`" for name in data] == rows
    assert data["shape"] == 1
    assert list(data["counts"]) == [level.value for level in Level]
    assert list(data["findings"][0]) == ["check", "about", "level", "seen", "remedy"]


def test_every_check_is_in_the_table(doctor: Run) -> None:
    settings = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "secret",
        "SLACK_API_URL": "http://127.0.0.1:9/",
        "MICROSOFT_APP_ID": "app",
        "MICROSOFT_APP_PASSWORD": "password",
        "MICROSOFT_APP_TENANT_ID": "tenant",
        "MICROSOFT_LOGIN_URL": "http://127.0.0.1:9",
        "MICROSOFT_OPENID_METADATA": "http://127.0.0.1:9/openid",
        "FIRSTLINE_MIRROR_URL": "http://127.0.0.1:9/in",
        "FIRSTLINE_MIRROR_SECRET": "a-secret-of-the-mirrors-own",
        "FIRSTLINE_ALERTS_SECRET": "a-secret-of-the-alerts-own",
        "FIRSTLINE_SLACK_ROOM": "C1",
        "FIRSTLINE_TEAMS_ROOM": "19:room@thread.tacv2",
    }
    _, said = doctor("--json", **settings)
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    names = {finding["check"] for finding in json.loads(said)["findings"]}
    assert len(names) > 15
    assert [name for name in names if f"`{name}`" not in page] == []


def test_it_speaks_the_language_of_the_desk_and_programs_read_the_same(doctor: Run) -> None:
    settings = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "secret",
        "SLACK_API_URL": "http://127.0.0.1:9/",
        "FIRSTLINE_SLACK_ROOM": "C1",
        "MICROSOFT_APP_ID": "app",
        "MICROSOFT_APP_PASSWORD": "password",
        "MICROSOFT_APP_TENANT_ID": "tenant",
        "MICROSOFT_LOGIN_URL": "http://127.0.0.1:9",
        "MICROSOFT_OPENID_METADATA": "http://127.0.0.1:9/openid",
        "FIRSTLINE_MIRROR_URL": "http://127.0.0.1:9/in",
        "FIRSTLINE_MIRROR_SECRET": "a-secret-of-the-mirrors-own",
        "FIRSTLINE_ALERTS_SECRET": "a-secret-of-the-alerts-own",
        "FIRSTLINE_WEB_TOKENS": "token-of-wes-the-engineer=wes:engineer",
        "FIRSTLINE_NONSENSE": "1",
    }
    english = json.loads(doctor("--json", FIRSTLINE_LANGUAGE="en", **settings)[1])["findings"]
    spanish = json.loads(doctor("--json", FIRSTLINE_LANGUAGE="es")[1])["findings"]
    codes = [[(one["check"], one["about"], one["level"]) for one in found] for found in (english, spanish)]
    assert codes[0] == codes[1]
    assert len(codes[0]) > 15
    for ours, theirs in zip(english, spanish, strict=True):
        assert ours["seen"] != theirs["seen"], "every sentence is in the desk's language"
        assert bool(ours["remedy"]) == bool(theirs["remedy"])
        assert not ours["remedy"] or ours["remedy"] != theirs["remedy"]
    _, said = doctor()
    assert {line.split()[0] for line in said.splitlines() if line[:1].isalpha()} == {
        "bien",
        "aviso",
        "error",
        "omitido",
    }
    assert said.splitlines()[-1].endswith(" omitidos.")


@pytest.mark.parametrize(
    "settings",
    [
        {"FIRSTLINE_PORT": "x", "FIRSTLINE_COLOUR": "red", "SLACK_API_URL": "x"},
        {"FIRSTLINE_WEB_TOKENS": "token-of-wes-the-engineer=wes:engineer", "FIRSTLINE_MAX_WRONG": "0.02"},
    ],
)
def test_what_is_wrong_with_settings_and_content_is_said_in_the_language_of_the_desk(
    doctor: Run, tmp_path: Path, settings: dict[str, str]
) -> None:
    (tmp_path / "kb_articles" / "a.md").write_text("---\ntitel: A\n---\nB\n")
    english, spanish = (
        json.loads(doctor("--json", FIRSTLINE_LANGUAGE=language, **settings)[1])["findings"]
        for language in ("en", "es")
    )
    wrong = [pair for pair in zip(english, spanish, strict=True) if pair[0]["level"] == "error"]
    assert len(wrong) >= 2
    assert [one["seen"] for one, other in wrong if one["seen"] == other["seen"]] == []


def test_what_no_setting_says_is_said_in_the_language_of_the_terminal(
    doctor: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "es_ES.UTF-8")
    assert "No hay ningún canal configurado" in " ".join(doctor()[1].split())
    assert "No channel is configured" in " ".join(doctor(FIRSTLINE_LANGUAGE="en")[1].split())


def test_what_people_wrote_is_no_markup_and_what_to_do_stands_below(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    found = [
        ok("a", "Well."),
        warning("b.room", "[red]#it[/red] is \x1b[31mpublic.", "Close it.", about="C1"),
        error("c", "Broken.", "Mend it. " * 20),
        skipped("d", "Nobody tells."),
    ]
    print_report(console(), found, ENGLISH)
    said = capsys.readouterr().out
    assert "[red]#it[/red]" in said
    assert "\x1b" not in said
    assert "→ Close it." in said
    assert "1 ok, 1 warning, 1 error, 1 skipped." in said
    assert max(map(len, said.splitlines())) <= 80
    assert as_data(found)["healthy"] is False


def test_nobody_is_left_alone_with_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="say what to do"):
        Finding("x", Level.ERROR, "It is broken.")


async def test_a_check_that_breaks_is_a_finding_and_shows_no_secret() -> None:
    async def breaks() -> list[Finding]:
        raise RuntimeError("the password is hidden")

    async def works() -> list[Finding]:
        return [ok("works", "Yes.")]

    rounds = Rounds([Check("breaks", breaks), Check("works", works)], ENGLISH)
    broken, fine = await rounds.all()
    assert (broken.level, fine.level) == (Level.ERROR, Level.OK)
    assert "RuntimeError" in broken.seen
    assert "hidden" not in str(broken)


def test_what_hangs_in_the_system_is_left_behind() -> None:
    never, threads = Event(), list[Thread]()

    def hang() -> None:
        threads.append(current_thread())
        never.wait()

    async def look() -> list[Finding]:
        await asyncio.to_thread(hang)
        return []

    (found,) = looked([Check("hangs", look, 0.1)], ENGLISH)
    assert "no answer within 0.1 seconds" in found.seen
    assert [(thread.is_alive(), thread.daemon) for thread in threads] == [(True, True)]
    never.set()
