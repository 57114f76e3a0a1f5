"""Authenticates requests: as personas on loopback in the demo, by tokens elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from aiohttp import web

from bot.channels.web.access.accounts import Grant, Participant, Role, Visitor
from bot.channels.web.access.limits import Limits
from bot.channels.web.access.refusal import Refusal
from bot.channels.web.access.sessions import Sessions
from bot.runtime.network.loopback import is_local

Opens = Callable[[Participant], bool]  # whether the engineers' room is open to somebody today


def renewed(to: str) -> str:
    """Where a window goes on that has renewed its session: nobody did anything."""
    return to if "renewed=1" in to else f"{to}{'&' if '?' in to else '?'}renewed=1"


class Authenticator(Protocol):
    """Decides for whom a request acts."""

    people: Sequence[Participant]
    demo: bool

    async def admit(self, request: web.BaseRequest, chosen: Mapping[str, str]) -> Visitor:
        """Say who it is, `chosen` being what the page asks for; raise `Refusal`."""

    async def everybody(self) -> Sequence[Participant]:
        """Say who may use the page, as far as we know them: those of the settings, and who is signed in."""


class DemoAuthenticator:
    """Admits this machine alone, without a token; the page chooses among named personas."""

    demo = True

    def __init__(self, people: Sequence[Participant], opens: Opens) -> None:
        self.people = people
        self._opens = opens

    async def admit(self, request: web.BaseRequest, chosen: Mapping[str, str]) -> Visitor:
        """Let in the personas that were chosen, or the first ones."""
        if not is_local(request):
            raise Refusal(403, "web.error.local")
        wanted = chosen.get("as", "")
        asker = self._pick(tuple(Role) if wanted else (Role.EMPLOYEE,), wanted)  # an engineer may ask, too
        return _visitor(asker, self._pick((Role.ENGINEER,), chosen.get("desk", "")), self._opens)

    async def everybody(self) -> Sequence[Participant]:
        """All personas."""
        return self.people

    def _pick(self, roles: Sequence[Role], wanted: str) -> Participant:
        for person in self.people:
            if person.role in roles and wanted in ("", person.id):
                return person
        raise Refusal(400, "web.error.persona")


class TokenAuthenticator:
    """Admits the holders of tokens and sessions; what the page asks for does not matter."""

    demo = False

    def __init__(
        self, people: Sequence[Participant], sessions: Sessions, opens: Opens, limits: Limits
    ) -> None:
        self.people = people
        self._sessions = sessions
        self._opens = opens
        self._limits = limits

    async def admit(self, request: web.BaseRequest, chosen: Mapping[str, str]) -> Visitor:  # noqa: ARG002 - Authenticator's
        """Let in the holder of a bearer token or of a session."""
        person = await self._person(request)
        if person is None:
            self._limits.stranger(request)
            raise Refusal(401, "web.error.sign-in")
        return _visitor(person, person, self._opens)

    async def everybody(self) -> Sequence[Participant]:
        """The holders of tokens, and who is signed in with an identity provider."""
        return (*self.people, *await self._sessions.signed_in())

    def grant(self, request: web.BaseRequest, token: str) -> Grant | None:
        """Whom a token lets in; raise `Refusal` where too many were wrong."""
        self._limits.may_try(request, token)
        grant = self._sessions.bearer(token)
        if grant is None:
            self._limits.was_wrong(request, token)
        else:
            self._limits.was_right(request, token)
        return grant

    async def _person(self, request: web.BaseRequest) -> Participant | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            grant = self.grant(request, token.strip())
            return grant.participant if grant else None
        session = request.cookies.get(self._sessions.cookie, "")
        # A window reads by itself all the time: only what its reader does keeps the session alive.
        acting = request.method == "POST" or (request.path == "/" and "renewed" not in request.query)
        return await self._sessions.holder(session, acting=acting) if session else None


def _visitor(asker: Participant, engineer: Participant, opens: Opens) -> Visitor:
    """Say for whom a request acts: the role of a token opens the room only to who is an engineer today."""
    admitted = engineer.role is Role.ENGINEER and opens(engineer)
    return Visitor(asker, engineer if admitted else None)


def check_origin(request: web.BaseRequest, public_url: str) -> None:
    """Refuse what another site's page sends.

    Browsers name the origin of every POST; a request without one, and without their other mark of a foreign
    site, comes from no page.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Refusal(403, "web.error.origin")
    origin = request.headers.get("Origin")
    if origin is None:
        return
    own = {_origin_of(f"{scheme}://{request.headers.get('Host', '')}") for scheme in ("http", "https")}
    if _origin_of(origin) not in own | ({_origin_of(public_url)} if public_url else set()):
        raise Refusal(403, "web.error.origin")


def _origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL; an origin that cannot be read is nobody's."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        return "unreadable", url, -1
    return parts.scheme, (parts.hostname or "").lower(), port
