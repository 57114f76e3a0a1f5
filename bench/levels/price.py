"""The price of one message on PostgreSQL, and what follows from it on paper."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.levels.meters import Counted, PostgreSQL, Statements
from bench.levels.phase import Player
from bench.levels.plan import Level
from bench.levels.stage import IDLE, Stage
from bench.report import Table

BUSY = 0.7  # the share of a core up to which waiting for it stays short
CORES = (2, 4, 8, 16, 32)
CONNECTIONS = 10  # that one replica keeps to PostgreSQL
DISK = 200.0  # megabytes a second that a usual disk of a cloud writes


@dataclass(frozen=True, slots=True)
class Price:
    """What one message takes, without what is done anyhow; `flush`: milliseconds of one write to the disk."""

    cpu: float  # milliseconds of the server
    database_cpu: float  # milliseconds of PostgreSQL
    counted: Counted
    statements: Statements
    messages: int  # of which the statements were counted
    idle_cpu: float  # milliseconds a second of one replica
    flush: float


def measured(player: Player, postgresql: PostgreSQL, stage: Stage, pace: Level, flush: float) -> Price:
    """Measure the price with the base of PostgreSQL at the pace."""
    idle, idle_cpu = _idle(postgresql, stage)
    before, begun = postgresql.counted(stage.database), time.monotonic()
    phase = player.play(stage, stage.size, pace)
    counted = postgresql.counted(stage.database).since(before)
    seconds, count = time.monotonic() - begun, len(phase.measured.sent)
    lasted = phase.measured.seconds + phase.drained.seconds
    with postgresql.statements_written() as written:
        again = player.play(stage, stage.size, replace(pace, seconds=pace.seconds / 2))
    return Price(
        (phase.cpu - phase.idle_cpu) / count * 1000,
        (phase.database_cpu - idle_cpu * lasted) / count * 1000,
        counted.since(idle.times(seconds)).times(1 / count),
        written[0],
        len(again.measured.sent),
        stage.idle_cpu * 1000,
        flush,
    )


def _idle(postgresql: PostgreSQL, stage: Stage) -> tuple[Counted, float]:
    """What PostgreSQL does in a second without a message: counted, and processor time."""
    before, begun, cpu = postgresql.counted(stage.database), time.monotonic(), postgresql.cpu_seconds()
    time.sleep(IDLE)
    counted, seconds = postgresql.counted(stage.database).since(before), time.monotonic() - begun
    return counted.times(1 / seconds), (postgresql.cpu_seconds() - cpu) / seconds


def tables(price: Price) -> Iterator[Table]:
    """What one message takes, and what more cores would give, calculated."""
    yield _prices(price)
    yield _cores(price)
    yield _ends(price)


def _prices(price: Price) -> Table:
    counted, statements = price.counted, price.statements
    rows = {
        "processor time of the server": f"{price.cpu:.2f} ms",
        "processor time of PostgreSQL": f"{price.database_cpu:.2f} ms",
        "statements, BEGIN and COMMIT among them": f"{statements.all / price.messages:.1f}",
        "of these BEGIN, COMMIT and ROLLBACK": f"{statements.bounds / price.messages:.1f}",
        "of these locking rows beforehand": f"{statements.locking / price.messages:.1f}",
        "commits": f"{counted.commits:.1f}",
        "rows inserted": f"{counted.inserted:.1f}",
        "rows updated or deleted, each locked until its commit": f"{counted.changed:.1f}",
        "time in transactions, whose locks last so long": f"{counted.held:.1f} ms",
        "write-ahead log": f"{counted.wal / 1000:.1f} kB",
        "flushes of it to the disk": f"{counted.flushes:.1f}, {price.flush:.2f} ms each",
    }
    notes = [
        f"Without what is done anyhow: a replica without messages takes {price.idle_cpu:.0f} ms a second."
    ]
    return Table(
        "PostgreSQL: the price of one message, posts included", ("what", "a message"), [*rows.items()], notes
    )


def _cores(price: Price) -> Table:
    table = Table(
        "On paper: what more cores would give",
        ("cores", "messages/s", "replicas", "cores of PostgreSQL", "commits/s", "WAL MB/s"),
    )
    for cores in CORES:
        rate = BUSY * cores * 1000 / (price.cpu + price.database_cpu)
        replicas = math.ceil(rate * price.cpu / 1000 / BUSY)
        figures = (
            f"{rate:.0f}",
            str(replicas),
            f"{rate * price.database_cpu / 1000 / BUSY:.1f}",
            f"{rate * price.counted.commits:.0f}",
            f"{rate * price.counted.wal / 1e6:.1f}",
        )
        table.rows.append((str(cores), *figures))
    table.notes.append(
        f"Cores of the servers and of PostgreSQL together, {BUSY:.0%} busy; a replica is one process, and "
        "uses one core. Cores add up while nobody waits for rows of others: the waits for locks in this "
        "run stand among the promises."
    )
    return table


def _ends(price: Price) -> Table:
    counted, end = price.counted, {}
    for cores in (4, 16):
        end[f"processor: {cores} cores of its own, {BUSY:.0%} busy"] = (
            BUSY * cores * 1000 / price.database_cpu
        )
    end["flushes one after the other, none shared, as measured here"] = 1000 / (price.flush * counted.commits)
    end["flushes of 2 ms each, as over a network, ten commits sharing one"] = (
        10 * 1000 / (2 * counted.commits)
    )
    end[f"write-ahead log: a disk that writes {DISK:.0f} MB/s, half of it for the log"] = (
        DISK / 2 * 1e6 / counted.wal
    )
    end["one conversation, whose row each of its messages locks for a transaction"] = (
        1000 * counted.commits / counted.held
    )
    replicas = 100 // CONNECTIONS
    end[f"100 connections without a pooler: {replicas} replicas, {BUSY:.0%} busy"] = (
        replicas * BUSY * 1000 / price.cpu
    )
    rows: list[tuple[str, ...]] = [(what, f"{rate:.0f}") for what, rate in end.items()]
    return Table("On paper: where one PostgreSQL ends", ("bound", "messages/s"), rows)
