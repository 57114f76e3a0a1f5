"""The sizes of a run: of a whole one, or of a smoke run that only shows that it works."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SEED = 20260302  # of every generator, so that two runs send the same


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of one run; every one is a bound."""

    requests: int  # for each row that sends as fast as it can
    concurrency: int  # requests on their way at the same moment
    people: int  # who ask; each has been met before the measurement
    rate: float  # events a second where they are paced
    seconds: float  # of the paced part
    articles: int  # of the synthetic content, each in two languages
    starts: int  # of which the median is taken
    sections: tuple[str, ...]
    databases: tuple[str, ...]


SECTIONS = ("slack", "teams", "start")
DATABASES = ("sqlite", "postgresql")


def plan(
    *, quick: bool, sections: tuple[str, ...] = SECTIONS, databases: tuple[str, ...] = DATABASES
) -> Plan:
    """The sizes of a whole run or of a smoke run."""
    if quick:
        return Plan(20, 4, 5, 20.0, 0.5, 12, 1, sections, databases)
    return Plan(1_000, 16, 400, 50.0, 10.0, 1_000, 3, sections, databases)
