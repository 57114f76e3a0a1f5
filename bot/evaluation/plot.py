"""Draws the curve and the calibration; needs matplotlib, which is optional."""

import importlib
from pathlib import Path
from typing import Any

from bot.domain.errors import FirstlineError
from bot.evaluation.report import Report

ENDINGS = (".png", ".svg", ".pdf")


class PlotUnavailable(FirstlineError):
    """A picture needs matplotlib: install it with `pip install 'firstline[plot]'`, or leave --plot out."""


def canvas(path: Path) -> Any:
    """An empty figure for a file; raises `PlotUnavailable` before any work is done."""
    if path.suffix.lower() not in ENDINGS:
        raise PlotUnavailable(f"--plot writes {', '.join(ENDINGS)}; {path.name} is none of these.")
    try:
        # No type stubs, and no import where nobody asks for a picture.
        module = importlib.import_module("matplotlib.figure")
    except ImportError as error:
        raise PlotUnavailable from error
    return module.Figure(figsize=(11, 4.8), layout="constrained")


def draw(figure: Any, report: Report, path: Path) -> None:
    """Draw both pictures side by side into the file."""
    left, right = figure.subplots(1, 2)
    _curve(left, report)
    _calibration(right, report)
    figure.savefig(path, dpi=150)


def _curve(axes: Any, report: Report) -> None:
    number = report.figures.questions
    given = [100 * point.given / number for point in report.points]
    wrong = [100 * point.wrong_share for point in report.points]
    axes.plot(given, wrong, color="#1f5fa8", linewidth=2)
    threshold = report.run.thresholds.answer
    within = [place for place, point in enumerate(report.points) if point.cut >= threshold]
    if within:
        axes.plot(given[within[-1]], wrong[within[-1]], "o", color="#b3261e")
        axes.annotate(
            f"threshold {threshold:g}",
            (given[within[-1]], wrong[within[-1]]),
            xytext=(-8, 10),
            textcoords="offset points",
            horizontalalignment="right",
        )
    axes.set(
        xlim=(0, 100),
        ylim=(0, None),
        xlabel="answers given, % of questions",
        ylabel="wrong, % of answers given",
        title="Wrong answers against answers given",
    )
    axes.grid(alpha=0.3)


def _calibration(axes: Any, report: Report) -> None:
    filled = [one for one in report.bins if one.questions]
    most = max((one.questions for one in filled), default=1)
    axes.plot([0, 1], [0, 1], color="#888888", linewidth=1, linestyle="--")
    axes.bar(
        [(one.low + one.high) / 2 for one in filled],
        [one.questions / most for one in filled],
        width=0.09,
        color="#cfdcec",
        label=f"questions (tallest: {most})",
    )
    axes.plot(
        [one.confidence for one in filled],
        [one.right for one in filled],
        "o-",
        color="#1f5fa8",
        label="share right",
    )
    axes.set(
        xlim=(0, 1),
        ylim=(0, 1.02),
        xlabel="confidence",
        ylabel="share right",
        title=f"Calibration (expected calibration error {report.error:.3f})",
    )
    axes.legend(loc="upper left")
    axes.grid(alpha=0.3)
