"""Serves the page, its fragments, articles and static files."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.channels.web import responses
from bot.channels.web.access.accounts import Participant, Role, Visitor
from bot.channels.web.access.auth import Authenticator
from bot.channels.web.access.limits import Limits
from bot.channels.web.access.refusal import Refusal, SessionStale
from bot.channels.web.live.choice import read_choice
from bot.channels.web.live.inbox import Inbox
from bot.channels.web.live.panes import Panes
from bot.channels.web.sign_in.page import SignInPage, ask_again
from bot.channels.web.view import LANGUAGE_COOKIE, TYPES, View
from bot.desk.ports.channels import Host
from bot.domain.tickets.ticket import parse_ticket_id

# The pages that stand there for everybody, with the paragraphs of each.
STANDING: Mapping[str, tuple[str, ...]] = {
    "about": ("what", "how", "person", "who"),
    "privacy": ("kept", "why", "days", "ask"),
    "terms": ("who", "answers", "secrets", "rules"),
}
LONGEST_ZONE = 64  # characters of the name of a time zone
YEAR = 365 * 24 * 3600
LONGEST_NUMBER, LONGEST_CURSOR = 20, 64  # characters
PERSONAS = ("as", "desk")  # whom a window shows, which all its links carry on
CARRIED = (*PERSONAS, "ticket", "view", "queue", "priority", "late", "q")  # what else its languages' links do


class Pages:
    """Serves what the page shows."""

    def __init__(
        self,
        host: Host,
        authenticator: Authenticator,
        view: View,
        panes: Panes,
        inbox: Inbox,
        limits: Limits,
        sign_in: SignInPage,
        ways: Callable[[Visitor], Sequence[str]] = lambda _: (),
    ) -> None:
        self._ways = ways
        self._host = host
        self._panes = panes
        self._inbox = inbox
        self._authenticator = authenticator
        self._view = view
        self._limits = limits
        self._sign_in = sign_in

    async def _visitor(self, request: web.Request) -> Visitor:
        visitor = await self._authenticator.admit(request, request.query)
        self._limits.read(visitor.asker)
        return visitor

    async def index(self, request: web.Request) -> web.Response:
        """The page; without a session, the form to sign in."""
        chosen = request.query.get("lang", "")
        if chosen in self._host.wording.languages:
            return self._switch(request, chosen)
        try:
            visitor = await self._visitor(request)
        except SessionStale:
            return responses.moved(ask_again(request.path_qs))
        except Refusal as refusal:
            if refusal.after:
                raise
            return self._refused(request, refusal)
        language, query = self._view.language(request), _query(request)
        context: dict[str, Any] = {
            "conversation": await self._panes.conversation(visitor.asker, language, query)
        }
        if visitor.engineer is not None:
            pane = await self._inbox.rows(visitor.engineer, read_choice(request.query), language, query)
            context |= {
                "room": pane.html,
                "waiting": pane.waiting,
                "words": read_choice(request.query).words,
                "employees": [
                    one for one in await self._authenticator.everybody() if one.role is not Role.ENGINEER
                ],
            }
        context |= {
            "visitor": visitor,
            "people": self._authenticator.people,
            "demo": self._authenticator.demo,
            "Role": Role,
        }
        context["chosen"] = _chosen(request)
        context["ways"] = self._ways(visitor)
        return responses.page(self._view.render(request, "page.html", context))

    async def conversation(self, request: web.Request) -> web.Response:
        """The left pane's messages."""
        visitor = await self._visitor(request)
        language, zone = self._view.language(request), request.query.get("zone", "")
        html = await self._panes.conversation(visitor.asker, language, _query(request), zone[:LONGEST_ZONE])
        return responses.page(html)

    async def room(self, request: web.Request) -> web.Response:
        """The list of tickets that a window of an engineer shows."""
        engineer, language = await self._engineer(request), self._view.language(request)
        choice, known = read_choice(request.query), "known" in request.query
        pane = await self._inbox.rows(engineer, choice, language, _query(request), known=known)
        return responses.page(pane.html)

    async def ticket(self, request: web.Request) -> web.Response:
        """One ticket, or an earlier page of its conversation."""
        engineer, language = await self._engineer(request), self._view.language(request)
        number = parse_ticket_id(request.query.get("ticket", "")[:LONGEST_NUMBER]) or 0
        before = request.query.get("before", "")[:LONGEST_CURSOR]
        known, query = "known" in request.query, _query(request)
        html = await self._inbox.ticket(engineer, number, language, query, before, known=known)
        return responses.page(html)

    async def replies(self, request: web.Request) -> web.Response:
        """What an engineer may send about a ticket without writing it."""
        engineer, language = await self._engineer(request), self._view.language(request)
        number = parse_ticket_id(request.query.get("ticket", "")[:LONGEST_NUMBER]) or 0
        found = await self._host.read(self._host.page_view.ready_replies, number, language, engineer.name)
        return responses.page(self._view.render(request, "inbox/replies.html", {"replies": found}))

    async def _engineer(self, request: web.Request) -> Participant:
        visitor = await self._visitor(request)
        if visitor.engineer is None:
            raise Refusal(403, "web.error.engineers")
        return visitor.engineer

    async def article(self, request: web.Request) -> web.Response:
        """A whole article; its address is signed, so no sign-in is needed."""
        self._limits.stranger(request)
        found = await self._host.run(self._host.article_page, request.match_info["token"])
        if found is None:
            return responses.page(self._view.render(request, "no-article.html", {}), status=404)
        title, text, language = found
        context = {"title": title, "text": text, "article_language": language}
        return responses.page(self._view.render(request, "article.html", context))

    async def words(self, request: web.Request) -> web.Response:
        """What the bot is, what is kept of people, or the terms of use, in plain words; for everybody."""
        page = request.path.rpartition("/")[2]
        context = {"page": page, "parts": STANDING[page], "others": [one for one in STANDING if one != page]}
        chosen = request.query.get("lang", "")
        language = chosen if chosen in self._host.wording.languages else self._view.language(request)
        return responses.page(self._view.compose(language, "words.html", context))

    async def static(self, request: web.Request) -> web.Response:
        """The style sheet, the script, the mark."""
        found = self._view.assets.body(request.match_info["name"])
        if found is None:
            raise Refusal(404, "web.error.missing")
        body, kind = found
        headers = {**responses.HEADERS, "Cache-Control": f"public, max-age={YEAR}, immutable"}
        charset = None if kind == TYPES[".png"] else "utf-8"
        return web.Response(body=body, content_type=kind, charset=charset, headers=headers)

    def _switch(self, request: web.Request, language: str) -> web.Response:
        query = urlencode(_chosen(request))
        response = responses.moved("/?" + query if query else "/")
        secure = self._host.public_url.startswith("https:")
        response.set_cookie(
            LANGUAGE_COOKIE, language, max_age=YEAR, httponly=True, samesite="Lax", secure=secure
        )
        return response

    def _refused(self, request: web.Request, refusal: Refusal) -> web.Response:
        if refusal.status == 401:
            return self._sign_in.show(request, 401, to=request.path_qs)
        context = {"reason": refusal.key, "chosen": {}}
        return responses.page(self._view.render(request, "refused.html", context), status=refusal.status)


def _chosen(request: web.Request) -> Mapping[str, str]:
    """What this window shows, which the links to its other language carry on."""
    return {name: request.query[name] for name in CARRIED if request.query.get(name)}


def _query(request: web.Request) -> str:
    query = urlencode({name: value for name, value in _chosen(request).items() if name in PERSONAS})
    return f"?{query}" if query else ""
