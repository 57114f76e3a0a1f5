"""What a channel is given, with nothing behind it."""

from collections.abc import Callable
from typing import Any

from bot.desk.ports import channels
from bot.desk.ports.channels import Host
from bot.domain.conversations.messages import ConversationRef, Outcome, OutcomeKind, Reply, Utterance
from bot.domain.people import Identity
from bot.wording import load as load_wording
from tests.support.clock import START


class Memory:
    """A `ChannelMemory` in a dict."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def recall(self, channel: str, key: str) -> str | None:
        return self.kept.get((channel, key))

    def remember(self, channel: str, key: str, value: str) -> None:
        self.kept[channel, key] = value

    def once(self, channel: str, key: str, value: str) -> str:
        return self.kept.setdefault((channel, key), value)


class EmptyPageView:
    """A `PageView` with nothing on it."""

    def conversation(self, ref: ConversationRef, limit: int = 200) -> tuple[channels.Message, ...]:
        return ()

    def room(self, ref: ConversationRef, language: str = "", limit: int = 50) -> tuple[channels.Card, ...]:
        return ()

    def outages(self, language: str = "") -> tuple[Reply, ...]:
        return ()

    def queue(self, identity: Identity, language: str) -> Reply | None:
        return None

    def notices(self, ref: ConversationRef, limit: int = 50) -> tuple[channels.Message, ...]:
        return ()

    def mark(self) -> str:
        return ""


def host() -> Host:
    """What a plugin is given, with nothing behind it."""

    async def receive(utterance: Utterance) -> Outcome:
        return Outcome(OutcomeKind.IGNORED)

    async def run(function: Callable[..., Any], *values: Any) -> Any:
        return function(*values)

    return Host(
        receive=receive,
        run=run,
        read=run,
        memory=Memory(),
        wording=load_wording(),
        page_view=EmptyPageView(),
        clock=lambda: START,
        language="en",
        public_url="",
        anonymous=True,
        allow_anonymous_teams=True,
    )
