"""What runs beside the requests: the courier, the rosters, the content."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import structlog

from bot.desk.cards.card_locations import CardLocations
from bot.desk.delivery.dispatcher import Dispatcher, Exchange, Result
from bot.desk.outages.outages import Outages
from bot.desk.ports.channels import Channel, Clock, Delivery, DeliveryTarget, File, Receipt
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.conversations.messages import ConversationRef
from bot.domain.errors import DeliveryFailed, RosterUnavailable
from bot.domain.people import Identity
from bot.server.metrics import Metrics

log = structlog.get_logger()
T = TypeVar("T")
Run = Callable[..., Awaitable[Any]]

AT_ONCE = 32  # posts on their way at the same moment
IDLE = 1.0  # seconds between looks when nobody wakes us: posts of other replicas, and waits that are over
POLITE = 0.2  # seconds that the courier waits at most while utterances are being taken
POST_SECONDS = 20.0  # within the lease of a conversation
KEYS_KEPT = timedelta(days=30)  # Slack repeats an event for an hour at most; Teams for less
SOON = 15.0  # seconds until a roster that could not be read is tried again


class DeliveryWorker:
    """Delivers until it is stopped, then finishes what is on its way."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        targets: Mapping[str, DeliveryTarget],
        run: Run,
        metrics: Metrics,
        quiet: asyncio.Event,
        channels: Mapping[str, Channel],
        largest_file: int,
    ) -> None:
        self._channels = channels
        self._largest_file = largest_file
        self._dispatcher = dispatcher
        self._carriers = targets
        self._run = run
        self._metrics = metrics
        self._quiet = quiet
        self._wake = asyncio.Event()
        self._stopping = False
        self._done: list[Result] = []
        self._under_way: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Something was committed that may have to be delivered."""
        self._wake.set()

    def stop(self) -> None:
        """Take nothing new; `run` returns when what is on its way is settled."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Deliver."""
        while not self._stopping or self._under_way or self._done:
            self._wake.clear()
            # Acknowledgements go first; what goes out then goes in larger lots.
            await _or_timeout(self._quiet, POLITE)
            exchange = await self._exchange()
            for delivery in exchange.next:
                task = asyncio.create_task(self._deliver(delivery))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
            if not exchange.next and not self._done:
                await _or_timeout(self._wake, IDLE)

    async def _exchange(self) -> Exchange:
        settled, self._done = self._done, []
        room = 0 if self._stopping else AT_ONCE - len(self._under_way)
        try:
            exchange: Exchange = await self._run(
                self._dispatcher.exchange, settled, room, tuple(self._carriers)
            )
        except Exception:  # the database is away: what was delivered is settled when it is back
            log.exception("courier_exchange_failed", unsettled=len(settled))
            self._metrics.courier_errors.inc()
            self._done = settled + self._done
            await asyncio.sleep(IDLE)
            return Exchange((), ())
        for given_up in exchange.given_up:
            self._metrics.deliveries.labels(given_up.channel, "dead").inc()
            log.error(
                "delivery_given_up",
                post=given_up.post,
                channel=given_up.channel,
                code=given_up.code,
                next_step="firstline outbox list",
            )
        for post in exchange.lost:
            log.warning("lease_lost", post=post)
        return exchange

    async def _deliver(self, delivery: Delivery) -> None:
        name = delivery.conversation.channel
        result: Receipt | DeliveryFailed
        try:
            async with asyncio.timeout(POST_SECONDS):
                result = await self._carriers[name].deliver(await self._with_content(delivery))
            self._metrics.deliveries.labels(name, "sent").inc()
        except DeliveryFailed as failed:
            result = failed
        except TimeoutError:
            result = DeliveryFailed("timeout")
        except Exception:  # a mistake in an adapter must neither lose the post nor stop the courier
            log.exception("delivery_broke", post=delivery.id, channel=name)
            result = DeliveryFailed("adapter_error")
        if isinstance(result, DeliveryFailed):
            self._metrics.deliveries.labels(name, "failed").inc()
            log.warning(
                "delivery_failed", post=delivery.id, channel=name, code=result.code, attempt=delivery.attempt
            )
        self._done.append((delivery, result))
        self._wake.set()

    async def _with_content(self, delivery: Delivery) -> Delivery:
        """The delivery with its file's content, fetched from where it was sent and kept for the others."""
        if delivery.file is None or delivery.delete:
            return delivery
        file: File | None = await self._run(self._dispatcher.file, delivery.file.id)
        if file is None:
            raise DeliveryFailed("file_gone", permanent=True)
        if file.content is None:
            source = self._channels.get(file.channel)
            if source is None:
                raise DeliveryFailed("file_channel_away")
            content = await source.fetch(file, self._largest_file)
            await self._run(self._dispatcher.keep, file.id, content)
            file = replace(file, content=content, size=len(content))
        return replace(delivery, file=file)


class RosterWorker:
    """Goes round every few minutes: reads who is in the engineers' rooms, gives live tickets the cards that
    they lack there, and drops the keys of events that no platform sends again."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        begin: UnitsOfWork,
        places: CardLocations,
        rooms: Callable[[], Sequence[ConversationRef]],
        run: Run,
        clock: Clock,
        seconds: float,
        wake_deliveries: Callable[[], None],
    ) -> None:
        self._channels = channels
        self._rooms = rooms
        self._begin = begin
        self._places = places
        self._run = run
        self._clock = clock
        self._seconds = seconds
        self._wake_deliveries = wake_deliveries
        self._wake = asyncio.Event()

    def refresh(self, _channel: str = "") -> None:
        """Read the rosters again soon."""
        self._wake.set()

    async def run(self) -> None:
        """Read, wait, read again."""
        while True:
            self._wake.clear()
            good = True
            for channel in self._channels.values():
                good = await self._read(channel) and good
            if await self._guarded(self._complete):
                self._wake_deliveries()
            await _or_timeout(self._wake, self._seconds if good else min(SOON, self._seconds))

    async def _read(self, channel: Channel) -> bool:
        rooms = [room for room in self._rooms() if room.channel == channel.name]
        if not rooms:
            return channel.trouble() is None
        await self._guarded(self._keep_only, channel.name, rooms)
        return all([await self._read_room(channel, room) for room in rooms])

    async def _read_room(self, channel: Channel, room: ConversationRef) -> bool:
        try:
            async with asyncio.timeout(POST_SECONDS):
                members = await channel.members(room)
        except (RosterUnavailable, TimeoutError) as error:
            log.warning("roster_unavailable", channel=channel.name, reason=type(error).__name__)
            return False
        except Exception:  # a mistake in an adapter must not end the rounds: the rosters would go stale
            log.exception("roster_broke", channel=channel.name)
            return False
        return await self._guarded(self._store, room, members) is not None

    def _keep_only(self, channel: str, rooms: Sequence[ConversationRef]) -> None:
        with self._begin() as work:
            work.rosters.keep_only(channel, rooms)

    def _store(self, room: ConversationRef, members: Mapping[Identity, str]) -> bool:
        with self._begin() as work:
            work.rosters.replace(room, members, self._clock(), members)
        return True

    def _complete(self) -> int:
        with self._begin() as work:
            work.inbox.forget(self._clock() - KEYS_KEPT)
            work.relays.erase_files(self._clock())
            return self._places.add_missing_cards(work, self._clock())

    async def _guarded(self, function: Callable[..., T], *values: Any) -> T | None:
        try:
            result: T = await self._run(function, *values)
        except Exception:  # the database is away: the next round tries again
            log.exception("round_failed")
            return None
        return result


class OutageWorker:
    """Closes the tickets of outages that have ended, lot after lot; whichever replica looks first does it."""

    def __init__(self, outages: Outages, run: Run, wake_deliveries: Callable[[], None]) -> None:
        self._outages = outages
        self._run = run
        self._wake_deliveries = wake_deliveries

    async def run(self) -> None:
        """Look, close, look again."""
        while True:
            try:
                more = await self._run(self._outages.close_next_batch)
            except Exception:  # the database is away: what is left is closed when it is back
                log.exception("outage_not_closed")
                more = False
            if more:
                self._wake_deliveries()
            else:
                await asyncio.sleep(IDLE)


async def _or_timeout(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
