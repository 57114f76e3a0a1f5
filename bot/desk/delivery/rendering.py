"""Renders leased posts as deliveries; one that cannot be rendered is set aside by itself."""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.desk.cards.card_locations import CardLocations
from bot.desk.cards.ticket_card import LISTED, TicketCards
from bot.desk.delivery.mirror_comments import MirrorComments
from bot.desk.ports.backends import TicketRecord
from bot.desk.ports.channels import Delivery
from bot.desk.ports.clock import Clock
from bot.desk.ports.outbox import LeasedPost
from bot.desk.ports.unit_of_work import UnitOfWork, UnitsOfWork
from bot.domain.conversations.messages import Reply
from bot.domain.errors import PostUnreadable, StorageBusy
from bot.domain.tickets.ticket import Ticket


@dataclass(slots=True)
class Rendered:
    """Deliveries of posts, and the posts that could not be rendered, each with the reason."""

    deliveries: list[Delivery] = field(default_factory=list)
    unreadable: list[tuple[LeasedPost, str]] = field(default_factory=list)


class PostRenderer:
    """Renderer of posts, each in its current state."""

    def __init__(
        self,
        begin: UnitsOfWork,
        cards: TicketCards,
        locations: CardLocations,
        comments: MirrorComments,
        language: str,
        clock: Clock,
    ) -> None:
        self._begin = begin
        self._cards = cards
        self._locations = locations
        self._comments = comments
        self._language = language
        self._clock = clock

    def replies(self, work: UnitOfWork, leased_posts: Sequence[LeasedPost]) -> Rendered:
        """Render posts that were stored with their text; no table is read for that."""
        rendered = Rendered()
        for leased in leased_posts:
            try:
                rendered.deliveries.append(self._delivery(work, leased))
            except Exception as error:  # noqa: BLE001  # whatever is wrong with this post, the others go on
                rendered.unreadable.append((leased, reason_of(error)))
        return rendered

    def current(self, leased_posts: Sequence[LeasedPost]) -> Rendered:
        """Render cards and home tabs as they are now, in a transaction that holds nobody up."""
        if not leased_posts:
            return Rendered()
        try:
            with self._begin.reading() as work:
                return Rendered([self._delivery(work, leased) for leased in leased_posts])
        except StorageBusy:
            raise
        except Exception:  # noqa: BLE001  # one may stop them all, and the transaction is spoilt: each by itself
            return self._one_by_one(leased_posts)

    def _one_by_one(self, leased_posts: Sequence[LeasedPost]) -> Rendered:
        rendered = Rendered()
        for leased in leased_posts:
            try:
                with self._begin.reading() as work:
                    rendered.deliveries.append(self._delivery(work, leased))
            except StorageBusy:
                raise
            except Exception as error:  # noqa: BLE001  # as above; a database that is away is told apart below
                rendered.unreadable.append((leased, reason_of(error)))
                self._ask_database()
        return rendered

    def _ask_database(self) -> None:
        """Ask the database anything: where it is away, that fails too, and it is no post's fault."""
        with self._begin.reading() as work:
            work.deliveries.listed(("dead",), 1)

    def _delivery(self, work: UnitOfWork, leased: LeasedPost) -> Delivery:
        if leased.fault:
            raise PostUnreadable(leased.fault)
        record = self._record(work, leased)
        reply = record.card if record else self._render(work, leased)
        mirrored = leased.kind == "reply" and self._locations.is_mirror(leased.conversation)
        return Delivery(
            id=leased.id,
            conversation_id=leased.conversation_id,
            lease=leased.lease,
            conversation=leased.conversation,
            reply=reply,
            attempt=leased.attempts,
            edit=leased.edit,
            private_to=leased.private_to,
            home=leased.kind == "home",
            card=leased.kind == "card",
            ticket_id=leased.ticket_id,
            record=record,
            comment=self._comments.of_post(work, leased, reply) if mirrored else None,
            delete=leased.removed,
            revises=leased.revises,
            mark=leased.mark,
            mark_of=leased.mark_of,
            file=leased.file,
            trace=leased.trace,
        )

    def _record(self, work: UnitOfWork, leased: LeasedPost) -> TicketRecord | None:
        if leased.kind != "card" or not self._locations.is_mirror(leased.conversation):
            return None
        return self._cards.mirror_record(work, self._ticket(work, leased))

    def _ticket(self, work: UnitOfWork, leased: LeasedPost) -> Ticket:
        ticket = work.tickets.get(leased.ticket_id) if leased.ticket_id is not None else None
        if ticket is None:
            raise PostUnreadable("no_ticket")
        return ticket

    def _render(self, work: UnitOfWork, leased: LeasedPost) -> Reply:
        match leased.kind:
            case "reply":
                return work.deliveries.reply(leased)
            case "home" if leased.private_to is not None:
                person = work.people.known(leased.private_to)
                language = (person.language if person else None) or self._language
                tickets = work.tickets.of(person, LISTED) if person else ()
                return self._cards.home(tickets, language, self._clock(), leased.private_to.channel)
            case "card":
                ticket = self._ticket(work, leased)
                return self._cards.left_card(ticket) if leased.left else self._cards.card(work, ticket)
            case _:
                raise PostUnreadable("unknown_kind")


def reason_of(error: Exception) -> str:
    """Say in a code what failed and where, without the words that an error may quote."""
    if isinstance(error, PostUnreadable) and error.__cause__ is None:
        return str(error)
    cause = error.__cause__ or error
    where = [frame.f_code.co_name for frame, _ in traceback.walk_tb(cause.__traceback__)][-1:]
    return " in ".join((type(cause).__name__, *where))
