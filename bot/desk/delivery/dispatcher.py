"""Leases posts from the outbox for delivery, renders them, and records whether they were delivered."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.desk.delivery.capacity import SharedCapacity
from bot.desk.delivery.failure_notices import DeliveryFailures
from bot.desk.delivery.rendering import PostRenderer, reason_of
from bot.desk.delivery.retry import EAGER_SECONDS, FOLLOWERS, retry_after
from bot.desk.notifications import Notifications
from bot.desk.ports.channels import Delivery, Receipt
from bot.desk.ports.clock import Clock
from bot.desk.ports.outbox import LeasedPost
from bot.desk.ports.page import File
from bot.desk.ports.unit_of_work import UnitOfWork, UnitsOfWork
from bot.domain.errors import DeliveryFailed, LeaseLost, StorageBusy

LEASE_TIME = timedelta(seconds=30)
CLOCK_TOLERANCE = timedelta(seconds=1)  # by which a clock is corrected without being set
TRIES_ALONE = 2  # of a post that could not be settled together with others
UNREADABLE = "unreadable"

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
        renderer: PostRenderer,
        notifications: Notifications,
        failures: DeliveryFailures,
        clock: Clock,
    ) -> None:
        self._begin = begin
        self._renderer = renderer
        self._notifications = notifications
        self._failures = failures
        self._clock = clock
        self._latest: datetime | None = None  # the time of the last exchange

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
        self._heed_clock(now)
        with self._begin() as work:
            given_up, lost = self._settle_all(work, results, now)
            capacity = SharedCapacity(channels, under_way)
            leased = work.deliveries.lease(now, now + LEASE_TIME, limit, capacity) if limit > 0 else ()
            replies = self._renderer.replies(work, [post for post in leased if post.kind == "reply"])
            given_up += self._set_aside(work, replies.unreadable, now, UNREADABLE)
        cards = self._renderer.current([post for post in leased if post.kind != "reply"])
        if cards.unreadable:
            with self._begin() as work:
                given_up += self._set_aside(work, cards.unreadable, now, UNREADABLE)
        rendered = {delivery.id: delivery for delivery in (*replies.deliveries, *cards.deliveries)}
        in_order = tuple(rendered[post.id] for post in leased if post.id in rendered)
        return Exchange(in_order, tuple(given_up), tuple(lost))

    def _heed_clock(self, now: datetime) -> None:
        """Let nothing wait for a time that was near before the clock was set back.

        At the start it may have been while nobody looked: what is farther ahead than usual is tried now.
        """
        set_back = self._latest is not None and now < self._latest - CLOCK_TOLERANCE
        if self._latest is None or set_back:
            longest = timedelta() if set_back else timedelta(seconds=EAGER_SECONDS)
            with self._begin() as work:
                work.deliveries.shorten_waits(now, now + longest, now + LEASE_TIME)
        self._latest = now

    def _settle_all(
        self, work: UnitOfWork, results: Sequence[Result], now: datetime
    ) -> tuple[list[GivenUp], list[int]]:
        """Settle results; return the dead letters, and the posts whose lease is somebody else's."""
        given_up: list[GivenUp] = []
        lost: list[int] = []
        # Sorted, as everybody locks conversations: two dispatchers cannot wait for each other.
        for delivery, result in sorted(results, key=lambda pair: pair[0].conversation_id):
            try:
                given_up += self._settle(work, delivery, result, now)
            except LeaseLost:
                lost.append(delivery.id)
        self._call_others(work, results, now)
        return given_up, lost

    def settle_one_by_one(self, results: Sequence[Result]) -> Exchange:
        """Settle posts one by one after an exchange that failed, and set aside those that fail again.

        A database that is away stops this too.
        """
        now = self._clock()
        given_up: list[GivenUp] = []
        lost: list[int] = []
        for delivery, result in results:
            try:
                given_up += self._settle_alone(delivery, result, now)
            except LeaseLost:
                lost.append(delivery.id)
        return Exchange((), tuple(given_up), tuple(lost))

    def _settle_alone(
        self, delivery: Delivery, result: Receipt | DeliveryFailed, now: datetime
    ) -> list[GivenUp]:
        for _ in range(TRIES_ALONE):
            try:
                with self._begin() as work:
                    return self._settle(work, delivery, result, now)
            except (LeaseLost, StorageBusy):
                raise
            except Exception as error:  # noqa: BLE001  # whatever fails for this post, the others go on
                reason = reason_of(error)
        with self._begin() as work:
            return self._set_aside(work, [(_leased(delivery), reason)], now, "unsettled")

    @staticmethod
    def _set_aside(
        work: UnitOfWork, faults: Sequence[tuple[LeasedPost, str]], now: datetime, code: str
    ) -> list[GivenUp]:
        """Make dead letters of posts that cannot be processed, each with its reason."""
        given_up = []
        for leased, reason in faults:
            try:
                work.deliveries.dead_letter(leased, f"{code}: {reason}", now)
            except LeaseLost:  # whoever has it now finds the same
                continue
            given_up.append(GivenUp(leased.id, leased.conversation.channel, f"{code}: {reason}"))
        return given_up

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

    def file(self, file_id: int) -> File | None:
        """Return a file to pass on, with its content where that is kept already."""
        with self._begin.reading() as work:
            return work.relays.file(file_id)

    def keep(self, file_id: int, content: bytes) -> None:
        """Keep the content of a fetched file, so that it is fetched once."""
        with self._begin() as work:
            work.relays.keep_content(file_id, content)


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
