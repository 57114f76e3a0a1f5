"""Renders both panes of the page: what several windows show alike is read and rendered once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache, partial
from threading import Lock

from markupsafe import Markup

from bot.channels.web.access.accounts import ROOM, Participant
from bot.channels.web.live.shared import PAUSE, Shared
from bot.channels.web.view import View, counts, own
from bot.desk.ports.channels import Card, Host, Message
from bot.domain.conversations.messages import Reply

NOTICES_FOR = timedelta(days=1)
MOST_NOTICES = 5
MOST_CONVERSATIONS = 64  # whose last rendering is kept
EXAMPLES = ("web.example.sure", "web.example.choice", "web.example.person")

Render = Callable[[str, dict[str, object]], str]  # a template with its context


@dataclass(frozen=True, slots=True)
class RoomPane:
    """Right pane of one engineer, and how many tickets wait."""

    html: Markup
    waiting: int


@dataclass(frozen=True, slots=True)
class Viewer:
    """Engineer for whom the room is rendered; `query` goes on in the links of this window."""

    engineer: Participant
    query: str


@dataclass(frozen=True)
class Board:
    """Room as it was read at one moment, with the cards that have been rendered of it.

    A card looks the same to all, unless its thread has what is private, what the reader wrote, or a file.
    """

    cards: tuple[Card, ...]
    outages: tuple[Reply, ...]
    notices: tuple[Message, ...]
    read_at: datetime
    _rendered: dict[tuple[object, ...], Markup] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def take_over(self, earlier: "Board") -> None:
        """Take over the cards that still look as they did; ages are shown in minutes."""
        if _minute(earlier.read_at) != _minute(self.read_at):
            return
        known = {card.ticket.id: card for card in earlier.cards}
        same = {card.ticket.id for card in self.cards if known.get(card.ticket.id) == card}
        with earlier._lock:
            kept = {key: html for key, html in earlier._rendered.items() if key[0] in same}
        self._rendered.update(kept)

    def card(self, card: Card, reader: Viewer, render: Render) -> Markup:
        """A card as this reader sees it, rendered when nobody has seen it so."""
        seen = [message for message in card.thread if own(message, reader.engineer)]
        key = (
            card.ticket.id,
            tuple(message.id for message in seen if message.private_to),
            reader.engineer.name if any(one.author == reader.engineer.name for one in seen) else "",
            reader.query if any(message.files for message in seen) else "",
        )
        with self._lock:
            html = self._rendered.get(key)
            if html is None:
                context = {
                    "card": card,
                    "thread": seen,
                    "engineer": reader.engineer,
                    "chosen_query": reader.query,
                }
                html = self._rendered[key] = Markup(render("card.html", context))  # noqa: S704 - escaped by the template
        return html


class Panes:
    """Renders the conversation and the room, on the threads that only read."""

    def __init__(self, host: Host, view: View, pause: float = PAUSE) -> None:
        self._host = host
        self._view = view
        self._pause = pause
        self._boards: dict[str, Board] = {}  # by language, the newest
        self._rooms: dict[str, Shared[Board]] = {}
        self._conversation = lru_cache(MOST_CONVERSATIONS)(self._shared_conversation)

    async def conversation(self, person: Participant, language: str, query: str) -> Markup:
        """The left pane of one person."""
        return await self._conversation(person, language, query)()

    async def room(self, engineer: Participant, language: str, query: str) -> RoomPane:
        """The right pane of one engineer."""
        if language not in self._rooms:
            self._rooms[language] = Shared(partial(self._read_board, language), self._pause)
        board = await self._rooms[language]()
        pane: RoomPane = await self._host.read(self.render_room, board, Viewer(engineer, query), language)
        return pane

    # --- on a thread that reads

    def render_room(self, board: Board, reader: Viewer, language: str) -> RoomPane:
        """The room as it was read, for one engineer."""
        render = partial(self._view.compose, language)
        waiting, claimed = counts([card.ticket for card in board.cards])
        since = self._host.clock() - NOTICES_FOR
        mine = [one for one in board.notices if own(one, reader.engineer)][-MOST_NOTICES:]
        context = {
            "cards": [board.card(card, reader, render) for card in board.cards],
            "outages": board.outages,
            "notices": [notice for notice in mine if notice.at >= since],
            "trouble": tuple(self._host.trouble()),
            "waiting": waiting,
            "claimed": claimed,
        }
        return RoomPane(Markup(render("room.html", context)), waiting)  # noqa: S704 - escaped by the template

    def _board(self, language: str) -> Board:
        page = self._host.page_view
        now = self._host.clock()
        return Board(page.room(ROOM, language), page.outages(language), page.notices(ROOM), now)

    def _messages(self, person: Participant) -> list[Message]:
        found = self._host.page_view.conversation(person.conversation)
        return [message for message in found if own(message, person)]

    def _read_conversation(self, person: Participant, language: str, query: str) -> Markup:
        spoken = person.language or language
        context = {
            "messages": self._messages(person),
            "asker": person,
            "chosen_query": query,
            "examples": [self._host.wording.say(spoken, key) for key in EXAMPLES],
            "examples_language": spoken,
        }
        return Markup(self._view.compose(language, "conversation.html", context))  # noqa: S704 - escaped by the template

    # --- on the event loop

    async def _read_board(self, language: str) -> Board:
        board: Board = await self._host.read(self._board, language)
        if language in self._boards:
            board.take_over(self._boards[language])
        self._boards[language] = board
        return board

    def _shared_conversation(self, person: Participant, language: str, query: str) -> Shared[Markup]:
        return Shared(partial(self._host.read, self._read_conversation, person, language, query), self._pause)


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60
