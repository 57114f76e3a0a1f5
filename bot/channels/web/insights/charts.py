"""Lays charts out: where each bar, line and word stands in a picture that the template draws."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, log10

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 28
TICKS = 4  # lines above the ground at most
MOST_NAMES = 6  # below the picture


@dataclass(frozen=True, slots=True)
class Series:
    """Series of a chart: a value for each place, None where there is none, and how it is said."""

    name: str
    look: str  # a class of the style sheet
    values: Sequence[float | None]
    said: Sequence[str]


@dataclass(frozen=True, slots=True)
class Chart:
    """Chart of some series; `links` are the addresses behind the bars, where there are any."""

    key: str
    title: str
    first: str
    names: Sequence[str]
    series: Sequence[Series]
    stacked: bool = False
    links: Sequence[str] = ()
    whole: bool = False  # its values are counts
    unfinished: bool = False  # its last place is not over

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to show."""
        return not any(value for one in self.series for value in one.values)


@dataclass(frozen=True, slots=True)
class Bar:
    """Bar with its place and size."""

    x: float
    y: float
    width: float
    height: float
    look: str
    said: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Dot:
    """Dot of a line."""

    x: float
    y: float
    said: str


@dataclass(frozen=True, slots=True)
class Line:
    """Line with its parts; a week without a value breaks it."""

    look: str
    paths: Sequence[str]
    dots: Sequence[Dot]


@dataclass(frozen=True, slots=True)
class Picture:
    """Picture of a chart: what stands where."""

    bars: Sequence[Bar] = ()
    lines: Sequence[Line] = ()
    ticks: Sequence[tuple[float, str]] = ()
    names: Sequence[tuple[float, str]] = ()
    ground: float = HEIGHT - BOTTOM
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


@dataclass(slots=True)
class _Scale:
    """Scale from values to places."""

    top: float
    count: int
    step: float = field(init=False)

    def __post_init__(self) -> None:
        self.step = (WIDTH - LEFT - RIGHT) / max(self.count, 1)

    def x(self, index: int) -> float:
        return round(LEFT + (index + 0.5) * self.step, 1)

    def y(self, value: float) -> float:
        return round(HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM), 1)


def draw(chart: Chart, say: Callable[[float], str]) -> Picture:
    """Lay a chart out; `say` words the values beside it."""
    count = len(chart.names)
    steps = _told_apart(_highest(chart), 1.0 if chart.whole else 0.0, say)
    scale = _Scale(steps[-1], count)
    every = ceil(count / MOST_NAMES) if count else 1
    names = [(scale.x(index), name) for index, name in enumerate(chart.names) if index % every == 0]
    return Picture(
        bars=_bars(chart, scale) if chart.stacked else (),
        lines=() if chart.stacked else [_line(one, chart, scale) for one in chart.series],
        ticks=[(scale.y(value), say(value)) for value in steps],
        names=names,
    )


def _told_apart(highest: float, finest: float, say: Callable[[float], str]) -> Sequence[float]:
    """Return ticks so far from each other that no two of them read alike."""
    for apart in (finest, *(one for one in (0.01, 0.1, 1.0) if one > finest)):
        found = ticks(highest, apart)
        if len({say(value) for value in found}) == len(found):
            break
    return found


def ticks(highest: float, finest: float = 0.0) -> Sequence[float]:
    """Return round values from 0 to one that is not below the highest, at least so far from each other."""
    if highest <= 0:
        return (0.0, 1.0)
    raw = max(highest / TICKS, finest)
    unit = 10.0 ** floor(log10(raw))
    step = next(factor * unit for factor in (1, 2, 2.5, 5, 10) if factor * unit >= raw * 0.999)
    return [number * step for number in range(ceil(highest / step * 0.999) + 1)]


def _highest(chart: Chart) -> float:
    if not chart.stacked:
        return max((value or 0.0 for one in chart.series for value in one.values), default=0.0)
    columns = zip(*(one.values for one in chart.series), strict=True)
    return max((sum(value or 0.0 for value in column) for column in columns), default=0.0)


def _bars(chart: Chart, scale: _Scale) -> Sequence[Bar]:
    found = []
    width = round(min(scale.step * 0.72, 56), 1)
    below = [0.0] * len(chart.names)
    for one in chart.series:
        for index, value in enumerate(one.values):
            if not value:
                continue
            low, high = scale.y(below[index]), scale.y(below[index] + value)
            said = f"{chart.names[index]}, {one.name}: {one.said[index]}" if one.name else one.said[index]
            link = chart.links[index] if chart.links else ""
            x = round(scale.x(index) - width / 2, 1)
            found.append(Bar(x, high, width, round(low - high, 1), one.look, said, link))
            below[index] += value
    return found


def _line(one: Series, chart: Chart, scale: _Scale) -> Line:
    names, last = chart.names, len(one.values) - 1
    paths: list[list[str]] = [[]]
    dots = []
    for index, value in enumerate(one.values):
        if value is None:
            paths.append([])
            continue
        if chart.unfinished and chart.whole and index == last:
            paths.append([])  # half a week's count is no fall
        x, y = scale.x(index), scale.y(value)
        paths[-1].append(f"{x},{y}")
        dots.append(Dot(x, y, f"{names[index]}, {one.name}: {one.said[index]}"))
    return Line(one.look, [" ".join(path) for path in paths if len(path) > 1], dots)
