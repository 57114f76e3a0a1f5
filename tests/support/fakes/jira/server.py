"""The stand-in of Jira as a server: who may call it, how often, and when it fails."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.support.fakes.jira import platform, service_desk
from tests.support.fakes.jira.site import US, Issue, Site

TOKEN = "ATATT3xFfGF0-a-token-of-the-account"
SECRET = "a-secret-of-the-webhook-0123456789"
EMAIL = "bot@acme.example"


@asynccontextmanager
async def served(site: Site) -> AsyncIterator[str]:
    """Serve a site; its address."""
    app = web.Application(middlewares=[_guard(site)], client_max_size=32 * 1024 * 1024)
    service_desk.mount(app, site)
    platform.mount(app, site)
    async with TestServer(app) as server:
        yield str(server.make_url("/")).rstrip("/")


def webhook(event: str, issue: Issue, at: datetime, *, identifier: str = "") -> tuple[bytes, dict[str, str]]:
    """A webhook's body and headers, signed with the secret."""
    said: dict[str, Any] = {
        "timestamp": int(at.timestamp() * 1000),
        "webhookEvent": event,
        "issue": {"id": issue.id, "key": issue.key, "fields": {"summary": issue.fields.get("summary")}},
        "user": {"accountId": US},
    }
    body = json.dumps(said).encode()
    headers = {"Content-Type": "application/json", "X-Hub-Signature": signature(body)}
    return body, headers | ({"X-Atlassian-Webhook-Identifier": identifier} if identifier else {})


def signature(body: bytes, secret: str = SECRET) -> str:
    """How Jira signs a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _guard(site: Site) -> Any:
    wanted = "Basic " + base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()

    @web.middleware
    async def guard(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        site.requests.append((request.method, request.path))
        if site.away:
            return web.Response(status=503)
        if limited := next((part for part in site.limited if part in request.path), ""):
            site.limited.remove(limited)
            headers = {"Retry-After": "5", "RateLimit-Reason": "jira-per-issue-on-write"}
            return web.json_response({}, status=429, headers=headers)
        if site.faults:
            status, headers = site.faults.pop(0)
            return web.json_response({"errorMessages": ["a fault"]}, status=status, headers=headers)
        if site.expired or request.headers.get("Authorization") != wanted:
            # As the real one: some paths answer a wrong token as if nobody were signed in.
            anonymous = "/rest/api/3/issue/" in request.path
            return web.json_response(
                {"errorMessages": ["You do not have permission."]},
                status=404 if anonymous else 401,
                headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"},
            )
        answer = await handler(request)
        if site.late and request.method != "GET":
            return web.json_response({}, status=site.late.pop(0))
        return answer

    return guard
