"""Makes Slack's events and Teams' activities as signed requests, before anything is measured."""

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.fakes import BOT_USER, TEAM, slack_place
from tests.support.fakes.teams.issuer import APP_ID, TENANT

HELP, ROOM = "CHELP", "CROOM"
TEAMS_GENERAL, TEAMS_HELP, TEAMS_ROOM = (f"19:{name}@thread.tacv2" for name in ("general", "help", "room"))
ROUND = 3600.0  # seconds between two questions of one person: the second is no reply to the first

ENVELOPE = {
    "token": "verification",
    "team_id": TEAM,
    "api_app_id": "A1",
    "type": "event_callback",
    "authorizations": [
        {
            "enterprise_id": None,
            "team_id": TEAM,
            "user_id": BOT_USER,
            "is_bot": True,
            "is_enterprise_install": False,
        }
    ],
}


@dataclass(frozen=True, slots=True)
class Message:
    """A message of somebody; `overheard`: in a help channel, else to the bot itself."""

    text: str
    overheard: bool = False


@dataclass(frozen=True, slots=True)
class Sender:
    """The sender of a load: its platform, its secret or token; `people` ask in turn, from `since` on.

    `first` is the number of the first of them, `apart` the seconds between two messages of one person.
    """

    platform: str
    people: int
    since: float
    secret: str = ""
    token: str = ""
    service_url: str = ""
    first: int = 0
    apart: float = ROUND


@dataclass(frozen=True, slots=True)
class Request:
    """A request that is ready to be sent; the desk keeps its `key`, its reply is expected in `place`."""

    body: bytes
    headers: dict[str, str]
    key: str
    place: str  # empty where there is to be none


def requests(sender: Sender, messages: Sequence[Message]) -> list[Request]:
    """The request of each message, with an id of its own."""
    make = _slack if sender.platform == "slack" else _teams
    return [make(sender, number, message) for number, message in enumerate(messages)]


def _slack(sender: Sender, number: int, message: Message) -> Request:
    person = sender.first + number % sender.people
    # In Slack an event carries its own time: each person's next question comes that much later.
    ts = f"{sender.since + number // sender.people * sender.apart + person * 0.001:.6f}"
    channel = HELP if message.overheard else f"D{person}"
    event = {
        "type": "message",
        "user": f"U{person}",
        "text": message.text,
        "ts": ts,
        "team": TEAM,
        "channel": channel,
        "channel_type": "channel" if message.overheard else "im",
        "event_ts": ts,
    }
    event_id = f"Ev{ts.replace('.', '')}"
    payload = {**ENVELOPE, "event": event, "event_id": event_id, "event_time": int(sender.since)}
    body = json.dumps(payload).encode()
    headers = {"Content-Type": "application/json", **_signature(sender.secret, body)}
    place = "" if message.overheard else slack_place(channel, ts)
    return Request(body, headers, f"slack:{TEAM}:message:{channel}:{ts}", place)


def _signature(secret: str, body: bytes) -> dict[str, str]:
    moment = str(int(time.time()))
    proof = hmac.new(secret.encode(), f"v0:{moment}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": f"v0={proof}"}


def _teams(sender: Sender, number: int, message: Message) -> Request:
    person, post = number % sender.people, f"{int(sender.since * 1000) + number}"
    # Teams' own times are not believed: what a person says next is no part of what they said just now only in
    # another channel.
    turn = int(sender.since) + number // sender.people
    channel = TEAMS_HELP if message.overheard else TEAMS_GENERAL.replace("@", f"-{turn}@")
    bot = {"id": f"28:{APP_ID}", "name": "Firstline"}
    mention = {"type": "mention", "text": "<at>Firstline</at>", "mentioned": bot}
    activity = {
        "type": "message",
        "id": post,
        "timestamp": "2026-03-02T09:00:00.000Z",
        "serviceUrl": sender.service_url,
        "channelId": "msteams",
        "from": {"id": f"29:{person}", "name": f"Person {person}", "aadObjectId": f"aad-{person}"},
        "recipient": bot,
        "textFormat": "plain",
        "locale": "en-US",
        "text": message.text if message.overheard else f"<at>Firstline</at> {message.text}",
        "entities": [] if message.overheard else [mention],
        "conversation": {
            "conversationType": "channel",
            "isGroup": True,
            "id": f"{channel};messageid={post}",
            "tenantId": TENANT,
        },
        "channelData": {
            "tenant": {"id": TENANT},
            "team": {"id": TEAMS_GENERAL, "aadGroupId": "group-1"},
            "channel": {"id": channel},
        },
    }
    headers = {"Content-Type": "application/json"}
    if sender.token:
        headers["Authorization"] = f"Bearer {sender.token}"
    place = f"{channel};messageid={post}"
    key = f"teams:{TENANT}:{place}:{post}"
    return Request(json.dumps(activity).encode(), headers, key, "" if message.overheard else place)
