"""Sends changed payloads to each channel's door, and counts what is no clear answer.

python -m bench.fuzz [--number 20000] [--seed 1] [--only slack,teams,page]
"""

import argparse
import asyncio
import logging
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import structlog
from rich.console import Console

from bench.hostile.doors import Answer, a_desk, page, seeds, slack, teams
from bench.report import Goal, Table, goals_table

DOORS = {"slack": slack, "teams": teams, "page": page}
NOT_OFFERED = 501  # Teams' word for an invoke that a bot does not know
SHOWN = 20  # answers that are no clear ones


def run(seed: int = 1, number: int = 20_000, platforms: Sequence[str] = tuple(DOORS)) -> list[Goal]:
    """Send so many changed payloads to each door; each row is one of them."""
    logging.disable(logging.CRITICAL)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # what is refused is counted here
    return [_goal(platform, fuzz(platform, seed, number)) for platform in platforms]


def fuzz(platform: str, seed: int, number: int) -> list[Answer]:
    """Send so many changed payloads to one door; the same for the same seed."""
    with tempfile.TemporaryDirectory(prefix="firstline-fuzz-") as folder:
        return asyncio.run(_fuzz(platform, seed, number, Path(folder)))


async def _fuzz(platform: str, seed: int, number: int, folder: Path) -> list[Answer]:
    choice, known = random.Random(f"{platform} {seed}"), seeds(platform)
    names = sorted(known)
    with a_desk(folder) as desk:
        async with DOORS[platform](desk) as send:
            return [await send(name, known[name], choice) for name in choice.choices(names, k=number)]


def failed(answers: Sequence[Answer]) -> list[Answer]:
    """The answers that say neither yes nor why not."""
    return [one for one in answers if one.status >= 500 and one.status != NOT_OFFERED]


def _goal(platform: str, answers: Sequence[Answer]) -> Goal:
    wrong = failed(answers)
    for one in wrong[:SHOWN]:
        print(platform, one.status, one.seed, one.sent[:2_000])
    statuses = ", ".join(
        f"{status}: {count}" for status, count in sorted(Counter(a.status for a in answers).items())
    )
    told = f"{len(wrong)} of {len(answers)}; {sum(len(a.taken) for a in answers)} taken in; {statuses}"
    return Goal(f"{platform}: changed payloads", "no 500", told, not wrong)


def main() -> int:
    """Fuzz, and print the table; exit 1 where something was no clear answer."""
    options = _options()
    goals = run(options.seed, options.number, options.only)
    table: Table = goals_table(goals)
    table.show(Console(width=None if sys.stdout.isatty() else 160))
    return 0 if all(goal.met for goal in goals) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Fuzz the doors of all channels.")
    parser.add_argument("--number", type=int, default=20_000, help="payloads for each door")
    parser.add_argument(
        "--seed", type=int, default=1, help="of the changes: the same again for the same seed"
    )
    parser.add_argument(
        "--only", type=lambda text: text.split(","), default=list(DOORS), help=",".join(DOORS)
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
