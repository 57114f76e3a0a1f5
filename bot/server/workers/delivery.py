"""Delivers queued posts and records the results."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic
from typing import Protocol

import structlog

from bot.desk.delivery.dispatcher import Dispatcher, Exchange, Result
from bot.desk.ports.channels import Delivery, DeliveryTarget, Receipt
from bot.desk.ports.page import File
from bot.domain.errors import DeliveryFailed, StorageBusy, StorageUnavailable, details
from bot.runtime.waiting import wait_for_event
from bot.server.database_threads import Run
from bot.server.monitoring.metrics import Metrics

log = structlog.get_logger()

LOT = 32  # posts that are leased at a time
IDLE = 1.0  # seconds between looks when nobody wakes us: posts of other replicas, and waits that are over
POLITE = 0.2  # seconds that deliveries wait at most while utterances are being taken
POST_SECONDS = 15.0  # within the lease of a conversation
BROKEN_ATTEMPTS = 5  # of a post at which a channel's code breaks: what follows it must not wait for long
FILE_SECONDS = 20.0  # the same, for a post that carries a file


class FileSource(Protocol):
    """What files come from: a channel, or a system that is mirrored both ways."""

    async def fetch(self, file: File, most: int) -> bytes:
        """Fetch the content of a file, at most `most` bytes; raise `DeliveryFailed`."""


NO_MIRRORS: Mapping[str, FileSource] = {}


class FileContents:
    """Fetches the content of files from the channels where they were sent, and keeps it for other posts."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        channels: Mapping[str, FileSource],
        largest_file: int,
        run: Run,
        mirrors: Mapping[str, FileSource] = NO_MIRRORS,
    ) -> None:
        """`largest_file`: in bytes. `mirrors`: the systems whose comments may have files, by name."""
        self._dispatcher = dispatcher
        self._channels = channels
        self._mirrors = mirrors
        self._largest_file = largest_file
        self._run = run

    async def added_to(self, delivery: Delivery) -> Delivery:
        """The delivery with its file's content; raise `DeliveryFailed` where it cannot be had."""
        if delivery.file is None or delivery.delete:
            return delivery
        file: File | None = await self._run(self._dispatcher.file, delivery.file.id)
        if file is None:
            raise DeliveryFailed("file_gone", permanent=True)
        if file.content is None:
            source = self._channels.get(file.channel) or self._mirrors.get(file.channel)
            if source is None:
                raise DeliveryFailed("file_channel_away")
            content = await source.fetch(file, self._largest_file)
            await self._run(self._dispatcher.keep, file.id, content)
            file = replace(file, content=content, size=len(content))
        return replace(delivery, file=file)


class DeliveryWorker:
    """Delivers until it is stopped, then finishes what is on its way."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        targets: Mapping[str, DeliveryTarget],
        file_contents: FileContents,
        run: Run,
        metrics: Metrics,
    ) -> None:
        self._dispatcher = dispatcher
        self._targets = targets
        self._file_contents = file_contents
        self._run = run
        self._metrics = metrics
        self._wake = asyncio.Event()
        self._stopping = False
        self._done: list[Result] = []
        self._under_way: dict[int, tuple[Delivery, asyncio.Task[None]]] = {}
        self._receiving = 0  # utterances that are being taken in
        self._quiet = asyncio.Event()
        self._quiet.set()

    def wake(self) -> None:
        """Look for posts now: something was committed that may have to be delivered."""
        self._wake.set()

    def stop(self) -> None:
        """Take nothing new; `run` returns when what is on its way is settled."""
        self._stopping = True
        self._wake.set()

    @contextmanager
    def giving_way(self) -> Iterator[None]:
        """Let an utterance be taken in first: new deliveries wait for its end, a short while at most."""
        self._receiving += 1
        self._quiet.clear()
        try:
            yield
        finally:
            self._receiving -= 1
            if not self._receiving:
                self._quiet.set()

    async def run(self) -> None:
        """Deliver until `stop` is called."""
        while not self._stopping or self._under_way or self._done:
            self._wake.clear()
            # Acknowledgements go first; what goes out then goes in larger lots.
            await wait_for_event(self._quiet, POLITE)
            exchange = await self._exchange()
            for delivery in exchange.next:
                task = asyncio.create_task(self._deliver(delivery))
                self._under_way[delivery.id] = (delivery, task)
            if not exchange.next and not self._done:
                await wait_for_event(self._wake, IDLE)

    async def _exchange(self) -> Exchange:
        settled, self._done = self._done, []
        limit = 0 if self._stopping else LOT
        under_way = [delivery for delivery, _ in self._under_way.values()]
        try:
            exchange: Exchange = await self._run(
                self._dispatcher.exchange, settled, limit, tuple(self._targets), under_way
            )
        except Exception as error:  # noqa: BLE001  # the database is away: what was delivered is settled when it is back
            log.error(
                "courier_exchange_failed",
                unsettled=len(settled),
                **details(error),
                next_step="see that the database runs and can be written; it goes on by itself",
            )
            self._metrics.exchange_errors.inc()
            exchange = await self._settled_one_by_one(settled)
        self._tell(exchange)
        return exchange

    async def _settled_one_by_one(self, settled: list[Result]) -> Exchange:
        """Settle each post by itself: where one stopped its whole lot, the others must not wait for it."""
        exchange = Exchange(())
        try:
            if settled:
                exchange = await self._run(self._dispatcher.settle_one_by_one, settled)
        except Exception:  # noqa: BLE001  # told already; the database is away, and they are settled when it is back
            self._done = settled + self._done
        await asyncio.sleep(IDLE)
        return exchange

    def _tell(self, exchange: Exchange) -> None:
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
            log.warning("lease_lost", post=post, next_step="none: another replica took over")

    async def _deliver(self, delivery: Delivery) -> None:
        name = delivery.conversation.channel
        result: Receipt | DeliveryFailed
        started = monotonic()
        try:
            async with asyncio.timeout(FILE_SECONDS if delivery.file is not None else POST_SECONDS):
                result = await self._targets[name].deliver(await self._file_contents.added_to(delivery))
            self._metrics.deliveries.labels(name, "sent").inc()
        except DeliveryFailed as failed:
            result = failed
        except TimeoutError:
            result = DeliveryFailed("timeout")
        except (StorageBusy, StorageUnavailable):  # the file could not be kept; that is nobody's mistake
            result = DeliveryFailed("storage")
        except Exception:  # a mistake in a plugin must neither lose the post nor stop the others
            log.exception(
                "delivery_broke",
                post=delivery.id,
                channel=name,
                next_step="report it: this is a mistake in the code; the others go on",
            )
            result = DeliveryFailed("adapter_error", permanent=delivery.attempt >= BROKEN_ATTEMPTS)
        self._metrics.delivery_seconds.labels(name).observe(monotonic() - started)
        if isinstance(result, DeliveryFailed):
            self._metrics.deliveries.labels(name, "failed").inc()
            log.warning(
                "delivery_failed",
                post=delivery.id,
                channel=name,
                code=result.code,
                attempt=delivery.attempt,
                next_step="none: it is tried again; firstline outbox list shows what waits",
            )
        del self._under_way[delivery.id]
        self._done.append((delivery, result))
        self._wake.set()
