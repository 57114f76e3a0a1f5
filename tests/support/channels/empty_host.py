"""What a channel is given, with nothing behind it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from bot.desk.ports import channels
from bot.desk.ports.channels import Host
from bot.desk.ports.page import Card, Message, ReadyReply, Standing
from bot.desk.ports.tickets import FoundTickets, InboxEntry, LookBack, QueueChoice
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

    def replace(self, channel: str, key: str, earlier: str, value: str | None) -> bool:
        if self.kept.get((channel, key)) != earlier:
            return False
        if value is None:
            del self.kept[channel, key]
        else:
            self.kept[channel, key] = value
        return True

    def remember(self, channel: str, key: str, value: str) -> None:
        self.kept[channel, key] = value

    def once(self, channel: str, key: str, value: str) -> str:
        return self.kept.setdefault((channel, key), value)


class Sessions:
    """A `SessionBook` in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, channels.Session] = {}

    def open(self, digest: str, session: channels.Session) -> bool:
        self.kept[digest] = session
        return True

    def find(self, digest: str, now: datetime) -> channels.Session | None:
        found = self.kept.get(digest)
        return found if found is not None and found.expires_at > now else None

    def end(self, digest: str, now: datetime) -> str | None:
        ended = self.kept.pop(digest, None)
        return ended.person if ended is not None else None

    # What follows is for sessions of an identity provider, which are tested on a real database.

    def extend(self, digest: str, until: datetime) -> None:
        raise NotImplementedError

    def take_look(self, digest: str, due: datetime, until: datetime) -> bool:
        raise NotImplementedError

    def renew(self, digest: str, provider: channels.ProviderSession) -> None:
        raise NotImplementedError

    def end_all(self, person: str, sid: str, now: datetime) -> int:
        raise NotImplementedError

    def doubt(self, person: str) -> None:
        raise NotImplementedError

    def signed_in(self, grant: str, now: datetime) -> Sequence[channels.Session]:
        raise NotImplementedError

    def verified_email(self, person: str, now: datetime) -> str:
        raise NotImplementedError


class EmptyPageView:
    """A `PageView` with nothing on it."""

    def conversation(self, ref: ConversationRef, limit: int = 200) -> tuple[Message, ...]:
        return ()

    def live(self, ref: ConversationRef) -> tuple[InboxEntry, ...]:
        return ()

    def look_back(self, ref: ConversationRef, look: LookBack) -> FoundTickets:
        return FoundTickets()

    def ticket(
        self, ref: ConversationRef, ticket_id: int, language: str = "", before: str = ""
    ) -> Card | None:
        return None

    def standing(self, identity: Identity) -> Standing:
        return Standing()

    def queues(self, ref: ConversationRef, language: str) -> tuple[QueueChoice, ...]:
        return ()

    def ready_replies(self, ticket_id: int, language: str, engineer: str) -> tuple[ReadyReply, ...]:
        return ()

    def outages(self, language: str = "") -> tuple[Reply, ...]:
        return ()

    def notices(self, ref: ConversationRef, limit: int = 50) -> tuple[Message, ...]:
        return ()

    def opens(self, room: ConversationRef, member: Identity) -> bool:
        return True

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
        sessions=Sessions(),
        wording=load_wording(),
        page_view=EmptyPageView(),
        clock=lambda: START,
        language="en",
        public_url="",
        anonymous=True,
        allow_anonymous_teams=True,
    )
