"""Takes values out of documents that others wrote: what is not of the kind that is meant is not there."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit


def text_at(document: Any, *path: str) -> str:
    """The text at a path of keys; empty where there is none, and a number as its digits."""
    found = at(document, *path)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    return found if isinstance(found, str) else ""


def at(document: Any, *path: str) -> Any:
    """What stands at a path of keys; None where nothing does."""
    for key in path:
        document = document.get(key) if isinstance(document, Mapping) else None
    return document


def entries(document: Any, *path: str) -> Sequence[Mapping[str, Any]]:
    """The documents of a list at a path."""
    found = at(document, *path)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def day_at(document: Any, *path: str) -> date | None:
    """The day of a moment at a path."""
    try:
        return datetime.fromisoformat(text_at(document, *path)).date()
    except ValueError:
        return None


def is_safe(address: str) -> bool:
    """Tell whether an address may be shown as a link: encrypted, or of a mail."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if any(sign.isspace() or not sign.isprintable() or sign in "<>()" for sign in address):
        return False
    return (parts.scheme == "https" and bool(parts.hostname)) or (parts.scheme == "mailto" and "@" in address)
