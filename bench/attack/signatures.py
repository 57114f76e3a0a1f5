"""Sends requests in Slack's name, and in a monitoring system's, that they have not signed."""

import json
import time
from collections.abc import Callable, Mapping

from bench.attack.attempts import Options, Row, row
from bench.attack.site import ALERTS, Site, a_site
from bot.alerts.webhook.webhook import SIGNATURE, sign
from tests.support.unknown import UNKNOWN

Headers = Mapping[str, str]
Signer = Callable[[str], Headers]
OLD = 360.0  # seconds: Slack and we give up after 300
SLACK = (
    "Slack: no signature",
    "Slack: an empty signature",
    "Slack: a signature with another secret",
    "Slack: the signature of another body",
    "Slack: a signature of another version",
    "Slack: an old request again",
    "Slack: a request from the future",
)
REPEATED, FOREIGN = "Slack: the same request again and again", "Slack: a request of another workspace"
ALERT = ("alert: no signature", "alert: a signature with another secret", "alert: an old request again")
ATTACKS = (*SLACK, REPEATED, FOREIGN, *ALERT)


async def attack(site: Site, signers: Mapping[str, Signer] | None = None) -> list[Row]:
    """Try each signature with an event, a command and a click; then repeats, other workspaces and alerts."""
    chosen = signers if signers is not None else _signers(site)
    rows = []
    for name, signer in chosen.items():
        rows.append(row(name, [await _sent(site, kind, signer) for kind in ("event", "command")]))
    rows.append(row(REPEATED, [await repeated(site)]))
    rows.append(row(FOREIGN, [await foreign(site)]))
    for name, made in _alert_signatures().items():
        rows.append(row(name, [await alert(site, made)]))
    return rows


async def run(_options: Options) -> list[Row]:
    """Attack a site of its own."""
    async with a_site() as site:
        return await attack(site)


def _signers(site: Site) -> dict[str, Signer]:
    slack = site.stage.slack
    made: tuple[Signer, ...] = (
        lambda _: {},
        lambda body: slack.signature(body) | {"X-Slack-Signature": ""},
        lambda body: slack.signature(body, secret="a secret of somebody else"),
        lambda body: slack.signature(body + " "),
        lambda body: {k: v.replace("v0=", "v1=") for k, v in slack.signature(body).items()},
        lambda body: slack.signature(body, at=time.time() - OLD),
        lambda body: slack.signature(body, at=time.time() + OLD),
    )
    return dict(zip(SLACK, made, strict=True))


async def _sent(site: Site, kind: str, signer: Signer) -> str:
    slack, text = site.stage.slack, f"forged{site.number()}"
    if kind == "event":
        body = json.dumps(slack.envelope(slack.written("DUANA", "UANA", f"{UNKNOWN} {text}")))
        content = "application/json"
    else:
        words = f"{UNKNOWN} {text}".replace(" ", "+")
        body = f"command=%2Ffirstline&text={words}&user_id=UANA&team_id=T1&channel_id=CHELP&trigger_id=x"
        content = "application/x-www-form-urlencoded"
    headers = {"Content-Type": content, **signer(body)}
    status, _ = await site.send("POST", "/slack/events", headers, data=body.encode())
    if site.kept(text) or not 400 <= status < 500:
        return f"a {kind} was answered {status}, and kept {site.kept(text)} times"
    return ""


async def repeated(site: Site, *, anew: bool = False) -> str:
    """A request that was recorded is genuine, and changes nothing again; with `anew` each is another one."""
    slack, text = site.stage.slack, f"again{site.number()}"
    body, before = "", len(site.values("tickets", "id"))
    for _ in range(5):
        if anew or not body:
            body = json.dumps(slack.envelope(slack.written("DUANA", "UANA", f"{UNKNOWN} {text}")))
        headers = {"Content-Type": "application/json", **slack.signature(body)}
        await site.send("POST", "/slack/events", headers, data=body.encode())
    tickets = len(site.values("tickets", "id")) - before
    once = site.kept(text) == 1 and tickets <= 1
    return "" if once else f"kept {site.kept(text)} times, {tickets} tickets"


async def foreign(site: Site, team: str = "T2") -> str:
    """The same app, installed in another workspace, whose events come to the same door."""
    slack, text = site.stage.slack, f"foreign{site.number()}"
    envelope = slack.envelope(slack.written("DUANA", "UANA", f"{UNKNOWN} {text}"))
    body = json.dumps(
        envelope | {"team_id": team, "authorizations": [{"team_id": team, "user_id": "UBOT", "is_bot": True}]}
    )
    headers = {"Content-Type": "application/json", **slack.signature(body)}
    status, _ = await site.send("POST", "/slack/events", headers, data=body.encode())
    return f"answered {status} and kept" if site.kept(text) else ""


def _alert_signatures() -> dict[str, Callable[[bytes], Headers]]:
    now = int(time.time())
    made: tuple[Callable[[bytes], Headers], ...] = (
        lambda _: {},
        lambda body: {SIGNATURE: sign(b"a secret of somebody else", str(now), body)},
        lambda body: {SIGNATURE: sign(ALERTS.encode(), str(now - int(OLD)), body)},
    )
    return dict(zip(ALERT, made, strict=True))


async def alert(site: Site, made: Callable[[bytes], Headers]) -> str:
    """An alert with headers that are made from its body."""
    key = f"forged-alert-{site.number()}"
    body = json.dumps({"key": key, "title": key, "state": "began"}).encode()
    headers = {"Content-Type": "application/json", **made(body)}
    status, _ = await site.send("POST", "/alerts/webhook", headers, data=body)
    if key in site.values("alerts", "key") or not 400 <= status < 500:
        return f"answered {status}, known keys {site.values('alerts', 'key')}"
    return ""
