"""Plays random work on both sides of mirrored tickets: `python -m bench.mirror` prints what went wrong."""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections import Counter

import structlog

from bot.desk.knowledge.library import Library
from bot.server.content import library_of
from bot.server.settings import Settings
from bot.storage import connect, migrate
from tests.support.clock import Clock
from tests.support.fakes.mirrors.play import Play, Verdict
from tests.support.fakes.mirrors.zendesk_desk import in_zendesk
from tests.support.paths import ROOT

EACH = 1000  # operations of one play; then everything settles, and is compared


async def _play(library: Library, seed: int, operations: int) -> Verdict:
    with tempfile.TemporaryDirectory() as folder:
        database = connect(f"sqlite:///{folder}/firstline.db")
        migrate(database)
        async with in_zendesk(database, library, Clock()) as (desk, there):
            verdict = await Play(desk, there, seed).run(operations)
        database.close()
    return verdict


def _print(seed: int, verdict: Verdict) -> None:
    found = (*verdict.divergences, *verdict.echoes, *verdict.leaks)
    figures = (
        f"{len(verdict.divergences)} divergences, {len(verdict.echoes)} echoes, {len(verdict.leaks)} leaks"
    )
    sys.stdout.write(f"seed {seed}: {verdict.operations} operations, {figures}\n")
    sys.stdout.writelines(f"  {one}\n" for one in found)
    sys.stdout.flush()


async def _main(operations: int, first_seed: int) -> int:
    with tempfile.TemporaryDirectory() as cache:
        library = library_of(Settings(articles=ROOT / "kb_articles", intents=ROOT / "intents", cache=cache))
        if not library.load():
            raise SystemExit("\n".join(library.errors))
        started, done, faults, played = time.monotonic(), Counter[str](), 0, 0
        for seed in range(first_seed, first_seed + -(-operations // EACH)):
            verdict = await _play(library, seed, min(EACH, operations - played))
            played += verdict.operations
            done += verdict.done
            faults += not verdict.faultless
            _print(seed, verdict)
    sys.stdout.write(f"{played} operations in {time.monotonic() - started:.0f} s; what took place:\n")
    sys.stdout.writelines(f"  {name} {count}\n" for name, count in done.most_common())
    return 1 if faults else 0


def main() -> None:
    """Play as many operations as the command says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    raise SystemExit(asyncio.run(_main(given.operations, given.seed)))


if __name__ == "__main__":
    main()
