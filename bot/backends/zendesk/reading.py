"""Reads tickets of Zendesk as what the desk knows: fields with their times, and who may read comments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.desk.ports.backends import (
    NOT_SAID,
    RemoteComment,
    RemoteField,
    RemoteFile,
    RemotePerson,
    RemoteState,
    RemoteTicket,
)
from bot.domain.tickets.mirror import DONE, LIVE, NOBODY, MirrorField

Json = Mapping[str, Any]
MARK = "firstline"  # under which the metadata of an audit names the key of what we wrote
PRIORITIES = frozenset({"low", "normal", "high", "urgent"})
_REDACTED = "\u2587"  # what Zendesk puts in the place of words that were taken out
_NAMES = {
    "status": MirrorField.STATUS,
    "assignee_id": MirrorField.ASSIGNEE,
    "priority": MirrorField.PRIORITY,
}


@dataclass(frozen=True, slots=True)
class Account:
    """Account with which we call; as an assignee it is nobody."""

    id: int


@dataclass(slots=True)
class _Change:
    value: str
    at: datetime
    by: int
    ours: bool


def read_ticket(
    ticket: Json,
    audits: Sequence[Json],
    comments: Sequence[Json],
    people: Mapping[int, RemotePerson],
    account: Account,
) -> RemoteTicket:
    """Return a ticket as it was with the last of the audits, which have all changes of its fields."""
    made_at = _moment(ticket["created_at"])
    changes = {name: _Change(_plain(name, None, account), made_at, 0, ours=False) for name in MirrorField}
    for audit in audits:
        _take(audit, changes, account)
    fields = {
        name: RemoteField(change.value, change.at, people.get(change.by, NOT_SAID), change.ours)
        for name, change in changes.items()
    }
    keys = {int(audit["id"]): _key(audit, account) for audit in audits}
    assignee = changes[MirrorField.ASSIGNEE].value
    return RemoteTicket(
        id=str(ticket["id"]),
        version=max((int(audit["id"]) for audit in audits), default=0),
        state=RemoteState.FINAL if ticket["status"] == "closed" else RemoteState.OPEN,
        fields=fields,
        assignee=people.get(int(assignee), RemotePerson(assignee, "")) if assignee else NOT_SAID,
        comments=tuple(_comment(one, keys, people, account, ticket.get("requester_id")) for one in comments),
        stamp=str(ticket["updated_at"]),
    )


def written_comment(audits: Sequence[Json], key: str, account: Account) -> str:
    """Return the id of the comment that was written under a key; empty where there is none."""
    for audit in audits:
        if _key(audit, account) == key:
            for event in audit["events"]:
                if event.get("type") == "Comment":
                    return str(event["id"])
    return ""


def people_in(ticket: Json, audits: Sequence[Json], comments: Sequence[Json]) -> frozenset[int]:
    """Return the ids of everybody who has to do with a ticket."""
    found = {audit.get("author_id") for audit in audits} | {one.get("author_id") for one in comments}
    return frozenset(one for one in (*found, ticket.get("assignee_id")) if isinstance(one, int) and one > 0)


def _take(audit: Json, changes: dict[MirrorField, _Change], account: Account) -> None:
    by, at = audit.get("author_id") or 0, _moment(audit["created_at"])
    ours = bool(_key(audit, account))
    for event in audit["events"]:
        name = _NAMES.get(str(event.get("field_name")))
        if name is None or event.get("type") not in ("Create", "Change"):
            continue
        value = _plain(name, event.get("value"), account)
        # From new to open nothing changes for the desk: the time of the earlier change counts.
        if value != changes[name].value or event["type"] == "Create":
            changes[name] = _Change(value, at, by, ours)


def _plain(name: MirrorField, value: Any, account: Account) -> str:
    if name is MirrorField.STATUS:
        return DONE if value in ("solved", "closed") else LIVE
    if name is MirrorField.PRIORITY:
        return str(value) if value in PRIORITIES else "normal"
    nobody = value in (None, "") or int(value) == account.id
    return NOBODY if nobody else str(value)


def _key(audit: Json, account: Account) -> str:
    """Return the key under which we wrote; what others write bears none, whatever they say."""
    custom = (audit.get("metadata") or {}).get("custom") or {}
    return str(custom.get(MARK) or "") if audit.get("author_id") == account.id else ""


def _comment(
    comment: Json,
    keys: Mapping[int, str],
    people: Mapping[int, RemotePerson],
    account: Account,
    requester: int | None,
) -> RemoteComment:
    author = comment.get("author_id") or 0
    text = str(comment.get("plain_body") or comment.get("body") or "")
    files = tuple(_file(one) for one in comment.get("attachments") or ())
    bare = text.replace(_REDACTED, "").strip()
    return RemoteComment(
        id=str(comment["id"]),
        at=_moment(comment["created_at"]),
        author=people.get(author, RemotePerson(str(author), "")),
        text=text,
        public=comment.get("public") is True,
        key=keys.get(comment.get("audit_id") or 0, ""),
        files=files,
        from_requester=author == requester and author != account.id,
        gone=not bare and not files and _REDACTED in text,
    )


def _file(attachment: Json) -> RemoteFile:
    return RemoteFile(
        name=str(attachment.get("file_name") or ""),
        source=str(attachment["id"]),
        media_type=str(attachment.get("content_type") or ""),
        size=int(attachment.get("size") or 0),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
