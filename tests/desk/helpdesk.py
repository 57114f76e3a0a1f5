"""A whole desk over a real database, with people who speak and a courier whose posts the test reads."""

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

from bot import wording
from bot.app import Desk, desk_of
from bot.desk.library import Library
from bot.desk.ports import Delivery, Receipt
from bot.domain.conversation import (
    Addressed,
    Button,
    ConversationRef,
    Facts,
    Heading,
    Line,
    Link,
    Outcome,
    Press,
    Prose,
    Quote,
    Reply,
    Utterance,
    When,
)
from bot.domain.errors import DeliveryFailed
from bot.domain.people import Identity
from bot.links import ArticleLinks
from bot.settings import Settings
from bot.storage import Database
from bot.storage.unit_of_work import units_of_work
from tests.conftest import Clock

CHANNELS = ("slack", "teams", "web")
ROOM = ConversationRef("slack", "T1", "CROOM", private=False)
OTHER_ROOM = ConversationRef("teams", "tenant", "19:room", private=False)


def text_of(reply: Reply) -> str:
    """All the words of a reply, for looking something up in it."""
    lines: list[str] = []
    for block in reply.blocks:
        match block:
            case Prose(markdown):
                lines.append(markdown)
            case Line(text) | Heading(text) | Quote(text):
                lines.append(text)
            case Facts(rows):
                lines += [f"{label}: {value}" for label, value in rows]
            case When(label, _, text):
                lines.append(f"{label}: {text}")
            case Link(label, _):
                lines.append(label)
    return "\n".join(lines)


def buttons_of(reply: Reply) -> list[str]:
    """The actions of a reply's buttons."""
    return [button.action for button in reply.buttons]


@dataclass
class Shown:
    """A message as a platform would show it: the newest version of it."""

    conversation: ConversationRef
    reply: Reply
    private_to: Identity | None
    versions: int = 1


@dataclass
class Helpdesk:
    """The desk, the platform's screens, and people."""

    database: Database
    library: Library
    clock: Clock
    engineers: str = "eva eric teams:tenant/tina"
    rooms: tuple[ConversationRef, ...] = (ROOM,)
    public_url: str = ""
    screen: dict[str, Shown] = field(default_factory=dict)
    posts: list[Delivery] = field(default_factory=list)
    failing: dict[str, DeliveryFailed] = field(default_factory=dict)
    first_key: int = 1

    def __post_init__(self) -> None:
        settings = Settings(engineers=self.engineers)
        links = ArticleLinks(self.public_url, "secret" * 8, self.library, self.clock)
        self.desk: Desk = desk_of(
            settings, self.database, self.library, links, lambda: self.rooms, self.clock
        )
        self.words = wording.load()
        self.begin = units_of_work(self.database)
        self._numbers = itertools.count(self.first_key)

    def direct(self, person: str, channel: str = "slack", thread: str | None = None) -> ConversationRef:
        """A person's private chat: in Slack each message has its thread, elsewhere there are none."""
        if channel == "slack":
            return ConversationRef("slack", "T1", f"D{person}", thread or f"{next(self._numbers)}.0")
        tenant = "tenant" if channel == "teams" else ""
        return ConversationRef(channel, tenant, person, thread or "")

    def utterance(self, person: str, text: str = "", **changes: Any) -> Utterance:
        """Something that a person says in private, unless changed."""
        channel = changes.pop("channel", "slack")
        place = changes.pop("conversation", None) or self.direct(person, channel, changes.pop("thread", None))
        tenant = {"slack": "T1", "teams": "tenant"}.get(channel, "")
        base = Utterance(
            keys=(f"{channel}:{next(self._numbers)}",),
            sender=Identity(channel, tenant, person),
            sender_name=person.title(),
            conversation=place,
            at=self.clock(),
            addressed=Addressed.DIRECT,
            text=text,
        )
        return replace(base, **changes)

    def say(self, person: str, text: str, **changes: Any) -> Outcome:
        """Say something; what follows is delivered."""
        outcome = self.desk.intake.receive(self.utterance(person, text, **changes))
        self.deliver()
        return outcome

    def press(self, person: str, button: Button, **changes: Any) -> Outcome:
        """Press a button; what follows is delivered."""
        inputs = changes.pop("inputs", None)
        press = Press(button.action, button.token, button.argument, inputs)
        return self.say(person, "", press=press, addressed=Addressed.PRESS, **changes)

    def deliver(self) -> None:
        """Deliver what is due until nothing is, as the loop does."""
        results: list[tuple[Delivery, Receipt | DeliveryFailed]] = []
        while True:
            exchange = self.desk.courier.exchange(results, 16, CHANNELS)
            results = [(delivery, self._post(delivery)) for delivery in exchange.next]
            if not results:
                return

    def _post(self, delivery: Delivery) -> Receipt | DeliveryFailed:
        self.posts.append(delivery)
        failure = self.failing.get(delivery.conversation.space)
        if failure is not None:
            return failure
        if delivery.edit:
            shown = self.screen[delivery.edit]
            shown.reply, shown.versions = delivery.reply, shown.versions + 1
            return Receipt(delivery.edit)
        message = f"m{delivery.id}"
        self.screen[message] = Shown(delivery.conversation, delivery.reply, delivery.private_to)
        new = delivery.conversation.thread.startswith("new:") and not delivery.conversation.anchor
        return Receipt(message, anchor=message if new else "")

    def in_space(self, space: str) -> list[Reply]:
        """What a place shows, oldest first."""
        return [shown.reply for shown in self.screen.values() if shown.conversation.space == space]

    def last(self, person: str, channel: str = "slack") -> Reply:
        """The newest message in a person's private chat."""
        return self.in_space(self.direct(person, channel).space)[-1]

    def button(self, reply: Reply, action: str, argument: str | None = None) -> Button:
        """A button of a reply."""
        return next(
            button
            for button in (*reply.buttons, *reply.menu)
            if button.action == action and argument in (None, button.argument)
        )

    def card(self, ticket: str | None, room: ConversationRef = ROOM) -> Reply:
        """A ticket's card in a room."""
        return next(reply for reply in self.in_space(room.space) if ticket and ticket in reply.summary)
