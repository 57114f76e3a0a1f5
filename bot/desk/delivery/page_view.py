"""Reads what the page shows: conversations, the tickets of rooms, and outages."""

from collections.abc import Callable, Sequence

from bot.desk.cards.ticket_card import TicketCards
from bot.desk.history.timeline import follow_up_reference
from bot.desk.knowledge.library import Library
from bot.desk.outages.posts import MOST_LISTED, OutagePosts
from bot.desk.ports.clock import Clock
from bot.desk.ports.outages import KnownAlert
from bot.desk.ports.page import Card, Message, ReadyReply, Standing
from bot.desk.ports.tickets import FoundTickets, InboxEntry, LookBack, QueueChoice, SeenTicket, missing
from bot.desk.ports.unit_of_work import UnitOfWork, UnitsOfWork
from bot.desk.staff.permissions import Permissions
from bot.domain.conversations.messages import ConversationRef, Reply
from bot.domain.people import Identity
from bot.domain.tickets.canned_response import find_canned_responses, pick_version
from bot.domain.tickets.outage import Outage

MOST_UNDER_A_CARD = 50
MOST_LIVE = 2_000  # tickets in the list of what is open or claimed
MOST_REPLIES = 100  # canned responses to choose from
MOST_FOUND = 50  # tickets of one search
CHUNKS = (100, 400, 1_500)  # tickets that one search goes through, newest first
LINES_OF_A_TICKET = 8  # on the average, up to which what was written about a chunk's tickets is searched


class DeskPageView:
    """View of the page: conversations, the tickets of rooms, and outages."""

    def __init__(
        self,
        begin: UnitsOfWork,
        cards: TicketCards,
        outages: OutagePosts,
        permissions: Permissions,
        library: Library,
        clock: Clock,
        give_way: Callable[[], None],
    ) -> None:
        """`give_way` waits for others before each step of a long reading."""
        self._begin = begin
        self._cards = cards
        self._outage_posts = outages
        self._permissions = permissions
        self._library = library
        self._clock = clock
        self._give_way = give_way

    def conversation(self, ref: ConversationRef, limit: int = 200) -> tuple[Message, ...]:
        """Return the newest messages of one conversation, oldest first."""
        with self._begin.reading() as work:
            return work.timeline.conversation(ref, limit)

    def live(self, ref: ConversationRef) -> tuple[InboxEntry, ...]:
        """Return the live tickets with a card in a room, the most urgent and oldest first."""
        with self._begin.reading() as work:
            return work.timeline.live(ref, MOST_LIVE)

    def look_back(self, ref: ConversationRef, look: LookBack) -> FoundTickets:
        """Search through the tickets that have a card in a room; a look goes only so far back."""
        found: list[int] = []
        before, back = look.before, None
        with self._begin.reading() as work:
            if look.number is not None and before is None and self._is_here(work, ref, look.number):
                found.append(look.number)
            for chunk in CHUNKS:
                self._give_way()
                seen = work.timeline.seen(ref, before, chunk)
                fitting, end = self._fitting(work, look, seen)
                for one in seen[:end]:
                    before, back = one.id, one.opened_at
                    if one.id not in found and one.id in fitting:
                        found.append(one.id)
                    if len(found) >= MOST_FOUND:
                        return FoundTickets(work.timeline.entries(found), before, back)
                if len(seen[:end]) < chunk:
                    break
            reached_end = end == len(seen) < chunk
            return FoundTickets(work.timeline.entries(found), *(() if reached_end else (before, back)))

    @staticmethod
    def _fitting(work: UnitOfWork, look: LookBack, seen: Sequence[SeenTicket]) -> tuple[set[int], int]:
        """Return which of a chunk's tickets fit, and how many of them have been looked at.

        What was written about a ticket is read only where its question and names lack a word, and of a chunk
        only so much: where there is more, the next look goes on from there.
        """
        lacking = {one.id: look.lacks(one) for one in seen if look.takes(one)}
        unsure = [ticket_id for ticket_id, words in lacking.items() if words]
        most = LINES_OF_A_TICKET * len(seen)
        lines = work.timeline.written(unsure, most) if unsure else ()
        for ticket_id, text in lines:
            lacking[ticket_id] = missing(lacking[ticket_id], text)
        end = len(seen)
        if lines and len(lines) >= most:
            # Of the last one not all has been read; one that is alone is left at that.
            cut = next(at for at, one in enumerate(seen) if one.id == lines[-1][0])
            end = max(cut, 1)
        return {ticket_id for ticket_id, words in lacking.items() if not words}, end

    def ticket(
        self, ref: ConversationRef, ticket_id: int, language: str = "", before: str = ""
    ) -> Card | None:
        """Return a ticket of a room, in the reader's language or the desk's; None where it is not there."""
        cards = self._cards.for_page(language or self._cards.language)
        with self._begin.reading() as work:
            ticket = work.tickets.get(ticket_id)
            if ticket is None or not self._is_here(work, ref, ticket_id):
                return None
            card_id = work.timeline.card_of(ref, ticket_id)
            if card_id is not None:
                thread, earlier = work.timeline.thread(card_id, MOST_UNDER_A_CARD, before)
            else:  # another card stands for it: what was said to its requester
                thread, earlier = work.timeline.about(ticket, MOST_UNDER_A_CARD), ""
            episode = work.episodes.get(ticket.episode_id)
            return Card(
                ticket,
                cards.card(work, ticket),
                thread,
                work.texts.get(ticket.question_id),
                work.timeline.heard(ticket_id),
                earlier,
                work.conversations.ref(episode.conversation_id),
                self._permissions.queue_of(ticket.queue).id,
                card_id is not None,
                "" if ticket.live else follow_up_reference(work, ticket),
            )

    def standing(self, identity: Identity) -> Standing:
        """Return what somebody may do to the tickets of a room now."""
        with self._begin.reading() as work:
            queues = self._permissions.queues_of_person(work, identity, self._clock())
            return Standing(work.people.known(identity), frozenset(queue.id for queue in queues))

    def queues(self, ref: ConversationRef, language: str) -> tuple[QueueChoice, ...]:
        """Return the queues with a room; nothing is read for that."""
        return tuple(
            QueueChoice(queue.id, queue.title_in(language), self._permissions.filter_for(queue))
            for queue in self._permissions.queues_in(ref)
        )

    def ready_replies(self, ticket_id: int, language: str, engineer: str) -> tuple[ReadyReply, ...]:
        """Return what an engineer may send about a ticket, filled in, its queue's own first."""
        with self._begin.reading() as work:
            ticket = work.tickets.get(ticket_id)
            if ticket is None:
                return ()
            spoken = work.episodes.get(ticket.episode_id).language
        replies = self._library.snapshot.content.replies
        values = {"requester": ticket.requester.name, "ticket": ticket.reference, "engineer": engineer}
        return tuple(
            ReadyReply(one.title, pick_version(replies[one.id], spoken).fill(values))
            for one in find_canned_responses(replies, language, ticket.queue)[:MOST_REPLIES]
        )

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

    def notices(self, ref: ConversationRef, limit: int = 50) -> tuple[Message, ...]:
        """Return the newest messages in the room itself, with those that are private to somebody."""
        with self._begin.reading() as work:
            return work.timeline.conversation(ref, limit)

    def opens(self, room: ConversationRef, member: Identity) -> bool:
        """Tell whether a member of a room may read it today; nothing is read for that."""
        return self._permissions.opens(room, member)

    def mark(self) -> str:
        """Return a mark that changes whenever a committed row changes what the page shows."""
        with self._begin.reading() as work:
            return work.timeline.mark()

    def _is_here(self, work: UnitOfWork, ref: ConversationRef, ticket_id: int) -> bool:
        """Tell whether a ticket has a card in a room, or another card there stands for it."""
        if work.timeline.card_of(ref, ticket_id) is not None:
            return True
        ticket = work.tickets.get(ticket_id)
        stands = ticket is not None and not work.tickets.cards(ticket_id)
        return stands and ticket is not None and self._permissions.is_room_of(ref, ticket.queue)
