"""Serves the lists beside a conversation, read when they are opened: examples, and somebody's tickets."""

from aiohttp import web

from bot.channels.web import responses
from bot.channels.web.access.auth import Authenticator
from bot.channels.web.access.limits import Limits
from bot.channels.web.view import View
from bot.desk.ports.channels import Host

MOST_EXAMPLES = 5


class AskerLists:
    """Lists of whoever asks, each in their language."""

    def __init__(self, host: Host, authenticator: Authenticator, view: View, limits: Limits) -> None:
        self._host = host
        self._authenticator = authenticator
        self._view = view
        self._limits = limits

    async def examples(self, request: web.Request) -> web.Response:
        """Examples of what to ask, with a way to a person."""
        visitor = await self._authenticator.admit(request, request.query)
        self._limits.read(visitor.asker)
        language = visitor.asker.language or self._view.language(request)
        context = {"examples": self._host.examples(language, MOST_EXAMPLES), "spoken": language}
        return responses.page(self._view.render(request, "asker/examples.html", context))

    async def tickets(self, request: web.Request) -> web.Response:
        """Somebody's own tickets."""
        visitor = await self._authenticator.admit(request, request.query)
        self._limits.read(visitor.asker)
        language, zone = self._view.language(request), request.query.get("zone", "")
        listed = await self._host.read(self._host.own_tickets, visitor.asker.identity, language, zone)
        return responses.page(self._view.render(request, "asker/tickets.html", {"tickets": listed}))
