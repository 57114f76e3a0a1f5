"""Sends activities to Teams' door that Microsoft has not signed for it, or for this organisation."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from bench.attack.attempts import Options, Row, row
from bench.attack.site import Site, a_site
from tests.support.e2e.running import until
from tests.support.fakes.teams import Person
from tests.support.unknown import UNKNOWN

Token = Callable[[Site], str | None]
ELSEWHERE = "99999999-2222-3333-4444-555555555555"
REFUSED = (
    "Teams: no token",
    "Teams: no more than a word",
    "Teams: alg none",
    "Teams: a secret for a key (HS256)",
    "Teams: another key",
    "Teams: an unknown key",
    "Teams: expired",
    "Teams: not valid yet",
    "Teams: never expires",
    "Teams: another audience",
    "Teams: no audience",
    "Teams: another issuer",
    "Teams: no issuer",
    "Teams: another service",
    "Teams: no service",
)
FOREIGN = (
    "Teams: another organisation",
    "Teams: no organisation",
    "Teams: an address that is not the token's",
    "Teams: another channel of the Bot Framework",
    "Teams: a guest",
)
ATTACKS = (*REFUSED, *FOREIGN)


async def attack(site: Site, tokens: Mapping[str, Token] | None = None) -> list[Row]:
    """Try each token, then good tokens with activities that are nobody's of this organisation."""
    chosen = tokens if tokens is not None else _tokens()
    rows = [row(name, [await _sent(site, token)]) for name, token in chosen.items()]
    changes = _changes(site)
    await _meet(site, changes["Teams: a guest"])
    for name, change in changes.items():
        rows.append(row(name, [await foreign(site, change)]))
    return rows


async def _meet(site: Site, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Let a guest write once: Teams tells who somebody is only when asked, after their first message."""
    await foreign(site, change)
    await until(lambda: "guest" in site.values("channel_memory", "value"), "a guest who was looked up")


async def run(_options: Options) -> list[Row]:
    """Attack a site of its own."""
    async with a_site() as site:
        return await attack(site)


def signed(**changes: Any) -> Token:
    """Makes a token of the issuer's own key, with these claims changed."""
    return lambda site: f"Bearer {site.stage.teams.issuer.sign(site.stage.teams.service_url, **changes)}"


def _tokens() -> dict[str, Token]:
    now, key = int(time.time()), rsa.generate_private_key(public_exponent=65537, key_size=2048)
    made: tuple[Token, ...] = (
        lambda _: None,
        lambda _: "Bearer a.b.c",
        lambda site: f"Bearer {site.stage.teams.issuer.forge_none(site.stage.teams.service_url)}",
        lambda site: f"Bearer {site.stage.teams.issuer.forge_hs256(site.stage.teams.service_url)}",
        signed(key=key),
        signed(kid="nobody", key=key),
        signed(exp=now - 3_000),
        signed(nbf=now + 3_000),
        signed(exp=None),
        signed(aud="somebody-else"),
        signed(aud=None),
        signed(iss="https://sts.windows.net/elsewhere"),
        signed(iss=None),
        signed(serviceurl="https://elsewhere.example/"),
        signed(serviceurl=None),
    )
    return dict(zip(REFUSED, made, strict=True))


async def _sent(site: Site, token: Token) -> str:
    text, authorization = f"forged{site.number()}", token(site)
    activity = site.stage.teams.personal("ana", f"{UNKNOWN} {text}")
    headers = {"Authorization": authorization} if authorization is not None else {}
    status, _ = await site.send("POST", "/api/messages", headers, json=activity)
    if status != 401 or site.kept(text):
        return f"answered {status}, and kept {site.kept(text)} times"
    return ""


def _changes(site: Site) -> dict[str, Callable[[dict[str, Any]], dict[str, Any]]]:
    gus = Person("gus", "Gus Guest", role="guest", tenant=ELSEWHERE)
    site.stage.teams.store.people["gus"] = gus
    chat = {"id": site.stage.teams.store.chat(gus)}
    made: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = (
        lambda activity: _of_tenant(activity, {"tenantId": ELSEWHERE}, {"tenant": {"id": ELSEWHERE}}),
        lambda activity: _of_tenant(activity, {"tenantId": None}, {}),
        lambda activity: activity | {"serviceUrl": "https://smba.trafficmanager.net/elsewhere/"},
        lambda activity: activity | {"channelId": "directline"},
        lambda activity: (
            activity
            | {
                "from": gus.account(),
                "conversation": activity["conversation"] | chat,
            }
        ),
    )
    return dict(zip(FOREIGN, made, strict=True))


def _of_tenant(activity: dict[str, Any], place: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    conversation = {k: v for k, v in (activity["conversation"] | place).items() if v is not None}
    return activity | {"conversation": conversation, "channelData": data}


async def foreign(site: Site, change: Callable[[dict[str, Any]], dict[str, Any]]) -> str:
    """A good token, and an activity that was changed into somebody else's."""
    text, good = f"foreign{site.number()}", site.stage.teams.issuer.sign(site.stage.teams.service_url)
    activity = change(site.stage.teams.personal("ana", f"{UNKNOWN} {text}"))
    before = len(site.values("tickets", "id"))
    headers = {"Authorization": f"Bearer {good}"}
    status, _ = await site.send("POST", "/api/messages", headers, json=activity)
    tickets = len(site.values("tickets", "id")) - before
    if status >= 500 or tickets or site.kept(text):
        return f"answered {status}, kept {site.kept(text)} times, {tickets} tickets"
    return ""
