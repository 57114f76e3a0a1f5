"""Handles `POST /alerts/webhook`: one signed alert a request."""

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiohttp import web

from bot.desk.ports.alerts import AlertHost
from bot.domain.errors import FirstlineError
from bot.domain.secrets.masking import clean
from bot.domain.tickets.outage import Alert, AlertState
from bot.runtime.network.proof import PROVED
from bot.runtime.network.request_body import whole_body

log = structlog.get_logger()

PATH = "/alerts/webhook"
SIGNATURE = "Firstline-Signature"  # as on what we post to a mirror: t=<seconds>,v1=<hex>
FRESH = timedelta(minutes=5)
LARGEST = 64 * 1024
LONGEST = {"key": 200, "title": 500, "url": 2000}


class NotAnAlert(FirstlineError):
    """The body is not an alert."""


class Webhook:
    """Checks the signature, the age and the body of an alert, in this order, and passes it to the desk."""

    def __init__(self, secret: str, name: str, host: AlertHost) -> None:
        self.name = "webhook"
        self._secret = secret.encode()
        self._system = name
        self._host = host

    def mount(self, app: Any) -> None:
        """Add the route."""
        router: web.UrlDispatcher = app.router
        router.add_post(PATH, self._post)

    async def start(self) -> None:
        """Do nothing: the system comes to us."""

    async def stop(self) -> None:
        """Do nothing: the server waits for the requests in flight."""

    def trouble(self) -> str | None:
        """None: it is ready whenever the server is."""
        return None

    async def _post(self, request: web.Request) -> web.Response:
        body = await whole_body(request, LARGEST)
        sent_at = self._verified_time(request, body)
        if request.content_type != "application/json":
            return _error(415, "send JSON, with Content-Type: application/json")
        try:
            alert = _alert(body, sent_at)
        except NotAnAlert as error:
            return _error(400, str(error))
        # What fails in here becomes a 500, so that the system sends it again.
        changed = await self._host.alerted(self._system, alert)
        self._host.counted(self.name, "taken" if changed else "known", 1)
        log.info("alert_received", state=alert.state.value, changed=bool(changed))
        return web.json_response({"status": "taken" if changed else "known"})

    def _verified_time(self, request: web.Request, body: bytes) -> datetime:
        """The time when it was sent; raises 401 unless it is signed with our key and fresh."""
        signature = request.headers.get(SIGNATURE, "")
        moment = signature.partition(",")[0].removeprefix("t=")
        expected = sign(self._secret, moment, body)
        # Compared as bytes: a signature that is not ASCII must be refused, not an error.
        if not hmac.compare_digest(expected.encode("utf-8", "replace"), signature.encode("utf-8", "replace")):
            raise self._refused("signature", "The signature is not right.")
        sent_at = _moment(moment, self._host.clock())
        if sent_at is None or abs(self._host.clock() - sent_at) > FRESH:
            raise self._refused("age", "The time stamp is more than five minutes off.")
        request[PROVED] = True
        self._host.checked(self.name, "")
        return sent_at

    def _refused(self, reason: str, sentence: str) -> web.HTTPUnauthorized:
        self._host.checked(self.name, reason)
        step = (
            "compare FIRSTLINE_ALERTS_SECRET with the sender's" if reason == "signature" else "set the clocks"
        )
        log.warning("alert_refused", reason=reason, next_step=step)
        return web.HTTPUnauthorized(text=f"{sentence}\n")


def sign(secret: bytes, moment: str, body: bytes) -> str:
    """The signature of a body sent at this moment (seconds since 1970), as the header carries it."""
    signed = moment.encode("utf-8", "replace") + b"." + body
    return f"t={moment},v1={hmac.new(secret, signed, hashlib.sha256).hexdigest()}"


def _moment(text: str, now: datetime) -> datetime | None:
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    return datetime.fromtimestamp(int(text), now.tzinfo)


def _alert(body: bytes, sent_at: datetime) -> Alert:
    """Parse an alert; raises `NotAnAlert` with a sentence for whoever set up the sender."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise NotAnAlert("the body is not JSON") from None
    if not isinstance(data, dict):
        raise NotAnAlert("the body is not a JSON object")
    words = {name: _text(data, name) for name in LONGEST}
    for name in ("key", "title"):
        if not words[name]:
            raise NotAnAlert(f"'{name}' is missing")
    state = data.get("state")
    if state not in tuple(AlertState):
        raise NotAnAlert("'state' must be 'began' or 'ended'")
    if words["url"] and not words["url"].startswith(("https://", "http://")):
        raise NotAnAlert("'url' must begin with https://")
    return Alert(words["key"], words["title"], AlertState(state), sent_at, words["url"])


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name, "")
    if not isinstance(value, str):
        raise NotAnAlert(f"'{name}' must be a text")
    text = clean(value).strip()
    if len(text) > LONGEST[name]:
        raise NotAnAlert(f"'{name}' is longer than {LONGEST[name]} characters")
    return text


def _error(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)
