"""Plays random work on both sides of mirrored tickets and prints what went wrong.

`python -m bench.mirror [jira|zendesk]...` plays with stand-ins, with repeats, delays and outages.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field

import structlog

from bot.desk.knowledge.library import Library
from bot.server.content import library_of
from bot.server.settings import Settings
from bot.storage import connect, migrate
from tests.support.clock import Clock
from tests.support.fakes.jira.in_play import in_jira
from tests.support.fakes.mirrors.play import Play, Verdict
from tests.support.fakes.mirrors.zendesk_desk import in_zendesk
from tests.support.paths import ROOT

EACH = 1000  # operations of one play; then everything settles, and is compared
SYSTEMS = {"jira": in_jira, "zendesk": in_zendesk}


@dataclass
class Total:
    """Sums of all plays with one system."""

    operations: int = 0
    divergences: int = 0
    echoes: int = 0
    leaks: int = 0
    done: Counter[str] = field(default_factory=Counter)

    def add(self, verdict: Verdict) -> None:
        """Add a play."""
        self.operations += verdict.operations
        self.divergences += len(verdict.divergences)
        self.echoes += len(verdict.echoes)
        self.leaks += len(verdict.leaks)
        self.done += verdict.done

    @property
    def faults(self) -> int:
        """How often something took place that must never be."""
        return self.divergences + self.echoes + self.leaks

    def __str__(self) -> str:
        """Say what is to be none of."""
        return (
            f"{self.operations} operations, {self.divergences} divergences, {self.echoes} echoes, "
            f"{self.leaks} internal words public"
        )


async def _play(name: str, library: Library, seed: int, operations: int) -> Verdict:
    with tempfile.TemporaryDirectory() as folder:
        database = connect(f"sqlite:///{folder}/firstline.db")
        migrate(database)
        async with SYSTEMS[name](database, library, Clock()) as (desk, there):
            verdict = await Play(desk, there, seed).run(operations)
        database.close()
    return verdict


def _print(name: str, seed: int, verdict: Verdict) -> None:
    one = Total()
    one.add(verdict)
    sys.stdout.write(f"{name}, seed {seed}: {one}\n")
    sys.stdout.writelines(f"  {fault}\n" for fault in (*verdict.divergences, *verdict.echoes, *verdict.leaks))
    sys.stdout.flush()


async def _play_all(name: str, library: Library, operations: int, first_seed: int) -> Total:
    total, started = Total(), time.monotonic()
    for seed in range(first_seed, first_seed + -(-operations // EACH)):
        verdict = await _play(name, library, seed, min(EACH, operations - total.operations))
        total.add(verdict)
        _print(name, seed, verdict)
    sys.stdout.write(f"{name}: {total} in {time.monotonic() - started:.0f} s; what took place:\n")
    sys.stdout.writelines(f"  {kind} {count}\n" for kind, count in total.done.most_common())
    return total


async def _main(names: list[str], operations: int, first_seed: int) -> int:
    with tempfile.TemporaryDirectory() as cache:
        library = library_of(Settings(articles=ROOT / "kb_articles", intents=ROOT / "intents", cache=cache))
        if not library.load():
            raise SystemExit("\n".join(library.errors))
        totals = [await _play_all(name, library, operations, first_seed) for name in names]
    return 1 if any(total.faults for total in totals) else 0


def main() -> None:
    """Play as many operations as the command says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("systems", nargs="*", choices=[*SYSTEMS, []], metavar="SYSTEM")
    parser.add_argument("--operations", type=int, default=10_000, help="with each system")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    raise SystemExit(asyncio.run(_main(given.systems or [*SYSTEMS], given.operations, given.seed)))


if __name__ == "__main__":
    main()
