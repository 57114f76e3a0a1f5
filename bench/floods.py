"""Measures what the others notice while one person floods the desk, by turns with and without the flood.

python -m bench.floods [--messages 500] [--rate 25] [--seconds 10] [--turns 2] [--database sqlite]
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from bench.databases import databases
from bench.events import Message
from bench.load import Job, Measured
from bench.plan import DATABASES, plan
from bench.processes import run as run_process
from bench.questions import Questions, collect
from bench.report import Goal
from bench.sections import MIXTURE
from bench.serving import Served, platforms, serve

FLOODER = 9_000  # the number of the person who floods; the others are numbered from 0
AT_ONCE = 100  # requests of the flood on their way at any time
RATIO = 1.3  # of the others' p99 with the flood and without


@dataclass(frozen=True, slots=True)
class FloodPlan:
    """Sizes of a run: what the others send at a steady pace, and what the flooder sends beside it."""

    messages: int = 500
    rate: float = 25.0
    seconds: float = 10.0
    turns: int = 2
    database: str = "sqlite"


@dataclass
class Turns:
    """What the others waited, turn by turn, and what the flood was answered."""

    calm: list[Measured] = field(default_factory=list)
    flooded: list[Measured] = field(default_factory=list)
    flood: Counter[str] = field(default_factory=Counter)

    @property
    def ratio(self) -> float:
        """The others' p99 with the flood, as a multiple of that without."""
        return median(one.p99 for one in self.flooded) / median(one.p99 for one in self.calm)


def run(chosen: FloodPlan | None = None) -> list[Goal]:
    """Measure, and return a row for each thing that must hold."""
    chosen = chosen or FloodPlan()
    turns = _measured(chosen)
    calm, flooded = (median(one.p99 for one in found) for found in (turns.calm, turns.flooded))
    answered = ", ".join(f"{count} x {status}" for status, count in sorted(turns.flood.items()))
    others = Counter[str]()
    for one in turns.flooded:
        others.update(one.statuses)
    return [
        Goal(
            f"{chosen.messages} messages of one person: the others' p99",
            f"<= {RATIO} times",
            f"{turns.ratio:.2f} times ({calm:.0f} and {flooded:.0f} ms); the flood was answered {answered}",
            turns.ratio <= RATIO,
        ),
        Goal("the others are acknowledged meanwhile", "all", f"{dict(others)}", set(others) == {"200"}),
    ]


def _measured(chosen: FloodPlan) -> Turns:
    sizes, questions, turns = plan(quick=False), collect(500), Turns()
    with tempfile.TemporaryDirectory(prefix="firstline-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with (
            platforms(folder) as fakes,
            databases(folder, postgresql=chosen.database != "sqlite") as made,
            serve(fakes, "slack", sizes, folder, made.fresh(chosen.database)) as (server, _),
        ):
            server.introduce_people()
            for turn in range(chosen.turns):
                turns.calm.append(_others(server, questions, chosen))
                with _flood(server, questions, chosen, turn, folder) as flood:
                    turns.flooded.append(_others(server, questions, chosen))
                turns.flood.update(flood.result().statuses)
                server.drain()
    return turns


def _others(server: Served, questions: Questions, chosen: FloodPlan) -> Measured:
    return server.offer(questions.messages(int(chosen.rate * chosen.seconds), MIXTURE), chosen.rate)


@contextmanager
def _flood(
    server: Served, questions: Questions, chosen: FloodPlan, turn: int, folder: Path
) -> Iterator[Future[Measured]]:
    """Send the messages of one person from a process of its own, while the block runs."""
    since = time.time() - 60.0
    flooder = replace(server.sender, people=1, first=FLOODER + turn, since=since, apart=0.02)
    messages: Sequence[Message] = questions.messages(chosen.messages, MIXTURE)
    job = Job(server.urls, flooder, tuple(replace(one, overheard=False) for one in messages), AT_ONCE)
    with ThreadPoolExecutor(1) as threads:
        yield threads.submit(
            lambda: Measured.parse(run_process(["-m", "bench.load"], folder, {}, job.dumped()))
        )


def main() -> None:
    """Measure, and print a line for each row."""
    for row in run(_options()):
        print(f"{'held' if row.met else 'NOT HELD'}: {row.what}: {row.measured} (wanted {row.wanted})")


def _options() -> FloodPlan:
    normal = FloodPlan()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=normal.messages)
    parser.add_argument("--rate", type=float, default=normal.rate)
    parser.add_argument("--seconds", type=float, default=normal.seconds)
    parser.add_argument("--turns", type=int, default=normal.turns)
    parser.add_argument("--database", choices=DATABASES, default=normal.database)
    return FloodPlan(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
