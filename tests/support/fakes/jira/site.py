"""What a site of Jira holds: its people, its requests, and what agents do there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.fakes.jira.markup import document, mentions

US = "557058:firstline"
DESK, PROJECT, REQUEST_TYPE = "4", "IT", "25"
STATUSES = {
    "1": ("Open", "new"),
    "2": ("In Progress", "indeterminate"),
    "3": ("Waiting for customer", "indeterminate"),
    "4": ("Resolved", "done"),
    "5": ("Canceled", "done"),
}
WAYS = {  # by the status before: the id of each step, and the status after it
    "1": {"11": "2", "21": "5", "31": "4"},
    "2": {"41": "3", "21": "5", "31": "4"},
    "3": {"11": "2", "21": "5", "31": "4"},
    "4": {"51": "1"},
    "5": {"51": "1"},
}
PRIORITIES = ("Highest", "High", "Medium", "Low", "Lowest")


@dataclass
class Account:
    """Account of a person; one of the kind `customer` sees the portal alone."""

    id: str
    name: str
    email: str = ""
    kind: str = "atlassian"
    customer: bool = False
    active: bool = True

    @property
    def shown(self) -> dict[str, Any]:
        """The account as the service desk shows it."""
        return {
            "accountId": self.id,
            "displayName": self.name,
            "active": self.active,
            **({"emailAddress": self.email} if self.email else {}),
        }

    @property
    def described(self) -> dict[str, Any]:
        """The account as the platform shows it."""
        return {**self.shown, "accountType": self.kind}


@dataclass
class Comment:
    """Comment of an issue; `role` hides it from agents without that role, too."""

    id: str
    author: str
    text: Any
    public: bool
    created: datetime
    role: str = ""
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass
class Attachment:
    """File of an issue, which came with a comment."""

    id: str
    author: str
    name: str
    kind: str
    content: bytes
    comment: str


@dataclass
class Issue:
    """Request as it is now, with its history and its approvals."""

    id: str
    key: str
    fields: dict[str, Any]
    creator: str
    reporter: str
    created: datetime
    updated: datetime
    status: str = "1"
    priority: str = "Medium"
    assignee: str | None = None
    comments: list[Comment] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    histories: list[dict[str, Any]] = field(default_factory=list)
    approvals: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Site:
    """Site with one service desk; its times are those of the clock, and never twice the same.

    `behind`: its search knows nothing of what changes, until `index` is called. `faults` are answered first,
    each once: a status and its headers; one that is `late` is answered when everything has been done.
    `hears` is told of each change, as a webhook is.
    """

    clock: Callable[[], datetime]
    accounts: dict[str, Account] = field(
        default_factory=lambda: {US: Account(US, "Firstline", "bot@acme.example")}
    )
    issues: dict[str, Issue] = field(default_factory=dict)
    faults: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    expired: bool = False
    blind: bool = False
    away: bool = False
    limited: set[str] = field(default_factory=set)  # parts of paths, each answered with 429 once
    ever_public: list[str] = field(default_factory=list)
    behind: bool = False
    indexed: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    notified: list[str] = field(default_factory=list)
    uploads: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)
    required: dict[str, bool] = field(default_factory=lambda: {"summary": True, "description": False})
    asks_resolution: bool = False
    lacking: frozenset[str] = frozenset()
    requests: list[tuple[str, str]] = field(default_factory=list)
    hears: list[Callable[[str, Issue], None]] = field(default_factory=list)
    latest: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    numbers: int = 100

    def number(self) -> str:
        """The next id."""
        self.numbers += 1
        return str(10_000 + self.numbers)

    def tick(self) -> datetime:
        """The time of a change: Jira tells milliseconds."""
        now = self.clock().replace(microsecond=self.clock().microsecond // 1000 * 1000)
        self.latest = max(now, self.latest + timedelta(milliseconds=1))
        return self.latest

    def issue(self, named: str) -> Issue | None:
        """The issue with this id or key."""
        return next((issue for issue in self.issues.values() if named in (issue.id, issue.key)), None)

    def touch(self, issue: Issue, event: str = "jira:issue_updated") -> datetime:
        """Note a change, for the search and the webhook."""
        issue.updated = self.tick()
        self._index(issue)
        for told in self.hears:
            told(event, issue)
        return issue.updated

    def index(self) -> None:
        """Let the search catch up."""
        self.behind = False
        for issue in self.issues.values():
            self._index(issue)

    def _index(self, issue: Issue) -> None:
        if not self.behind:
            self.indexed[issue.id] = (issue.updated, str(issue.fields.get("description") or ""))

    # --- what people do there -----------------------------------------------------------------------

    def create(self, fields: dict[str, Any], creator: str, reporter: str) -> Issue:
        """Make a request."""
        number, at = self.number(), self.tick()
        issue = Issue(number, f"{PROJECT}-{number}", fields, creator, reporter, at, at)
        self.issues[number] = issue
        self.touch(issue, "jira:issue_created")
        return issue

    def move(self, issue: Issue, status: str, by: str) -> None:
        """Set the status by its name or id."""
        after = next(key for key, (name, _) in STATUSES.items() if status in (key, name))
        if after != issue.status:
            before, issue.status = issue.status, after
            self._history(issue, by, "status", (before, STATUSES[before][0]), (after, STATUSES[after][0]))

    def prioritise(self, issue: Issue, priority: str, by: str) -> None:
        """Set the priority."""
        if priority != issue.priority:
            before, issue.priority = issue.priority, priority
            self._history(issue, by, "priority", (before, before), (priority, priority))

    def assign(self, issue: Issue, account: str | None, by: str) -> None:
        """Set who works on it."""
        if account != issue.assignee:
            before, issue.assignee = issue.assignee, account
            self._history(issue, by, "assignee", (before, before), (account, account))

    def comment(self, issue: Issue, author: str, text: Any, *, public: bool, role: str = "") -> Comment:
        """Add a comment."""
        comment = Comment(self.number(), author, text, public, self.tick(), role)
        issue.comments.append(comment)
        if public and not role:
            self.ever_public.append(str(text))
        self.notified += mentions(text) if isinstance(text, str) else []
        self.touch(issue, "comment_created")
        return comment

    def attach(self, issue: Issue, comment: Comment, name: str, kind: str, content: bytes) -> Attachment:
        """Add a file to a comment."""
        attached = Attachment(self.number(), comment.author, name, kind, content, comment.id)
        issue.attachments.append(attached)
        self.touch(issue)
        return attached

    def hide(self, issue: Issue, comment: Comment) -> None:
        """Make a comment internal."""
        comment.public = False
        self.touch(issue, "comment_updated")

    def remove_comment(self, issue: Issue, comment: str) -> None:
        """Delete a comment."""
        issue.comments = [kept for kept in issue.comments if kept.id != comment]
        self.touch(issue, "comment_deleted")

    def remove(self, issue: Issue) -> None:
        """Delete a request with everything in it."""
        self.touch(issue, "jira:issue_deleted")
        del self.issues[issue.id]
        self.indexed.pop(issue.id, None)

    def ask_approval(self, issue: Issue, name: str, *approvers: str) -> dict[str, Any]:
        """Ask people for an approval, each of whom can decide it."""
        approval = {
            "id": self.number(),
            "name": name,
            "finalDecision": "pending",
            "approvers": dict.fromkeys(approvers, "pending"),
            "created": self.tick(),
        }
        issue.approvals.append(approval)
        self.touch(issue)
        return approval

    def decide(self, issue: Issue, approval: dict[str, Any], by: str, decision: str) -> None:
        """Give or decline an approval."""
        approval["approvers"][by] = approval["finalDecision"] = decision
        self.touch(issue)

    def document_of(self, text: Any) -> Any:
        """A text as the newer interface shows it."""
        return document(text) if isinstance(text, str) else text

    def _history(
        self,
        issue: Issue,
        by: str,
        name: str,
        before: tuple[str | None, str | None],
        after: tuple[str | None, str | None],
    ) -> None:
        at = self.touch(issue)
        item = {
            "field": name,
            "fieldId": name,
            "from": before[0],
            "fromString": before[1],
            "to": after[0],
            "toString": after[1],
        }
        issue.histories.append({"id": self.number(), "author": by, "created": at, "items": [item]})
