"""Measures acknowledgements, the start and memory, and prints tables.

python -m bench.main [--quick] [--only slack,teams,start] [--databases sqlite,postgresql] [--write]
"""

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bench import figures, machine
from bench.databases import databases
from bench.plan import DATABASES, ROOT, SECTIONS, Plan, plan
from bench.processes import BenchFailed
from bench.questions import collect
from bench.report import goals_table, write
from bench.sections import CHANNELS, Bench, acknowledgements, paced_table, start
from bench.serving import platforms

PAGE = ROOT / "docs" / "benchmarks.md"


def main() -> int:
    """Measure; exit 1 when something did not work, whatever the figures are."""
    options = _options()
    chosen = plan(quick=options.quick, sections=options.only, databases=options.databases)
    folder = Path(tempfile.mkdtemp(prefix="firstline-bench-", dir=options.folder))
    # PostgreSQL's server may run as another user, who must be able to look in.
    folder.chmod(0o755)
    console = Console(width=None if sys.stdout.isatty() else 140)
    # Asked to end, we end what we started first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    kept = False
    try:
        before = machine.pace_ms()
        bench, heading = measure(chosen, folder, console)
        pace = (before + machine.pace_ms()) / 2
    except BenchFailed as failed:
        kept = True
        console.print(f"[bold red]This did not work:[/] {failed}\nLogs are in {folder}.")
        return 1
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
    heading += f" A fixed piece of work in Python takes {pace:.0f} ms."
    _tell(console, bench, heading, pace, quick=options.quick, written=options.write)
    return 0


def _tell(console: Console, bench: Bench, heading: str, pace: float, *, quick: bool, written: bool) -> None:
    tables = [goals_table(bench.goals), *bench.tables]
    console.print(f"\n{heading}\n")
    for table in tables:
        table.show(console)
    for line in () if quick else figures.changes(bench.figures, machine.name(), pace):
        console.print(line, markup=False, highlight=False)
    if written:
        write(PAGE, tables, heading)
        figures.keep(bench.figures, machine.today(), machine.name(), pace)
        console.print(f"Written to {PAGE.relative_to(ROOT)} and {figures.KEPT.relative_to(ROOT)}.")


def measure(chosen: Plan, folder: Path, console: Console) -> tuple[Bench, str]:
    """Run every section; return what was found, and a heading about the machine."""
    heading = _heading(chosen)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with (
        databases(folder, postgresql="postgresql" in chosen.databases) as made,
        platforms(folder) as fakes,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        task = progress.add_task("choosing questions", total=None)
        bench = Bench(chosen, folder, fakes, made, collect(min(400, chosen.requests)))
        paced = paced_table(chosen)
        for channel, name in CHANNELS.items():
            if channel.partition("-")[0] in chosen.sections:
                progress.update(task, description=f"{name}: acknowledgements")
                acknowledgements(bench, channel, paced)
        if paced.rows:
            bench.tables.append(paced)
        if "start" in chosen.sections:
            progress.update(task, description="start and memory")
            start(bench)
        if "postgresql" in chosen.databases:
            heading += f" PostgreSQL: {made.durability()}."
    return bench, heading


def _heading(chosen: Plan) -> str:
    return (
        f"{machine.heading()} {chosen.requests} requests a row, {chosen.concurrency} at a time, "
        f"{chosen.people} people. SQLite: WAL, synchronous FULL; one fsync takes {machine.fsync_ms():.2f} ms."
    )


def _options() -> argparse.Namespace:
    def among(known: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
        def parse(text: str) -> tuple[str, ...]:
            chosen = tuple(text.split(","))
            if not set(chosen) <= set(known):
                raise argparse.ArgumentTypeError(f"choose from {', '.join(known)}")
            return chosen

        return parse

    parser = argparse.ArgumentParser(description="Measure acknowledgements, the start and memory.")
    parser.add_argument("--quick", action="store_true", help="a smoke run: its figures mean nothing")
    parser.add_argument("--only", type=among(SECTIONS), default=SECTIONS, help=",".join(SECTIONS))
    parser.add_argument("--databases", type=among(DATABASES), default=DATABASES, help=",".join(DATABASES))
    parser.add_argument("--folder", type=Path, help="where databases are written: the disk to be measured")
    parser.add_argument(
        "--write", action="store_true", help="keep the figures, and put them into docs/benchmarks.md"
    )
    options = parser.parse_args()
    if options.quick and options.write:
        parser.error("--quick measures nothing that may be written: leave one of both out.")
    return options


if __name__ == "__main__":
    sys.exit(main())
