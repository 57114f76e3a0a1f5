"""Measures loads from 10 to 400 events a second, prints tables, and fails where a promise breaks.

python -m bench.levels [--quick] [--databases sqlite,postgresql] [--tickets N] [--write]
"""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from bench import machine
from bench.databases import databases
from bench.levels import price
from bench.levels.figures import Found
from bench.levels.limits import doubtful, limits
from bench.levels.meters import PostgreSQL
from bench.levels.phase import Player
from bench.levels.plan import Level, LoadPlan, Size, load_plan
from bench.levels.stage import Stage, filled, stage
from bench.plan import DATABASES, ROOT
from bench.processes import BenchFailed
from bench.questions import collect
from bench.report import Goal, Table, goals_table, write
from bench.sections import NAMES
from bench.serving import platforms

PAGE = ROOT / "docs" / "benchmarks.md"
MARK = "load"
COLUMNS = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())


class Run:
    """One run: its folder and options, and what it has found so far."""

    def __init__(self, chosen: LoadPlan, folder: Path, progress: Progress, *, quick: bool) -> None:
        self._chosen = chosen
        self._folder = folder
        self._progress = progress
        self._quick = quick
        self.found = Found(chosen)
        self.prices: list[Table] = []
        self.heading = machine.heading()

    def measure(self) -> None:
        """Measure all that is planned."""
        turns = sum(level.turns for level in self._chosen.levels)
        sizes = [size for kind in self._chosen.kinds for size in self._chosen.sizes(kind)]
        task = self._progress.add_task("making databases", total=None)
        with self._stages(sizes) as (player, stages):
            self._progress.update(task, total=turns * len(sizes), completed=0)
            for kind in self._chosen.kinds:
                self._play(task, player, stages, kind)
            if player.postgresql is not None:
                self._progress.update(task, description="the price of one message")
                on, flush = stages[Size("postgresql")], machine.fsync_ms(self._folder)
                found = price.measured(player, player.postgresql, on, self._chosen.pace, flush)
                self.prices = list(price.tables(found))

    @contextmanager
    def _stages(self, sizes: list[Size]) -> Iterator[tuple[Player, dict[Size, Stage]]]:
        with ExitStack() as stack:
            fakes = stack.enter_context(platforms(self._folder))
            with_server = "postgresql" in self._chosen.kinds
            made = stack.enter_context(databases(self._folder, postgresql=with_server))
            server = PostgreSQL(self._folder / "pgdata", made.server) if with_server else None
            if server is not None:
                stack.callback(server.close)
                self.heading += f" PostgreSQL: {made.durability()}."
            servers = list(dict.fromkeys(size.servers for size in sizes))
            begun = time.monotonic()
            urls = filled(made, servers)
            taken = time.monotonic() - begun
            self._progress.console.print(f"{len(urls)} databases made in {taken:.0f} s")
            stages = {
                size: stack.enter_context(
                    stage(size, urls[size], self._chosen, fakes, self._folder, quick=self._quick)
                )
                for size in servers
            }
            yield Player(collect(10 if self._quick else 400), fakes, self._folder, server), stages

    def _play(self, task: TaskID, player: Player, stages: dict[Size, Stage], kind: str) -> None:
        sizes = list(self._chosen.sizes(kind))
        for level in self._chosen.levels:
            self._turns(task, player, stages, sizes, level)
        again = doubtful(self.found, kind)
        if again:
            self._progress.console.print("What seems too high is measured as often again.")
            self._turns(task, player, stages, [Size(kind), *again], self._chosen.pace)

    def _turns(
        self, task: TaskID, player: Player, stages: dict[Size, Stage], sizes: list[Size], level: Level
    ) -> None:
        for size in sizes * level.turns:
            name = f"{NAMES[size.kind]}, {level.rate:g}/s, {size.name}"
            self._progress.update(task, description=name)
            phase = player.play(stages[size.servers], size, level)
            self.found.phases.append(phase)
            self._progress.advance(task)
            self._progress.console.print(
                f"{name}: {phase.accepted} taken in, {phase.refused} refused, p50 "
                f"{phase.measured.p50:.0f} ms, p99 {phase.measured.p99:.0f} ms",
                highlight=False,
            )


def main() -> int:
    """Measure; exit 1 when a promise broke or something did not work."""
    options = _options()
    chosen = load_plan(quick=options.quick, kinds=options.databases, tickets=options.tickets)
    folder = Path(tempfile.mkdtemp(prefix="firstline-load-", dir=options.folder))
    # PostgreSQL's server may run as another user, who must be able to look in.
    folder.chmod(0o755)
    console = Console(width=None if sys.stdout.isatty() else 160)
    # Asked to end, we end what we started first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    kept = False
    try:
        with Progress(*COLUMNS, console=console, transient=True) as progress:
            run = Run(chosen, folder, progress, quick=options.quick)
            run.measure()
    except BenchFailed as failed:
        kept = True
        console.print(f"[bold red]This did not work:[/] {failed}\nLogs are in {folder}.")
        return 1
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
    judged = list(limits(run.found))
    return _told(console, run, judged, written=options.write)


def _told(console: Console, run: Run, judged: list[Goal], *, written: bool) -> int:
    tables = [*run.found.tables(), *run.prices, goals_table(judged, "Promises under load")]
    console.print(f"\n{run.heading}\n")
    for table in tables:
        table.show(console)
    if written:
        write(PAGE, [tables[-1], *tables[:-1]], run.heading, MARK)
        console.print(f"Written to {PAGE.relative_to(ROOT)}.")
    broken = [goal.what for goal in judged if not goal.met]
    for what in broken:
        console.print(f"[bold red]Broken:[/] {what}")
    return 1 if broken else 0


def _kinds(text: str) -> tuple[str, ...]:
    kinds = tuple(text.split(","))
    if not set(kinds) <= set(DATABASES):
        raise argparse.ArgumentTypeError(f"choose from {', '.join(DATABASES)}")
    return kinds


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure loads of every height, and judge promises.")
    parser.add_argument("--quick", action="store_true", help="a smoke run: its figures mean nothing")
    parser.add_argument("--databases", type=_kinds, default=DATABASES, help=",".join(DATABASES))
    parser.add_argument("--tickets", type=int, help="of the long history; a million unless --quick")
    parser.add_argument("--folder", type=Path, help="where databases are written: the disk to be measured")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    options = parser.parse_args()
    if options.quick and options.write:
        parser.error("--quick measures nothing that may be written: leave one of both out.")
    return options


if __name__ == "__main__":
    sys.exit(main())
