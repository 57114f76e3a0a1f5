"""Reads what the page shows: conversations, rooms, outages and queues."""

from collections.abc import Callable

from bot.desk.automation.queue_summary import QueueLists
from bot.desk.cards.ticket_card import TicketCards
from bot.desk.outages.posts import MOST_LISTED, OutagePosts
from bot.desk.ports.channels import Card, Message
from bot.desk.ports.clock import Clock
from bot.desk.ports.outages import KnownAlert
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.desk.staff.permissions import Permissions
from bot.domain.conversations.messages import ConversationRef, Reply
from bot.domain.people import Identity
from bot.domain.tickets.outage import Outage

MOST_UNDER_A_CARD = 50


class DeskPageView:
    """View of the page: conversations, rooms, outages and queues."""

    def __init__(
        self,
        begin: UnitsOfWork,
        cards: TicketCards,
        outages: OutagePosts,
        permissions: Permissions,
        lists: QueueLists,
        clock: Clock,
        give_way: Callable[[], None],
    ) -> None:
        """`give_way` waits for others before each step of a long reading."""
        self._begin = begin
        self._cards = cards
        self._outage_posts = outages
        self._permissions = permissions
        self._lists = lists
        self._clock = clock
        self._give_way = give_way

    def conversation(self, ref: ConversationRef, limit: int = 200) -> tuple[Message, ...]:
        """Return the newest messages of one conversation, oldest first."""
        with self._begin.reading() as work:
            return work.timeline.conversation(ref, limit)

    def room(self, ref: ConversationRef, language: str = "", limit: int = 50) -> tuple[Card, ...]:
        """Return the newest cards of one room, live ones first, in the reader's language or the desk's."""
        cards = self._cards.in_language(language) if language else self._cards
        with self._begin.reading() as work:
            shown = []
            for ticket, conversation_id in work.timeline.cards(ref, limit):
                self._give_way()
                thread = work.timeline.thread(conversation_id, MOST_UNDER_A_CARD)
                shown.append(Card(ticket, cards.card(work, ticket), thread))
        return tuple(shown)

    def outages(self, language: str = "") -> tuple[Reply, ...]:
        """Return the posts of live outages, and of live alerts that have started none."""
        with self._begin.reading() as work:
            lasting: tuple[Outage | KnownAlert, ...] = (
                *work.outages.live(MOST_LISTED),
                *work.outages.lasting_alerts(MOST_LISTED),
            )
            return tuple(
                self._outage_posts.render(work, one, language or self._cards.language) for one in lasting
            )

    def queue(self, identity: Identity, language: str) -> Reply | None:
        """Return an engineer's queues, in their language; None for anybody else."""
        with self._begin.reading() as work:
            return self._lists.of(work, identity, language, self._clock())

    def notices(self, ref: ConversationRef, limit: int = 50) -> tuple[Message, ...]:
        """Return the newest messages in the room itself, with those that are private to somebody."""
        with self._begin.reading() as work:
            return work.timeline.conversation(ref, limit)

    def mark(self) -> str:
        """Return a mark that changes whenever a committed row changes what the page shows."""
        with self._begin.reading() as work:
            return work.timeline.mark()
