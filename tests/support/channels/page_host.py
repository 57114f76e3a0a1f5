"""A desk in memory for the page: a board, a memory and a scripted intake behind a real `Host`."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from bot.desk.ports.channels import Host
from bot.desk.ports.content import Example
from bot.desk.ports.page import Card, Message, OwnTicket, ReadyReply, Standing
from bot.desk.ports.tickets import FoundTickets, InboxEntry, LookBack, QueueChoice, SeenTicket, missing
from bot.domain.conversations.excerpts import first_words
from bot.domain.conversations.messages import (
    Addressed,
    Block,
    Button,
    Byline,
    Click,
    ConversationRef,
    Details,
    Facts,
    Field,
    Heading,
    Line,
    Link,
    Outcome,
    OutcomeKind,
    Prose,
    Quote,
    Reply,
    Utterance,
)
from bot.domain.people import Identity, Person
from bot.domain.tickets.relay import decide_visibility
from bot.domain.tickets.ticket import Priority, Status, Ticket
from bot.wording.catalogues import load
from tests.support.channels.empty_host import Sessions
from tests.support.fakes.page_texts import EXAMPLES, PASOS, STEPS, TEXT

TITLES = ("VPN on Windows", "VPN on macOS", "VPN on Linux")
PEOPLE = {"maya": 90, "leo": 91, "maya_patel": 90}  # engineers, by their id here
NOTE = Field("note", "Note for the employee", hint="What you did, in a sentence or two")


class Memory:
    """What a channel remembers."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str] = {}

    def recall(self, channel: str, key: str) -> str | None:
        return self.values.get((channel, key))

    def once(self, channel: str, key: str, value: str) -> str:
        return self.values.setdefault((channel, key), value)

    def replace(self, channel: str, key: str, earlier: str, value: str | None) -> bool:
        if self.values.get((channel, key)) != earlier:
            return False
        if value is None:
            del self.values[channel, key]
        else:
            self.values[channel, key] = value
        return True

    def remember(self, channel: str, key: str, value: str) -> None:
        self.values[channel, key] = value


@dataclass
class Held:
    """A ticket with its texts."""

    ticket: Ticket
    question: str
    back: ConversationRef
    note: str = ""


@dataclass
class Desk:
    """An intake that answers by keyword, and the board that shows what came of it."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    messages: dict[ConversationRef, list[Message]] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    told: list[Message] = field(default_factory=list)
    received: list[Utterance] = field(default_factory=list)
    seen: dict[str, Outcome] = field(default_factory=dict)
    prepared: list[Outcome | Exception] = field(default_factory=list)
    marks: int = 0
    rooms_read: int = 0
    trouble: tuple[str, ...] = ()
    lasting: list[Reply] = field(default_factory=list)
    unreadable: bool = False
    menu: tuple[Button, ...] = ()  # of every card of a live ticket
    unlisted: frozenset[str] = frozenset()  # members of the room who are no engineers today
    threads: dict[int, list[Message]] = field(default_factory=dict)  # under the cards, by the ticket's id
    thread_page: int = 50
    replies: tuple[ReadyReply, ...] = ()
    most_found: int = 50
    may_act: frozenset[str] = frozenset({""})  # the queues of every engineer
    queue_choices: tuple[QueueChoice, ...] = ()

    # --- Board

    def conversation(self, ref: ConversationRef, limit: int = 200) -> tuple[Message, ...]:
        return tuple(self.messages.get(ref, ())[-limit:])

    def live(self, ref: ConversationRef) -> tuple[InboxEntry, ...]:
        self.rooms_read += 1
        return tuple(self.entry(one) for one in self.held.values() if one.ticket.live)

    def look_back(self, ref: ConversationRef, look: LookBack) -> FoundTickets:
        newest = sorted(self.held.values(), key=lambda one: -one.ticket.id)
        seen = [one for one in newest if look.before is None or one.ticket.id < look.before]
        found = [one for one in seen if one.ticket.id == look.number or self.fits(look, self.seen_of(one))]
        shown = found[: self.most_found]
        more = shown[-1].ticket.id if len(found) > len(shown) else None
        return FoundTickets(tuple(map(self.entry, shown)), more, shown[-1].ticket.opened_at if more else None)

    def fits(self, look: LookBack, seen: SeenTicket) -> bool:
        written = " ".join(message.text for message in self.threads.get(seen.id, ()))
        return look.takes(seen) and not missing(look.lacks(seen), written)

    def ticket(
        self, ref: ConversationRef, ticket_id: int, language: str = "", before: str = ""
    ) -> Card | None:
        one = self.held.get(f"t{ticket_id}")
        if one is None:
            return None
        thread = self.threads.get(ticket_id, [])
        end = int(before) if before.isdecimal() else len(thread)
        start = max(0, end - self.thread_page)
        earlier = str(start) if start else ""
        heard = sum(message.visibility == "asked" for message in thread)
        return Card(
            one.ticket, self.card(one), tuple(thread[start:end]), one.question, heard, earlier, one.back
        )

    def standing(self, identity: Identity) -> Standing:
        return Standing(Person(PEOPLE.get(identity.external_id, 90), identity.external_id), self.may_act)

    def queues(self, ref: ConversationRef, language: str) -> tuple[QueueChoice, ...]:
        return self.queue_choices

    def ready_replies(self, ticket_id: int, language: str, engineer: str) -> tuple[ReadyReply, ...]:
        return self.replies

    def entry(self, one: Held) -> InboxEntry:
        thread = self.threads.get(one.ticket.id, [])
        heard = sum(message.visibility == "asked" for message in thread)
        return InboxEntry(one.ticket, first_words(one.question), heard)

    def seen_of(self, one: Held) -> SeenTicket:
        ticket = one.ticket
        held = ticket.assignee.name if ticket.assignee else ""
        return SeenTicket(
            ticket.id,
            ticket.status,
            ticket.priority,
            ticket.queue,
            ticket.requester.name,
            held,
            one.question,
            ticket.opened_at,
        )

    def outages(self, language: str = "") -> tuple[Reply, ...]:
        return tuple(self.lasting)

    def notices(self, ref: ConversationRef, limit: int = 50) -> tuple[Message, ...]:
        return tuple(self.told)[-limit:]

    def own_tickets(self, identity: Identity, language: str, zone: str) -> tuple[OwnTicket, ...]:
        name = identity.external_id
        theirs = [one for one in self.held.values() if one.back.space == name]
        return tuple(OwnTicket(one.ticket, one.question, f"{one.ticket.status} {zone}") for one in theirs)

    def opens(self, room: ConversationRef, member: Identity) -> bool:
        return member.external_id not in self.unlisted

    def mark(self) -> str:
        if self.unreadable:
            raise OSError("the database is away")
        return str(self.marks)

    # --- what the core would do

    async def receive(self, utterance: Utterance) -> Outcome:
        self.received.append(utterance)
        if self.prepared:
            prepared = self.prepared.pop(0)
            if isinstance(prepared, Exception):
                raise prepared
            return prepared
        key = utterance.keys[0]
        if key in self.seen:
            return replace(self.seen[key], repeated=True)
        outcome = self.pressed(utterance) if utterance.click else self.asked(utterance)
        self.seen[key] = outcome
        self.marks += 1
        return outcome

    def asked(self, said: Utterance) -> Outcome:
        if said.conversation.thread:
            return self.written(said)
        assert said.addressed is Addressed.DIRECT
        ref = said.behalf.conversation if said.behalf else said.conversation
        name = said.behalf.name if said.behalf else said.sender_name
        self.add(ref, text=said.text, author=said.sender_name)
        low = said.text.lower()
        language = "es" if any(word in low for word in ("cuenta", "silla", "no funciona")) else "en"
        words = TEXT[language]
        if "locked" in low or "bloqueada" in low:
            buttons = (
                Button("solved", words["solved"], "e1", style="primary"),
                Button("person", words["person"], "e1"),
            )
            prose = Prose(PASOS if language == "es" else STEPS)
            link = Link(words["whole"], "https://kb.example.com/account-locked")
            reply = Reply((Heading(words["locked"]), prose, link), buttons, language=language)
            self.add(ref, reply=reply)
            return Outcome(OutcomeKind.ANSWERED)
        if "vpn" in low:
            choices = [Button("choose", title, "e1", str(at)) for at, title in enumerate(TITLES)]
            choices.append(Button("none", words["none"], "e1"))
            self.add(ref, reply=Reply((Line(words["which"]),), tuple(choices), language=language))
            return Outcome(OutcomeKind.CHOICE)
        return self.open(said, ref, name, said.text, language)

    def written(self, said: Utterance) -> Outcome:
        """What an engineer writes about a ticket."""
        ticket = self.held[said.conversation.thread.removeprefix("new:")].ticket
        visibility = decide_visibility(ticket, self.standing(said.sender).person or Person(0, ""), said.text)
        thread = self.threads.setdefault(ticket.id, [])
        thread.append(
            Message(
                f"r{len(thread)}",
                self.now(),
                author=said.sender_name,
                text=said.text,
                relay_id=len(thread) + 1,
                own=said.message or said.keys[0],
                visibility=visibility,
            )
        )
        return Outcome(OutcomeKind.RELAYED, ticket=ticket.reference)

    def open(self, said: Utterance, ref: ConversationRef, name: str, question: str, language: str) -> Outcome:
        number = len(self.held) + 1
        urgent = "urgent" in question.lower()
        ticket = Ticket(
            id=number,
            token=f"t{number}",
            status=Status.OPEN,
            priority=Priority.HIGH if urgent else Priority.NORMAL,
            queue="",
            language=language,
            requester=Person(number, name),
            episode_id=number,
            question_id=number,
            opened_at=self.now(),
            channel="web",
        )
        self.held[ticket.token] = Held(ticket, question, ref)
        words = TEXT[language]
        cancel = Button("cancel", words["cancel"].format(ticket=ticket.reference), ticket.token)
        lines = (Line(words["opened"].format(ticket=ticket.reference)), Line(words["seen"]))
        self.add(ref, reply=Reply(lines, (cancel,), language=language))
        return Outcome(OutcomeKind.TICKET, ticket=ticket.reference)

    def pressed(self, said: Utterance) -> Outcome:
        click = said.click
        assert click is not None
        if click.action == "solved":
            self.add(said.conversation, reply=Reply((Line(TEXT["en"]["glad"]),)))
            return Outcome(OutcomeKind.DONE)
        if click.action == "person":
            return self.open(said, said.conversation, said.sender_name, "Asked for a person", "en")
        if click.action == "choose":
            title = TITLES[int(click.argument)]
            self.add(said.conversation, reply=Reply((Heading(title), Prose("1. Restart it."))))
            return Outcome(OutcomeKind.ANSWERED)
        one = self.held.get(click.token)
        if one is None:
            return self.notice(OutcomeKind.REFUSED, "This ticket is gone.")
        return self.moved(said, click, one)

    def moved(self, said: Utterance, click: Click, one: Held) -> Outcome:
        words, ticket = TEXT[one.ticket.language], one.ticket
        engineer = Person(PEOPLE.get(said.sender.external_id, 90), said.sender_name)
        if click.action == "claim" and ticket.assignee:
            return self.notice(
                OutcomeKind.REFUSED, f"{ticket.reference} is assigned to {ticket.assignee.name}."
            )
        if click.action == "claim":
            one.ticket = replace(ticket, status=Status.CLAIMED, assignee=engineer, claimed_at=self.now())
            line = words["taken"].format(name=engineer.name, ticket=ticket.reference)
            self.add(one.back, reply=Reply((Line(line),), language=ticket.language))
        elif click.action == "release":
            one.ticket = replace(ticket, status=Status.OPEN, assignee=None, claimed_at=None)
        elif click.action == "resolve":
            one.note = (click.inputs or {}).get("note", "")
            one.ticket = replace(ticket, status=Status.RESOLVED, closed_at=self.now())
            line = words["done"].format(name=engineer.name, ticket=ticket.reference)
            self.add(one.back, reply=Reply((Line(line), Quote(one.note)), language=ticket.language))
        elif click.action == "cancel":
            one.ticket = replace(ticket, status=Status.WITHDRAWN, closed_at=self.now())
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference)

    def card(self, one: Held) -> Reply:
        ticket = one.ticket
        rows = [("Requester", ticket.requester.name), ("Channel", "Page"), ("Language", ticket.language)]
        rows.append(("Priority", ticket.priority.name.title()))
        if ticket.assignee:
            rows.append(("Assignee", ticket.assignee.name))
        blocks: list[Block] = [
            Heading(one.question[:80]),
            Byline(ticket.requester.name, (ticket.reference, ticket.status.value.title())),
            Quote(one.question),
        ]
        blocks.append(Line("Tried: nothing near was found"))
        if one.note:
            blocks += [Line("Note for the employee"), Quote(one.note)]
        blocks.append(Details("Details", ticket.token, (Facts(tuple(rows)),)))
        claim = Button("claim", "Claim", ticket.token, style="primary")
        resolve = Button("resolve", "Resolve", ticket.token, style="primary", with_fields=True)
        buttons = {
            Status.OPEN: (claim,),
            Status.CLAIMED: (resolve,),
        }.get(ticket.status, ())
        fields = (NOTE,) if ticket.status is Status.CLAIMED else ()
        return Reply(tuple(blocks), buttons, fields, menu=self.menu if ticket.live else ())

    def notice(self, kind: OutcomeKind, text: str) -> Outcome:
        return Outcome(kind, notice=Reply((Line(text),), summary=text))

    def add(
        self, ref: ConversationRef, *, text: str = "", author: str = "", reply: Reply | None = None
    ) -> None:
        at = self.messages.setdefault(ref, [])
        message = Message(f"{ref.space}-{len(at)}", self.now(), author=author, text=text, reply=reply)
        at.append(message)
        self.marks += 1


def examples(language: str, most: int) -> tuple[Example, ...]:
    """What may be asked of this desk."""
    texts = EXAMPLES[language][:most]
    return tuple(Example(f"target-{at}", text, text, language) for at, text in enumerate(texts))


def make_host(desk: Desk, **changes: Any) -> Host:
    """A host over this desk, as the demo gives it."""

    async def run(function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.to_thread(function, *arguments)

    articles = {"signed": ("Account locked", STEPS, "en"), "firmado": ("Cuenta bloqueada", PASOS, "es")}
    host = Host(
        receive=desk.receive,
        run=run,
        read=run,
        memory=Memory(),
        sessions=Sessions(),
        wording=load(),
        page_view=desk,
        clock=desk.now,
        language="en",
        public_url="",
        anonymous=True,
        article_page=articles.get,
        trouble=lambda: desk.trouble,
        examples=examples,
        own_tickets=desk.own_tickets,
    )
    return replace(host, **changes)
