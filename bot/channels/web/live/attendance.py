"""Takes in what windows say of their readers: at which ticket they look, and whether they are writing."""

from aiohttp import web

from bot.channels.web import responses
from bot.channels.web.access.auth import Authenticator, check_origin
from bot.channels.web.access.limits import Limits
from bot.channels.web.access.request_body import read_object, text_of
from bot.channels.web.live.inbox import Inbox
from bot.channels.web.live.presence import Presence
from bot.desk.ports.channels import Host
from bot.domain.tickets.ticket import parse_ticket_id

LONGEST_NUMBER = 20  # characters


class Attendance:
    """The route by which windows say who is there; nothing of it is stored or logged."""

    def __init__(
        self, host: Host, authenticator: Authenticator, inbox: Inbox, presence: Presence, limits: Limits
    ) -> None:
        self._host = host
        self._authenticator = authenticator
        self._inbox = inbox
        self._presence = presence
        self._limits = limits

    async def note(self, request: web.Request) -> web.Response:
        """Note where somebody is; an employee says only whether they are writing."""
        self._limits.read((await self._authenticator.admit(request, {})).asker)
        check_origin(request, self._host.public_url)
        body = await read_object(request)
        chosen = {name: text_of(body, name) for name in ("as", "desk")}
        visitor = await self._authenticator.admit(request, chosen)
        writes = body.get("writes") is True
        if text_of(body, "pane") == "room" and visitor.engineer is not None:
            number = parse_ticket_id(text_of(body, "ticket")[:LONGEST_NUMBER])
            card, standing = None, None
            if number is not None:
                card, standing = await self._inbox.standing_on(visitor.engineer, number)
            self._presence.looks(visitor.engineer, card, standing, writes=writes)
        else:
            self._presence.writes(visitor.asker, writes=writes)
        return responses.answer({"kind": "noted"})
