"""Figures of a size at a level from all its turns, and their ratios to those of the base."""

from collections.abc import Callable, Iterator, Sequence
from statistics import median

from bench.levels.phase import Phase
from bench.levels.plan import Level, LoadPlan, Size
from bench.load import share
from bench.report import Table
from bench.sections import NAMES

ANSWERS = (
    "events/s",
    "size",
    "taken in/s",
    "503",
    "p50",
    "p99",
    "p99.9",
    "ratio",
    "reply p50",
    "p99",
    "p99.9",
    "ratio",
)
MEANS = (
    "events/s",
    "size",
    "processor ms",
    "ratio",
    "database ms",
    "ratio",
    "MB",
    "ratio",
    "descriptors",
    "out after s",
    "late ms",
)


class Figures:
    """All turns of one size at one level."""

    def __init__(self, phases: Sequence[Phase]) -> None:
        self.phases = phases
        self.accepted = sum(phase.accepted for phase in phases)
        self.refused = sum(phase.refused for phase in phases)

    @property
    def taken_in(self) -> float:
        """Acknowledged events a second."""
        return self.accepted / sum(phase.measured.seconds for phase in self.phases)

    def answers(self) -> list[float]:
        """The sorted milliseconds until each answer, of all turns."""
        return sorted(one.milliseconds for phase in self.phases for one in phase.measured.sent)

    def replies(self) -> list[float]:
        """The sorted milliseconds until each delivered reply, of all turns."""
        return sorted(one for phase in self.phases for one in phase.replies)

    @property
    def p99(self) -> float:
        """The p99 of the answers: the median of the turns."""
        return median(phase.measured.p99 for phase in self.phases)

    @property
    def reply_p99(self) -> float:
        """The p99 of the replies: the median of the turns."""
        return median(part(sorted(phase.replies), 0.99) for phase in self.phases)

    @property
    def cpu(self) -> float:
        """Milliseconds of the servers' processor time a message."""
        return sum(phase.cpu for phase in self.phases) / max(1, self.accepted) * 1000

    @property
    def net_cpu(self) -> float:
        """The same without what the servers take when nobody asks anything."""
        net = sum(phase.cpu - phase.idle_cpu for phase in self.phases)
        return net / max(1, self.accepted) * 1000

    @property
    def database_cpu(self) -> float:
        """Milliseconds of PostgreSQL's processor time a message."""
        return sum(phase.database_cpu for phase in self.phases) / max(1, self.accepted) * 1000

    @property
    def megabytes(self) -> float:
        """The most memory of one server."""
        return max(phase.megabytes for phase in self.phases)

    @property
    def late(self) -> float:
        """The milliseconds by which the generator itself was late (p99): the machine was too busy."""
        return part(sorted(one.late for phase in self.phases for one in phase.measured.sent), 0.99)


class Found:
    """All that was measured so far."""

    def __init__(self, chosen: LoadPlan) -> None:
        self.chosen = chosen
        self.phases: list[Phase] = []

    def of(self, size: Size, level: Level) -> Figures:
        """The figures of a size at a level."""
        return Figures([one for one in self.phases if (one.size, one.level) == (size, level)])

    def tables(self) -> Iterator[Table]:
        """Two tables for each database: of what people wait for, and of what it takes."""
        for kind in self.chosen.kinds:
            yield self._table(kind, "acknowledgements and replies, in ms", ANSWERS, _answers)
            yield self._table(kind, "what it takes", MEANS, _means)

    def _table(
        self, kind: str, title: str, columns: Sequence[str], row: Callable[[Figures, Figures], list[str]]
    ) -> Table:
        table = Table(f"{NAMES[kind]}: {title}", columns)
        for level in self.chosen.levels:
            for size in self.chosen.sizes(kind):
                figures = row(self.of(size, level), self.of(size.base, level))
                table.rows.append((f"{level.rate:g}", size.name, *figures))
        return table


def ratio(one: float, other: float) -> float:
    """One as a multiple of the other; of nothing, there is none."""
    return one / other if other else float("nan")


def part(ordered: Sequence[float], quantile: float) -> float:
    """The quantile; of nothing, there is none."""
    return share(ordered, quantile) if ordered else float("nan")


def _answers(of: Figures, base: Figures) -> list[str]:
    answers, replies = of.answers(), of.replies()
    return [
        f"{of.taken_in:.1f}",
        str(of.refused),
        *(f"{part(answers, quantile):.0f}" for quantile in (0.5, 0.99, 0.999)),
        f"{ratio(of.p99, base.p99):.2f}",
        *(f"{part(replies, quantile):.0f}" for quantile in (0.5, 0.99, 0.999)),
        f"{ratio(of.reply_p99, base.reply_p99):.2f}",
    ]


def _means(of: Figures, base: Figures) -> list[str]:
    return [
        f"{of.cpu:.1f}",
        f"{ratio(of.cpu, base.cpu):.2f}",
        f"{of.database_cpu:.1f}" if of.database_cpu else "",
        f"{ratio(of.database_cpu, base.database_cpu):.2f}" if base.database_cpu else "",
        f"{of.megabytes:.0f}",
        f"{ratio(of.megabytes, base.megabytes):.2f}",
        str(max(phase.descriptors for phase in of.phases)),
        f"{max(phase.drained.seconds for phase in of.phases):.1f}",
        f"{of.late:.0f}",
    ]
