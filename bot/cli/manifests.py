"""Writes the manifests of the Slack and Teams apps: `firstline manifest`."""

import re
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from bot import wording
from bot.cli import terminal
from bot.domain.errors import SettingsInvalid


def print_slack(url: str, *, socket_mode: bool) -> None:
    """Print the Slack manifest as JSON."""
    from bot.channels.slack.manifest import manifest

    if not url and not socket_mode:
        raise SettingsInvalid(
            "--url: give the public https address of this server, or use --socket-mode, which needs none."
        )
    url = _public(url) if url else ""
    terminal.print_json(manifest(url, socket_mode), indent=2)


def write_teams(app_id: str, url: str, output: Path) -> None:
    """Write the Teams app package."""
    from bot.channels.teams.manifest import package

    if not app_id:
        raise SettingsInvalid("--app-id: give the bot's Microsoft app id, or set MICROSOFT_APP_ID.")
    try:
        UUID(app_id)
    except ValueError:
        raise SettingsInvalid(
            f"--app-id: {app_id} is no Microsoft app id; one looks like 11111111-2222-3333-4444-555555555555."
        ) from None
    if not url:
        raise SettingsInvalid("--url: give the public https address of this server; the package names it.")
    output.write_bytes(package(app_id, _public(url), wording.load()))
    terminal.console(errors=True, wraps=True).print(
        f"Wrote {output}: upload it in the Teams admin center under Teams apps, Manage apps (docs/teams.md)."
    )


def _public(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or re.search(r"[^!-~]", url):
        raise SettingsInvalid(
            f"--url: {url} is no https address; give the one under which Slack or Teams reaches this server, "
            "such as https://help.example.com."
        )
    return url.rstrip("/")
