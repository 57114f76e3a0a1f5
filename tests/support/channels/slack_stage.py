"""A Slack channel between the fake Slack and a recording host, and what is delivered to it."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.channels.slack.channel import SlackChannel
from bot.channels.slack.settings import Settings
from bot.channels.slack.workspaces.workspace import Workspace
from bot.desk.ports.channels import Delivery, Host
from bot.domain.conversations.messages import ConversationRef, Line, Outcome, OutcomeKind, Reply, Utterance
from bot.domain.people import Identity
from bot.wording import load
from tests.support.channels.empty_host import EmptyPageView, Memory, Sessions
from tests.support.channels.shown_pictures import ShownPictures
from tests.support.fakes.slack import SlackFake
from tests.support.patience import PATIENCE

PUBLIC = "https://firstline.example"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
REPLY = Reply((Line("Restart *it*, <@U1> & co."),), summary="Restart <it>")
Starter = Callable[..., Any]  # starts a stage; see the fixture


@dataclass
class Recorder:
    """What the host was given, and what it answers: an outcome, an error, or in turn one of several."""

    utterances: list[Utterance] = field(default_factory=list)
    answers: list[Outcome | Exception] = field(default_factory=list)
    refused: list[Utterance] = field(default_factory=list)
    refreshed: list[str] = field(default_factory=list)
    named: list[tuple[str, str, str]] = field(default_factory=list)
    named_in: list[set[str]] = field(default_factory=list)
    addresses: list[tuple[Identity, Sequence[str]]] = field(default_factory=list)
    seen: dict[str, Outcome] = field(default_factory=dict)

    async def receive(self, utterance: Utterance) -> Outcome:
        for key in utterance.keys:
            if key in self.seen:
                return self.seen[key]
        answer = self.answers.pop(0) if self.answers else Outcome(OutcomeKind.DONE)
        if isinstance(answer, Exception):
            self.refused.append(utterance)
            raise answer
        self.utterances.append(utterance)
        self.seen |= dict.fromkeys(utterance.keys, answer)
        return answer

    async def learn(self, channel: str, external_id: str, name: str, tenants: Collection[str]) -> None:
        self.named.append((channel, external_id, name))
        self.named_in.append(set(tenants))

    async def addressed(self, identity: Identity, addresses: Sequence[str]) -> None:
        self.addresses.append((identity, addresses))

    @property
    def last(self) -> Utterance:
        return self.utterances[-1]


async def _run(call: Callable[..., Any], *args: Any) -> Any:
    return call(*args)


def make_host(recorder: Recorder, memory: Memory) -> Host:
    return Host(
        receive=recorder.receive,
        run=_run,
        read=_run,
        memory=memory,
        sessions=Sessions(),
        wording=load(),
        page_view=EmptyPageView(),
        clock=lambda: NOW,
        language="en",
        public_url=PUBLIC,
        refresh_roster=recorder.refreshed.append,
        named=recorder.learn,
        pictures=ShownPictures(PUBLIC),
        addressed=recorder.addressed,
    )


@dataclass
class Stage:
    """Everything of one test."""

    slack: SlackFake
    host: Recorder
    memory: Memory
    channel: SlackChannel

    @property
    def workspace(self) -> Workspace:
        """The only workspace that there is."""
        served = self.channel._workspaces.of("T1")
        assert served is not None
        return served.workspace

    async def looked_up(self) -> None:
        """Wait until the look-ups that were asked for are done."""
        await asyncio.wait_for(self.workspace.directory.settled(), PATIENCE)


async def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for a condition, with a bound."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # any condition of any part, with a bound
            await asyncio.sleep(0.01)


def settings_from(values: dict[str, str]) -> Settings:
    """The channel's settings from an environment."""
    return Settings(**values, _env_file=None)  # type: ignore[call-arg, arg-type]  # env names, as an operator writes them


def delivery(space: str = "C1", thread: str = "", **more: Any) -> Delivery:
    """A delivery as the desk makes it."""
    private = space.startswith(("@", "D", "home:"))
    ref = ConversationRef("slack", "T1", space, thread, more.pop("anchor", ""), private=private)
    values: dict[str, Any] = {"id": 7, "conversation_id": 1, "lease": 1, "reply": REPLY} | more
    return Delivery(conversation=ref, **values)
