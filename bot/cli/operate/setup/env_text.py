"""Writes `.env` for a new installation: for its owner alone, and never over one that is there."""

import os
import re
import secrets
from pathlib import Path

from bot.cli.operate.setup.answers import Answers
from bot.desk.ports.wording import Wording

OWNER_ONLY = 0o600
_PLAIN = re.compile(r"[\w./:@%+,=?&~-]*")


def env_text(answers: Answers, wording: Wording, language: str) -> str:
    """The text of the file; each call makes new secrets."""
    engineer = "_".join(answers.engineer.split())
    employee = wording.say(language, "init.employee")
    tokens = (
        f"{secrets.token_urlsafe(24)}={engineer}:engineer {secrets.token_urlsafe(24)}={employee}:employee"
    )
    lines = [
        *_comment(wording.say(language, "init.env.head")),
        _line("FIRSTLINE_LANGUAGE", language),
        _line("FIRSTLINE_DATABASE_URL", answers.database.replace("$", "%24")),  # `${...}` is filled in
        _line("FIRSTLINE_ARTICLES", "kb_articles"),
        _line("FIRSTLINE_INTENTS", "intents"),
        *_comment(wording.say(language, "init.env.public_url")),
        _line("FIRSTLINE_PUBLIC_URL", answers.public_url)
        if answers.public_url
        else "# FIRSTLINE_PUBLIC_URL=https://help.example.com",
        *_comment(wording.say(language, "init.env.tokens")),
        _line("FIRSTLINE_WEB_TOKENS", tokens),
    ]
    if answers.channels.slack:
        lines += [*_comment(wording.say(language, "init.env.slack")), *_slack(answers)]
    if answers.channels.teams:
        lines += [*_comment(wording.say(language, "init.env.teams")), *TEAMS]
    return "\n".join(lines) + "\n"


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet; raise `FileExistsError` where one is."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)


def set_aside(path: Path) -> Path:
    """Rename a file to the first free name beside it, and return that."""
    number = 1
    while (aside := path.with_name(f"{path.name}.old-{number}")).exists():
        number += 1
    path.rename(aside)
    return aside


TEAMS = (
    "# MICROSOFT_APP_ID=11111111-2222-3333-4444-555555555555",
    "# MICROSOFT_APP_PASSWORD=...",
    "# MICROSOFT_APP_TENANT_ID=99999999-8888-7777-6666-555555555555",
    "# FIRSTLINE_TEAMS_ROOM=19:abc...@thread.tacv2",
    "# FIRSTLINE_TEAMS_HELP_CHANNELS=19:def...@thread.tacv2",
)


def _slack(answers: Answers) -> tuple[str, ...]:
    way = "# SLACK_SIGNING_SECRET=..." if answers.public_url else "# SLACK_APP_TOKEN=xapp-..."
    return (
        "# SLACK_BOT_TOKEN=xoxb-...",
        way,
        "# FIRSTLINE_SLACK_ROOM=C0123456789",
        "# FIRSTLINE_SLACK_HELP_CHANNELS=C0222222222",
    )


def _comment(text: str) -> list[str]:
    return ["", *(f"# {line}" for line in text.splitlines())]


def _line(name: str, value: str) -> str:
    if _PLAIN.fullmatch(value):
        return f"{name}={value}"
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{escaped}'"
