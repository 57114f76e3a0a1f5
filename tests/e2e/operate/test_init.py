"""`firstline init`: from nothing to a server that answers."""

import asyncio
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
from dotenv import dotenv_values

from bot import wording
from bot.__main__ import main
from bot.cli.operate.setup.answers import NAMES, Answers, Given, usual
from bot.cli.operate.setup.choices import Channels, Languages
from bot.cli.operate.setup.env_text import env_text
from bot.cli.operate.setup.questions import answers
from bot.cli.operate.setup.starter import write_starter
from bot.domain.knowledge.decision import Answer
from bot.evaluation.judging import decision_on
from bot.evaluation.targets import Targets
from bot.server.content import content_in, library_of
from bot.server.settings import Settings
from tests.support.e2e.commands import environment
from tests.support.e2e.running import STOPS_WITHIN, free_port, until
from tests.support.paths import ROOT
from tests.support.patience import PATIENCE

Init = Callable[..., str]


@pytest.fixture
def init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Init:
    """Run `firstline init` here, without a terminal; return what it said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["firstline", "init", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = "".join(capsys.readouterr())
        assert (ended.value.code or 0) == code, said
        return said

    return run


def env(folder: Path) -> dict[str, str | None]:
    return dict(dotenv_values(folder / ".env"))


# --- what it writes -----------------------------------------------------------------------------------


def test_it_writes_what_a_server_needs_for_this_account_alone(init: Init, tmp_path: Path) -> None:
    said = init("--yes")
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    written = env(tmp_path)
    assert written["FIRSTLINE_DATABASE_URL"] == "sqlite:///firstline.db"
    tokens = str(written["FIRSTLINE_WEB_TOKENS"]).split()
    assert [token.rpartition(":")[2] for token in tokens] == ["engineer", "employee"]
    assert not any(token.partition("=")[0] in said for token in tokens), "secrets are not printed"
    assert not (tmp_path / "firstline.db").exists()


def test_twice_changes_nothing(init: Init, tmp_path: Path) -> None:
    init("--yes")
    (tmp_path / "kb_articles" / "printer.md").unlink()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    said = init("--yes", "--channels", "slack", "--database", "sqlite:///other.db")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert ".env: stays as it is" in said


def test_an_old_env_is_never_lost(init: Init, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=xoxb-precious\n")
    for number in (1, 2):
        assert f".env.old-{number}" in init("--yes", "--replace")
    assert (tmp_path / ".env.old-1").read_text() == "SLACK_BOT_TOKEN=xoxb-precious\n"
    assert "FIRSTLINE_WEB_TOKENS" in (tmp_path / ".env.old-2").read_text()
    assert (tmp_path / ".env.old-2").read_text() != (tmp_path / ".env").read_text(), "the secrets are new"


def test_without_a_terminal_it_names_the_missing_flags(init: Init, tmp_path: Path) -> None:
    said = init("--channels", "page", "--engineer", "Maya", code=1)
    assert "give --content, --database, --public-url, or --yes" in said
    assert list(tmp_path.iterdir()) == []
    flags = ["--content", "en", "--channels", "page", "--database", "sqlite:///a.db", "--public-url", ""]
    init(*flags, "--engineer", "Maya Patel")
    assert "=Maya_Patel:engineer" in str(env(tmp_path)["FIRSTLINE_WEB_TOKENS"])


def test_every_wrong_flag_is_told_at_once_and_no_password(init: Init, tmp_path: Path) -> None:
    wrong = ["--database", "mysql://a:hidden@b/c", "--public-url", "help.example.com", "--engineer", "a=b"]
    said = init("--yes", *wrong, code=1)
    for flag in ("--database: ", "--public-url: ", "--engineer: "):
        assert flag in said
    assert "hidden" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "password", ["plain", "a b", "it's", "#1", "${HOME}", "$(x)", 'q"q', "back\\slash", "ñ"]
)
def test_any_password_is_read_as_it_was_written(tmp_path: Path, password: str) -> None:
    url = f"postgresql://ana:{password}@db.example.com/help"
    given = Answers(Languages.EN, Channels.PAGE, url, "", "Maya")
    (tmp_path / ".env").write_text(env_text(given, wording.load(), "en"), encoding="utf-8")
    read = str(env(tmp_path)["FIRSTLINE_DATABASE_URL"])
    assert read.replace("%24", "$") == url


@pytest.mark.parametrize("languages", Languages)
def test_the_content_to_begin_with_has_nothing_to_correct(tmp_path: Path, languages: Languages) -> None:
    write_starter(tmp_path, languages.codes)
    content = content_in(tmp_path / "kb_articles", tmp_path / "intents")
    assert content.problems == ()
    assert {code for versions in content.articles.values() for code in versions} == set(languages.codes)
    assert {code for one in content.intents.values() for code in one.examples} == set(languages.codes)


def tried_in_guides() -> list[str]:
    """What the guides of both platforms say to write to a desk that was just begun."""
    pages = [(ROOT / f"docs/{name}.md").read_text(encoding="utf-8") for name in ("slack", "teams")]
    parts = [page.split("See that it works\n")[1].split("\n## ")[0] for page in pages]
    return [text for part in parts for text in re.findall(r"[Ww]rite “(.+?)”", part)]


def test_the_content_to_begin_with_answers(tmp_path: Path, cache: Path) -> None:
    write_starter(tmp_path, ("en", "es"))
    settings = Settings(
        articles=tmp_path / "kb_articles", intents=tmp_path / "intents", cache=str(cache), queues=""
    )
    library = library_of(settings)
    assert library.load()
    for text, target in (("I forgot my password", "forgotten-password"), ("no va el wifi", "no-wifi")):
        best = library.match(text).best
        assert best is not None
        assert best.target == target
    assert len(tried_in_guides()) == 2
    for text in tried_in_guides():
        result = library.match(text)
        thresholds = library.thresholds(settings.tolerance, result)
        decision = decision_on(result, Targets(library.snapshot.content), thresholds, may_ask=True)
        assert isinstance(decision, Answer), text


# --- what it asks and says ----------------------------------------------------------------------------


def test_only_what_is_missing_is_asked_and_a_wrong_answer_again() -> None:
    asked: list[str] = []
    replies = iter(["both", "fax", "slack", "https://help.example.com"])

    def ask(question: str, default: str) -> str:
        asked.append(question)
        return next(replies)

    given = Given(database="sqlite:///a.db", engineer="Maya")
    found = answers(given, wording.load(), "en", ask)
    assert found == Answers(
        Languages.BOTH, Channels.SLACK, "sqlite:///a.db", "https://help.example.com", "Maya"
    )
    assert [re.findall(r"\[\d/\d\]", question) for question in asked] == [
        ["[1/3]"],
        ["[2/3]"],
        ["[2/3]"],
        ["[3/3]"],
    ]
    assert asked[2].startswith("Please write page, slack, teams or both.\n")


def test_a_wrong_answer_is_told_in_the_language_of_the_questions() -> None:
    asked: list[str] = []
    replies = iter(["mysql://a/b", "sqlite:///a.db", "http://help.example.com", "", "a=b", ""])

    def ask(question: str, default: str) -> str:
        asked.append(question)
        return next(replies) or default

    found = answers(Given(Languages.ES, Channels.SLACK), wording.load(), "es", ask)
    assert (found.database, found.public_url, found.engineer) == ("sqlite:///a.db", "", "Técnico")
    told = [question.partition("\n")[0] for question in asked if "\n" in question]
    assert [line.split(" ")[0] for line in told] == ["Escribe"] * 3, told
    assert all(len(line) <= 80 for line in told)


def test_there_are_five_questions_in_both_languages() -> None:
    words = wording.load()
    for language in ("en", "es"):
        for name in NAMES:
            assert len(words.say(language, f"init.question.{name}")) < 80
    assert len(NAMES) == 5
    assert usual("es", words).content is Languages.ES


@pytest.mark.parametrize(
    ("channels", "url", "commands"),
    [
        ("page", "", []),
        ("slack", "", ["manifest slack --socket-mode"]),
        ("slack", "https://help.example.com", ["manifest slack --url https://help.example.com"]),
        (
            "teams",
            "https://help.example.com",
            ["manifest teams --app-id YOUR-APP-ID --url https://help.example.com"],
        ),
        (
            "both",
            "https://help.example.com",
            [
                "manifest slack --url https://help.example.com",
                "manifest teams --app-id YOUR-APP-ID --url https://help.example.com",
            ],
        ),
    ],
)
def test_the_next_steps_fit_the_channels(
    init: Init, tmp_path: Path, channels: str, url: str, commands: list[str]
) -> None:
    said = init("--yes", "--channels", channels, "--public-url", url, "--language", "es")
    assert "Ahora comprueba" in said
    printed = [line.strip() for line in said.splitlines() if line.startswith("  ")]
    made = [line[line.index("manifest ") :] for line in printed if " manifest " in line]
    assert made == commands  # after the command, which is another where it is not on the PATH
    assert all(len(line) <= 80 for line in said.splitlines() if line.strip() not in printed)
    text = (tmp_path / ".env").read_text()
    assert ("# SLACK_BOT_TOKEN" in text) is (channels in ("slack", "both"))
    assert ("# MICROSOFT_APP_ID" in text) is (channels in ("teams", "both"))


def test_the_language_follows_the_locale(init: Init, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "es_ES.UTF-8")
    assert "Ahora comprueba" in init("--yes")
    assert env(tmp_path)["FIRSTLINE_LANGUAGE"] == "es"


def at_a_terminal(folder: Path, typed: str) -> str:
    """Run `firstline init` with a terminal to type in; return what it showed."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, typed.encode())
        done = subprocess.run(
            [sys.executable, "-m", "bot", "init"],
            cwd=folder,
            env=environment(folder, {"LANG": "es_ES.UTF-8", "COLUMNS": "80"}),
            stdin=theirs,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


# --- all of it ----------------------------------------------------------------------------------------


async def test_from_nothing_to_a_server_with_the_commands_as_they_are_printed(tmp_path: Path) -> None:
    said = await asyncio.to_thread(at_a_terminal, tmp_path, "\nslack\n\n\nMaya Patel\n")
    for question in ("[1/5] ¿En qué idiomas", "[5/5] ¿Cómo se llama"):
        assert question in said
    printed = [line.strip() for line in said.splitlines() if line.startswith("  ") and line.strip()]
    assert len(printed) == 5
    commands = [line for line in printed if not line.endswith("serve")]
    for command in commands:
        done = await asyncio.to_thread(
            subprocess.run,
            ["sh", "-c", command],
            cwd=tmp_path,
            env=environment(tmp_path, {}),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
    (serve,) = set(printed) - set(commands)
    port = free_port()
    process = await asyncio.create_subprocess_shell(
        f"exec {serve}",
        cwd=tmp_path,
        env=environment(tmp_path, {"FIRSTLINE_PORT": str(port), "FIRSTLINE_LOG_FORMAT": "json"}),
        stderr=asyncio.subprocess.PIPE,
    )

    async def ready() -> bool:
        assert process.returncode is None
        try:
            async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/readyz") as answer:
                return bool((await answer.json())["status"] != "unready")
        except aiohttp.ClientConnectionError:
            return False

    try:
        await until(ready, "the server")
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(STOPS_WITHIN):
            _, log = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    assert log.decode().count('"event": "database_made"') == 1
    assert (tmp_path / "firstline.db").stat().st_mode & 0o077 == 0
    assert ROOT not in tmp_path.parents
