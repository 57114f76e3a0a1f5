"""Charts in messages, in terms that are the same for every channel."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BarChart:
    """Chart of counts: bars for each label, one of each series; what cannot draw it tells its rows."""

    title: str
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """Return it in words: the counts of each label."""
        return tuple(
            (label, ", ".join(f"{name} {counts[place]}" for name, counts in self.series))
            for place, label in enumerate(self.labels)
        )

    @property
    def tallest(self) -> int:
        """Return the sum of the counts of the tallest group of bars, at least one."""
        groups = zip(*(counts for _, counts in self.series), strict=True)
        return max(1, max((sum(group) for group in groups), default=0))
