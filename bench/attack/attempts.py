"""What an attack tells: how often it was tried, and how it got through."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.report import Goal


@dataclass(frozen=True, slots=True)
class Options:
    """Sizes of a run: `quick` is a smoke run, `seed` is of what is made at random."""

    quick: bool = False
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """An attack: how often it was tried, and a sentence for each time that it got through."""

    attack: str
    tried: int
    through: tuple[str, ...] = ()
    told: str = ""
    skipped: str = ""


def row(attack: str, found: Iterable[str], told: str = "") -> Row:
    """A row from what each try has found: a sentence where it got through, else nothing."""
    tries: Sequence[str] = list(found)
    return Row(attack, len(tries), tuple(one for one in tries if one), told)


def rows_of(goals: Iterable[Goal]) -> list[Row]:
    """Rows from goals: what was not met got through."""
    return [Row(one.what, 1, () if one.met else (one.measured,), one.measured) for one in goals]
