"""What is measured: loads of which height, on which sizes, for how long and how often."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """A load of one height."""

    rate: float  # events a second
    seconds: float
    turns: int


@dataclass(frozen=True, slots=True)
class Size:
    """One of the sizes that are compared: a database, so many replicas, so many open windows of the page."""

    kind: str
    tickets: int = 0
    replicas: int = 1
    windows: int = 0

    @property
    def servers(self) -> "Size":
        """The size without windows: they are opened and closed while the servers go on."""
        return Size(self.kind, self.tickets, self.replicas)

    @property
    def base(self) -> "Size":
        """What it is compared with: an empty database, one replica, no window."""
        return Size(self.kind)

    @property
    def name(self) -> str:
        """What differs from the base, for people."""
        parts = [f"{self.tickets:,} tickets"] if self.tickets else []
        parts += [f"{self.replicas} replicas"] if self.replicas > 1 else []
        parts += [f"{self.windows} windows"] if self.windows else []
        return ", ".join(parts) or "empty, one, none"


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """The sizes of a run; `pace` is the level at which its limits are judged."""

    pace: Level
    levels: tuple[Level, ...]
    kinds: tuple[str, ...]
    people: int
    tickets: int = 1_000_000
    replicas: int = 3
    windows: int = 10
    compared: bool = True  # each size by itself, and the ratios are judged

    def sizes(self, kind: str) -> Iterator[Size]:
        """All sizes on a database, the base first."""
        yield Size(kind)
        replicas = self.replicas if kind == "postgresql" else 1
        if self.compared:
            yield Size(kind, windows=self.windows)
            yield Size(kind, tickets=self.tickets)
        if self.compared and replicas > 1:
            yield Size(kind, replicas=replicas)
        yield Size(kind, self.tickets, replicas, self.windows)


def load_plan(*, quick: bool, kinds: tuple[str, ...], tickets: int | None) -> LoadPlan:
    """A whole run, or a smoke run that only shows that it works."""
    if quick:
        pace = Level(20.0, 1.0, 1)
        few = tickets or 2_000
        return LoadPlan(pace, (pace,), kinds, people=20, tickets=few, replicas=2, compared=False)
    pace = Level(30.0, 8.0, 5)
    others = [Level(rate, 4.0, 1) for rate in (10.0, 50.0, 100.0, 200.0, 400.0)]
    levels = sorted([pace, *others], key=lambda level: level.rate)
    return LoadPlan(pace, tuple(levels), kinds, people=400, tickets=tickets or 1_000_000)
