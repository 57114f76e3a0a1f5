"""What the door must know of workspaces: whose a request is, and what reads it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.inbound.events import EventReader
from bot.channels.slack.installation import Installation
from bot.channels.slack.outbound.agent_view import AgentView
from bot.domain.errors import FirstlineError

Body = Mapping[str, Any]


class WorkspaceUnknown(FirstlineError):
    """Slack has not said yet which workspace this app is installed in."""


class NotInstalled(FirstlineError):
    """A request is of a workspace that is not served: the app is not installed there, or no longer."""


class Parts(Protocol):
    """Parts of a workspace that a request needs."""

    @property
    def event_reader(self) -> EventReader: ...
    @property
    def agent_view(self) -> AgentView: ...
    @property
    def client(self) -> Callable[[], AsyncWebClient]: ...


W = TypeVar("W", bound=Parts, covariant=True)


@dataclass(frozen=True, slots=True)
class Served(Generic[W]):
    """Workspace that a request is of: who we are there, and what speaks with it."""

    installation: Installation
    workspace: W

    @property
    def reader(self) -> EventReader:
        """What reads its events."""
        return self.workspace.event_reader


class Workspaces(Protocol):
    """Workspaces that are served."""

    async def find(self, body: Body) -> Served[Parts]:
        """Find whose a request is, without a network call.

        Raises `NotInstalled` where it is nobody's, `WorkspaceUnknown` where that cannot be said yet.
        """

    async def authorized(self, enterprise: str | None, team: str | None) -> AuthorizeResult:
        """Say who we are there, as Bolt asks for with every request."""

    async def changed(self, body: Body) -> None:
        """Look again at an installation of which Slack says that it has ended."""
