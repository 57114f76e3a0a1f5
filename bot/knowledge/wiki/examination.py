"""The common part of the checks of systems with pages for `firstline doctor`: asking, and the folder."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from bot.domain.diagnosis import Check, Finding, Teller
from bot.domain.errors import SourceUnavailable
from bot.knowledge.files.text_files import shown
from bot.knowledge.wiki.client import Failed, Refused
from bot.runtime.writable import why_not_writable

Look = Callable[[], Awaitable[Sequence[Finding]]]


def folder_findings(folder: Path, setting: str, tell: Teller) -> Sequence[Finding]:
    """Say whether pages can be kept in a folder; nothing stays there."""
    there = next((path for path in (folder, *folder.absolute().parents) if path.exists()), Path("/"))
    if there.is_dir() and not why_not_writable(there):
        return [tell.ok("folder", "wiki.doctor.folder", folder=shown(folder))]
    return [tell.error("folder", "wiki.doctor.folder_unwritable", folder=shown(folder), setting=setting)]


def asked(check: str, title: str, prefix: str, tell: Teller, look: Look) -> Check:
    """A check that asks a system; where nothing can be asked, it says why."""

    async def run() -> Sequence[Finding]:
        try:
            return await look()
        except SourceUnavailable as error:
            code = error.code
        except Refused as error:
            code = f"http_{error.status}"
        except Failed:
            code = "failed"
        key = "unauthorized" if code == "unauthorized" else "away"
        return [tell.error(check, f"wiki.doctor.{key}", title=title, code=code, settings=prefix)]

    return Check(check, run)
