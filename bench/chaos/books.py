"""Reads the books of a site: what was asked, what the database keeps, what the platforms show."""

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from bench.chaos.crowd import Crowd, Said
from bench.chaos.site import ROOM, Site
from tests.support.fakes.teams.store import ROOM as TEAMS_ROOM

ANSWERS_WITHIN = 30.0  # seconds: a bound
TICKETS = "SELECT t.body FROM tickets JOIN texts t ON t.id = question_id"
OUTBOX = """
    SELECT outbox.id, channel, conversation_id, number, kind, status, receipt, private_to, mark, removed,
        error
    FROM outbox JOIN conversations ON conversations.id = conversation_id ORDER BY conversation_id, number"""
WAITING = "SELECT count(*) FROM outbox WHERE status = 'waiting'"


@dataclass(frozen=True, slots=True)
class Sent:
    """A row of the outbox."""

    id: int
    channel: str
    conversation: int
    number: int
    kind: str
    status: str
    receipt: str
    private_to: str = ""
    mark: str = ""
    removed: bool = False
    error: str = ""

    @property
    def shows(self) -> bool:
        """Whether its receipt names a message that everybody in its place can see."""
        return bool(self.receipt) and not (
            self.private_to or self.mark or self.removed or self.kind == "home"
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of the bot as people see it; `order` grows in its place, `source` is its post's number."""

    channel: str
    place: str
    id: str
    order: float
    words: str
    in_thread: bool = False
    source: int = 0


@dataclass
class Books:
    """Everything that must agree."""

    said: list[Said] = field(default_factory=list)
    tickets: Counter[str] = field(default_factory=Counter)
    outbox: list[Sent] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    set_aside: list[int] = field(default_factory=list)  # posts that others had to overtake


def rows(url: str, query: str) -> list[Any]:
    """What a query finds in the database, once that answers: it may just be starting anew."""
    engine, until = create_engine(url, poolclass=NullPool), time.monotonic() + ANSWERS_WITHIN
    while True:
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(query))]
        except OperationalError:
            if time.monotonic() > until:
                raise
        time.sleep(0.2)


def read(site: Site, crowd: Crowd) -> Books:
    """The books as they are now."""
    # What was added before an engineer had it stands under the question.
    tickets = Counter(str(row[0]).partition("\n")[0] for row in rows(site.url, TICKETS))
    outbox = [Sent(*row) for row in rows(site.url, OUTBOX)]
    return Books(crowd.said, tickets, outbox, [*_on_slack(site), *_on_teams(site)], site.set_aside)


def _on_slack(site: Site) -> list[Shown]:
    found = []
    for place, channel in site.slack.workspace.channels.items():
        for message in channel.messages:
            if message.get("bot_id"):
                source = int(message.get("metadata", {}).get("event_payload", {}).get("outbox_id", 0))
                ts, words = message["ts"], json.dumps(message, ensure_ascii=False)
                thread = bool(message.get("thread_ts"))
                found.append(Shown("slack", place, ts, float(ts), words, thread, source))
    return found


def _on_teams(site: Site) -> list[Shown]:
    return [
        Shown(
            "teams",
            message.conversation.partition(";")[0],
            message.id,
            float(message.id),
            json.dumps(message.activity, ensure_ascii=False),
            in_thread=f"messageid={message.id}" not in message.conversation,
        )
        for message in site.teams.store.messages
    ]


ROOMS = {"slack": ROOM, "teams": TEAMS_ROOM}
