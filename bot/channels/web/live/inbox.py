"""Renders the inbox: the list of tickets, and one ticket; what several windows show alike is read once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from threading import Lock
from typing import Any

from markupsafe import Markup

from bot.channels.web.access.accounts import ROOM, Participant
from bot.channels.web.live.choice import LIVE_VIEWS, VIEWS, Choice, by_urgency, due_of, is_late, page_of
from bot.channels.web.live.shared import PAUSE, Shared
from bot.channels.web.view import View, in_parts, own
from bot.desk.ports.button_actions import ASK_DETAILS, CANNED, REOPEN
from bot.desk.ports.channels import Host
from bot.desk.ports.page import Card, Message, Standing
from bot.desk.ports.tickets import FoundTickets, InboxEntry, QueueChoice
from bot.domain.conversations.messages import Button, Reply
from bot.domain.people import Identity
from bot.domain.tickets.relay import Visibility
from bot.domain.tickets.ticket import Priority, Status, Ticket, TicketAction, format_reference

NOTICES_FOR = timedelta(days=1)
MOST_NOTICES = 5
MOST_NEWS = 100  # tickets that can make a window say that something is new
MOST_KEPT = 64  # tickets, searches and readers of whom the last reading is kept
# What only the assignee may do; whoever else would be refused is not offered it.
ASSIGNEES = (TicketAction.RESOLVE.value, TicketAction.RELEASE.value, CANNED, ASK_DETAILS)

Render = Callable[[str, dict[str, object]], str]  # a template with its context


@dataclass(frozen=True, slots=True)
class InboxPane:
    """List of one engineer, and how many tickets wait."""

    html: Markup
    waiting: int


@dataclass(frozen=True, slots=True)
class Viewer:
    """Engineer for whom the inbox is rendered; `query` goes on in the links of this window."""

    engineer: Participant
    query: str
    standing: Standing


@dataclass(frozen=True)
class Board:
    """Live tickets as they were read at one moment, with the rows that have been rendered of them.

    A row looks the same to all who read a language.
    """

    entries: tuple[InboxEntry, ...]
    outages: tuple[Reply, ...]
    notices: tuple[Message, ...]
    read_at: datetime
    _rows: dict[InboxEntry, Markup] = field(default_factory=dict)

    def take_over(self, earlier: "Board") -> None:
        """Take over the rows that still look as they did; ages are shown in minutes."""
        if _minute(earlier.read_at) == _minute(self.read_at):
            known = dict(earlier._rows)
            self._rows.update({entry: known[entry] for entry in self.entries if entry in known})

    def row(self, entry: InboxEntry, render: Render) -> Markup:
        """A row, rendered when nobody has seen it so; two threads may do so at once, and both are right."""
        html = self._rows.get(entry)
        if html is None:
            html = self._rows[entry] = _row(entry, render, self.read_at)
        return html


@dataclass(frozen=True)
class TicketPage:
    """Ticket as it was read at one moment, with what has been rendered of it.

    It looks the same to all with the same rights, unless its thread has what is private, what the reader
    wrote, or a file.
    """

    card: Card | None
    _rendered: dict[tuple[object, ...], Markup] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def html(self, reader: Viewer, earlier: bool, render: Render) -> Markup:
        """The ticket as this reader sees it, rendered when nobody has seen it so."""
        card = self.card
        if card is None:
            return Markup(render("inbox/missing.html", {}))  # noqa: S704 - escaped by the template
        seen = [message for message in card.thread if own(message, reader.engineer)]
        has, may = reader.standing.has(card.ticket), card.queue in reader.standing.queues
        takes_over = may and not has and card.ticket.status is Status.CLAIMED
        wrote = any(one.author == reader.engineer.name for one in seen)
        key = (
            (has, may, earlier),
            tuple(message.id for message in seen if message.private_to),
            reader.engineer if wrote or takes_over else None,
            reader.query if any(message.files for message in seen) else "",
        )
        with self._lock:
            html = self._rendered.get(key)
            if html is None:
                reply = offered(card.reply, card.ticket, has=has, may=may)
                context = {
                    "card": replace(card, reply=reply),
                    "thread": seen,
                    "asked": card.question if card.earlier else asked_first(card.question, seen),
                    "engineer": reader.engineer,
                    "chosen_query": reader.query,
                    "has": has,
                    "may": may,
                    "takes_over": takes_over,
                    "reopens": may and reopens(replace(card, reply=reply)),
                    "due": due_of(card.ticket),
                    "page": earlier,
                }
                template = "inbox/thread.html" if earlier else "inbox/ticket.html"
                html = self._rendered[key] = Markup(render(template, context))  # noqa: S704 - escaped by the template
        return html


class Inbox:
    """Renders lists and tickets for engineers, on the threads that only read."""

    def __init__(self, host: Host, view: View, pause: float = PAUSE) -> None:
        self._host = host
        self._view = view
        self._pause = pause
        self._boards: dict[str, Board] = {}  # by language, the newest
        self._live: dict[str, Shared[Board]] = {}
        self._cards: dict[int, Card] = {}  # as they were read last
        self._standing = self._shared(host.page_view.standing)
        self._standings: dict[Identity, Standing] = {}  # of engineers, as they were read last
        self._ticket = self._shared(self._read_ticket)
        self._found = self._shared(partial(host.page_view.look_back, ROOM))

    async def rows(
        self, engineer: Participant, choice: Choice, language: str, query: str, *, known: bool = False
    ) -> InboxPane:
        """The list of one engineer; with `known`, of what was read last: a choice is shown at once."""
        if language not in self._live:
            self._live[language] = Shared(partial(self._read_board, language), self._pause)
        board = self._boards.get(language) if known else None
        if board is None:
            board = await self._live[language]()
        reader = Viewer(engineer, query, await self._standing_of(engineer, known=known))
        queues = self._host.page_view.queues(ROOM, language)
        found = None
        if choice.looks_back:
            found = await self._found(choice.look(queues))()
        pane: InboxPane = await self._host.read(
            self.render_rows, board, found, reader, choice, queues, language
        )
        return pane

    async def ticket(
        self,
        engineer: Participant,
        ticket_id: int,
        language: str,
        query: str,
        before: str = "",
        *,
        known: bool = False,
    ) -> Markup:
        """One ticket as an engineer sees it; with `before`, an earlier page of its conversation.

        With `known`, what they may do is what was read last: who goes from ticket to ticket does not wait.
        """
        page: TicketPage = await self._ticket(ticket_id, language, before)()
        reader = Viewer(engineer, query, await self._standing_of(engineer, known=known))
        render = partial(self._view.compose, language)
        html: Markup = await self._host.read(page.html, reader, bool(before), render)
        return html

    async def standing_on(self, engineer: Participant, ticket_id: int) -> tuple[Card | None, Standing]:
        """A ticket as it was read last for any window, and what an engineer may do."""
        if ticket_id not in self._cards:
            await self._ticket(ticket_id, self._host.language, "")()
        return self._cards.get(ticket_id), await self._standing_of(engineer, known=True)

    # --- on a thread that reads

    def render_rows(
        self,
        board: Board,
        found: FoundTickets | None,
        reader: Viewer,
        choice: Choice,
        queues: tuple[QueueChoice, ...],
        language: str,
    ) -> InboxPane:
        """The list as it was read, for one engineer."""
        render = partial(self._view.compose, language)
        fitting = [entry for entry in board.entries if choice.takes(entry.ticket, reader.standing, queues)]
        late = [entry for entry in fitting if is_late(entry.ticket, board.read_at)]
        entries, more = self._entries(board, found, late if choice.late else fitting, choice)
        tickets = [entry.ticket for entry in board.entries]
        since = self._host.clock() - NOTICES_FOR
        mine = [one for one in board.notices if own(one, reader.engineer)][-MOST_NOTICES:]
        counts = {
            view: sum(Choice(view).takes(ticket, reader.standing, ()) for ticket in tickets)
            for view in LIVE_VIEWS
        }
        context = {
            "rows": [board.row(entry, render) for entry in entries],
            "news": [one for one in board.entries if _concerns(one.ticket, reader.standing)][-MOST_NEWS:],
            "choice": choice,
            "views": VIEWS,
            "counts": counts,
            "late": len(late),
            "queues": queues if len(queues) > 1 else (),
            "priorities": tuple(sorted(Priority, reverse=True)),
            "more": format_reference(more) if more is not None else "",
            "found": found,
            "outages": board.outages,
            "notices": [notice for notice in mine if notice.at >= since],
            "trouble": tuple(self._host.trouble()),
        }
        return InboxPane(Markup(render("inbox/list.html", context)), counts["unclaimed"])  # noqa: S704 - escaped by the template

    @staticmethod
    def _entries(
        board: Board,
        found: FoundTickets | None,
        fitting: Sequence[InboxEntry],
        choice: Choice,
    ) -> tuple[list[InboxEntry], int | None]:
        if found is not None:
            return list(found.entries), found.before
        shown, more = page_of(by_urgency(fitting, board.read_at), choice.after)
        return list(shown), more

    def _board(self, language: str) -> Board:
        page = self._host.page_view
        now = self._host.clock()
        return Board(page.live(ROOM), page.outages(language), page.notices(ROOM), now)

    def _read_ticket(self, ticket_id: int, language: str, before: str) -> TicketPage:
        card = self._host.page_view.ticket(ROOM, ticket_id, language, before)
        self._cards.pop(ticket_id, None)
        if card is not None:
            self._cards[ticket_id] = card
        while len(self._cards) > MOST_KEPT:
            self._cards.pop(next(iter(self._cards)), None)
        return TicketPage(card)

    # --- on the event loop

    async def _read_board(self, language: str) -> Board:
        board: Board = await self._host.read(self._board, language)
        if language in self._boards:
            board.take_over(self._boards[language])
        self._boards[language] = board
        return board

    async def _standing_of(self, engineer: Participant, *, known: bool) -> Standing:
        identity = engineer.identity
        standing = self._standings.get(identity) if known else None
        if standing is None:
            standing = await self._standing(identity)()
            self._standings.pop(identity, None)
            self._standings[identity] = standing
            while len(self._standings) > MOST_KEPT:
                self._standings.pop(next(iter(self._standings)), None)
        return standing

    def _shared(self, read: Callable[..., Any]) -> Callable[..., Shared[Any]]:
        """Reading that all share who ask for the same."""
        return lru_cache(MOST_KEPT)(
            lambda *asked: Shared(partial(self._host.read, read, *asked), self._pause)
        )


def offered(reply: Reply, ticket: Ticket, *, has: bool, may: bool) -> Reply:
    """Return a card with what its reader may do alone, and the menu in parts."""
    if not may:
        return replace(reply, buttons=(), menu=())

    def allowed(button: Button) -> bool:
        if button.action == CANNED:
            return False  # the field below offers them; with notes only they are refused
        return has or ticket.status is not Status.CLAIMED or button.action not in ASSIGNEES

    menu = in_parts(tuple(filter(allowed, reply.menu)))
    return replace(reply, buttons=tuple(filter(allowed, reply.buttons)), menu=menu)


def asked_first(question: str, thread: Sequence[Message]) -> str:
    """Return a question without what was added within two minutes, which stands below it in the thread."""
    for message in reversed(thread):
        if message.visibility is Visibility.FROM_EMPLOYEE and message.text:
            question = question.removesuffix(f"\n{message.text}")
    return question


def reopens(card: Card) -> bool:
    """Tell whether the page itself offers to reopen a ticket, which its card does after a low mark alone.

    What another ticket goes on with is not reopened.
    """
    offers = any(button.action == REOPEN for button in card.reply.buttons)
    return card.ticket.allows(TicketAction.REOPEN) and not offers and not card.followed


def _row(entry: InboxEntry, render: Render, now: datetime) -> Markup:
    due = due_of(entry.ticket)
    context: Mapping[str, object] = {
        "entry": entry,
        "ticket": entry.ticket,
        "due": due,
        "late": is_late(entry.ticket, now),
    }
    return Markup(render("inbox/row.html", dict(context)))  # noqa: S704 - escaped by the template


def _concerns(ticket: Ticket, standing: Standing) -> bool:
    """Whether a message or the opening of a live ticket is news for somebody."""
    return ticket.status is Status.OPEN or standing.has(ticket)


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60
