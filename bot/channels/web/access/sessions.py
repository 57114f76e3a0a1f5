"""Signs sessions, and reads who is signed in."""

import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

import jwt

from bot.channels.web.access.accounts import CHANNEL, Grant, Participant
from bot.desk.ports.channels import Host

LIFE = timedelta(days=14)
ALGORITHM = "HS256"
SECRET = "secret"  # noqa: S105 - the name under which it is kept, not the secret


class Sessions:
    """Tells whose token or session a request carries; what is gone from the settings opens nothing."""

    def __init__(self, grants: Sequence[Grant], host: Host) -> None:
        self._grants = grants
        self._host = host
        self._secret = ""

    def bearer(self, token: str) -> Grant | None:
        """Whom this token lets in; every token is compared, each in constant time."""
        given = token.encode("utf-8", "replace")
        found = None
        for grant in self._grants:
            if hmac.compare_digest(given, grant.token.encode()):
                found = grant
        return found

    async def open(self, grant: Grant) -> str:
        """A session for whom this token lets in."""
        key = await self._key()
        expires = int((self._host.clock() + LIFE).timestamp())
        return jwt.encode({"sub": _mark(key, grant), "exp": expires}, key, algorithm=ALGORITHM)

    async def holder(self, session: str) -> Participant | None:
        """Who holds this session; None when it is forged, expired, or its token is no longer valid."""
        return self._read(session, await self._key())

    def _read(self, session: str, key: str) -> Participant | None:
        try:
            claims = jwt.decode(
                session, key, algorithms=[ALGORITHM], options={"require": ["sub", "exp"], "verify_exp": False}
            )
        except jwt.InvalidTokenError:
            return None
        expires, mark = claims["exp"], str(claims["sub"])
        if not isinstance(expires, int) or expires <= self._host.clock().timestamp():
            return None
        held = (one.participant for one in self._grants if hmac.compare_digest(mark, _mark(key, one)))
        return next(held, None)

    async def _key(self) -> str:
        if not self._secret:
            self._secret = await self._host.run(self._recall)
        return self._secret

    def _recall(self) -> str:
        memory = self._host.memory
        return memory.recall(CHANNEL, SECRET) or memory.once(CHANNEL, SECRET, secrets.token_urlsafe(32))


def _mark(key: str, grant: Grant) -> str:
    """What a session says instead of the token: useless without the key."""
    return hmac.new(key.encode(), grant.token.encode(), sha256).hexdigest()
