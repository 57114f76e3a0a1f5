"""Shows the page on which people sign in, and what is in the way of it."""

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.channels.web import responses
from bot.channels.web.sign_in.options import ProviderOptions
from bot.channels.web.view import View

BEGIN = "/web/oidc/begin"
NO_ROLE = "web.oidc.role"


def ask_again(to: str) -> str:
    """Where somebody goes whom the provider may still know, to come back to a page of ours unseen."""
    return f"{BEGIN}?{urlencode({'silent': '1'} | ({'to': to} if to != '/' else {}), errors='replace')}"


class SignInPage:
    """The ways in: the provider's button, a field for a token, or both."""

    def __init__(self, view: View, provider: ProviderOptions | None, *, tokens: bool) -> None:
        self._view = view
        self._provider = provider
        self._contact = provider.contact if provider is not None else ""
        self._tokens = tokens

    def show(self, request: web.Request, status: int, problem: str = "", *, to: str = "/") -> web.Response:
        """The page, with the sentence of a problem where there is one."""
        told, query = problem, {"to": to} if to != "/" else {}
        if problem == NO_ROLE:
            told = "web.oidc.role.contact" if self._contact else problem
            query["another"] = "1"  # else the provider would take the same account again, and say nothing
        context: dict[str, Any] = {
            "provider": self._provider.name if self._provider is not None else None,
            "tokens": self._tokens,
            "begin": f"{BEGIN}?{urlencode(query)}" if query else BEGIN,
            "problem": self._view.say(request, told, contact=self._contact) if told else "",
            "chosen": {},
        }
        return responses.page(self._view.render(request, "sign-in/page.html", context), status=status)
