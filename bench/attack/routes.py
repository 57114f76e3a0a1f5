"""Asks every route of the running server with tokens that are none, are over, or are somebody else's."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from bench.attack.attempts import Options, Row, row
from bench.attack.monitoring import SYSTEMS, recorded
from bench.attack.site import PLANTED, TOKENS, Site, a_site, bearer, plant
from bot.channels.web.access.accounts import digest_of
from bot.channels.web.access.sessions import cookie_of
from bot.desk.ports.channels import Session
from bot.runtime.network.credentials import PLACE
from tests.support.fakes.teams.issuer import TENANT

Headers = Mapping[str, str]
NOBODYS = (
    "without a token",
    "with a wrong token",
    "with a token in the address",
    "with a session that has ended",
    "with a session that has expired",
    "with a forged session",
)
OTHERS = ("with another person's token", "with the token of an engineer who is not listed")
ATTACKS = (*NOBODYS, *OTHERS)
# What anybody may ask: it says nothing of anybody.
OPEN = frozenset(
    {"/healthz", "/readyz", "/about", "/privacy", "/terms", "/web/static/{name}", "/web/sign-out"}
)
OF_OTHERS = ("/gaps", "/drafts", "/insights")  # nothing of them is an employee's
SESSION = cookie_of("")  # the site has no https
DRAFT = "# An article of an attacker\n\nNobody has approved it.\n"
SECRET_IN_PATH = "/{" + PLACE + "}"
FILLED = {"{file}": "1", "{token}": "signed", "{name}": "page.js"}


async def attack(site: Site, credentials: Mapping[str, Callable[[], Headers]] | None = None) -> list[Row]:
    """Ask every route with each of these credentials; a row for each of them."""
    chosen = credentials if credentials is not None else await _credentials(site)
    rows = []
    for name, headers in chosen.items():
        found = [await _asked(site, method, path, name, headers()) for method, path in site.stage.app.routes]
        rows.append(row(name, found))
    return rows


async def run(_options: Options) -> list[Row]:
    """Attack a site of its own."""
    async with a_site() as site:
        await plant(site)
        return await attack(site)


async def _asked(site: Site, method: str, path: str, name: str, headers: Headers) -> str:
    before, address = site.state(), path
    for part, filled in FILLED.items():
        address = address.replace(part, filled)
    if name == "with a token in the address":
        address += f"?token={TOKENS['wes']}&access_token={TOKENS['wes']}&as=wes&desk=wes"
    body = {"json": _body(site, path)} if method == "POST" else {}
    status, said = await site.send(method, address, headers, **body)
    for problem in _problems(site, status, said, path, name, before):
        return f"{method} {path} {name}: {problem}"
    return ""


def _problems(
    site: Site, status: int, said: str, path: str, name: str, before: Mapping[str, tuple[str, ...]]
) -> Iterable[str]:
    if status >= 500:
        yield f"answered {status}"
    if PLANTED in said:
        yield "shows what somebody else wrote"
    if changed := site.changed(before):
        yield f"changed {changed}"
    if name in NOBODYS and path not in OPEN and 200 <= status < 300:
        yield f"answered {status}"
    if name in OTHERS and path.startswith(OF_OTHERS) and status != 403:
        yield f"answered {status}"


def _body(site: Site, path: str) -> dict[str, object]:
    """A body by which the route would do something for whom it lets in."""
    number, ticket = site.number(), site.values("tickets", "token")[0]
    text = f"attack {number}"
    if path == "/slack/events":
        return site.stage.slack.envelope(site.stage.slack.written("DUANA", "UANA", text))
    if path == "/api/messages":
        return site.stage.teams.personal("ana", text) | {"conversation": {"id": "a:x", "tenantId": TENANT}}
    system = path.removesuffix(SECRET_IN_PATH).removeprefix("/alerts/").partition("/")[0].replace("-", "_")
    if path.startswith("/alerts/") and system in SYSTEMS:
        return recorded(system) | {
            "TopicArn": "of somebody else"
        }  # of our topic, SNS's would be asked about first
    if path == "/alerts/webhook":
        return {"key": text, "title": text, "state": "began"}
    asked: dict[str, object] = {
        "pane": "room",
        "key": f"attacked-{number:08d}",
        "text": text,
        "behalf": "tom",
    }
    pressed = {"action": "claim", "token": ticket, "under": ticket}
    asked |= {
        "numbers": site.values("learned_examples", "id")[:1],
        "fewest": "5",
        "article": DRAFT,
        "intent": "",
        "source": f"attack:{number}",
    }
    return {**asked, **pressed, "change": "edited", "message": "planted-question"}


async def _credentials(site: Site) -> dict[str, Callable[[], Headers]]:
    ended, expired = await session_of(site, "wes"), _expired(site)
    await site.send("POST", "/web/sign-out", {"Cookie": ended}, json={})
    live = await session_of(site, "wes")
    last = "a" if live[-1] != "a" else "b"
    return {
        "without a token": dict,
        # A new one each time: the same wrong one has to wait, and would not be looked at.
        "with a wrong token": lambda: {"Authorization": f"Bearer {secrets.token_urlsafe(24)}"},
        "with a token in the address": dict,
        "with a session that has ended": lambda: {"Cookie": ended},
        "with a session that has expired": lambda: {"Cookie": expired},
        "with a forged session": lambda: {"Cookie": live[:-1] + last},
        "with another person's token": lambda: bearer("tom"),
        "with the token of an engineer who is not listed": lambda: bearer("una"),
    }


async def session_of(site: Site, person: str) -> str:
    """The cookie of somebody who has signed in."""
    body, headers = {"token": TOKENS[person]}, site.elsewhere()
    async with site.http.post(f"{site.url}/web/sign-in", json=body, headers=headers) as answer:
        return f"{SESSION}={answer.cookies[SESSION].value}"


def _expired(site: Site) -> str:
    key, now = secrets.token_urlsafe(32), site.stage.app.application.clock()
    with site.stage.app.application.begin() as work:
        known = work.sessions
        mark = site.values("sessions", "grant_hash")[0]
        known.open(digest_of(key), Session("wes", mark, now - timedelta(days=15), now - timedelta(days=1)))
    return f"{SESSION}={key}"
