"""Looks at the database, the outbox, the cache and the disks."""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TypeVar

from bot.cli.operate.parts import ServerParts
from bot.domain.diagnosis import CHECK_SECONDS, Check, Finding, Teller, error, warning
from bot.domain.errors import DatabaseNotReady, FirstlineError
from bot.runtime.deadline import ending_at
from bot.server.cache import NO_CACHE, cache_fault, cache_of
from bot.server.mirrors.one_way import mirror_location
from bot.server.monitoring.statistics import SLOW
from bot.server.settings import Settings
from bot.storage import Database, is_there, reached_by_others, shown
from bot.storage.engine import connect_reading
from bot.storage.inspection import DatabaseState, Pooler, file_at, inspect_database, why_not_made
from bot.storage.migrate import current_revision, known_revisions, newest_revision
from bot.storage.unit_of_work import ChannelMemory, units_of_work

LITTLE = 1024**3  # bytes that are free: soon none are
ALMOST_NONE = 100 * 1024**2
T = TypeVar("T")


async def in_thread(work: Callable[[], T], seconds: float = CHECK_SECONDS) -> T:
    """Run what blocks in a thread, which ends by itself soon after nobody waits for it any more."""

    def limited() -> T:
        with ending_at(monotonic() + seconds):
            return work()

    return await asyncio.to_thread(limited)


class StorageChecks:
    """Checks of what is kept, and of where it is kept."""

    def __init__(
        self, settings: Settings, parts: ServerParts, clock: Callable[[], datetime], tell: Teller
    ) -> None:
        self._settings = settings
        self._tell = tell
        self._url = settings.database_url
        self._targets = [
            *(plugin.name for plugin in parts.channels),
            *(mirror_location(plugin.name).channel for plugin in parts.backends),
        ]
        self._clock = clock

    def checks(self) -> tuple[Check, ...]:
        """The checks of the database, of what waits in it, and of the disks."""
        return (
            Check("database", self._database),
            Check("outbox", self._outbox),
            Check("cache", self._cache),
            Check("disk", self._disk),
        )

    async def recall(self, channel: str, key: str) -> str | None:
        """What a running server has remembered; None where there is no database to read it from."""

        def read() -> str | None:
            with self._ready() as database:
                return ChannelMemory(units_of_work(database)).recall(channel, key)

        try:
            return await in_thread(read)
        except FirstlineError:  # which is a finding of its own
            return None

    async def _database(self) -> Sequence[Finding]:
        if not is_there(self._url):
            return [self._absent()]

        def look() -> DatabaseState:
            with self._opened() as database:
                return inspect_database(self._url, database)

        try:
            state = await in_thread(look)
        except FirstlineError as failure:
            seen, _, remedy = str(failure).partition(" See ")
            do = f"See {remedy}" if remedy else self._tell.say("doctor.database.correct")
            return [error("database", seen, do)]
        return [
            self._tell.ok("database", "doctor.database.answers", url=shown(self._url), version=state.version),
            self._schema(state),
            *self._rights(state),
            *self._pooling(state),
            self._clocks(state),
        ]

    def _absent(self) -> Finding:
        file = file_at(self._url)
        if reason := why_not_made(self._url):
            why = self._tell.say(f"doctor.reason.{reason.kind}", what=reason.what)
            return self._tell.error("database", "doctor.database.not_made", file=file, why=why)
        return self._tell.warning("database", "doctor.database.absent", file=file)

    def _schema(self, state: DatabaseState) -> Finding:
        name, newest, revision = "database.schema", newest_revision(), state.schema.revision
        if revision == newest:
            return self._tell.ok(name, "doctor.schema.newest", newest=newest)
        if revision is None and not state.schema.empty:
            return self._tell.error(name, "doctor.schema.foreign")
        if revision is None:
            return self._tell.error(name, "doctor.schema.empty")
        key = "doctor.schema.older" if revision in known_revisions() else "doctor.schema.newer"
        return self._tell.error(name, key, revision=revision, newest=newest)

    def _rights(self, state: DatabaseState) -> Iterator[Finding]:
        name = "database.rights"
        file = file_at(self._url)
        for reason in state.unwritable:
            why = self._tell.say(f"doctor.reason.{reason.kind}", what=reason.what)
            remedy = "doctor.rights.give_role" if file is None else "doctor.rights.give_file"
            folder = file.parent if file is not None else ""
            yield self._tell.error(name, "doctor.rights.none", remedy=remedy, why=why, folder=folder)
        for reached in reached_by_others(self._url):
            command = reached.rpartition(": ")[2]
            path = command.split(" ", 2)[2]
            yield self._tell.warning(name, "doctor.rights.reached", path=path, command=command)
        if not state.unwritable:
            yield self._tell.ok(name, "doctor.rights.all")

    def _pooling(self, state: DatabaseState) -> Iterator[Finding]:
        name = "database.pooling"
        if state.pooler is Pooler.NONE:
            return
        if state.prepares:
            yield self._tell.error(name, "doctor.pooling.swallows")
        if state.unlimited:
            limits = ", ".join(state.unlimited)
            yield self._tell.warning(name, "doctor.pooling.unlimited", limits=limits)
        if not state.prepares and not state.unlimited:
            yield self._tell.ok(name, "doctor.pooling.fine")

    def _clocks(self, state: DatabaseState) -> Finding:
        name = "database.clock"
        if state.clock is None:
            return self._tell.skipped(name, "doctor.clock.none")
        whose = self._tell.say("doctor.clock.of_database")
        return self._tell.clocks(name, self._clock(), state.clock, whose)

    async def _outbox(self) -> Sequence[Finding]:
        def count() -> tuple[int, int, datetime | None]:
            with self._ready() as database, units_of_work(database).reading() as work:
                return work.deliveries.backlog(tuple(self._targets))

        try:
            waiting, dead, oldest = await in_thread(count)
        except FirstlineError:
            return [self._tell.skipped("outbox", "doctor.outbox.unread", remedy="doctor.outbox.see")]
        found, posts = [], self._tell.counted("doctor.outbox.waiting", waiting)
        if dead:
            key = "doctor.outbox.dead.one" if dead == 1 else "doctor.outbox.dead"
            remedy = "doctor.outbox.dead.remedy"
            found.append(self._tell.warning("outbox", key, remedy=remedy, count=dead))
        age = self._clock() - oldest if oldest is not None else None
        if age is not None and age > SLOW:
            minutes = f"{age.total_seconds() / 60:.0f}"
            found.append(self._tell.warning("outbox", "doctor.outbox.slow", posts=posts, minutes=minutes))
        return found or [self._tell.ok("outbox", "doctor.outbox.fine", posts=posts)]

    async def _cache(self) -> Sequence[Finding]:
        if self._settings.cache == NO_CACHE:
            return [self._tell.skipped("cache", "doctor.cache.off")]
        if fault := cache_fault(self._settings):
            seen, _, remedy = fault.rpartition(": ")  # as `serve` says it
            return [warning("cache", f"{seen}.", f"{remedy[0].upper()}{remedy[1:]}")]
        folder = cache_of(self._settings)
        size = await in_thread(lambda: _size(folder))
        return [self._tell.ok("cache", "doctor.cache.kept", folder=folder, size=_mb(size))]

    async def _disk(self) -> Sequence[Finding]:
        used = (file_at(self._url), cache_of(self._settings))
        places = [_folder(path) for path in used if path is not None]
        # A file system is looked at once, whatever lies on it.
        devices = {place.stat().st_dev: place for place in reversed(places)}
        return [self._free(place, await in_thread(partial(_bytes_free, place))) for place in devices.values()]

    def _free(self, place: Path, free: int) -> Finding:
        if free >= LITTLE:
            return self._tell.ok("disk", "doctor.disk.free", size=_mb(free), place=place)
        say = self._tell.error if free < ALMOST_NONE else self._tell.warning
        return say("disk", "doctor.disk.free", size=_mb(free), place=place)

    @contextmanager
    def _ready(self) -> Iterator[Database]:
        """The database, if it has the newest tables; what it lacks is a finding of its own."""
        with self._opened() as database:
            if current_revision(database) != newest_revision():
                raise DatabaseNotReady
            yield database

    @contextmanager
    def _opened(self) -> Iterator[Database]:
        database = connect_reading(self._url)
        try:
            yield database
        finally:
            database.close()


def _bytes_free(place: Path) -> int:
    return shutil.disk_usage(place).free


def _folder(path: Path) -> Path:
    return next(folder for folder in (path, *path.absolute().parents) if folder.is_dir())


def _size(folder: Path | None) -> int:
    found = folder.rglob("*") if folder is not None else ()
    return sum(path.stat().st_size for path in found if path.is_file())


def _mb(size: int) -> str:
    return f"{size / 1024**3:.1f} GB" if size >= 1024**3 else f"{size / 1024**2:.1f} MB"
