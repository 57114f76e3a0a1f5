"""Writes the manifests of the Slack and Teams apps: `firstline manifest`."""

from pathlib import Path

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
    terminal.print_json(manifest(url.rstrip("/"), socket_mode), indent=2)


def write_teams(app_id: str, url: str, output: Path) -> None:
    """Write the Teams app package."""
    from bot.channels.teams.manifest import package

    if not app_id:
        raise SettingsInvalid("--app-id: give the bot's Microsoft app id, or set MICROSOFT_APP_ID.")
    if not url:
        raise SettingsInvalid("--url: give the public https address of this server; the package names it.")
    output.write_bytes(package(app_id, url.rstrip("/"), wording.load()))
    terminal.console(errors=True, wraps=True).print(
        f"Wrote {output}: upload it in the Teams admin center under Teams apps, Manage apps (docs/teams.md)."
    )
