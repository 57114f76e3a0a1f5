"""A desk in memory for the page: a board, a memory and a scripted intake behind a real `Host`."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from bot.desk.ports.channels import Card, Host, Message
from bot.domain.conversations.messages import (
    Addressed,
    Block,
    Button,
    Click,
    ConversationRef,
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
    When,
)
from bot.domain.people import Identity, Person
from bot.domain.tickets.ticket import Priority, Status, Ticket
from bot.wording.catalogues import load

STEPS = """After five wrong passwords the account is locked for 30 minutes.

## Unlock it yourself

1. Open **account.example.com** on your phone.
2. Choose *Unlock my account* and confirm with the authenticator.
3. Wait a minute, then sign in with your `usual password`.

## When it does not help

- Check that Caps Lock is off.
- Restart the laptop and try once more.
"""
PASOS = """Tras cinco contraseñas incorrectas, la cuenta se bloquea 30 minutos.

1. Abre **account.example.com** en tu móvil.
2. Elige *Desbloquear mi cuenta* y confirma con el autenticador.
3. Espera un minuto e inicia sesión con tu contraseña de siempre.
"""
TEXT = {
    "en": {
        "locked": "Account locked",
        "whole": "Read the whole article",
        "solved": "Solved",
        "person": "Get a person",
        "opened": "I have opened {ticket}. An engineer will read it soon and answer you here.",
        "seen": "The engineers see your question and what I answered, not the rest of this conversation.",
        "cancel": "Cancel {ticket}",
        "which": "Which of these is it?",
        "none": "None of these",
        "glad": "Glad it works.",
        "taken": "{name} is looking at {ticket} now.",
        "done": "{ticket} is resolved. {name} says:",
    },
    "es": {
        "locked": "Cuenta bloqueada",
        "whole": "Leer el artículo completo",
        "solved": "Resuelto",
        "person": "Quiero una persona",
        "opened": "He abierto {ticket}. El equipo de ingeniería lo leerá pronto y te responderá aquí.",
        "seen": "Verán tu pregunta y lo que te he respondido, no el resto de esta conversación.",
        "cancel": "Cancelar {ticket}",
        "which": "¿Cuál de estas es?",
        "none": "Ninguna de estas",
        "glad": "Me alegro de que funcione.",
        "taken": "{name} ya está con {ticket}.",
        "done": "{ticket} está resuelta. {name} dice:",
    },
}
TITLES = ("VPN on Windows", "VPN on macOS", "VPN on Linux")
NOTE = Field("note", "Note for the employee", hint="What you did, in a sentence or two")


class Memory:
    """What a channel remembers."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str] = {}

    def recall(self, channel: str, key: str) -> str | None:
        return self.values.get((channel, key))

    def once(self, channel: str, key: str, value: str) -> str:
        return self.values.setdefault((channel, key), value)

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

    # --- Board

    def conversation(self, ref: ConversationRef, limit: int = 200) -> tuple[Message, ...]:
        return tuple(self.messages.get(ref, ())[-limit:])

    def room(self, ref: ConversationRef, language: str = "", limit: int = 50) -> tuple[Card, ...]:
        self.rooms_read += 1
        newest = sorted(self.held.values(), key=lambda one: (not one.ticket.live, -one.ticket.id))
        return tuple(Card(one.ticket, self.card(one)) for one in newest[:limit])

    def outages(self, language: str = "") -> tuple[Reply, ...]:
        return tuple(self.lasting)

    def queue(self, identity: Identity, language: str) -> Reply | None:
        open_ones = [one.ticket for one in self.held.values() if one.ticket.live]
        rows = [
            When(f"{ticket.reference} · {ticket.requester.name} · due", self.now(), "soon")
            for ticket in open_ones
        ]
        return Reply((Heading("The queue"), Line(f"{len(rows)} open"), *rows), language=language)

    def notices(self, ref: ConversationRef, limit: int = 50) -> tuple[Message, ...]:
        return tuple(self.told)[-limit:]

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
        engineer = Person(90, said.sender_name)
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
            Heading(f"{ticket.reference} · {ticket.status}"),
            Facts(tuple(rows)),
            Quote(one.question),
        ]
        blocks.append(Line("Tried: nothing near was found"))
        if one.note:
            blocks += [Line("Note for the employee"), Quote(one.note)]
        claim = Button("claim", "Claim", ticket.token, style="primary")
        resolve = Button("resolve", "Resolve", ticket.token, style="primary", with_fields=True)
        buttons = {
            Status.OPEN: (claim,),
            Status.CLAIMED: (resolve, Button("release", "Release", ticket.token)),
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
        wording=load(),
        page_view=desk,
        clock=desk.now,
        language="en",
        public_url="",
        anonymous=True,
        article_page=articles.get,
        trouble=lambda: desk.trouble,
    )
    return replace(host, **changes)
