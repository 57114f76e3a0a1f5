"""The sizes of a run: of a whole one, or of a smoke run that only shows that it works."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SEED = 20260302  # of every generator, so that two runs send the same


@dataclass(frozen=True, slots=True)
class Pace:
    """The steady pace of a load."""

    rate: float  # events a second
    seconds: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of one run; every one is a bound."""

    requests: int  # for each row that sends as fast as it can
    concurrency: int  # requests on their way at the same moment
    people: int  # who ask; each has been met before the measurement
    pace: Pace
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
        return Plan(
            requests=20,
            concurrency=4,
            people=5,
            pace=Pace(rate=20.0, seconds=0.5),
            articles=12,
            starts=1,
            sections=sections,
            databases=databases,
        )
    return Plan(
        requests=1_000,
        concurrency=16,
        people=400,
        pace=Pace(rate=50.0, seconds=10.0),
        articles=1_000,
        starts=3,
        sections=sections,
        databases=databases,
    )
