"""Keeps the last figures of `make bench`, and says what got slower or faster since."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.plan import ROOT

KEPT = ROOT / "bench" / "figures.json"
NOTABLE = 0.10  # the part by which a figure must have changed
SHARE, CPU, MEMORY = "share of (2)", "processor ms", "MB"  # what is comparable between machines, or nearly so
BETTER_HIGH = frozenset({SHARE})
_WORDS = {False: ("slower", "faster"), True: ("larger", "smaller")}  # of memory; then: is it better

Figures = Mapping[str, Mapping[str, float]]  # by what was measured, then by SHARE, CPU and MEMORY


def keep(figures: Figures, date: str, machine: str, pace: float, path: Path = KEPT) -> None:
    """Write the figures down, with the date, the machine on which they were measured, and its pace (ms)."""
    rounded = {
        what: {name: round(value, 3) for name, value in found.items()} for what, found in figures.items()
    }
    kept = {"date": date, "machine": machine, "pace ms": round(pace, 1), "figures": rounded}
    text = json.dumps(kept, indent=2, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


def changes(figures: Figures, machine: str, pace: float, path: Path = KEPT) -> Iterator[str]:
    """Say what differs from the figures that were kept, the notable ones line by line.

    Processor times are compared at the pace (ms) of the run that was kept, where that is known.
    """
    if not path.exists():
        yield "No figures are kept yet: ARGS=--write keeps them."
        return
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    slower = pace / kept["pace ms"] if "pace ms" in kept else 1.0
    lines = list(_notable(figures, kept["figures"], slower))
    where = "" if machine == kept["machine"] else f", on another machine ({kept['machine']})"
    some = f"Since {kept['date']}{where}, with the machine {slower:.2f} times as slow"
    yield f"{some}:" if lines else f"{some} nothing got slower or faster by over {NOTABLE:.0%}."
    yield from lines


def _notable(figures: Figures, kept: Figures, slower: float) -> Iterator[str]:
    for what, found in figures.items():
        for name, measured in found.items():
            value = measured / slower if name == CPU else measured
            before = kept.get(what, {}).get(name)
            if before and abs(value / before - 1) > NOTABLE:
                better = (value > before) == (name in BETTER_HIGH)
                word = _WORDS[name == MEMORY][better]
                yield f"{word}: {what}: {name} {before:g} before, now {value:.3g}, ratio {value / before:.2f}"
