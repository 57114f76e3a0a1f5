"""A whole desk over a real database, with people who speak and a courier whose posts the test reads."""

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot import wording
from bot.desk.knowledge.library import Library
from bot.desk.ports.channels import Delivery, Receipt
from bot.desk.ports.unit_of_work import Fact
from bot.domain.charts import BarChart
from bot.domain.conversations.messages import (
    Addressed,
    Banner,
    Button,
    Byline,
    Change,
    Click,
    ConversationRef,
    Details,
    Facts,
    Heading,
    Line,
    Link,
    Mention,
    More,
    Outcome,
    Prose,
    Quote,
    Reply,
    Small,
    Utterance,
    When,
)
from bot.domain.errors import DeliveryFailed
from bot.domain.knowledge.content import Article, Content
from bot.domain.people import Identity
from bot.domain.tickets.queues import Queue, Queues
from bot.domain.tickets.relay import Mark
from bot.server.settings import Settings
from bot.server.signed_links import ArticleLinks
from bot.server.wiring import Desk, desk_of, roster_freshness
from bot.storage import Database
from bot.storage.unit_of_work import units_of_work
from tests.support.clock import Clock
from tests.support.unknown import UNKNOWN

CHANNELS = ("slack", "teams", "web")
ROOM = ConversationRef("slack", "T1", "CROOM", private=False)
OTHER_ROOM = ConversationRef("teams", "tenant", "19:room", private=False)


def text_of(reply: Reply | Details) -> str:
    """All the words of a reply, those folded away too, for looking something up in it."""
    lines: list[str] = []
    for block in reply.blocks:
        match block:
            case Details():
                lines.append(text_of(block))
            case Byline() | Mention() | Link():
                lines.append(_line_of(block))
            case Prose(markdown):
                lines.append(markdown)
            case Line(text) | Heading(text) | Quote(text) | Small(text) | Banner(text) | More(_, text):
                lines.append(text)
            case Facts(rows) | BarChart(rows=rows):
                lines += [block.title] if isinstance(block, BarChart) else []
                lines += [f"{label}: {value}" for label, value in rows]
            case When(label, _, text):
                lines.append(f"{label}: {text}")
    return "\n".join(lines)


def _line_of(block: Byline | Mention | Link) -> str:
    if not isinstance(block, Byline):
        return block.label if isinstance(block, Link) else f"@{block.name}"
    byline = block
    due = f"{byline.due.label}: {byline.due.text}" if byline.due else ""
    return " · ".join(filter(None, (byline.who, byline.alarm, *byline.facts, due)))


def is_card(reply: Reply, ticket: str = "HELP-1001") -> bool:
    """Tell whether a reply is the card of a ticket."""
    return ticket in reply.summary and any(isinstance(block, Byline) for block in reply.blocks)


def question_of(card: Reply) -> str:
    """The employee's words on a card: set apart, or in the title where they fit."""
    quoted = [block.text for block in card.blocks if isinstance(block, Quote)]
    return (quoted or [block.text for block in card.blocks if isinstance(block, Heading)])[0]


def buttons_of(reply: Reply) -> list[str]:
    """The actions of a reply's buttons."""
    return [button.action for button in reply.buttons]


def place_of(channel: str, room: str) -> ConversationRef:
    """The place of a room that a queue names."""
    tenant = {"slack": "T1", "teams": "tenant"}.get(channel, "")
    return ConversationRef(channel, tenant, room, private=channel == "web")


def labels_with_rooms(rooms: Mapping[str, tuple[ConversationRef, ...]]) -> Queues:
    """Queues that are no more than labels, and have rooms all the same."""
    named = {
        name: Queue(name, rooms={room.channel: room.space for room in its}) for name, its in rooms.items()
    }
    return Queues({"": Queue(""), **named}, "", configured=False)


@dataclass
class Given:
    """A source whose content is there already."""

    content: Content
    name: str = "given"

    def load(self) -> Content:
        return self.content

    async def changes(self) -> None:
        await asyncio.Event().wait()


def with_queues(library: Library, queues: Queues) -> Library:
    """The same content and matcher, and these queues."""
    return _with(library, replace(library.snapshot.content, queues=queues))


def with_article(library: Library, article: Article) -> Library:
    """The same content and matcher, with another text for one article, in this language alone."""
    content = library.snapshot.content
    return _with(
        library,
        replace(content, articles={**content.articles, article.id: {article.language: article}}),
    )


def _with(library: Library, content: Content) -> Library:
    matcher = library.snapshot.matcher
    made = Library(Given(content), lambda _content, _before: matcher)
    assert made.load()
    return made


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
    shadow: str = ""
    certainty: float | None = None
    start_outages: bool = False
    offer_tickets: bool = True
    tell_wait: bool = True
    queue_rooms: dict[str, tuple[ConversationRef, ...]] = field(default_factory=dict)
    queues: Queues | None = None
    both_ways: tuple[ConversationRef, ...] = ()  # mirrors of tickets
    screen: dict[str, Shown] = field(default_factory=dict)
    posts: list[Delivery] = field(default_factory=list)
    failing: dict[str, DeliveryFailed] = field(default_factory=dict)
    first_key: int = 1
    marks: dict[tuple[str, str], Mark] = field(default_factory=dict)
    outcome: Outcome | None = None
    facts: list[Fact] = field(default_factory=list)

    def __post_init__(self) -> None:
        settings = Settings(
            engineers=self.engineers,
            shadow=self.shadow,
            certainty=self.certainty,
            alerts_start_outages=self.start_outages,
            offer_tickets=self.offer_tickets,
            tell_wait=self.tell_wait,
            public_url=self.public_url,
        )
        if self.queue_rooms:
            self.queues = labels_with_rooms(self.queue_rooms)
        if self.queues is not None:
            self.library = with_queues(self.library, self.queues)
        links = ArticleLinks(self.public_url, "secret" * 8, self.library, self.clock)
        self.freshness = roster_freshness(settings, self.clock.steady)
        self.desk: Desk = desk_of(
            settings,
            self.database,
            self.library,
            links,
            lambda: self.rooms,
            self.clock,
            mirrors=self.both_ways,
            both_ways=self.both_ways,
            room_of=place_of,
            freshness=self.freshness,
            begin=units_of_work(self.database, self.facts.extend),
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
        return self.redrawn(outcome)

    def redrawn(self, outcome: Outcome) -> Outcome:
        """The outcome with the card that a platform would show in its response."""
        return replace(outcome, card=self.desk.redraw.card(outcome))

    def click(self, person: str, button: Button, **changes: Any) -> Outcome:
        """Press a button; what follows is delivered."""
        inputs = changes.pop("inputs", None)
        click = Click(button.action, button.token, button.argument, inputs)
        return self.say(person, "", click=click, addressed=Addressed.CLICK, **changes)

    def deliver(self) -> None:
        """Deliver what is due until nothing is, as the loop does."""
        results: list[tuple[Delivery, Receipt | DeliveryFailed]] = []
        while True:
            exchange = self.desk.dispatcher.exchange(results, 16, CHANNELS)
            results = [(delivery, self._post(delivery)) for delivery in exchange.next]
            if not results:
                return

    def _post(self, delivery: Delivery) -> Receipt | DeliveryFailed:
        self.posts.append(delivery)
        failure = self.failing.get(delivery.conversation.space)
        if failure is not None:
            return failure
        if delivery.mark is not None:
            self.marks[delivery.conversation.space, delivery.mark_of] = delivery.mark
            return Receipt(f"+{delivery.mark}")
        if delivery.delete:
            return self._taken_away(delivery)
        if delivery.edit:
            shown = self.screen[delivery.edit]
            shown.reply, shown.versions = delivery.reply, shown.versions + 1
            return Receipt(delivery.edit)
        message = f"m{delivery.id}"
        if message in self.screen:  # a repeat after a lost receipt finds its message
            return Receipt(message)
        self.screen[message] = Shown(delivery.conversation, delivery.reply, delivery.private_to)
        new = delivery.conversation.thread.startswith("new:") and not delivery.conversation.anchor
        return Receipt(message, anchor=message if new else "")

    def _taken_away(self, delivery: Delivery) -> Receipt:
        if not delivery.edit.startswith("+"):
            for message in (delivery.edit, f"m{delivery.revises or delivery.id}"):
                self.screen.pop(message, None)
        return Receipt("")

    # --- under a card ---------------------------------------------------------------------------------

    def under_card(self, ticket: str, room: ConversationRef = ROOM) -> ConversationRef:
        """The thread of a ticket's card, as its platform names it."""
        anchor = next(
            message
            for message, shown in self.screen.items()
            if shown.conversation.space == room.space and ticket in shown.reply.summary
        )
        return replace(room, thread=anchor)

    def writes(self, person: str, text: str, ticket: str = "HELP-1001", **changes: Any) -> Utterance:
        """Somebody writes under a card; what follows is delivered."""
        utterance = self.written(person, text, ticket, **changes)
        self.outcome = self.redrawn(self.desk.intake.receive(utterance))
        self.deliver()
        return utterance

    def written(self, person: str, text: str, ticket: str = "HELP-1001", **changes: Any) -> Utterance:
        """What somebody writes under a card."""
        room = changes.pop("room", ROOM)
        changes.setdefault("conversation", self.under_card(ticket, room))
        changes.setdefault("message", f"p{next(self._numbers)}")
        return self.utterance(
            person, text, **{"channel": room.channel, "addressed": Addressed.THREAD} | changes
        )

    def edits(self, earlier: Utterance, text: str, **changes: Any) -> Outcome:
        """Its writer edits what they wrote."""
        return self.changes(earlier, Change.EDITED, text, **changes)

    def deletes(self, earlier: Utterance, **changes: Any) -> Outcome:
        """Its writer deletes what they wrote."""
        return self.changes(earlier, Change.DELETED, "", **changes)

    def changes(self, earlier: Utterance, change: Change, text: str, **changes: Any) -> Outcome:
        """What they wrote changes; what follows is delivered."""
        base = replace(
            earlier, keys=(f"change:{next(self._numbers)}",), at=self.clock(), change=change, text=text
        )
        self.outcome = self.redrawn(self.desk.intake.receive(replace(base, **changes)))
        self.deliver()
        return self.outcome

    def claimed(self, person: str = "ana", by: str = "eva", text: str = UNKNOWN, **changes: Any) -> str:
        """A ticket of somebody that an engineer has claimed; its reference."""
        outcome = self.say(person, text, **changes)
        ticket = str(outcome.ticket)
        self.click(by, self.button(self.card(ticket), "claim"), conversation=ROOM)
        return ticket

    def texts_in(self, space: str) -> list[str]:
        """The words that a place shows, oldest first."""
        return [text_of(reply) for reply in self.in_space(space)]

    def in_space(self, space: str) -> list[Reply]:
        """What a place shows, oldest first."""
        return [shown.reply for shown in self.screen.values() if shown.conversation.space == space]

    def last(self, person: str, channel: str = "slack") -> Reply:
        """The newest message in a person's private chat."""
        return self.in_space(self.direct(person, channel).space)[-1]

    def button(self, reply: Reply, action: str, argument: str | None = None) -> Button:
        """A button of a reply, or of its menu."""
        return next(
            button
            for button in (*reply.buttons, *reply.menu)
            if button.action == action and argument in (None, button.argument)
        )

    def card(self, ticket: str | None, room: ConversationRef = ROOM) -> Reply:
        """A ticket's card in a room."""
        return next(reply for reply in self.in_space(room.space) if ticket and ticket in reply.summary)
