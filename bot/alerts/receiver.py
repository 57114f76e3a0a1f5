"""Receives what a monitoring system posts: checks who sent it, reads the alerts, and passes them on."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from aiohttp import web

from bot.alerts.mapping import NotAnAlert, Reading
from bot.alerts.proofs import NotYet, Proof, Refused
from bot.desk.ports.alerts import AlertHost
from bot.domain.errors import FirstlineError, details
from bot.runtime.network.credentials import PLACE
from bot.runtime.network.proof import PROVED
from bot.runtime.network.request_body import whole_body

log = structlog.get_logger()
LARGEST = 512 * 1024  # bytes
HEARD = "heard"  # under which it is remembered when the system was last believed
REMEMBERED = timedelta(minutes=10)  # for so long it is not written again
AGAIN_SECONDS = "5"


class Reader(Protocol):
    """Reader of the bodies of one system's requests."""

    def read(self, body: bytes, now: datetime) -> Reading:
        """Return the alerts of a body; raise `NotAnAlert`."""


class Receiver:
    """Source of the alerts of one system, which posts them; `title` is what the rooms call it."""

    def __init__(self, name: str, title: str, proof: Proof, reader: Reader, host: AlertHost) -> None:
        self.name = name
        self._title = title
        self._proof = proof
        self._reader = reader
        self._host = host
        self._unread = ""
        self._heard: datetime | None = None
        self._writing: set[asyncio.Task[None]] = set()

    def mount(self, app: Any) -> None:
        """Add the route, and the one with a secret in its path."""
        router: web.UrlDispatcher = app.router
        router.add_post(path_of(self.name), self._post)
        router.add_post(f"{path_of(self.name)}/{{{PLACE}}}", self._post)

    async def start(self) -> None:
        """Start what the proof needs."""
        await self._proof.start()

    async def stop(self) -> None:
        """Stop what the proof needs, and write what is still to be remembered."""
        await self._proof.stop()
        await asyncio.gather(*self._writing)

    def trouble(self) -> str | None:
        """Why nobody can be believed, or what of the newest request was not understood."""
        return self._proof.trouble() or self._unread or None

    async def _post(self, request: web.Request) -> web.Response:
        body = await whole_body(request, LARGEST)
        try:
            self._proof.check(request, body)
        except NotYet:
            raise web.HTTPServiceUnavailable(
                text="The keys of the sender have not come yet; send it again.\n",
                headers={"Retry-After": AGAIN_SECONDS},
            ) from None
        except Refused as refused:
            raise self._refuse(refused.reason) from None
        request[PROVED] = True
        self._host.checked(self.name, "")
        return await self._take(body)

    async def _take(self, body: bytes) -> web.Response:
        now = self._host.clock()
        try:
            reading = self._reader.read(body, now)
        except NotAnAlert as fault:
            self._not_understood(1, str(fault))
            return web.json_response({"error": str(fault)}, status=400)
        # What fails in here becomes a 500, so that the system sends it again.
        changed = await self._host.alerted(self._title, *reading.alerts) if reading.alerts else 0
        self._count(reading, changed)
        self._note(now)
        return web.json_response({"status": "taken" if changed else "known", "changed": changed})

    def _count(self, reading: Reading, changed: int) -> None:
        self._unread = ""
        if reading.faults:
            self._not_understood(len(reading.faults), reading.faults[0])
        known = len(reading.alerts) - changed
        for outcome, number in (("taken", changed), ("known", known), ("ignored", reading.ignored)):
            if number:
                self._host.counted(self.name, outcome, number)
        log.info("alerts_received", source=self.name, changed=changed, known=known, ignored=reading.ignored)

    def _not_understood(self, number: int, fault: str) -> None:
        self._host.counted(self.name, "unread", number)
        self._unread = f"{number} of the alerts of the newest request could not be read: {fault}."
        log.warning(
            "alert_unread",
            source=self.name,
            fault=fault,
            next_step="see that the system sends what the documentation of this source names",
        )

    def _refuse(self, reason: str) -> web.HTTPUnauthorized:
        self._host.checked(self.name, reason)
        step = (
            "set the clocks"
            if reason in ("age", "expired")
            else "compare the secret and the ids with those of the system"
        )
        log.warning("alert_refused", source=self.name, reason=reason, next_step=step)
        # Google sends a name and a password only when it is asked for them.
        return web.HTTPUnauthorized(
            text=f"This was not believed: {reason}.\n",
            headers={"WWW-Authenticate": 'Basic realm="Firstline"'},
        )

    def _note(self, now: datetime) -> None:
        """Remember that the system was heard, for `firstline doctor`, without holding up the answer."""
        if self._heard is None or now - self._heard >= REMEMBERED:
            self._heard = now
            task = asyncio.create_task(self._remember(now))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def _remember(self, now: datetime) -> None:
        try:
            await self._host.run(self._host.memory.remember, self.name, HEARD, now.isoformat())
        except FirstlineError as error:  # the database is away: it is written with the next alert
            self._heard = None
            log.info("alert_not_remembered", source=self.name, **details(error))


def path_of(name: str) -> str:
    """The path under which a source takes what is posted."""
    return f"/alerts/{name.replace('_', '-')}"
