"""One load on one size: sends it, waits until all is delivered, and says what became of it."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from bench.levels.meters import LongWait, Peak, PostgreSQL
from bench.levels.plan import Level, Size
from bench.levels.stage import Stage
from bench.levels.windows import windows
from bench.load import Measured
from bench.questions import Questions
from bench.sections import MIXTURE
from bench.serving import Drained, Platforms
from bot.storage import Database
from bot.storage.schema.tables import inbox

LOT = 500  # keys that are looked up at once


@dataclass(frozen=True, slots=True)
class Phase:
    """What was measured in one turn of a level; times in milliseconds from the moment an event was due."""

    size: Size
    level: Level
    measured: Measured
    replies: tuple[float, ...]  # until the reply arrived
    lost: int  # acknowledged, and not kept or without the reply that was due
    drained: Drained
    cpu: float  # seconds of all replicas
    idle_cpu: float  # of these what they take without a message
    database_cpu: float  # seconds of PostgreSQL
    megabytes: float
    descriptors: int
    lock_waits: tuple[LongWait, ...]

    @property
    def accepted(self) -> int:
        """How many were acknowledged."""
        return self.measured.statuses.get("200", 0)

    @property
    def refused(self) -> int:
        """How many were refused, or failed otherwise."""
        return len(self.measured.sent) - self.accepted


@dataclass
class Player:
    """Plays loads; what all of them share."""

    questions: Questions
    fakes: Platforms
    folder: Path
    postgresql: PostgreSQL | None

    def play(self, stage: Stage, size: Size, level: Level) -> Phase:
        """Send a load and wait until all of it is delivered."""
        messages = self.questions.messages(int(level.rate * level.seconds), MIXTURE)
        self.fakes.arrivals()
        self._lock_waits()
        begun = time.monotonic()
        cpu, database_cpu, peak = stage.servers.cpu_seconds(), self._database_cpu(), Peak(stage.servers)
        with windows(stage.servers.pages, self.folder, size.windows), peak.watched():
            measured = stage.servers.offer(messages, level.rate)
        drained = stage.servers.drain()
        used = stage.servers.cpu_seconds() - cpu
        arrivals = self.fakes.arrivals()
        return Phase(
            size,
            level,
            measured,
            tuple(replies(measured, arrivals)),
            lost(measured, arrivals, kept(stage.database, measured)),
            drained,
            used,
            stage.idle_cpu * (time.monotonic() - begun),
            self._database_cpu() - database_cpu if size.kind == "postgresql" else 0.0,
            peak.megabytes,
            peak.descriptors,
            tuple(self._lock_waits()),
        )

    def _database_cpu(self) -> float:
        return self.postgresql.cpu_seconds() if self.postgresql else 0.0

    def _lock_waits(self) -> Sequence[LongWait]:
        return self.postgresql.lock_waits() if self.postgresql else ()


def replies(measured: Measured, arrivals: dict[str, float]) -> Iterator[float]:
    """The milliseconds until each reply arrived, from when its event was due."""
    for one in measured.sent:
        if one.place in arrivals:
            yield (arrivals[one.place] - one.due) * 1000


def lost(measured: Measured, arrivals: dict[str, float], keys: set[str]) -> int:
    """How many were acknowledged of which the desk knows nothing, or to which no reply came that was due."""
    acknowledged = [one for one in measured.sent if one.status == "200"]
    return sum(one.key not in keys or (bool(one.place) and one.place not in arrivals) for one in acknowledged)


def kept(database: Database, measured: Measured) -> set[str]:
    """The keys of all that was sent and is kept."""
    keys = [one.key for one in measured.sent]
    found: set[str] = set()
    with database.transaction(reading=True) as connection:
        for first in range(0, len(keys), LOT):
            among = inbox.c.key.in_(keys[first : first + LOT])
            found.update(connection.execute(select(inbox.c.key).where(among)).scalars())
    return found
