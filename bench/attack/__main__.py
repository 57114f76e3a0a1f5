"""Attacks a server on this machine, its code and what it installs, and prints what got through.

    python -m bench.attack [--only routes,links] [--seed 1] [--quick]

The exit code is 1 where something got through, or an attack could not be tried.
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Sequence

import structlog
from rich.console import Console
from rich.markup import escape
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bench.attack.attempts import Options, Row
from bench.attack.families import FAMILIES, Family
from bench.report import Table

NAMES = tuple(family.name for family in FAMILIES)
COLUMNS = ("attack", "family", "tried", "got through", "")
SHOWN = 5  # of what got through, for each attack
LONGEST = 300  # characters of one of them
Found = list[tuple[str, Row]]


def main() -> int:
    """Attack; return the exit code."""
    chosen, options = _options()
    console, begun = Console(width=None if sys.stdout.isatty() else 160), time.monotonic()
    logging.disable(logging.CRITICAL)  # what the server logs of it is no finding
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    found = attacked([family for family in FAMILIES if family.name in chosen], options, console)
    table_of(found, options, time.monotonic() - begun).show(console)
    return verdict(found)


def attacked(families: Sequence[Family], options: Options, console: Console) -> Found:
    """Try one family after the other; one that breaks off has proved nothing, and counts as got through."""
    found: Found = []
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("attack", total=len(families))
        for family in families:
            progress.update(task, description=family.name)
            try:
                rows = family.run(options)
            except Exception as error:  # noqa: BLE001  # whatever it is, the table must say so
                rows = [Row("could not be tried", 0, (f"it broke off: {type(error).__name__}: {error}",))]
            found += [(family.name, row) for row in rows]
            progress.advance(task)
    return found


def verdict(found: Found) -> int:
    """1 where something got through."""
    return int(any(row.through for _, row in found))


def table_of(found: Found, options: Options, seconds: float) -> Table:
    """The table, with a note for all that got through or was skipped."""
    tried, through = (
        sum(numbers) for numbers in zip(*((r.tried, len(r.through)) for _, r in found), strict=True)
    )
    busy = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    table = Table(
        f"Attacks: {tried:,} tried, {through} got through; seed {options.seed}, {seconds / 60:.1f} minutes, "
        f"{os.cpu_count()} cores, load at the end {busy}",
        COLUMNS,
    )
    for name, row in found:
        said = "skipped" if row.skipped else row.told
        # What is told may hold what an attack has sent.
        table.rows.append((row.attack, name, f"{row.tried:,}", str(len(row.through)), escape(said[:LONGEST])))
        table.notes += [f"skipped: {name}: {row.attack}: {row.skipped}"] if row.skipped else []
    for name, row in found:
        table.notes += [f"GOT THROUGH: {name}: {row.attack}: {one[:LONGEST]}" for one in row.through[:SHOWN]]
    return table


def _among(text: str) -> tuple[str, ...]:
    chosen = tuple(text.split(","))
    if not set(chosen) <= set(NAMES):
        raise argparse.ArgumentTypeError(f"choose from {', '.join(NAMES)}")
    return chosen


def _options() -> tuple[tuple[str, ...], Options]:
    parser = argparse.ArgumentParser(prog="python -m bench.attack", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--only", type=_among, default=NAMES, help=", ".join(NAMES))
    parser.add_argument("--seed", type=int, default=1, help="of texts and payloads that are made at random")
    parser.add_argument("--quick", action="store_true", help="only a smoke run: less of what takes long")
    options = parser.parse_args()
    return options.only, Options(options.quick, options.seed)


if __name__ == "__main__":
    sys.exit(main())
