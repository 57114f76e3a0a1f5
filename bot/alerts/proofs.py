"""Proofs of who sent an alert: what the sender's system can do, checked before the body is read."""

import hashlib
import hmac
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from aiohttp import web

from bot.desk.ports.clock import Clock
from bot.domain.errors import FirstlineError
from bot.runtime.network.credentials import Carrier, carried, same

FRESH = timedelta(minutes=5)


class Refused(FirstlineError):
    """The request does not prove who sent it."""

    def __init__(self, reason: str) -> None:
        """`reason` is a code for metrics and the log."""
        super().__init__(reason)
        self.reason = reason


class NotYet(FirstlineError):
    """Nothing can be proved until the keys of the sender's system have come; the request is sent again."""


class Proof(Protocol):
    """Way in which one kind of sender proves who it is."""

    async def start(self) -> None:
        """Begin to fetch what it needs, in a task of its own."""

    async def stop(self) -> None:
        """End what it does beside the requests."""

    def trouble(self) -> str | None:
        """Return a sentence on why it can believe nobody, or None."""

    def check(self, request: web.Request, body: bytes) -> None:
        """Raise `Refused` or `NotYet` unless the request is proved; do not wait for anything."""


class Still:
    """Proof that needs nothing beside the requests."""

    async def start(self) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Do nothing."""

    def trouble(self) -> str | None:
        """None: it is ready."""
        return None


class TokenProof(Still):
    """A secret that the request carries somewhere."""

    def __init__(self, token: str, carriers: Collection[Carrier]) -> None:
        self._token = token
        self._carriers = carriers

    def check(self, request: web.Request, body: bytes) -> None:  # noqa: ARG002  # every proof is given both
        """Raise `Refused` unless one of the secrets is ours."""
        offered = carried(request, self._carriers)
        if not offered:
            raise Refused("no_token")
        # All are compared: how long it takes does not tell which.
        if not sum(same(self._token, secret) for secret in offered):
            raise Refused("token")


class SignatureProof(Still):
    """HMAC-SHA256 over a time and the body, as lower-case hex in a header."""

    def __init__(self, secret: str, header: str, clock: Clock) -> None:
        """The time is in a header called the same with `-Timestamp`, in seconds since 1970."""
        self._secret = secret.encode()
        self._header = header
        self._clock = clock

    def check(self, request: web.Request, body: bytes) -> None:
        """Raise `Refused` unless the time and the body are signed, and the time is about now."""
        signature = request.headers.get(self._header, "")
        if not signature:
            raise Refused("no_signature")
        moment = request.headers.get(f"{self._header}-Timestamp", "")
        signed = moment.encode("utf-8", "replace") + b":" + body
        expected = hmac.new(self._secret, signed, hashlib.sha256).hexdigest()
        if not same(expected, signature.strip()):
            raise Refused("signature")
        if not (moment.isascii() and moment.isdigit() and len(moment) <= 10):
            raise Refused("age")
        now = self._clock()
        if abs(now - datetime.fromtimestamp(int(moment), now.tzinfo)) > FRESH:
            raise Refused("age")


class AnyProof:
    """One of several ways to prove it; which, is the sender's choice."""

    def __init__(self, proofs: Sequence[Proof]) -> None:
        self._proofs = proofs

    async def start(self) -> None:
        """Start each."""
        for proof in self._proofs:
            await proof.start()

    async def stop(self) -> None:
        """Stop each."""
        for proof in self._proofs:
            await proof.stop()

    def trouble(self) -> str | None:
        """The first sentence of any."""
        return next((sentence for proof in self._proofs if (sentence := proof.trouble())), None)

    def check(self, request: web.Request, body: bytes) -> None:
        """Raise what the way that the sender tried has raised, unless one is proved."""
        refused = Refused("no_token")
        for proof in self._proofs:
            try:
                return proof.check(request, body)
            except Refused as error:
                # A way that was not tried says less than one that was.
                refused = refused if error.reason.startswith("no_") else error
        raise refused
