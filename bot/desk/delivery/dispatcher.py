"""Leases posts from the outbox for delivery, renders them, and records whether they were delivered."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.desk.cards.card_locations import CardLocations
from bot.desk.cards.ticket_card import LISTED, TicketCards
from bot.desk.delivery.capacity import SharedCapacity
from bot.desk.delivery.failure_notices import DeliveryFailures
from bot.desk.delivery.retry import FOLLOWERS, retry_after
from bot.desk.notifications import Notifications
from bot.desk.ports.backends import TicketRecord
from bot.desk.ports.channels import Delivery, File, Receipt
from bot.desk.ports.clock import Clock
from bot.desk.ports.outbox import LeasedPost
from bot.desk.ports.unit_of_work import UnitOfWork, UnitsOfWork
from bot.domain.conversations.messages import Reply
from bot.domain.errors import DeliveryFailed, LeaseLost, PostUnreadable
from bot.domain.tickets.ticket import Ticket

LEASE_TIME = timedelta(seconds=30)

Result = tuple[Delivery, Receipt | DeliveryFailed]


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Dead letter: a post that will not be tried again, and the platform's error code."""

    post: int
    channel: str
    code: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """Posts to deliver next, dead letters, and the ids of posts whose lease another replica took over."""

    next: tuple[Delivery, ...]
    given_up: tuple[GivenUp, ...] = ()
    lost: tuple[int, ...] = ()


class Dispatcher:
    """Dispatcher of posts: leases and settles them; the channels deliver them."""

    def __init__(
        self,
        begin: UnitsOfWork,
        cards: TicketCards,
        locations: CardLocations,
        notifications: Notifications,
        failures: DeliveryFailures,
        language: str,
        clock: Clock,
    ) -> None:
        self._begin = begin
        self._cards = cards
        self._locations = locations
        self._notifications = notifications
        self._failures = failures
        self._language = language
        self._clock = clock

    def exchange(
        self,
        results: Sequence[Result],
        limit: int,
        channels: Sequence[str],
        under_way: Sequence[Delivery] = (),
    ) -> Exchange:
        """Settle delivered posts and lease the next ones of these channels, in one transaction.

        `under_way` is what else is being delivered here: it takes its share of what a channel and a place may
        have at once, and is not leased again.
        Of each conversation only the first waiting post is leased, so that posts stay in order. Cards are
        rendered in their current state, after that transaction.
        """
        now = self._clock()
        given_up: list[GivenUp] = []
        lost: list[int] = []
        with self._begin() as work:
            # Sorted, as everybody locks conversations: two dispatchers cannot wait for each other.
            for delivery, result in sorted(results, key=lambda pair: pair[0].conversation_id):
                try:
                    given_up += self._settle(work, delivery, result, now)
                except LeaseLost:
                    lost.append(delivery.id)
            self._call_others(work, results, now)
            capacity = SharedCapacity(channels, under_way)
            leased = work.deliveries.lease(now, now + LEASE_TIME, limit, capacity) if limit > 0 else ()
            replies = [post for post in leased if post.kind == "reply"]
            deliveries, unreadable = self._rendered(work, replies)
            given_up += self._give_up(work, unreadable, now)
        cards = [post for post in leased if post.kind != "reply"]
        if cards:
            with self._begin.reading() as work:  # rendering holds nobody up
                rendered, unreadable = self._rendered(work, cards)
            in_order = {post.id: index for index, post in enumerate(leased)}
            deliveries = sorted((*deliveries, *rendered), key=lambda delivery: in_order[delivery.id])
            if unreadable:
                with self._begin() as work:
                    given_up += self._give_up(work, unreadable, now)
        return Exchange(tuple(deliveries), tuple(given_up), tuple(lost))

    def _rendered(
        self, work: UnitOfWork, leased_posts: Sequence[LeasedPost]
    ) -> tuple[list[Delivery], list[tuple[LeasedPost, str]]]:
        """Make the deliveries of posts; return them, and the unreadable posts with the reason."""
        deliveries, unreadable = [], []
        for leased in leased_posts:
            try:
                deliveries.append(self._delivery(work, leased))
            except PostUnreadable as error:
                unreadable.append((leased, str(error)))
        return deliveries, unreadable

    def _give_up(
        self, work: UnitOfWork, unreadable: Sequence[tuple[LeasedPost, str]], now: datetime
    ) -> list[GivenUp]:
        for leased, _ in unreadable:
            work.deliveries.dead_letter(leased, "unreadable", now)
        return [GivenUp(leased.id, leased.conversation.channel, why) for leased, why in unreadable]

    def _settle(
        self, work: UnitOfWork, delivery: Delivery, result: Receipt | DeliveryFailed, now: datetime
    ) -> list[GivenUp]:
        leased = _leased(delivery)
        if isinstance(result, Receipt):
            work.deliveries.mark_sent(leased, result, now)
            if result.url and not delivery.edit and delivery.record is not None:
                # The rooms' cards show from now on where the ticket is kept, too.
                self._notifications.refresh_cards(work, delivery.record.ticket, now)
            return []
        limited = result.retry_after is not None
        channel = delivery.conversation.channel
        waiting = 0 if limited or result.permanent else work.deliveries.count_retries(channel, now)
        wait = retry_after(delivery, result, waiting)
        if wait is None:
            work.deliveries.dead_letter(leased, result.code, now)
            self._failures.tell(work, delivery, result.code, now)
            return [GivenUp(delivery.id, channel, result.code)]
        work.deliveries.retry(leased, now + wait, result.code, hold_space=limited)
        return []

    @staticmethod
    def _call_others(work: UnitOfWork, results: Sequence[Result], now: datetime) -> None:
        """Let more posts be tried at once where one succeeded that had failed: what it failed of may be over.

        A few for each, whose successes call others in turn: where most still fails, nobody is overrun.
        """
        recovered = Counter(
            delivery.conversation.channel
            for delivery, result in results
            if isinstance(result, Receipt) and delivery.attempt > 1
        )
        for channel, count in recovered.items():
            work.deliveries.bring_forward(channel, now, FOLLOWERS * count)

    def _delivery(self, work: UnitOfWork, leased: LeasedPost) -> Delivery:
        record = self._record(work, leased)
        return Delivery(
            id=leased.id,
            conversation_id=leased.conversation_id,
            lease=leased.lease,
            conversation=leased.conversation,
            reply=record.card if record else self._render(work, leased),
            attempt=leased.attempts,
            edit=leased.edit,
            private_to=leased.private_to,
            home=leased.kind == "home",
            card=leased.kind == "card",
            ticket_id=leased.ticket_id,
            record=record,
            delete=leased.removed,
            revises=leased.revises,
            mark=leased.mark,
            mark_of=leased.mark_of,
            file=leased.file,
        )

    def _record(self, work: UnitOfWork, leased: LeasedPost) -> TicketRecord | None:
        if leased.kind != "card" or not self._locations.is_mirror(leased.conversation):
            return None
        return self._cards.mirror_record(work, self._ticket(work, leased))

    def _ticket(self, work: UnitOfWork, leased: LeasedPost) -> Ticket:
        ticket = work.tickets.get(leased.ticket_id) if leased.ticket_id is not None else None
        if ticket is None:
            raise PostUnreadable(f"The outbox row {leased.id} has neither a text nor a ticket.")
        return ticket

    def file(self, file_id: int) -> File | None:
        """Return a file to pass on, with its content where that is kept already."""
        with self._begin.reading() as work:
            return work.relays.file(file_id)

    def keep(self, file_id: int, content: bytes) -> None:
        """Keep the content of a fetched file, so that it is fetched once."""
        with self._begin() as work:
            work.relays.keep_content(file_id, content)

    def _render(self, work: UnitOfWork, leased: LeasedPost) -> Reply:
        if leased.kind == "reply":
            return work.deliveries.reply(leased)
        now = self._clock()
        if leased.kind == "home" and leased.private_to is not None:
            person = work.people.known(leased.private_to)
            language = (person.language if person else None) or self._language
            tickets = work.tickets.of(person.id, LISTED) if person else ()
            return self._cards.home(tickets, language, now)
        ticket = self._ticket(work, leased)
        return self._cards.left_card(ticket) if leased.left else self._cards.card(work, ticket)


def _leased(delivery: Delivery) -> LeasedPost:
    kind = "card" if delivery.card else "home" if delivery.home else "reply"
    return LeasedPost(
        id=delivery.id,
        conversation_id=delivery.conversation_id,
        lease=delivery.lease,
        conversation=delivery.conversation,
        kind=kind,
        attempts=delivery.attempt,
        ticket_id=delivery.ticket_id,
        private_to=delivery.private_to,
        edit=delivery.edit,
        revises=delivery.revises,
        removed=delivery.delete,
    )
