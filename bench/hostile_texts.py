"""Measures how long functions take over hostile texts of 40,000 characters.

python -m bench.hostile_texts [--number 20] [--seed 1] [--only NAME]
"""

import argparse
import faulthandler
import random
import sys
import time
from collections.abc import Iterator

from rich.console import Console

from bench.hostile.functions import Function, functions
from bench.hostile.paths import paths, understanding
from bench.hostile.texts import LENGTH, hostile_texts, mixed_texts
from bench.report import Goal, Table, goals_table

MOST_MS = 50.0  # of processor time, for one text
MATCHED_MS = 200.0  # for what a message means: it is found on a thread beside the event loop
HANGS_SECONDS = 120.0  # after which the run ends, and shows where


def run(seed: int = 1, number: int = 20) -> list[Goal]:
    """Try every function with every text and `number` random mixtures; each row is one group of functions."""
    texts = {**hostile_texts(), **mixed_texts(seed, number)}
    groups = {
        "functions of one text": functions(),
        "ways of a text": paths(),
    }
    rows = [_goal(name, MOST_MS, measure(group, texts)) for name, group in groups.items()]
    return [*rows, _goal("what a message means", MATCHED_MS, measure(understanding(), texts))]


def measure(group: dict[str, Function], texts: dict[str, str]) -> Iterator[tuple[float, str, str]]:
    """Measure each function with each text; yield milliseconds of processor time, function and text."""
    for name, function in group.items():
        function("a")  # what is made at the first use is not of the text
        for of, text in texts.items():
            faulthandler.dump_traceback_later(HANGS_SECONDS, exit=True)
            took = _milliseconds(function, text)
            if took > MOST_MS:  # something else may have run in between
                took = min(took, *(_milliseconds(function, text) for _ in range(2)))
            faulthandler.cancel_dump_traceback_later()
            yield took, name, of


def _milliseconds(function: Function, text: str) -> float:
    begun = time.thread_time()
    function(text)
    return (time.thread_time() - begun) * 1000


def _goal(what: str, most: float, measured: Iterator[tuple[float, str, str]]) -> Goal:
    found = list(measured)
    took, name, of = max(found)
    slow = sum(one[0] > most for one in found)
    told = f"{len(found)} tried, {slow} slower; {took:.1f} ms: {name} of {of}"
    return Goal(f"{what}, {LENGTH:,} characters", f"below {most:.0f} ms each", told, slow == 0)


def main() -> int:
    """Measure, and print the slowest; exit 1 when one was too slow."""
    options = _options()
    console = Console(width=None if sys.stdout.isatty() else 160)
    if not options.only:
        goals = run(options.seed, options.number)
        goals_table(goals).show(console)
        return 0 if all(goal.met for goal in goals) else 1
    texts = {**hostile_texts(), **mixed_texts(options.seed, options.number)}
    group = {name: one for name, one in {**functions(), **paths()}.items() if options.only in name}
    found = sorted(measure(group, texts), reverse=True)
    rows: list[tuple[str, ...]] = [(name, of, f"{took:.1f}") for took, name, of in found[:40]]
    Table("The slowest", ("function", "text", "ms"), rows).show(console)
    return 0 if all(took <= MOST_MS for took, _, _ in found) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure functions over hostile texts.")
    parser.add_argument(
        "--number", type=int, default=20, help="random mixtures beside the texts of one thing"
    )
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), help="of these mixtures")
    parser.add_argument(
        "--only", default="", help="a part of a function's name: its slowest texts are listed"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
