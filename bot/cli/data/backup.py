"""Copies the database and puts a copy in its place: `firstline backup` and `firstline restore`."""

import shlex
from pathlib import Path

from bot.cli import terminal
from bot.cli.progress import Waiting
from bot.domain.errors import BackupFailed
from bot.server.settings import complain, read_core
from bot.storage.backup import Copied, back_up, postgresql_command, restore


def write_backup(file: Path, *, force: bool) -> None:
    """Copy the database into a file, while a server may go on."""
    url = _url()
    _refuse_postgresql(url, file, restoring=False)
    with Waiting(terminal.console(errors=True), 0, "pages") as waiting:
        copied = back_up(url, file, waiting, force=force)
    _tell(f"{file} holds the database", copied)


def restore_backup(file: Path, *, force: bool, may_migrate: bool) -> None:
    """Put a backup in the place of the database."""
    url = _url()
    _refuse_postgresql(url, file, restoring=True)
    with Waiting(terminal.console(errors=True), 0, "pages") as waiting:
        copied = restore(url, file, waiting, force=force, may_migrate=may_migrate)
    _tell(f"Restored from {file}", copied)


def _url() -> str:
    mistakes: list[str] = []
    settings = read_core(mistakes)
    complain(mistakes)
    assert settings is not None  # noqa: S101  # `complain` has raised otherwise
    return settings.database_url


def _refuse_postgresql(url: str, file: Path, *, restoring: bool) -> None:
    command = postgresql_command(url, file, restore=restoring)
    if command is not None:
        told = (
            "PostgreSQL is restored into an empty database with its own tools. Run:"
            if restoring
            else "PostgreSQL is backed up with its own tools. Run:"
        )
        raise BackupFailed(f"{told}\n\n  {shlex.join(command)}\n")


def _tell(what: str, copied: Copied) -> None:
    size = f"{copied.size / 1024**2:.1f} MB"
    terminal.console(errors=True).tell(f"{what}: {size}, schema {copied.revision}, checked.")
