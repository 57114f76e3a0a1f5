"""The stand-in of Jira under the names by which a play of both sides knows the other system."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from bot import wording
from bot.backends import jira
from bot.desk.knowledge.library import Library
from bot.desk.ports.backends import BackendHost
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.fakes.jira.playing import settings_of
from tests.support.fakes.jira.server import served
from tests.support.fakes.jira.site import STATUSES, US, Account, Comment, Issue, Site
from tests.support.fakes.mirrors.desk import MirroredDesk, Through, mirrored
from tests.support.fakes.mirrors.zendesk import ANN, BOB, OURS, Failure

_THEIR_STATUS = {
    "open": "Open",
    "pending": "Waiting for customer",
    "hold": "In Progress",
    "solved": "Resolved",
}
_THEIR_PRIORITY = {"urgent": "Highest", "high": "High", "normal": "Medium", "low": "Low"}
_OUR_PRIORITY = {theirs: ours for ours, theirs in _THEIR_PRIORITY.items()}


class Failing:
    """Faults that are to come, as the stand-in keeps them."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def append(self, failure: Failure) -> None:
        """Let a request fail, done or not."""
        if failure.done:
            self._site.late.append(failure.status)
        else:
            self._site.faults.append((failure.status, failure.headers))

    def clear(self) -> None:
        """Let nothing fail any more."""
        self._site.late.clear()
        self._site.faults.clear()


@dataclass
class JiraInPlay:
    """Site of Jira under the names that a play uses."""

    site: Site
    hints: list[int] = field(default_factory=list)
    deleted: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        self.failing = Failing(self.site)
        self.site.hears.append(lambda _event, issue: self.hints.append(int(issue.id)))

    @property
    def away(self) -> bool:
        """Whether nothing is answered."""
        return self.site.away

    @away.setter
    def away(self, value: bool) -> None:
        self.site.away = value

    @property
    def ever_public(self) -> list[str]:
        """All that a requester could ever read."""
        return self.site.ever_public

    @property
    def tickets(self) -> dict[int, dict[str, Any]]:
        """The issues by number."""
        return {int(issue.id): _ticket(issue) for issue in self.site.issues.values()}

    @property
    def comments(self) -> dict[int, list[dict[str, Any]]]:
        """Their comments."""
        return {
            int(issue.id): [_comment(comment) for comment in issue.comments]
            for issue in self.site.issues.values()
        }

    def update(self, by: int, number: int, **changes: Any) -> None:
        """Let an agent change an issue, or comment on it."""
        issue, who = self._issue(number), str(by)
        if "comment" in changes:
            said = changes["comment"]
            self.site.comment(issue, who, said["body"], public=said["public"])
        if "status" in changes:
            self.site.move(issue, _THEIR_STATUS[changes["status"]], who)
        if "priority" in changes:
            self.site.prioritise(issue, _THEIR_PRIORITY[changes["priority"]], who)
        if "assignee_id" in changes:
            to = changes["assignee_id"]
            self.site.assign(issue, None if to is None else str(to), who)

    def make_private(self, number: int, comment: str) -> None:
        """Make a comment internal."""
        self.site.hide(self._issue(number), self._found(number, comment))

    def redact(self, number: int, comment: str) -> None:
        """Delete a comment: Jira takes no words out of one."""
        self.site.remove_comment(self._issue(number), comment)

    def public_texts(self, number: int) -> list[str]:
        """The description, and what the requester may read."""
        issue = self._issue(number)
        return [str(issue.fields["description"]), *(str(one.text) for one in issue.comments if one.public)]

    def internal_texts(self, number: int) -> list[str]:
        """What the requester may not read."""
        return [str(one.text) for one in self._issue(number).comments if not one.public]

    def _issue(self, number: int) -> Issue:
        return self.site.issues[str(number)]

    def _found(self, number: int, comment: str) -> Comment:
        return next(one for one in self._issue(number).comments if one.id == comment)


@asynccontextmanager
async def in_jira(
    database: Database, library: Library, clock: Clock, through: Through = nullcontext, **changes: Any
) -> AsyncIterator[tuple[MirroredDesk, JiraInPlay]]:
    """A desk and the Jira that mirrors its tickets."""
    site = Site(clock)
    for account in _agents():
        site.accounts[account.id] = account
    host = BackendHost(wording.load(), clock, "en", "")
    async with served(site) as url, through(url) as address:
        settings = settings_of(address, **changes)
        async with mirrored(database, library, clock, lambda: jira.build(settings, host)) as desk:
            yield desk, JiraInPlay(site)


def _agents() -> Iterator[Account]:
    yield Account(str(ANN), "Ann", "ann@acme.example")
    yield Account(str(BOB), "Bob", "bob@acme.example")


def _ticket(issue: Issue) -> dict[str, Any]:
    done = STATUSES[issue.status][1] == "done"
    assignee = OURS if issue.assignee == US else issue.assignee
    return {
        "status": "solved" if done else "open",
        "priority": _OUR_PRIORITY[issue.priority],
        "assignee_id": assignee,
    }


def _comment(comment: Comment) -> dict[str, Any]:
    author = OURS if comment.author == US else int(comment.author)
    return {
        "id": comment.id,
        "author_id": author,
        "plain_body": str(comment.text),
        "public": comment.public,
    }
