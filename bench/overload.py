"""Sends more than can be taken in, open loop, and says what became of it and how soon it was over.

python -m bench.overload [--rates 20,120,20] [--seconds 15] [--database sqlite]
"""

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from bench.databases import databases
from bench.load import Measured
from bench.plan import DATABASES, plan
from bench.questions import collect
from bench.sections import MIXTURE
from bench.serving import platforms, serve

PATIENCE = 3000.0  # milliseconds that Slack waits


def main() -> None:
    """Send each rate in turn, and print a line for each."""
    options = _options()
    chosen, questions = plan(quick=False), collect(500)
    with tempfile.TemporaryDirectory(prefix="firstline-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with (
            platforms(folder) as fakes,
            databases(folder, postgresql=options.database != "sqlite") as made,
            serve(fakes, "slack", chosen, folder, made.fresh(options.database)) as (server, _),
        ):
            server.introduce_people()
            for rate in options.rates:
                messages = questions.messages(int(rate * options.seconds), MIXTURE)
                before = server.outcomes()
                measured = server.offer(messages, rate)
                taken = sum((Counter(server.outcomes()) - Counter(before)).values())
                print(_line(rate, measured, taken), flush=True)
            drained = server.drain()
            print(f"afterwards {drained.waiting} posts waited, for {drained.seconds:.1f} s")


def _line(rate: float, measured: Measured, taken: int) -> str:
    return (
        f"{rate:4.0f}/s: {measured.statuses}, taken in {taken}, p50 {measured.p50:.0f} ms, "
        f"p99 {measured.p99:.0f} ms, longest {measured.longest:.0f} ms, over 3 s: {measured.over(PATIENCE)}"
    )


def _rates(text: str) -> list[float]:
    return [float(one) for one in text.split(",")]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=_rates, default=[20.0, 120.0, 20.0])
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    return parser.parse_args()


if __name__ == "__main__":
    main()
