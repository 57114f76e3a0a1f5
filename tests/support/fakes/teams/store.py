"""What the fake's tenant knows: people, a team with channels, conversations and their messages."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.support.fakes.teams.issuer import APP_ID
from tests.support.fakes.teams.people import Person

GENERAL = "19:general@thread.tacv2"
HELP = "19:help@thread.tacv2"
ROOM = "19:room@thread.tacv2"
BOT = f"28:{APP_ID}"


@dataclass
class Message:
    """A message of the bot."""

    id: str
    conversation: str
    activity: dict[str, Any]
    edits: int = 0
    only_for: str = ""  # the account of the one person who sees it

    @property
    def card(self) -> dict[str, Any]:
        """Its card."""
        content: dict[str, Any] = self.activity["attachments"][0]["content"]
        return content


@dataclass
class Store:
    """All of it; `conversations` names those that the bot may post to."""

    people: dict[str, Person] = field(default_factory=dict)
    channels: set[str] = field(default_factory=set)
    kinds: dict[str, str] = field(default_factory=dict)  # of channels, where Teams tells it
    members: dict[str, set[str]] = field(default_factory=dict)  # of channels that have their own
    outside: set[str] = field(default_factory=set)  # who is not in the team
    conversations: set[str] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)  # personal chats whose person has blocked the bot
    files: dict[str, bytes] = field(default_factory=dict)  # what people have put into messages
    team: str = ""
    ids: Any = field(default_factory=lambda: count(1_700_000_000_000))

    def next_id(self) -> str:
        """A new id, as Teams makes them from the time."""
        return str(next(self.ids))

    def find(self, conversation: str, message: str) -> Message | None:
        """A message of the bot."""
        return next((m for m in self.messages if m.id == message and m.conversation == conversation), None)

    def roster(self, conversation: str) -> list[Person]:
        """Who is in a team or channel: a private or shared channel has members of its own."""
        own = self.members.get(conversation)
        inside = own if own is not None else set(self.people) - self.outside
        return [person for key, person in self.people.items() if key in inside]

    def person(self, account: str) -> Person | None:
        """Somebody by either of their ids."""
        return next((p for p in self.people.values() if account in (p.id, p.object_id)), None)

    def chat(self, person: Person) -> str:
        """The personal chat with somebody, the same every time."""
        conversation = f"a:chat-{person.key}"
        self.conversations.add(conversation)
        return conversation
