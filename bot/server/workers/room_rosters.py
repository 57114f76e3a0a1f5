"""Reads who is in the engineers' rooms, every few minutes, and keeps these rooms up to date."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import structlog

from bot.desk.cards.card_locations import CardLocations
from bot.desk.ports.channels import Channel
from bot.desk.ports.clock import Clock
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.desk.staff.roster_freshness import RosterFreshness
from bot.domain.conversations.messages import ConversationRef
from bot.domain.errors import RosterUnavailable, StorageBusy, StorageUnavailable, details
from bot.domain.people import Identity
from bot.domain.secrets.masking import clean_name
from bot.runtime.waiting import wait_for_event
from bot.server.database_threads import Run

log = structlog.get_logger()
T = TypeVar("T")

READ_SECONDS = 20.0  # for the members of one room
KEYS_KEPT = timedelta(days=30)  # Slack repeats an event for an hour at most; Teams for less
SOON = 15.0  # seconds until a roster that could not be read is tried again


class RoomMaintenance:
    """Stores the members of the engineers' rooms, posts the cards that a room lacks, and deletes old data."""

    def __init__(
        self, begin: UnitsOfWork, card_locations: CardLocations, freshness: RosterFreshness, clock: Clock
    ) -> None:
        self._begin = begin
        self._card_locations = card_locations
        self._freshness = freshness
        self._clock = clock

    def keep_only(self, channel: str, rooms: Sequence[ConversationRef]) -> None:
        """Delete the rosters of the channel's other rooms."""
        with self._begin() as work:
            work.rosters.keep_only(channel, rooms)

    def store(self, room: ConversationRef, members: Mapping[Identity, str]) -> bool:
        """Replace a room's roster by these members with their names."""
        now = self._clock()
        members = {one: clean_name(name, one.external_id) for one, name in members.items()}
        with self._begin() as work:
            work.rosters.replace(room, members, now, members)
        self._freshness.note(room.place, now)
        return True

    def complete(self) -> int:
        """Post the cards of live tickets that a room lacks, and return how many.

        The keys of events that no platform sends again are deleted, and so are files that have expired. No
        roster stays good for longer than it should because the clock was set back.
        """
        with self._begin() as work:
            work.rosters.date_back(self._clock())
            work.inbox.forget(self._clock() - KEYS_KEPT)
            work.relays.erase_files(self._clock())
            return self._card_locations.add_missing_cards(work, self._clock())


class RosterWorker:
    """Reads the members of every engineers' room, then lets the rooms be completed."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        rooms: Callable[[], Sequence[ConversationRef]],
        maintenance: RoomMaintenance,
        run: Run,
        seconds: float,
        wake_deliveries: Callable[[], None],
    ) -> None:
        """`seconds`: between two readings."""
        self._channels = channels
        self._rooms = rooms
        self._maintenance = maintenance
        self._run = run
        self._seconds = seconds
        self._wake_deliveries = wake_deliveries
        self._wake = asyncio.Event()

    def refresh(self, _channel: str = "") -> None:
        """Read the rosters again soon."""
        self._wake.set()

    async def run(self) -> None:
        """Read the rosters until it is cancelled."""
        while True:
            self._wake.clear()
            # Side by side: a channel that hangs must not make the others' rosters stale.
            good = all(await asyncio.gather(*(self._read(channel) for channel in self._channels.values())))
            if await self._guarded(self._maintenance.complete):
                self._wake_deliveries()
            await wait_for_event(self._wake, self._seconds if good else min(SOON, self._seconds))

    async def _read(self, channel: Channel) -> bool:
        rooms = [room for room in self._rooms() if room.channel == channel.name]
        if not rooms:
            return channel.trouble() is None
        await self._guarded(self._maintenance.keep_only, channel.name, rooms)
        return all([await self._read_room(channel, room) for room in rooms])

    async def _read_room(self, channel: Channel, room: ConversationRef) -> bool:
        try:
            async with asyncio.timeout(READ_SECONDS):
                members = await channel.members(room)
        except (RosterUnavailable, TimeoutError) as error:
            log.warning(
                "roster_unavailable",
                channel=channel.name,
                reason=type(error).__name__,
                next_step="see that the bot is in the room; it is tried again",
            )
            return False
        except (StorageBusy, StorageUnavailable) as error:  # the channel keeps the names that it reads
            _tell(error)
            return False
        except Exception:  # a mistake in a plugin must not end this loop: the rosters would go stale
            log.exception(
                "roster_broke",
                channel=channel.name,
                next_step="report it: this is a mistake in the code; the others go on",
            )
            return False
        return await self._guarded(self._maintenance.store, room, members) is not None

    async def _guarded(self, function: Callable[..., T], *values: Any) -> T | None:
        try:
            result: T = await self._run(function, *values)
        except Exception as error:  # noqa: BLE001  # the database is away: the next reading tries again
            _tell(error)
            return None
        return result


def _tell(error: Exception) -> None:
    log.error(
        "round_failed",
        **details(error),
        next_step="see that the database runs and can be written; it goes on by itself",
    )
