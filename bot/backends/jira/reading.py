"""Reads what Jira says of an issue: its fields with who changed them when, its comments with their files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.backends.jira.settings import Settings
from bot.backends.jira.statuses import Statuses
from bot.backends.jira.texts import plain
from bot.desk.ports.backends import NOT_SAID, RemoteComment, RemoteField, RemoteFile, RemotePerson
from bot.domain.tickets.mirror import NOBODY, MirrorField

FIELDS = "status,priority,assignee,created,creator,reporter,updated,attachment"
OURS = "ours"  # the key of what our account wrote, when nothing says under which key
_KNOWN_ADDRESS = "atlassian"  # the kind of accounts whose address Atlassian has verified


@dataclass(frozen=True, slots=True)
class Reader:
    """Reader of Jira's answers for one account of ours."""

    settings: Settings
    statuses: Statuses
    account: str

    def person(self, user: Mapping[str, Any] | None) -> RemotePerson:
        """A person there; the address only where the setting lets people be matched by it."""
        if not user or not user.get("accountId"):
            return NOT_SAID
        verified = user.get("accountType") == _KNOWN_ADDRESS and user.get("active", True)
        address = user.get("emailAddress") if self.settings.match_addresses and verified else ""
        return RemotePerson(str(user["accountId"]), str(user.get("displayName") or ""), str(address or ""))

    def fields(
        self, issue: Mapping[str, Any], statuses: Mapping[str, Mapping[str, Any]]
    ) -> dict[MirrorField, RemoteField]:
        """The fields that are mirrored, each with when and by whom it got its value.

        `statuses` are all of the site by their ids, for those that the issue had before.
        """
        values = issue["fields"]
        histories = sorted(
            (issue.get("changelog") or {}).get("histories") or (), key=lambda entry: moment(entry["created"])
        )
        found = {}
        for name, value in self._values(values):
            at, by = moment(values["created"]), values.get("creator")
            if name is MirrorField.ASSIGNEE:
                by = None  # whom a request is given to when it is made is Jira's own rule
            for entry, item in _changes(histories, name):
                if name is not MirrorField.STATUS or self._turned(item, statuses):
                    at, by = moment(entry["created"]), entry.get("author")
            found[name] = RemoteField(value, at, self.person(by), self._is_ours(by))
        return found

    def assignee(self, issue: Mapping[str, Any]) -> RemotePerson:
        """Who works on it there, nobody where that is our own account."""
        user = issue["fields"].get("assignee")
        return NOT_SAID if self._is_ours(user) else self.person(user)

    def comment(
        self, comment: Mapping[str, Any], reporter: Mapping[str, Any] | None, files: Sequence[RemoteFile]
    ) -> RemoteComment:
        """A comment; it is public only where Jira shows it to the requester and hides it from no agent."""
        author = comment.get("author")
        shown = comment.get("jsdPublic") is True and not comment.get("visibility")
        return RemoteComment(
            str(comment["id"]),
            moment(comment["created"]),
            self.person(author),
            plain(comment.get("body")),
            public=shown,
            key=OURS if self._is_ours(author) else "",
            files=tuple(files),
            from_requester=not self._is_ours(author) and self.person(author).id == self.person(reporter).id,
        )

    def _values(self, values: Mapping[str, Any]) -> Iterator[tuple[MirrorField, str]]:
        yield MirrorField.STATUS, self.statuses.value(values["status"])
        priority = str((values.get("priority") or {}).get("name", "")).casefold()
        if ours := self.settings.priority_names.get(priority):
            yield MirrorField.PRIORITY, ours
        assignee = str((values.get("assignee") or {}).get("accountId", ""))
        yield MirrorField.ASSIGNEE, NOBODY if assignee == self.account else assignee

    def _turned(self, item: Mapping[str, Any], statuses: Mapping[str, Mapping[str, Any]]) -> bool:
        """Whether a change of the status was one between live and done."""
        before = statuses.get(str(item.get("from")), {"name": item.get("fromString", "")})
        after = statuses.get(str(item.get("to")), {"name": item.get("toString", "")})
        return self.statuses.value(before) != self.statuses.value(after)

    def _is_ours(self, user: Mapping[str, Any] | None) -> bool:
        return bool(user) and (user or {}).get("accountId") == self.account


def file_of(attachment: Mapping[str, Any]) -> RemoteFile | None:
    """A file of a comment, as the service desk tells of it."""
    source = str((attachment.get("_links") or {}).get("jiraRest", "")).rpartition("/")[2]
    if not source.isdigit():
        return None
    name, kind = str(attachment.get("filename") or "file"), str(attachment.get("mimeType") or "")
    return RemoteFile(name, source, kind, int(attachment.get("size") or 0))


def moment(text: str) -> datetime:
    """A time as Jira writes it, such as 2026-03-02T09:00:00.000+0000."""
    return datetime.fromisoformat(text).astimezone(UTC)


def version_of(issue: Mapping[str, Any]) -> int:
    """When an issue was changed last, in milliseconds since 1970."""
    return int(moment(issue["fields"]["updated"]).timestamp() * 1000)


def _changes(
    histories: Sequence[Mapping[str, Any]], name: MirrorField
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for entry in histories:
        for item in entry.get("items") or ():
            if item.get("fieldId", item.get("field")) == name.value:
                yield entry, item
