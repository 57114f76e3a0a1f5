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
from bot.desk.ports.button_actions import ADD_HERE, CANCEL, NOTES, SHOW_EACH
from bot.desk.ports.tickets import Followers
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.ports.wording import Wording
from bot.desk.staff.usual_waits import UsualWaits, WaitTexts
from bot.domain.conversations.excerpts import first_words
from bot.domain.conversations.messages import (
    Block,
    Button,
    Byline,
    Details,
    Facts,
    Field,
    Heading,
    Line,
    Link,
    Quote,
    Reply,
    When,
)
from bot.domain.tickets.mirror import system_name
from bot.domain.tickets.schedule import first_response_due
from bot.domain.tickets.ticket import Priority, Status, Ticket, TicketAction, format_reference

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
        wait_texts: WaitTexts | None = None,
    ) -> None:
        self._say = wording.say
        self._wording = wording
        self._library = library
        self._language = self.language = language
        self._mirrored = mirrored
        self._shadow = shadow or ShadowMode(wording, library)
        self._wait_texts = wait_texts or WaitTexts(wording, UsualWaits(library))
        self._sections = CardSections(wording.say, library, language)
        self._folds_tried = False  # where the conversation stands beside the card, only that is looked at

    def for_page(self, language: str) -> "TicketCards":
        """Return the same cards for the page, in the reader's language: what was tried is folded away."""
        cards = TicketCards(
            self._wording,
            self._library,
            language,
            mirrored=self._mirrored,
            shadow=self._shadow,
            wait_texts=self._wait_texts,
        )
        cards._folds_tried = True
        return cards

    def card(self, work: UnitOfWork, ticket: Ticket) -> Reply:
        """Render the card of a ticket as it is now, with only the buttons that somebody may click.

        It begins with what it is about and who asks; what is looked up more seldom is folded away.
        """
        language, followers = self._language, self._followers(work, ticket)
        question = work.texts.get(ticket.question_id)
        gone = self._say(language, "card.question_deleted", name=ticket.requester.name)
        subject = first_words(question) or gone
        tried, evidence = self._tried(work, ticket, question)
        if self._folds_tried:
            tried, evidence = (), (*tried, *evidence)
        rating = current_rating(work, ticket) if ticket.status is Status.RESOLVED else None
        return Reply(
            (
                Heading(subject),
                self._byline(ticket),
                *([Quote(question)] if question.strip() not in ("", subject) else []),
                *self._sections.followers(ticket, followers),
                *self._related(work, ticket),
                *self._sections.details(work, ticket),
                *tried,
                *self._sections.note(work, ticket),
                *self._sections.rating(work, rating),
                *self._notes_only(ticket),
                *self._links(work, ticket),
                self._details(ticket, evidence),
            ),
            (*self._buttons(ticket, followers), *self._sections.buttons(work, ticket, rating)),
            self._resolve_fields(work, ticket, language) if ticket.status is Status.CLAIMED else (),
            summary=self._summary(ticket, subject, followers),
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
        blocks = (Heading(title), Byline(ticket.requester.name))
        return Reply(blocks, summary=f"{title} · {ticket.requester.name}", language=language)

    def _followers(self, work: UnitOfWork, ticket: Ticket) -> Followers:
        """Return the tickets for which an open ticket's card stands."""
        stands = ticket.status is Status.OPEN and ticket.outage_id is None
        return work.clusters.followers(ticket.id, NEWEST) if stands else Followers()

    def _summary(self, ticket: Ticket, subject: str, followers: Followers) -> str:
        """Say who asks, about what and how urgently, in the order that survives a cut on a lock screen."""
        urgent = [f"{self._priority(ticket)} · "] if ticket.priority > Priority.NORMAL else []
        more = self._say(self._language, "card.alike", count=followers.count)
        who = f"{ticket.requester.name}, {more}" if followers.count else ticket.requester.name
        return "".join((*urgent, who, f": {subject} · {ticket.reference} · {self._state(ticket)}"))

    def _byline(self, ticket: Ticket) -> Byline:
        """Render who asks, what number it has, how urgent it is and when it is due."""
        pressing = ticket.priority > Priority.NORMAL
        due = first_response_due(ticket) or ticket.resolution_due
        kind = self._request_type(ticket)
        return Byline(
            ticket.requester.name,
            (ticket.reference, self._state(ticket), *((kind,) if kind else ())),
            self._priority(ticket) if pressing else "",
            self._due("card.due", due) if due is not None and ticket.live else None,
        )

    def _due(self, key: str, at: datetime) -> When:
        return When(self._say(self._language, key), at, f"{self._wording.when(self._language, at)} UTC")

    def _notes_only(self, ticket: Ticket) -> list[Block]:
        if not (ticket.notes_only and ticket.live):
            return []
        return [Line(self._say(self._language, "card.notes_only", requester=ticket.requester.name))]

    def _details(self, ticket: Ticket, evidence: Sequence[Block]) -> Details:
        """Render what is folded away: facts, all times, and the words that were matched."""
        opened = self._due("card.opened", ticket.opened_at)
        blocks = (Facts(self._facts(ticket)), opened, *self._deadlines(ticket), *evidence)
        return Details(self._say(self._language, "card.details"), ticket.token, blocks)

    def _state(self, ticket: Ticket) -> str:
        """Name the state of a ticket, with whoever has it or the ticket into which it was merged."""
        if ticket.merged_into is not None:
            target = format_reference(ticket.merged_into)
            return self._say(self._language, "card.state.merged", target=target)
        name = ticket.assignee.name if ticket.assignee else ""
        return self._say(self._language, f"card.state.{ticket.status}", name=name)

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

    def list_tickets(
        self, tickets: Sequence[Ticket], language: str, now: datetime, channel: str, zone: str = ""
    ) -> Reply:
        """Render the list of a person's tickets in a channel; the live ones can be withdrawn.

        What lives in another channel can be read and added to from here. `zone` is the reader's, where known.
        """
        if not tickets:
            text = self._say(language, "mine.none")
            return Reply((Line(text),), summary=text, language=language)
        title = self._say(language, "mine.title")
        states = (self.own_state(ticket, language, now, channel, zone) for ticket in tickets)
        rows = tuple(zip((ticket.reference for ticket in tickets), states, strict=True))
        added = tuple(
            Button(ADD_HERE, self._say(language, "button.add_here", ticket=ticket.reference), ticket.token)
            for ticket in tickets
            if ticket.live and ticket.channel != channel
        )
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
        shown = (*added[:3], *buttons[:5])
        return Reply((Heading(title), Facts(rows)), shown, summary=title, language=language)

    def home(self, tickets: Sequence[Ticket], language: str, now: datetime, channel: str) -> Reply:
        """Render a person's home tab: how to ask, and their tickets."""
        mine = self.list_tickets(tickets, language, now, channel)
        intro = (Heading(self._say(language, "home.title")), Line(self._say(language, "home.how")))
        return Reply((*intro, *mine.blocks), mine.buttons, summary=mine.summary, language=language)

    def own_state(self, ticket: Ticket, language: str, now: datetime, channel: str, zone: str) -> str:
        """Word how a ticket stands, for its requester: its state, its age, by when to expect an answer."""
        name = ticket.assignee.name if ticket.assignee else ""
        if ticket.merged_into is not None:
            state = self._say(language, "mine.merged", target=format_reference(ticket.merged_into))
        elif ticket.live and ticket.outage_id is not None:
            state = self._say(language, "mine.outage")
        elif ticket.status is Status.RESOLVED and not name:
            state = self._say(language, "mine.ended")
        else:
            state = self._say(language, f"mine.{ticket.status}", name=name)
        wait = self._wait_texts.state(ticket, language, now, zone)
        elsewhere = self._say(language, f"channel.{ticket.channel}") if ticket.channel != channel else ""
        age = self._wording.age(language, ticket.opened_at, now)
        return " · ".join(part for part in (state, age, wait, elsewhere) if part)

    def _facts(self, ticket: Ticket) -> tuple[tuple[str, str], ...]:
        language = self._language
        rows = [("requester", ticket.requester.name)]
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

    def _related(self, work: UnitOfWork, ticket: Ticket) -> list[Block]:
        """Return the outage and the other tickets that the ticket is connected with."""
        linked = [format_reference(other) for other in work.assignments.links(ticket.id, MOST_RELATED)]
        merged = [other.reference for other in work.assignments.merged_into(ticket.id)[:MOST_RELATED]]
        outage = work.outages.get(ticket.outage_id) if ticket.outage_id is not None else None
        rows = (
            ("outage", outage.title if outage else ""),
            ("joined", ", ".join(merged)),
            ("linked", ", ".join(linked)),
        )
        shown = tuple((self._say(self._language, f"card.{key}"), value) for key, value in rows if value)
        return [Facts(shown)] if shown else []

    def _deadlines(self, ticket: Ticket) -> list[Block]:
        """Render the deadlines of a live ticket."""
        due = {"card.first_response": first_response_due(ticket), "card.resolution": ticket.resolution_due}
        return [self._due(key, at) for key, at in due.items() if at is not None and ticket.live]

    def _tried(
        self, work: UnitOfWork, ticket: Ticket, question: str
    ) -> tuple[Sequence[Block], Sequence[Block]]:
        """Render what was tried, in one line, and apart from it the words that speak for an article."""
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
            return silent, ()
        requested = ticket.target if ticket.target in content.service_requests else None
        evidence = self._evidence(question, episode.tried[-1][0] if episode.tried else requested)
        if tried:
            return (Line(self._say(self._language, "card.tried", tried="; ".join(tried))), *silent), evidence
        if requested is not None:
            return (), evidence
        nothing = self._say(self._language, "card.tried.nothing")
        return (), (Line(self._say(self._language, "card.tried", tried=nothing)), *evidence)

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

    def _links(self, work: UnitOfWork, ticket: Ticket) -> list[Block]:
        """Render links to the ticket in other systems, and to the conversation."""
        elsewhere = work.tickets.addresses(ticket.id) if self._mirrored else ()
        links = [
            Link(self._say(self._language, "card.elsewhere", name=system_name(name)), url)
            for name, url in elsewhere
        ]
        here = [Link(self._say(self._language, "card.open_conversation"), ticket.link)] if ticket.link else []
        return [*links, *here]

    def mirror_record(self, work: UnitOfWork, ticket: Ticket) -> TicketRecord:
        """Build the record of a ticket for a mirror."""
        current = ticket.settled and ticket.note_id is not None
        note = work.texts.get(ticket.note_id or 0) if current else ""
        question = work.texts.get(ticket.question_id)
        erased = work.texts.is_erased(ticket.question_id)
        address = "" if erased else _address(work, ticket)
        return TicketRecord(ticket, question, note, self.card(work, ticket), erased, address)

    def _buttons(self, ticket: Ticket, followers: Followers) -> tuple[Button, ...]:
        def button(action: TicketAction, style: str = "", *, with_fields: bool = False) -> Button:
            label = self._say(self._language, f"button.{action}")
            return Button(action.value, label, ticket.token, style=style, with_fields=with_fields)

        if followers.count:  # most of what many ask at once is an outage
            return (button(TicketAction.GROUP, "primary"), button(TicketAction.CLAIM))
        if ticket.status is Status.OPEN:
            return (button(TicketAction.CLAIM, "primary"),)
        if ticket.status is Status.CLAIMED:
            return (button(TicketAction.RESOLVE, "primary", with_fields=True),)
        return ()

    def _menu(self, ticket: Ticket, followers: Followers) -> tuple[Button, ...]:
        menu = build_menu(
            ticket, self._library.snapshot.content.queue_names, partial(self._say, self._language)
        )
        if ticket.status is Status.CLAIMED:
            menu = (
                Button(TicketAction.RELEASE.value, self._say(self._language, "button.release"), ticket.token),
                *menu,
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


def _address(work: UnitOfWork, ticket: Ticket) -> str:
    """Return the address with which the requester was signed in when they asked; empty without one."""
    accounts = work.people.identities(ticket.requester)
    found = (work.sessions.verified_email(one.external_id, ticket.opened_at) for one in accounts)
    return next(filter(None, found), "")
