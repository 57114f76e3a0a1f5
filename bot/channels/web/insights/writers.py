"""Admits those who may read what was asked and write content: engineers and managers."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.channels.web.access.accounts import Participant, Role, Visitor
from bot.channels.web.access.auth import Authenticator, check_origin
from bot.channels.web.access.limits import Limits
from bot.channels.web.access.refusal import Refusal
from bot.channels.web.access.request_body import Body, read_object
from bot.desk.ports.channels import Host
from bot.desk.ports.content import Authoring

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Route = tuple[str, str, Handler]  # the method, the path, and what answers


class Writers:
    """Those who write the content; everybody else is refused."""

    def __init__(
        self, host: Host, authoring: Authoring, authenticator: Authenticator, limits: Limits
    ) -> None:
        self._host = host
        self._authoring = authoring
        self._authenticator = authenticator
        self._limits = limits

    def may_see(self, visitor: Visitor) -> bool:
        """Tell whether somebody may see gaps, and approve drafts; in the demo everybody may."""
        managing = visitor.asker.role is Role.MANAGER
        return self._authenticator.demo or managing or visitor.engineer is not None

    async def admit(self, request: web.Request) -> Visitor:
        """Admit who reads."""
        visitor = await self._authenticator.admit(request, request.query)
        self._limits.read(visitor.asker)
        if not self.may_see(visitor):
            raise Refusal(403, "web.error.writers")
        return visitor

    async def sent(self, request: web.Request) -> tuple[Visitor, Body]:
        """Admit who sent something from this page, and read it."""
        visitor = await self._authenticator.admit(request, {})
        check_origin(request, self._host.public_url)
        self._limits.message(visitor.asker)
        if not self.may_see(visitor):
            raise Refusal(403, "web.error.writers")
        return visitor, await read_object(request)

    async def queues(self, visitor: Visitor) -> frozenset[str] | None:
        """The queues of which somebody reads what was asked: managers of all, engineers of theirs."""
        if visitor.engineer is None or self._authenticator.demo or visitor.asker.role is Role.MANAGER:
            return None
        queues: frozenset[str] | None = await self._host.read(self._authoring.sees, visitor.engineer.identity)
        return queues


def acting(visitor: Visitor) -> Participant:
    """Who approves: the engineer, where there is one."""
    return visitor.engineer or visitor.asker
