"""Plays every scenario on both databases, side by side, and prints what was promised and what was seen.

    python -m bench.chaos [--only kills,races] [--databases sqlite] [--seed 7] [--quick]

The exit code is 1 where a promise broke.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bench.chaos.run import Row, play
from bench.chaos.scenarios import SCENARIOS, Scenario
from bench.databases import Databases, databases
from bench.plan import DATABASES, SEED
from bench.report import Table

NAMES = tuple(scenario.name for scenario in SCENARIOS)
QUICK = ("poisoned-row",)
COLUMNS = (
    "scenario",
    "database",
    "acknowledged",
    "refused",
    "lost",
    "doubled",
    "out of order",
    "out after",
    "readiness",
    "log KB/s",
    "",
)


def main() -> int:
    """Run; return the exit code."""
    options = _options()
    chosen = [scenario for scenario in SCENARIOS if scenario.name in options.only]
    console, begun = Console(width=None if sys.stdout.isatty() else 140), time.monotonic()
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(_temporary()))
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)  # PostgreSQL has a user of its own
        with databases(folder, postgresql="postgresql" in options.databases) as made:
            rows = asyncio.run(_play_all(chosen, options.databases, made, folder, options.seed, console))
    table_of(rows, options.seed, time.monotonic() - begun).show(console)
    return int(any(row.broken for row in rows))


def _temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="firstline-chaos-", ignore_cleanup_errors=True)


async def _play_all(
    chosen: Sequence[Scenario],
    kinds: Sequence[str],
    made: Databases,
    folder: Path,
    seed: int,
    console: Console,
) -> list[Row]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:

        async def lane(kind: str) -> list[Row]:
            task, rows = progress.add_task(kind, total=len(chosen)), []
            for scenario in chosen:
                progress.update(task, description=f"{kind}: {scenario.name}")
                row = await play(scenario, kind, made, folder / f"{scenario.name}-{kind}", seed)
                for why in row.broken:
                    progress.console.print(f"BROKEN: {scenario.name}, {kind}: {why}", markup=False)
                progress.advance(task)
                rows.append(row)
            return rows

        lanes = await asyncio.gather(*(lane(kind) for kind in kinds))
    return [row for together in zip(*lanes, strict=True) for row in together]


def table_of(rows: Sequence[Row], seed: int, seconds: float) -> Table:
    """The table, with a note for all that was skipped, noticed or broken."""
    busy = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    title = f"Chaos: seed {seed}, {seconds / 60:.1f} minutes, {os.cpu_count()} cores, load at the end {busy}"
    table = Table(title, COLUMNS)
    for row in rows:
        table.rows.append(_cells(row))
        where = f"{row.scenario}, {row.database}"
        table.notes += [f"skipped: {where}: {row.skipped}"] if row.skipped else []
        table.notes += [f"note: {where}: {note}" for note in row.notes]
    for row in rows:
        table.notes += [f"BROKEN: {row.scenario}, {row.database}: {why}" for why in row.broken]
    return table


def _cells(row: Row) -> tuple[str, ...]:
    if row.skipped:
        return (row.scenario, row.database, *("" for _ in COLUMNS[3:]), "skipped")
    return (
        row.scenario,
        row.database,
        *(str(n) for n in (row.acknowledged, row.refused, row.lost, row.doubled, row.out_of_order)),
        f"{row.out:.1f} s",
        row.readiness,
        f"{row.log:.1f}",
        "BROKEN" if row.broken else "ok",
    )


def _among(known: tuple[str, ...], text: str) -> tuple[str, ...]:
    chosen = tuple(text.split(","))
    if not set(chosen) <= set(known):
        raise argparse.ArgumentTypeError(f"choose from {', '.join(known)}")
    return chosen


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    names, kinds = ", ".join(NAMES), ", ".join(DATABASES)
    parser.add_argument("--only", type=lambda text: _among(NAMES, text), default=NAMES, help=names)
    parser.add_argument(
        "--databases", type=lambda text: _among(DATABASES, text), default=DATABASES, help=kinds
    )
    parser.add_argument(
        "--seed", type=int, default=SEED, help="of what is asked, and when servers are killed"
    )
    parser.add_argument("--folder", type=Path, help="a new folder, in which logs and databases are left")
    parser.add_argument("--quick", action="store_true", help="only a smoke run: one scenario")
    options = parser.parse_args()
    if options.quick:
        options.only = QUICK
    return options


if __name__ == "__main__":
    sys.exit(main())
