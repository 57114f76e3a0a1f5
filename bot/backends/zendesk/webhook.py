"""Receives Zendesk's webhook: proves who sent it, and lets the ticket be read that it names."""

import base64
import hashlib
import hmac
import json
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from bot.backends.zendesk.settings import Settings
from bot.desk.ports.backends import BackendHost
from bot.runtime.network.credentials import same
from bot.runtime.network.proof import PROVED
from bot.runtime.network.request_body import whole_body

PATH = "/mirrors/zendesk"
LARGEST = 256 * 1024  # bytes
OLDEST = timedelta(minutes=5)
REMEMBERED = 10_000  # signatures of requests that were taken
SIGNATURE, SIGNED_AT = "X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp"


class ZendeskWebhook:
    """Webhook of Zendesk; what it says is a hint alone, and the ticket is read afresh."""

    def __init__(self, settings: Settings, host: BackendHost) -> None:
        self._secret = settings.zendesk_webhook_secret.get_secret_value().encode()
        self._host = host
        self._taken: OrderedDict[str, None] = OrderedDict()

    def mount(self, app: Any) -> None:
        """Add the route, where there is a secret to prove the sender with."""
        if self._secret:
            router: web.UrlDispatcher = app.router
            router.add_post(PATH, self._post)

    async def _post(self, request: web.Request) -> web.Response:
        body = await whole_body(request, LARGEST)
        signature = request.headers.get(SIGNATURE, "")
        reason = self._fault(signature, request.headers.get(SIGNED_AT, ""), body)
        self._host.checked("zendesk", reason)
        if reason:
            raise web.HTTPUnauthorized(text=f"This was not believed: {reason}.\n")
        request[PROVED] = True
        if signature in self._taken:
            return web.json_response({"status": "known"})
        ticket = _ticket_of(body)
        if ticket:
            # What fails in here becomes a 503, so that Zendesk sends it again.
            await self._host.changed("zendesk", [ticket])
        self._taken[signature] = None
        if len(self._taken) > REMEMBERED:
            self._taken.popitem(last=False)
        return web.json_response({"status": "taken" if ticket else "ignored"})

    def _fault(self, signature: str, signed_at: str, body: bytes) -> str:
        """Return why a request is not believed, empty where it is."""
        if not signature or not signed_at:
            return "no_signature"
        mac = hmac.new(self._secret, signed_at.encode("utf-8", "replace") + body, hashlib.sha256).digest()
        if not same(base64.b64encode(mac).decode(), signature):
            return "signature"
        try:
            at = datetime.fromisoformat(signed_at)
        except ValueError:
            return "malformed"
        if at.tzinfo is None or abs(self._host.clock() - at) > OLDEST:
            return "age"
        return ""


def _ticket_of(body: bytes) -> str:
    """Return the id of the ticket that a body names, as an event does or as the guide has triggers do."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(data, dict):
        return ""
    detail = data.get("detail")
    named = data.get("ticket_id") or (detail.get("id") if isinstance(detail, dict) else "")
    text = str(named or "")
    return text if text.isascii() and text.isdigit() and len(text) <= 20 else ""
