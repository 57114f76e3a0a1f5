"""The check that every system with pages has for `firstline doctor`: whether its folder can be written."""

import os
from collections.abc import Sequence
from pathlib import Path

from bot.domain.diagnosis import Finding, Teller
from bot.knowledge.files.text_files import shown


def folder_findings(folder: Path, setting: str, tell: Teller) -> Sequence[Finding]:
    """Say whether pages can be kept in a folder; nothing is written."""
    there = next((path for path in (folder, *folder.absolute().parents) if path.exists()), Path("/"))
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return [tell.ok("folder", "wiki.doctor.folder", folder=shown(folder))]
    return [tell.error("folder", "wiki.doctor.folder_unwritable", folder=shown(folder), setting=setting)]


def unavailable(check: str, code: str, title: str, prefix: str, tell: Teller) -> Finding:
    """Say that a system cannot be asked, by the code of why."""
    if code == "unauthorized":
        return tell.error(check, "wiki.doctor.unauthorized", title=title, prefix=prefix)
    return tell.error(check, "wiki.doctor.away", title=title, code=code, prefix=prefix)
