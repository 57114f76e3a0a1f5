"""Fakes of Slack's Web API and of Teams' connector, fast enough not to be what is measured.

They note when the first post of each thread arrives, by the clock that all processes of a machine share.

    python -m bench.fakes

Prints one line of JSON (`api`, `issuer`: ports), and ends when its standard input does.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from urllib.parse import parse_qs

from aiohttp import web

from tests.support.fakes.teams.issuer import Issuer

POSTS = frozenset({"chat.postMessage", "chat.update", "chat.postEphemeral", "views.publish"})
TEAM, BOT_USER = "T1", "UBOT"


def slack_place(channel: str, thread: str) -> str:
    """What a thread is called here."""
    return f"{channel}/{thread}"


class Fakes:
    """Answers every call with success and unique ids, and counts the calls."""

    def __init__(self) -> None:
        self.issuer = Issuer()
        self.calls: Counter[str] = Counter()
        self.arrived: dict[str, float] = {}
        self._next = 1_700_000_000

    async def api(self, request: web.BaseRequest) -> web.Response:
        """Handle Slack's calls under /slack/, Teams' under /teams/; other paths are about the fake itself."""
        body = await request.read()
        _, platform, rest = request.path.split("/", 2)
        self._next += 1
        if platform == "slack":
            return _json(self._slack(rest, body))
        if platform == "teams":
            return _json(self._teams(request.method, rest), 200 if request.method == "GET" else 201)
        if rest == "token":
            return _json({"token": self.issuer.sign(request.query["service_url"])})
        if rest == "arrivals":
            arrived, self.arrived = self.arrived, {}
            return _json(arrived)
        return _json(dict(self.calls))

    def _slack(self, method: str, body: bytes) -> dict[str, object]:
        self.calls["posts" if method in POSTS else method] += 1
        match method:
            case "chat.postMessage":
                post = json.loads(body)
                self._arrives(slack_place(post["channel"], post.get("thread_ts", "")))
                return {"ok": True, "ts": f"{self._next}.000100", "channel": post["channel"]}
            case "auth.test":
                own = {"team_id": TEAM, "user_id": BOT_USER, "bot_id": "B1"}
                return {"ok": True, "url": "https://bench.slack.com/", **own}
            case "users.info":
                shown = {"display_name": "Somebody", "real_name": "Some Body"}
                user = {"team_id": TEAM, "name": "somebody", "locale": "en-US", "profile": shown}
                return {"ok": True, "user": user}
            case "conversations.members":
                return {"ok": True, "members": ["UEVA", "UERIC", BOT_USER]}
            case "conversations.info":
                return {"ok": True, "channel": {"is_private": False}}
            case "conversations.open":
                return {"ok": True, "channel": {"id": f"D{parse_qs(body.decode()).get('users', ['1'])[0]}"}}
            case _:
                return {"ok": True, "ts": f"{self._next}.000100", "channel": "C1"}

    def _teams(self, method: str, path: str) -> dict[str, object]:
        if path.endswith("/pagedmembers"):
            member = {"id": "29:eva", "aadObjectId": "aad-eva", "name": "Eva", "userRole": "user"}
            return {"members": [member]}
        if "/members/" in path:
            return {"id": path.rpartition("/")[2], "userRole": "user"}
        self.calls["posts" if method in ("POST", "PUT") else path] += 1
        if method == "POST" and "/activities" in path:
            self._arrives(path.split("/")[2])
        if path.endswith("/conversations"):
            name = f"19:room@thread.tacv2;messageid={self._next}"
            return {"id": name, "activityId": str(self._next)}
        return {"id": str(self._next)}

    def _arrives(self, place: str) -> None:
        self.arrived.setdefault(place, time.monotonic())


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(body).encode(), status=status, content_type="application/json")


async def _serve() -> None:
    fakes = Fakes()
    api = web.ServerRunner(web.Server(fakes.api))
    tokens = web.Application()
    tokens.add_routes(fakes.issuer.routes())
    issuer = web.AppRunner(tokens, access_log=None)
    for runner in (api, issuer):
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
    fakes.issuer.address = f"http://127.0.0.1:{issuer.addresses[0][1]}"
    print(json.dumps({"api": api.addresses[0][1], "issuer": issuer.addresses[0][1]}), flush=True)
    # Whoever started this process holds the other end: it ends with them.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await issuer.cleanup()
    await api.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve())
