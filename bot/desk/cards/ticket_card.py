"""Renders a ticket's card in the room, and a person's own list of tickets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from bot.desk.cards.card_sections import NEWEST, CardSections
from bot.desk.cards.forms import build_menu
from bot.desk.cards.shadow_mode import ShadowMode
from bot.desk.history.merged_tickets import current_rating
from bot.desk.knowledge.library import Library
from bot.desk.ports.backends import TicketRecord
from bot.desk.ports.button_actions import CANCEL, NOTES, SHOW_EACH
from bot.desk.ports.tickets import Followers
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import (
    Block,
    Button,
    Facts,
    Field,
    Heading,
    Line,
    Link,
    Quote,
    Reply,
    When,
    in_short,
)
from bot.domain.tickets.schedule import first_response_due
from bot.domain.tickets.ticket import Status, Ticket, TicketAction, format_reference

LISTED = 20  # tickets in a person's list
MOST_RELATED = 10  # tickets
NEAR = 0.1  # confidence of a candidate that is worth naming to an engineer


class TicketCards:
    """Cards of tickets, always rendered from the state in the database, never from an earlier card."""

    def __init__(
        self,
        wording: Wording,
        library: Library,
        language: str,
        *,
        mirrored: bool = False,
        shadow: ShadowMode | None = None,
    ) -> None:
        self._say = wording.say
        self._wording = wording
        self._library = library
        self._language = self.language = language
        self._mirrored = mirrored
        self._shadow = shadow or ShadowMode(wording, library)
        self._sections = CardSections(wording.say, library, language)

    def in_language(self, language: str) -> "TicketCards":
        """Return the same cards for a reader of another language."""
        return TicketCards(
            self._wording, self._library, language, mirrored=self._mirrored, shadow=self._shadow
        )

    def card(self, work: UnitOfWork, ticket: Ticket) -> Reply:
        """Render the card of a ticket as it is now, with only the buttons that somebody may click."""
        language, followers = self._language, self._followers(work, ticket)
        title = self._title(ticket)
        blocks: list[Block] = [Heading(title), Facts((*self._facts(ticket), *self._related(work, ticket)))]
        opened = self._wording.when(language, ticket.opened_at)
        blocks.append(When(self._say(language, "card.opened"), ticket.opened_at, f"{opened} UTC"))
        blocks += self._deadlines(ticket)
        question = work.texts.get(ticket.question_id)
        blocks.append(Quote(question))
        blocks += self._sections.followers(ticket, followers)
        blocks += self._sections.details(work, ticket)
        blocks += self._tried(work, ticket, question)
        blocks += self._sections.note(work, ticket)
        rating = current_rating(work, ticket) if ticket.status is Status.RESOLVED else None
        blocks += self._sections.rating(work, rating)
        if ticket.notes_only and ticket.live:
            blocks.append(Line(self._say(language, "card.notes_only", requester=ticket.requester.name)))
        blocks += self._elsewhere(work, ticket)
        if ticket.link:
            blocks.append(Link(self._say(language, "card.open_conversation"), ticket.link))
        return Reply(
            tuple(blocks),
            (*self._buttons(ticket, followers), *self._sections.buttons(work, ticket, rating)),
            self._resolve_fields(work, ticket, language) if ticket.status is Status.CLAIMED else (),
            summary=" · ".join((title, ticket.requester.name, *self._more(followers)))
            + f": {in_short(question)}",
            language=language,
            menu=(
                *self._menu(ticket, followers),
                *self._sections.menu(ticket),
                *self._shadow.menu(work, ticket, language),
            ),
        )

    def left_card(self, ticket: Ticket) -> Reply:
        """Render the card for a room that the ticket has left."""
        language = self._language
        shown = self._library.snapshot.content.queues.label(ticket.queue, language)
        queue = shown or self._say(language, "queue.general")
        title = self._say(language, "card.title.left", ticket=ticket.reference, queue=queue)
        blocks = (Heading(title), Facts(((self._say(language, "card.requester"), ticket.requester.name),)))
        return Reply(blocks, summary=f"{title} · {ticket.requester.name}", language=language)

    def _followers(self, work: UnitOfWork, ticket: Ticket) -> Followers:
        """Return the tickets for which an open ticket's card stands."""
        stands = ticket.status is Status.OPEN and ticket.outage_id is None
        return work.clusters.followers(ticket.id, NEWEST) if stands else Followers()

    def _more(self, followers: Followers) -> tuple[str, ...]:
        more = self._say(self._language, "card.alike", count=followers.count)
        return (more,) if followers.count else ()

    def _title(self, ticket: Ticket) -> str:
        if ticket.merged_into is not None:
            target = format_reference(ticket.merged_into)
            return self._say(self._language, "card.title.merged", ticket=ticket.reference, target=target)
        return self._say(self._language, f"card.title.{ticket.status}", ticket=ticket.reference)

    def note_form(
        self, work: UnitOfWork, ticket: Ticket, language: str, typed: Mapping[str, str] | None = None
    ) -> Reply:
        """Build the form that asks for the note to the employee, filled with `typed`."""
        send = Button(
            TicketAction.RESOLVE.value,
            self._say(language, "button.resolve"),
            ticket.token,
            style="primary",
            with_fields=True,
        )
        title = self._say(language, "form.resolve", ticket=ticket.reference)
        fields = self._resolve_fields(work, ticket, language, typed)
        return Reply((), (send,), fields, summary=title, language=language)

    def list_tickets(self, tickets: Sequence[Ticket], language: str, now: datetime) -> Reply:
        """Render the list of a person's tickets; the live ones can be withdrawn."""
        if not tickets:
            text = self._say(language, "mine.none")
            return Reply((Line(text),), summary=text, language=language)
        title = self._say(language, "mine.title")
        rows = tuple((ticket.reference, self._state(ticket, language, now)) for ticket in tickets)
        buttons = tuple(
            Button(
                CANCEL,
                self._say(language, "button.cancel", ticket=ticket.reference),
                ticket.token,
                style="danger",
            )
            for ticket in tickets
            if ticket.live
        )
        return Reply((Heading(title), Facts(rows)), buttons[:5], summary=title, language=language)

    def home(self, tickets: Sequence[Ticket], language: str, now: datetime) -> Reply:
        """Render a person's home tab: how to ask, and their tickets."""
        mine = self.list_tickets(tickets, language, now)
        intro = (Heading(self._say(language, "home.title")), Line(self._say(language, "home.how")))
        return Reply((*intro, *mine.blocks), mine.buttons, summary=mine.summary, language=language)

    def _state(self, ticket: Ticket, language: str, now: datetime) -> str:
        name = ticket.assignee.name if ticket.assignee else ""
        if ticket.merged_into is not None:
            state = self._say(language, "mine.merged", target=format_reference(ticket.merged_into))
        elif ticket.live and ticket.outage_id is not None:
            state = self._say(language, "mine.outage")
        elif ticket.status is Status.RESOLVED and not name:
            state = self._say(language, "mine.ended")
        else:
            state = self._say(language, f"mine.{ticket.status}", name=name)
        return f"{state} · {self._wording.age(language, ticket.opened_at, now)}"

    def _facts(self, ticket: Ticket) -> tuple[tuple[str, str], ...]:
        language, kind = self._language, self._request_type(ticket)
        rows = [("request_type", kind)] if kind else []
        rows.append(("requester", ticket.requester.name))
        if ticket.opened_by is not None:
            rows.append(("opened_by", ticket.opened_by.name))
        rows += [
            ("channel", self._say(language, f"channel.{ticket.channel}")),
            ("language", self._wording.language(language, ticket.language)),
            ("priority", self._priority(ticket)),
        ]
        queue = self._library.snapshot.content.queues.label(ticket.queue, language)
        if queue:
            rows.append(("queue", queue))
        if ticket.assignee is not None:
            rows.append(("assignee", ticket.assignee.name))
        return tuple((self._say(language, f"card.{key}"), value) for key, value in rows)

    def _request_type(self, ticket: Ticket) -> str:
        """Return the name of the service request that a ticket is about, empty for any other ticket."""
        content = self._library.snapshot.content
        return (
            content.title(ticket.target, self._language) if ticket.target in content.service_requests else ""
        )

    def _priority(self, ticket: Ticket) -> str:
        name = self._say(self._language, f"priority.{ticket.priority.name.lower()}")
        why = ", ".join(self._say(self._language, f"why.{code}") for code in ticket.why)
        return f"{name} ({why})" if why else name

    def _related(self, work: UnitOfWork, ticket: Ticket) -> tuple[tuple[str, str], ...]:
        """Return the outage and the other tickets that the ticket is connected with."""
        linked = [format_reference(other) for other in work.assignments.links(ticket.id, MOST_RELATED)]
        merged = [other.reference for other in work.assignments.merged_into(ticket.id)[:MOST_RELATED]]
        outage = work.outages.get(ticket.outage_id) if ticket.outage_id is not None else None
        rows = (
            ("outage", outage.title if outage else ""),
            ("joined", ", ".join(merged)),
            ("linked", ", ".join(linked)),
        )
        return tuple((self._say(self._language, f"card.{key}"), value) for key, value in rows if value)

    def _deadlines(self, ticket: Ticket) -> list[Block]:
        """Render the deadlines of a live ticket."""
        due = {"card.first_response": first_response_due(ticket), "card.resolution": ticket.resolution_due}
        return [
            When(self._say(self._language, key), at, f"{self._wording.when(self._language, at)} UTC")
            for key, at in due.items()
            if at is not None and ticket.live
        ]

    def _tried(self, work: UnitOfWork, ticket: Ticket, question: str) -> list[Block]:
        episode = work.episodes.get(ticket.episode_id)
        content = self._library.snapshot.content
        tried = [
            self._say(
                self._language,
                "card.tried.article",
                title=content.title(target, self._language),
                percent=min(round(confidence * 100), 99),
            )
            for target, confidence in episode.tried
        ]
        tried += [self._say(self._language, f"card.tried.{click}") for click in episode.clicks]
        silent = self._shadow.lines(work, ticket, self._language)
        if silent and not tried:
            return silent
        if ticket.target in content.service_requests and not tried:
            return [*self._evidence(question, ticket.target), *silent]
        text = "; ".join(tried) or self._say(self._language, "card.tried.nothing")
        line = Line(self._say(self._language, "card.tried", tried=text))
        evidence = self._evidence(question, episode.tried[-1][0] if episode.tried else None)
        return [line, *evidence, *silent]

    def _evidence(self, question: str, tried: str | None) -> list[Block]:
        """Render a line with the words that speak for the article that was tried, else for the nearest."""
        snapshot = self._library.snapshot
        for match in self._library.find_matches(question):
            intent = snapshot.content.intent(match.target)
            if match.why and tried == match.target:
                return [Line(self._say(self._language, "card.evidence", words=match.why))]
            if match.why and tried is None and match.confidence >= NEAR and not (intent and intent.action):
                title = snapshot.content.title(match.target, self._language)
                percent = min(round(match.confidence * 100), 99)
                values = {"title": title, "percent": percent, "words": match.why}
                return [Line(self._say(self._language, "card.nearest", **values))]
        return []

    def _elsewhere(self, work: UnitOfWork, ticket: Ticket) -> list[Block]:
        if not self._mirrored:
            return []
        return [
            Link(self._say(self._language, "card.elsewhere", name=name.rpartition(".")[2]), url)
            for name, url in work.tickets.addresses(ticket.id)
        ]

    def mirror_record(self, work: UnitOfWork, ticket: Ticket) -> TicketRecord:
        """Build the record of a ticket for a mirror."""
        current = ticket.settled and ticket.note_id is not None
        note = work.texts.get(ticket.note_id or 0) if current else ""
        question = work.texts.get(ticket.question_id)
        return TicketRecord(ticket, question, note, self.card(work, ticket))

    def _buttons(self, ticket: Ticket, followers: Followers) -> tuple[Button, ...]:
        def button(action: TicketAction, style: str = "", *, with_fields: bool = False) -> Button:
            label = self._say(self._language, f"button.{action}")
            return Button(action.value, label, ticket.token, style=style, with_fields=with_fields)

        if followers.count:  # most of what many ask at once is an outage
            return (button(TicketAction.GROUP, "primary"), button(TicketAction.CLAIM))
        if ticket.status is Status.OPEN:
            return (button(TicketAction.CLAIM, "primary"),)
        if ticket.status is Status.CLAIMED:
            return (button(TicketAction.RESOLVE, "primary", with_fields=True), button(TicketAction.RELEASE))
        return ()

    def _menu(self, ticket: Ticket, followers: Followers) -> tuple[Button, ...]:
        menu = build_menu(
            ticket, self._library.snapshot.content.queue_names, partial(self._say, self._language)
        )
        if followers.count:  # “Known outage” is a button of the card
            each = Button(SHOW_EACH, self._say(self._language, "button.show_each"), ticket.token)
            menu = (*(one for one in menu if one.action != TicketAction.GROUP.value), each)
        # Before the claim nothing is sent to the employee anyway.
        if not ticket.live or (ticket.status is Status.OPEN and not ticket.notes_only):
            return menu
        wanted = "off" if ticket.notes_only else "on"
        label = self._say(self._language, f"button.notes_{wanted}")
        return (*menu, Button(NOTES, label, ticket.token, wanted))

    def _resolve_fields(
        self, work: UnitOfWork, ticket: Ticket, language: str, typed: Mapping[str, str] | None = None
    ) -> tuple[Field, ...]:
        say, written = self._say, (typed or {}).get("note", "")
        note = Field(
            "note", say(language, "form.note"), hint=say(language, "form.note.hint"), initial=written
        )
        return (note, *self._shadow.fields(work, ticket, language, typed))
