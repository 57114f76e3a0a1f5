"""Authenticates requests: as personas on loopback in the demo, by tokens elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from aiohttp import web

from bot.channels.web.access.accounts import Participant, Role, Visitor
from bot.channels.web.access.sessions import Sessions
from bot.domain.errors import FirstlineError
from bot.runtime.loopback import is_local

SESSION_COOKIE = "firstline_session"


class Refusal(FirstlineError):
    """The request is refused."""

    def __init__(self, status: int, key: str) -> None:
        super().__init__(f"{status} {key}")
        self.status = status
        self.key = key


class Authenticator(Protocol):
    """Decides for whom a request acts."""

    people: Sequence[Participant]
    demo: bool

    async def admit(self, request: web.BaseRequest, chosen: Mapping[str, str]) -> Visitor:
        """Say who it is, `chosen` being what the page asks for; raise `Refusal`."""


class DemoAuthenticator:
    """Admits this machine alone, without a token; the page chooses among named personas."""

    demo = True

    def __init__(self, people: Sequence[Participant]) -> None:
        self.people = people

    async def admit(self, request: web.BaseRequest, chosen: Mapping[str, str]) -> Visitor:
        """Let in the personas that were chosen, or the first ones."""
        if not is_local(request):
            raise Refusal(403, "web.error.local")
        asker = self._pick(Role.EMPLOYEE, chosen.get("as", ""))
        return Visitor(asker, self._pick(Role.ENGINEER, chosen.get("desk", "")))

    def _pick(self, role: Role, wanted: str) -> Participant:
        for person in self.people:
            if person.role is role and wanted in ("", person.id):
                return person
        raise Refusal(400, "web.error.persona")


class TokenAuthenticator:
    """Admits the holders of tokens and sessions; what the page asks for does not matter."""

    demo = False

    def __init__(self, people: Sequence[Participant], sessions: Sessions) -> None:
        self.people = people
        self._sessions = sessions

    async def admit(self, request: web.BaseRequest, chosen: Mapping[str, str]) -> Visitor:  # noqa: ARG002 - Authenticator's
        """Let in the holder of a bearer token or of a session."""
        person = await self._person(request)
        if person is None:
            raise Refusal(401, "web.error.sign-in")
        return Visitor(person, person if person.role is Role.ENGINEER else None)

    async def _person(self, request: web.BaseRequest) -> Participant | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            grant = self._sessions.bearer(token.strip())
            return grant.participant if grant else None
        session = request.cookies.get(SESSION_COOKIE, "")
        return await self._sessions.holder(session) if session else None


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
