"""Finds the folder where what was learned is kept, and says why it cannot be kept there."""

from pathlib import Path

from platformdirs import user_cache_path

from bot.runtime.writable import why_not_writable
from bot.server.settings import Settings

NO_CACHE = "off"


def cache_of(settings: Settings) -> Path | None:
    """The folder where what was learned is kept; None where none is wanted, or none can be written."""
    return None if settings.cache == NO_CACHE or cache_fault(settings) else _folder(settings)


def cache_fault(settings: Settings) -> str:
    """Why nothing can be kept though it is wanted, and what to do; empty where all is well. Makes nothing."""
    if settings.cache == NO_CACHE:
        return ""
    folder = _folder(settings)
    if not folder.is_absolute() and not settings.cache:
        return "This account has no home folder: set FIRSTLINE_CACHE to a folder that it may write."
    try:
        found = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        reason = "" if found.is_dir() else "it is no folder"
        if not reason and (error := why_not_writable(found)):
            reason = _reason(error)
    except OSError as error:
        reason = _reason(error)
    return cannot_keep(folder, reason) if reason else ""


def cannot_keep(folder: Path, reason: str) -> str:
    """The sentence for a folder where what was learned cannot be kept."""
    return (
        f"What is learned from the content cannot be kept in {folder} ({reason}): "
        "set FIRSTLINE_CACHE to a folder that this account may write."
    )


def _reason(error: OSError) -> str:
    # What is no disk, such as /proc, says of a new file that it is not there.
    if isinstance(error, PermissionError | FileNotFoundError):
        return "this account may not write there"
    return error.strerror or type(error).__name__


def _folder(settings: Settings) -> Path:
    return Path(settings.cache) if settings.cache else user_cache_path("firstline", appauthor=False)
