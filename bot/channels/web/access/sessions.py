"""Opens and ends sessions, and reads who is signed in."""

import hmac
import secrets
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Protocol

import structlog

from bot.channels.web.access.accounts import CHANNEL, Grant, Participant, digest_of
from bot.desk.ports.channels import Host, Session

log = structlog.get_logger()
LIFE = timedelta(days=14)


def cookie_of(public_url: str) -> str:
    """Name the cookie of sessions: over https one that no page of a neighbouring name can put there.

    Else somebody could let others ask in a session of theirs, and read what they ask.
    """
    return "__Host-firstline_session" if public_url.startswith("https:") else "firstline_session"


class OfProvider(Protocol):
    """The sessions of people whom an identity provider knows."""

    async def holder(self, key: str, session: Session, *, acting: bool) -> Participant | None:
        """Say who holds a session; None where they may no longer, raise `SessionStale`."""

    def everybody(self) -> Awaitable[Sequence[Participant]]:
        """Say who is signed in."""

    def sign_out_url(self, key: str) -> Awaitable[str]:
        """Say where the holder of a session signs out at the provider, too."""


class Sessions:
    """Tells whose token or session a request carries; what is gone from the settings opens nothing.

    Of tokens and sessions only hashes are kept: who reads the database or the memory cannot use them.
    """

    def __init__(self, grants: Sequence[Grant], host: Host, of_provider: OfProvider | None = None) -> None:
        self._grants = grants
        self._host = host
        self._of_provider = of_provider

    @property
    def cookie(self) -> str:
        """The name of the cookie that carries a session's key."""
        return cookie_of(self._host.public_url)

    def bearer(self, token: str) -> Grant | None:
        """Whom this token lets in; every hash is compared, each in constant time."""
        given = digest_of(token)
        found = None
        for grant in self._grants:
            if hmac.compare_digest(given, grant.digest):
                found = grant
        return found

    async def open(self, grant: Grant, address: str) -> str:
        """A session for whom this token lets in; `address` is where they signed in from."""
        key, now = secrets.token_urlsafe(32), self._host.clock()
        session = Session(grant.participant.id, _mark(grant), now, now + LIFE)
        await self._host.run(self._host.sessions.open, digest_of(key), session)
        log.info("page_signed_in", person=grant.participant.id, address=address)
        return key

    async def holder(self, key: str, *, acting: bool = True) -> Participant | None:
        """Who holds this session; None where it ended, is forged, or what let them in is no longer valid.

        `acting`: whether the person does something themself, unlike a window that looks for news.
        """
        session = await self._host.read(self._host.sessions.find, digest_of(key), self._host.clock())
        if session is None:
            return None
        if session.provider is not None:
            provider = self._of_provider
            return await provider.holder(key, session, acting=acting) if provider is not None else None
        held = (one.participant for one in self._grants if hmac.compare_digest(session.grant, _mark(one)))
        return next(held, None)

    async def signed_in(self) -> Sequence[Participant]:
        """Who is signed in with an identity provider now."""
        return await self._of_provider.everybody() if self._of_provider is not None else ()

    async def sign_out_url(self, key: str) -> str:
        """Where the holder of this session signs out at their provider, too; empty where that is nowhere."""
        return await self._of_provider.sign_out_url(key) if self._of_provider is not None else ""

    async def end(self, key: str, address: str) -> None:
        """End a session, in every window and on every server."""
        person = await self._host.run(self._host.sessions.end, digest_of(key), self._host.clock())
        if person is not None:
            log.info("page_signed_out", person=person, address=address)
            self._host.refresh_roster(CHANNEL)


def _mark(grant: Grant) -> str:
    """What a session says instead of the token's hash, which a setting may hold."""
    return sha256(f"session of {grant.digest}".encode()).hexdigest()
