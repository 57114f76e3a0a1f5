"""Makes an installation from nothing: `firstline init`."""

import shlex
import shutil
import sys
from pathlib import Path

from rich.console import Console

from bot import wording
from bot.cli import reader, terminal
from bot.cli.operate.setup.answers import NAMES, Answers, Given, fault
from bot.cli.operate.setup.env_text import env_text, set_aside, write_new
from bot.cli.operate.setup.questions import CHOICES, answers, prompt
from bot.cli.operate.setup.starter import write_starter
from bot.desk.ports.wording import Wording
from bot.domain.errors import SettingsInvalid
from bot.server.settings import complain
from bot.wording.mistakes import in_language


def run_init(folder: Path, given: Given, language: str | None, *, yes: bool, replace: bool) -> None:
    """Ask what no flag says, write `.env` and a content to begin with, and say what is next."""
    words, spoken = wording.load(), language or reader.language()
    env = folder / ".env"
    _check(given, spoken)
    at_terminal = sys.stdin is not None and sys.stdin.isatty()
    if not yes and not at_terminal and given.missing():
        flags = ", ".join(given.missing())
        raise SettingsInvalid(words.say(spoken, "init.no_terminal", flags=flags))
    console = terminal.console(errors=True)
    keep = (
        env.exists()
        and not replace
        and not (not yes and at_terminal and _asks_to_replace(words, spoken, env))
    )
    asks = at_terminal and not yes and not keep
    if asks:
        console.print(words.say(spoken, "init.head", folder=str(folder.absolute())))
    found = answers(given, words, spoken, prompt if asks else None)
    folder.mkdir(parents=True, exist_ok=True)
    _write_content(console, words, spoken, folder, found)
    if keep:
        console.print(words.say(spoken, "init.kept", file=str(env)))
    else:
        _write_env(console, words, spoken, env, found)
    _say_next(words, spoken, folder, found, kept=keep)


def _check(given: Given, language: str) -> None:
    faults = [
        f"--{name.replace('_', '-')}: {wrong.rstrip('.')}."
        for name in NAMES
        if name not in CHOICES
        and (value := getattr(given, name)) is not None
        and (wrong := fault(name, value))
    ]
    try:
        complain(faults)
    except SettingsInvalid as error:
        raise SettingsInvalid(in_language(language, str(error))) from error


def _asks_to_replace(words: Wording, language: str, env: Path) -> bool:
    return terminal.confirmed(words.say(language, "init.replace", file=str(env)))


def _write_content(console: Console, words: Wording, language: str, folder: Path, found: Answers) -> None:
    for name, count in write_starter(folder, found.content.codes).items():
        key = "init.content" if count else "init.content_kept"
        console.print(words.say(language, key, folder=str(folder / name), count=count))


def _write_env(console: Console, words: Wording, language: str, env: Path, found: Answers) -> None:
    if env.exists():
        aside = set_aside(env)
        console.print(words.say(language, "init.aside", file=str(env), aside=aside.name))
    write_new(env, env_text(found, words, language))
    console.print(words.say(language, "init.wrote", file=str(env)))


def _say_next(words: Wording, language: str, folder: Path, found: Answers, *, kept: bool) -> None:
    program = _program()
    steps = [*_slack_steps(found), *_teams_steps(found)] if not kept else []
    lines = [
        "",
        words.say(language, "init.next"),
        *([f"  cd {shlex.quote(str(folder))}"] if folder.absolute() != Path.cwd() else []),
        f"  {program} doctor",
        f"  {program} serve" + ("" if found.sqlite else " --migrate"),
        "",
        words.say(language, "init.sign_in", url="http://127.0.0.1:3978/"),
        "  grep FIRSTLINE_WEB_TOKENS .env",
        *(words.say(language, key, program=program, command=command) for key, command in steps),
    ]
    terminal.print_text("\n".join(lines) + "\n")


def _slack_steps(found: Answers) -> list[tuple[str, str]]:
    if not found.channels.slack:
        return []
    how = f"--url {shlex.quote(found.public_url)}" if found.public_url else "--socket-mode"
    return [("init.slack", f"manifest slack {how}")]


def _teams_steps(found: Answers) -> list[tuple[str, str]]:
    if not found.channels.teams:
        return []
    url = found.public_url or "https://help.example.com"
    return [("init.teams", f"manifest teams --app-id YOUR-APP-ID --url {shlex.quote(url)}")]


def _program() -> str:
    """How whoever started this can start it again."""
    if shutil.which("firstline"):
        return "firstline"
    started = Path(sys.argv[0])
    if started.name == "firstline" and started.is_file():
        return shlex.quote(str(started.absolute()))
    return f"{shlex.quote(sys.executable)} -m bot"
