"""Serves the page, its fragments, articles and static files."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.channels.web import responses
from bot.channels.web.access.accounts import Role
from bot.channels.web.access.auth import Authenticator, Refusal
from bot.channels.web.live.panes import Panes
from bot.channels.web.view import LANGUAGE_COOKIE, View
from bot.desk.ports.channels import Host
from bot.domain.conversations.messages import Reply

YEAR = 365 * 24 * 3600


class Pages:
    """Serves what the page shows."""

    def __init__(self, host: Host, authenticator: Authenticator, view: View, panes: Panes) -> None:
        self._host = host
        self._panes = panes
        self._authenticator = authenticator
        self._view = view

    async def index(self, request: web.Request) -> web.Response:
        """The page; without a session, the form to sign in."""
        chosen = request.query.get("lang", "")
        if chosen in self._host.wording.languages:
            return self._switch(request, chosen)
        try:
            visitor = await self._authenticator.admit(request, request.query)
        except Refusal as refusal:
            return self._refused(request, refusal)
        language, query = self._view.language(request), _query(request)
        context: dict[str, Any] = {
            "conversation": await self._panes.conversation(visitor.asker, language, query)
        }
        if visitor.engineer is not None:
            pane = await self._panes.room(visitor.engineer, language, query)
            context |= {
                "room": pane.html,
                "waiting": pane.waiting,
                "employees": [one for one in self._authenticator.people if one.role is Role.EMPLOYEE],
            }
        context |= {
            "visitor": visitor,
            "people": self._authenticator.people,
            "demo": self._authenticator.demo,
            "Role": Role,
        }
        context["chosen"] = _chosen(request)
        return responses.page(self._view.render(request, "page.html", context))

    async def conversation(self, request: web.Request) -> web.Response:
        """The left pane's messages."""
        visitor = await self._authenticator.admit(request, request.query)
        html = await self._panes.conversation(visitor.asker, self._view.language(request), _query(request))
        return responses.page(html)

    async def room(self, request: web.Request) -> web.Response:
        """The right pane's cards."""
        visitor = await self._authenticator.admit(request, request.query)
        if visitor.engineer is None:
            raise Refusal(403, "web.error.engineers")
        pane = await self._panes.room(visitor.engineer, self._view.language(request), _query(request))
        return responses.page(pane.html)

    async def queue(self, request: web.Request) -> web.Response:
        """The queue of an engineer, instead of the cards."""
        visitor = await self._authenticator.admit(request, request.query)
        language = self._view.language(request)
        shown: Reply | None = None
        if visitor.engineer is not None:
            shown = await self._host.read(self._host.page_view.queue, visitor.engineer.identity, language)
        if shown is None:
            raise Refusal(403, "web.error.engineers")
        return responses.page(self._view.render(request, "queue.html", {"queue": shown}))

    async def article(self, request: web.Request) -> web.Response:
        """A whole article; its address is signed, so no sign-in is needed."""
        found = await self._host.run(self._host.article_page, request.match_info["token"])
        if found is None:
            return responses.page(self._view.render(request, "no-article.html", {}), status=404)
        title, text, language = found
        context = {"title": title, "text": text, "article_language": language}
        return responses.page(self._view.render(request, "article.html", context))

    async def static(self, request: web.Request) -> web.Response:
        """The style sheet, the script, the mark."""
        found = self._view.assets.body(request.match_info["name"])
        if found is None:
            raise Refusal(404, "web.error.missing")
        body, kind = found
        headers = {**responses.HEADERS, "Cache-Control": f"public, max-age={YEAR}, immutable"}
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)

    def _switch(self, request: web.Request, language: str) -> web.Response:
        query = urlencode(_chosen(request))
        response = responses.moved("/?" + query if query else "/")
        secure = self._host.public_url.startswith("https:")
        response.set_cookie(
            LANGUAGE_COOKIE, language, max_age=YEAR, httponly=True, samesite="Lax", secure=secure
        )
        return response

    def _refused(self, request: web.Request, refusal: Refusal) -> web.Response:
        template = "sign-in.html" if refusal.status == 401 else "refused.html"
        return responses.page(
            self._view.render(request, template, {"reason": refusal.key, "chosen": {}}), status=refusal.status
        )


def _chosen(request: web.Request) -> Mapping[str, str]:
    """The personas of this window, which its links carry on."""
    return {name: request.query[name] for name in ("as", "desk") if request.query.get(name)}


def _query(request: web.Request) -> str:
    query = urlencode(_chosen(request))
    return f"?{query}" if query else ""
