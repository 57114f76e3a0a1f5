"""Jira's webhook: who sent it, whether it is new, and which issue it speaks of."""

import hashlib
import hmac
import json
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from bot.desk.ports.backends import BackendHost
from bot.domain.errors import FirstlineError
from bot.runtime.network.credentials import same
from bot.runtime.network.proof import PROVED
from bot.runtime.network.request_body import whole_body

PATH = "/mirrors/jira"
SIGNATURE = "X-Hub-Signature"
IDENTIFIER = "X-Atlassian-Webhook-Identifier"
LARGEST = 4 * 1024 * 1024  # bytes: an issue comes with everything that it has
OLDEST = timedelta(hours=6)  # Jira tries five times, within less
AHEAD = timedelta(minutes=5)
REMEMBERED = 1000  # requests that were taken


class Refusal(FirstlineError):
    """The request proves nothing; `reason` is a code for metrics and the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Webhook:
    """Route that is told of changes; what it is told counts for nothing but where to look."""

    def __init__(self, name: str, secret: str, host: BackendHost) -> None:
        self._name = name
        self._secret = secret.encode()
        self._host = host
        self._taken: OrderedDict[str, None] = OrderedDict()

    def mount(self, app: web.Application) -> None:
        """Add the route, where there is a secret that requests can be signed with."""
        if self._secret:
            app.router.add_post(PATH, self.take)

    async def take(self, request: web.Request) -> web.Response:
        """One request of Jira's."""
        body = await whole_body(request, LARGEST)
        try:
            document = self._check(request, body)
        except Refusal as refusal:
            self._host.checked(self._name, refusal.reason)
            return web.Response(status=401, text=f"This was not believed: {refusal.reason}.\n")
        request[PROVED] = True
        self._host.checked(self._name, "")
        identifier = request.headers.get(IDENTIFIER, "")
        if identifier in self._taken:
            return web.json_response({"status": "known"})
        if issue := _issue_of(document):
            # What fails in here becomes a 500, so that Jira sends it again.
            await self._host.changed(self._name, [issue])
        self._remember(identifier)
        return web.json_response({"status": "taken" if issue else "ignored"})

    def _check(self, request: web.Request, body: bytes) -> Any:
        signature = request.headers.get(SIGNATURE, "").strip()
        if not signature:
            raise Refusal("no_signature")
        expected = "sha256=" + hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        if not same(expected, signature):
            raise Refusal("signature")
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            raise Refusal("no_json") from None
        sent = document.get("timestamp") if isinstance(document, dict) else None
        if not isinstance(sent, int) or not 0 <= sent < 10**14:
            raise Refusal("age")
        age = self._host.clock() - datetime.fromtimestamp(sent / 1000, UTC)
        if not -AHEAD <= age <= OLDEST:
            raise Refusal("age")
        return document

    def _remember(self, identifier: str) -> None:
        if identifier:
            self._taken[identifier] = None
            while len(self._taken) > REMEMBERED:
                self._taken.popitem(last=False)


def _issue_of(document: dict[str, Any]) -> str:
    issue = document.get("issue")
    found = str(issue.get("id", "")) if isinstance(issue, dict) else ""
    return found if found.isascii() and found.isdigit() and len(found) < 20 else ""
