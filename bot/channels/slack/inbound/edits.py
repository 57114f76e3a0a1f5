"""Reads edits and deletions of messages, and a message's files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.conversations.messages import Attachment, Change

Body = Mapping[str, Any]

SUBTYPES = frozenset({"message_changed", "message_deleted"})
# Kinds of files that hold no content: on another service, deleted, hidden by the workspace's plan.
_EMPTY_MODES = frozenset({"external", "tombstone", "hidden_by_limit"})


@dataclass(frozen=True, slots=True)
class Changed:
    """A message as it is now, or as it was before it was deleted."""

    change: Change
    message: Body
    ts: str
    thread: str
    changed_ts: str


def read(event: Body) -> Changed | None:
    """Read an edit or a deletion; None where nobody changed what a person wrote.

    Slack sends `message_changed` too for the preview of a link, for a thread's root when a reply comes or
    goes, and, as a tombstone, for the deletion of a root that has replies.
    """
    now, before = _part(event, "message"), _part(event, "previous_message")
    tombstone = now.get("subtype") == "tombstone"
    if event.get("subtype") == "message_deleted" or tombstone:
        ts = _text(event, "deleted_ts") or _text(before, "ts") or _text(now, "ts")
        at = _text(event, "event_ts") or _text(event, "ts") or ts
        return Changed(Change.DELETED, before, ts, _text(before, "thread_ts"), at) if ts else None
    ts, edited = _text(now, "ts"), _text(_part(now, "edited"), "ts")
    same = edited == _text(_part(before, "edited"), "ts") and now.get("text") == before.get("text")
    if not ts or same:
        return None
    at = edited or _text(event, "event_ts") or ts
    return Changed(Change.EDITED, now, ts, _text(now, "thread_ts"), at)


def attachments(message: Body, scope: str = "") -> tuple[Attachment, ...]:
    """A message's files, which are fetched by their ids; `scope` stands before those of one workspace."""
    files = message.get("files")
    listed = files if isinstance(files, list) else []
    return tuple(_attachment(file, scope) for file in listed if isinstance(file, Mapping))


def _attachment(file: Body, scope: str) -> Attachment:
    size = file.get("size")
    readable = _text(file, "mode") not in _EMPTY_MODES and not file.get("is_external")
    return Attachment(
        name=_text(file, "name") or _text(file, "title"),
        media_type=_text(file, "mimetype"),
        size=size if isinstance(size, int) else 0,
        source=scope + _text(file, "id") if readable and _text(file, "id") else "",
    )


def _part(whole: Body, name: str) -> Body:
    value = whole.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(part: Body, name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""
