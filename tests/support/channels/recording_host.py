"""A host without a desk: it records what comes in, and answers what it was told to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.desk.ports.channels import Delivery, Host
from bot.domain.conversations.messages import ConversationRef, Line, Outcome, OutcomeKind, Reply, Utterance
from bot.domain.people import Identity
from bot.wording import load
from tests.support.channels.empty_host import EmptyPageView, Sessions


class Memory:
    """A channel's memory in a dict."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.writes = 0

    def recall(self, channel: str, key: str) -> str | None:
        return self.kept.get((channel, key))

    def once(self, channel: str, key: str, value: str) -> str:
        return self.kept.setdefault((channel, key), value)

    def replace(self, channel: str, key: str, earlier: str, value: str | None) -> bool:
        if self.kept.get((channel, key)) != earlier:
            return False
        if value is None:
            del self.kept[channel, key]
        else:
            self.kept[channel, key] = value
        return True

    def remember(self, channel: str, key: str, value: str) -> None:
        self.writes += 1
        self.kept[channel, key] = value


@dataclass
class Desk:
    """What the recording host saw, and what it answers."""

    heard: list[Utterance] = field(default_factory=list)
    outcome: Outcome = field(default_factory=lambda: Outcome(OutcomeKind.DONE))
    failure: Exception | None = None
    memory: Memory = field(default_factory=Memory)
    refreshed: list[str] = field(default_factory=list)
    addresses: list[tuple[Identity, Sequence[str]]] = field(default_factory=list)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def receive(self, utterance: Utterance) -> Outcome:
        if self.failure is not None:
            raise self.failure
        self.heard.append(utterance)
        return self.outcome

    async def addressed(self, identity: Identity, addresses: Sequence[str]) -> None:
        self.addresses.append((identity, addresses))

    async def run(self, call: Callable[..., Any], *arguments: Any) -> Any:
        return call(*arguments)

    def host(self, *, anonymous: bool = False) -> Host:
        return Host(
            receive=self.receive,
            run=self.run,
            read=self.run,
            memory=self.memory,
            sessions=Sessions(),
            wording=load(),
            page_view=EmptyPageView(),
            clock=lambda: self.now(),
            language="en",
            public_url="",
            anonymous=anonymous,
            allow_anonymous_teams=anonymous,
            refresh_roster=self.refreshed.append,
            addressed=self.addressed,
        )

    @property
    def last(self) -> Utterance:
        return self.heard[-1]


def delivery(
    conversation: ConversationRef,
    reply: Reply | None = None,
    *,
    edit: str = "",
    private_to: Identity | None = None,
    attempt: int = 1,
) -> Delivery:
    """A delivery as the courier makes it."""
    return Delivery(
        id=1,
        conversation_id=1,
        lease=1,
        conversation=conversation,
        reply=reply or Reply((Line("Hello"),), summary="Hello"),
        edit=edit,
        private_to=private_to,
        attempt=attempt,
    )
