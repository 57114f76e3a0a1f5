"""Whatever somebody types or sets, the commands answer with a sentence and an exit code."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.storage import connect, migrate
from tests.support.paths import ROOT

Refused = Callable[..., str]
POSTGRESQL = "postgresql://u:secret@127.0.0.1:1/x"
LONG = "x" * 300


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the commands are started: files of wrong kinds, and the sample content as the content."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dir").mkdir()
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "loop").symlink_to("loop")
    for name, place in (("ARTICLES", "kb_articles"), ("INTENTS", "intents")):
        monkeypatch.setenv(f"FIRSTLINE_{name}", str(ROOT / place))
    return tmp_path


@pytest.fixture
def refused(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Run a command that must end with 1 or 2 and words, not with an error of Python's; return the words."""

    def run(*arguments: str, **settings: str) -> str:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["firstline", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = "".join(capsys.readouterr())
        assert ended.value.code in (1, 2), said
        assert said.strip()
        return said

    return run


@pytest.mark.parametrize("name", ["", "missing", "empty", "binary", "loop", "empty/x", LONG])
@pytest.mark.parametrize(
    "arguments",
    [
        ("evaluate",),
        ("tune",),
        ("evaluate", "--baseline"),
        ("evaluate", "--predictions", "missing/x", "--baseline"),
        ("ask", "vpn", "--articles"),
        ("check", "--articles"),
    ],
    ids=" ".join,
)
def test_a_file_or_folder_of_another_kind(refused: Refused, arguments: tuple[str, ...], name: str) -> None:
    refused(*arguments, name)


@pytest.mark.parametrize("name", ["", "dir", "loop", "empty/x", LONG])
def test_a_package_that_cannot_be_written(refused: Refused, name: str) -> None:
    app_id = "11111111-2222-3333-4444-555555555555"
    said = refused("manifest", "teams", "--app-id", app_id, "--url", "https://a.example", "--output", name)
    assert said.startswith(f"firstline: {name or '.'}: ")


@pytest.mark.parametrize(
    "url", ["abc", "http://a.example", "https://[", "https://a b", "https://", "https://ñ"]
)
def test_an_address_that_nobody_reaches(refused: Refused, url: str) -> None:
    assert f"--url: {url} is no https address" in refused("manifest", "slack", "--url", url)
    app_id = "11111111-2222-3333-4444-555555555555"
    assert "--url" in refused("manifest", "teams", "--app-id", app_id, "--url", url)


def test_an_app_id_that_is_none(refused: Refused) -> None:
    said = refused("manifest", "teams", "--app-id", "my app", "--url", "https://a.example")
    assert "--app-id: my app is no Microsoft app id" in said


@pytest.mark.parametrize("number", ["", "abc", "0", "-1", "HELP-99999999999999999999", "9" * 30])
def test_a_ticket_that_there_is_none_of(refused: Refused, folder: Path, number: str) -> None:
    database = connect(f"sqlite:///{folder / 'firstline.db'}")
    migrate(database)
    database.close()
    assert "There is no ticket" in refused("tickets", "show", "--", number)
    assert "There is no claimed ticket" in refused("tickets", "release", "--", number)
    assert "numbers" in refused("outbox", "retry", "--", number or "x")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "this is no database URL"),
        ("x", "this is no database URL"),
        ("sqlite://", "SQLite in memory loses tickets"),
        ("sqlite:///dir", "does not open"),
        ("sqlite:///missing/x.db", "does not open"),
        ("sqlite:///binary", "file is not a database"),
        ("sqlite:///firstline.db?timeout=abc", "has an option of no use"),
        ("sqlite:///firstline.db?nonsense=1", "SQLite knows no option nonsense"),
        (f"{POSTGRESQL}?uri=true", "PostgreSQL knows no option uri"),
        ("mysql://a/b", "mysql is not supported"),
        ("nope+nope://", "is not supported"),
        ("postgresql://[::1/x", "this is no database URL"),
        ("postgresql://u:p@127.0.0.1:abc/x", "this is no database URL"),
        (f"{POSTGRESQL}?nonsense=1", "PostgreSQL knows no option nonsense"),
        (f"{POSTGRESQL}?autocommit=1", "PostgreSQL knows no option autocommit"),
        (f"{POSTGRESQL}?prepare_threshold=often", "prepare_threshold must be a whole number, or none"),
        (f"{POSTGRESQL}?prepare_threshold=0&prepare_threshold=1", "prepare_threshold must be a whole number"),
        (f"{POSTGRESQL}?prepare_threshold=0", "does not open"),
        (f"{POSTGRESQL}?prepare_threshold=none", "does not open"),
        (f"{POSTGRESQL}?connect_timeout=abc", "FIRSTLINE_DATABASE_URL: postgresql"),
        (f"{POSTGRESQL}?sslmode=bogus", "does not open"),
    ],
)
def test_a_database_that_is_none(refused: Refused, url: str, said: str) -> None:
    for command in (("tickets", "list"), ("migrate",)):
        told = refused(*command, FIRSTLINE_DATABASE_URL=url)
        absent = command[0] != "migrate" and url.startswith("sqlite:///") and "there is no database" in told
        assert said in told or absent
        assert "secret" not in told


def test_a_database_that_fails_at_work(
    refused: Refused, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = connect(f"sqlite:///{folder / 'firstline.db'}")
    migrate(database)
    with database.transaction() as connection:
        connection.exec_driver_sql("DROP TABLE ticket_events")
        connection.exec_driver_sql("DROP TABLE tickets")
    database.close()
    said = refused("tickets", "list")
    assert said == (
        "firstline: FIRSTLINE_DATABASE_URL: the database cannot be used: no such table: tickets; "
        "see `firstline doctor`.\n"
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("FIRSTLINE_PORT", "abc", "FIRSTLINE_PORT: must be a number from 1 to 65535"),
        ("FIRSTLINE_PORT", "0", "FIRSTLINE_PORT: must be a number from 1 to 65535"),
        ("FIRSTLINE_PORT", "99999", "FIRSTLINE_PORT: must be a number from 1 to 65535"),
        ("FIRSTLINE_HOST", "", "FIRSTLINE_HOST: this is no address to listen on"),
        ("FIRSTLINE_HOST", "http://127.0.0.1", "FIRSTLINE_HOST: this is no address to listen on"),
        ("FIRSTLINE_HOST", "[::1]x", "FIRSTLINE_HOST: this is no address to listen on"),
        ("FIRSTLINE_PUBLIC_URL", "https://[", "FIRSTLINE_PUBLIC_URL: this is no web address"),
        ("FIRSTLINE_MIRROR_URL", "https://[", "FIRSTLINE_MIRROR_URL: this is no web address"),
        ("HTTPS_PROXY", "socks5://a:1", "HTTPS_PROXY: proxies of the kind socks5 are not supported"),
        ("no_such", "x", ""),
    ],
)
def test_check_tells_a_setting_that_is_wrong(refused: Refused, name: str, value: str, said: str) -> None:
    if said:
        assert said in refused("check", **{name: value})
    else:
        assert "NOPE" in refused("NOPE", **{name: value})


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_an_option_is_named_as_it_was_given(refused: Refused, command: str) -> None:
    assert "--port: must be a number from 1 to 65535" in refused(command, "--port", "0")
    assert "--host: this is no address to listen on" in refused(command, "--host", "a/b")
    assert "'--port'" in refused(command, "--port", "abc")


@pytest.mark.parametrize("day", ["abc", "2026-13-45", ""])
def test_a_day_that_is_none(refused: Refused, day: str) -> None:
    assert "--since" in refused("shadow", "report", "--since", day)


@pytest.mark.parametrize("share", ["abc", "-1", "2", ""])
def test_a_share_that_is_none(refused: Refused, share: str) -> None:
    for command in (("tune",), ("evaluate",), ("shadow", "report")):
        assert "--max-wrong" in refused(*command, "--max-wrong", share)


def test_check_tells_every_mistake_in_the_settings_at_once(refused: Refused) -> None:
    wrong = {
        "FIRSTLINE_CONFLUENCE_URL": "https://example.atlassian.net",
        "FIRSTLINE_CONFLUENCE_TOKEN": "no key of theirs",
        "FIRSTLINE_JIRA_URL": "https://acme.atlassian.net",
        "FIRSTLINE_JIRA_TOKEN": "no key of theirs",
        "SLACK_BOT_TOKEN": "xoxb-1",
    }
    named = ("FIRSTLINE_CONFLUENCE_TOKEN", "FIRSTLINE_JIRA_TOKEN", "SLACK_SIGNING_SECRET")
    told = refused("check", **wrong)
    assert [name for name in named if told.count(name) != 1] == []
    told = refused("check", FIRSTLINE_PORT="0", **wrong)
    assert [name for name in ("FIRSTLINE_PORT", *named) if told.count(name) != 1] == []
    told = refused("check", "--articles", "dir")  # where pages of other systems have no part
    assert "FIRSTLINE_JIRA_TOKEN" in told
