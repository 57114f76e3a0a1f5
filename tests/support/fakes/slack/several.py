"""Slack with an app that is installed by OAuth, in several workspaces on one server."""

import itertools
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp

from tests.support.fakes.slack.methods import METHODS
from tests.support.fakes.slack.sending import Answer, Sending
from tests.support.fakes.slack.server import SlackFake
from tests.support.fakes.slack.workspace import Json, Refusal, Workspace

CLIENT_ID, CLIENT_SECRET = "111.222", "fake-client-secret"
TOKEN_KEY = "k" * 40


@dataclass
class Place(Sending):
    """One workspace, which sends its events to the app; `token` is the newest that was given for it."""

    workspace: Workspace
    signing_secret: str
    token: str = ""
    refresh_token: str = ""

    def __post_init__(self) -> None:
        super().__init__(self.workspace, self.signing_secret)

    def posts(self, channel: str) -> list[Json]:
        """Our bot's messages in a channel."""
        found = self.workspace.channels.get(channel)
        return [m for m in found.messages if m.get("bot_id")] if found else []

    def called(self, method: str) -> list[Json]:
        """The arguments of every call of a method with this workspace's token."""
        return [args for name, args in self.workspace.calls if name == method]


@dataclass
class Browser:
    """Somebody's browser, with the cookies of one visit."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> Answer:
        """Open a page, and follow no redirect."""
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} | headers
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.get(self.base + path, headers=sent, allow_redirects=False) as answer,
        ):
            self.cookies |= {name: morsel.value for name, morsel in answer.cookies.items()}
            return Answer(answer.status, await answer.text(), dict(answer.headers))


class SeveralSlack(SlackFake):
    """Slack on a loopback port, with as many workspaces as are added."""

    def __init__(self) -> None:
        super().__init__(token="", workspace=Workspace(team="TNONE"))
        self.places: dict[str, Place] = {}
        self.rotates = 0  # seconds that a token lasts; 0 for ever
        self._codes: dict[str, Place] = {}
        self._numbers = itertools.count(1)

    def add(self, team: str, *, enterprise: str | None = None, for_all: bool = False) -> Place:
        """Add a workspace; the app is not installed there yet."""
        work = Workspace(team=team, bot_user=f"UBOT{team}", bot=f"BBOT{team}", enterprise=enterprise)
        work.for_all, work.address = for_all, self.workspace.address
        place = self.places[team] = Place(work, self.signing_secret)
        place.target = self.target
        return place

    async def close_sending(self) -> None:
        """Close the connections of every workspace to the app."""
        await super().close_sending()
        for place in self.places.values():
            await place.close_sending()

    def aim(self, target: str) -> None:
        """Let every workspace send its events there."""
        self.target = target
        for place in self.places.values():
            place.target = target

    def environment(self, **more: str) -> dict[str, str]:
        """The settings of an app that may be installed in these workspaces."""
        allowed = {p.workspace.enterprise if p.workspace.for_all else team for team, p in self.places.items()}
        return {
            "SLACK_CLIENT_ID": CLIENT_ID,
            "SLACK_CLIENT_SECRET": CLIENT_SECRET,
            "SLACK_SIGNING_SECRET": self.signing_secret,
            "SLACK_API_URL": self.api_url,
            "FIRSTLINE_SLACK_TOKEN_KEY": TOKEN_KEY,
            "FIRSTLINE_SLACK_WORKSPACES": " ".join(sorted(filter(None, allowed))),
            "FIRSTLINE_PUBLIC_URL": "https://help.example.com",
        } | more

    # --- the app is installed and taken away ----------------------------------------------------------

    async def install(self, place: Place, base: str, **headers: str) -> Answer:
        """Somebody installs the app in a workspace, through the app's own pages."""
        browser = Browser(base)
        return await self.come_back(browser, await self.begin(browser), place, **headers)

    async def begin(self, browser: Browser) -> dict[str, str]:
        """Open the app's page; return what it asks Slack for."""
        answer = await browser.get("/slack/install")
        assert answer.status == 302, answer.text
        where = urlsplit(answer.headers["Location"])
        assert where.hostname == "slack.com"
        return {name: values[0] for name, values in parse_qs(where.query).items()}

    async def come_back(
        self, browser: Browser, asked: dict[str, str], place: Place, **headers: str
    ) -> Answer:
        """Slack leads back, after the consent to what was asked for."""
        assert asked["client_id"] == CLIENT_ID
        assert set(asked["scope"].split(",")) <= place.workspace.scopes
        code = self.code(place)
        path = urlsplit(asked["redirect_uri"]).path
        return await browser.get(f"{path}?code={code}&state={asked['state']}", **headers)

    def code(self, place: Place) -> str:
        """A code that Slack gives for a consent; good once."""
        code = f"code-{next(self._numbers)}"
        self._codes[code] = place
        return code

    async def uninstall(self, place: Place) -> list[int]:
        """Somebody takes the app away: its token is good no longer, and two events say so."""
        place.token = ""
        revoked = {"type": "tokens_revoked", "tokens": {"bot": [place.workspace.bot_user], "oauth": []}}
        return [(await place.event(event)).status for event in (revoked, {"type": "app_uninstalled"})]

    # --- calls ----------------------------------------------------------------------------------------

    def work_of(self, token: str) -> Workspace:
        """The workspace that a token is of; a place of its own for what is of none."""
        return next((p.workspace for p in self.places.values() if token and p.token == token), self.workspace)

    def knows(self, token: str) -> bool:
        """Whether this is the token of an app that is installed."""
        return any(token and place.token == token for place in self.places.values())

    def authenticate(self, method: str, token: str) -> None:
        """Refuse a token that is not good for a method."""
        if method == "oauth.v2.access":
            return
        if not token:
            raise Refusal("not_authed")
        if not self.knows(token):
            raise Refusal("account_inactive")

    def _answer(self, work: Workspace, method: str, args: Json, token: str) -> Json:
        if method == "oauth.v2.access":
            return self._exchange(args)
        if method == "auth.revoke" and self.knows(token):
            next(place for place in self.places.values() if place.token == token).token = ""
            return {"ok": True, "revoked": True}
        assert method in METHODS, method
        return super()._answer(work, method, args, token)

    def _exchange(self, args: Json) -> Json:
        if (args.get("client_id"), args.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return {"ok": False, "error": "bad_client_secret"}
        if args.get("grant_type") == "refresh_token":
            found = [p for p in self.places.values() if p.refresh_token == args.get("refresh_token")]
            return self._given(found[0]) if found else {"ok": False, "error": "invalid_refresh_token"}
        if args.get("redirect_uri") != "https://help.example.com/slack/oauth_redirect":
            return {"ok": False, "error": "bad_redirect_uri"}
        place = self._codes.pop(str(args.get("code")), None)
        return self._given(place) if place is not None else {"ok": False, "error": "invalid_code"}

    def _given(self, place: Place) -> Json:
        work, number = place.workspace, next(self._numbers)
        place.token = f"xoxb-{work.team}-{number}"
        place.refresh_token = f"xoxe-{work.team}-{number}" if self.rotates else ""
        rotation: dict[str, Any] = (
            {"refresh_token": place.refresh_token, "expires_in": self.rotates} if self.rotates else {}
        )
        organisation = {"id": work.enterprise, "name": "Org"} if work.enterprise else None
        return {
            "ok": True,
            "access_token": place.token,
            "token_type": "bot",
            "scope": ",".join(sorted(work.scopes)),
            "bot_user_id": work.bot_user,
            "app_id": "A1",
            "team": None if work.for_all else {"id": work.team, "name": work.team.title()},
            "enterprise": organisation,
            "authed_user": {"id": "UADMIN"},
            "is_enterprise_install": work.for_all,
            **rotation,
        }
