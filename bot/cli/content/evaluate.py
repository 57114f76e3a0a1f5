"""Measures answers on labelled questions: `firstline evaluate`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.cli import terminal
from bot.cli.content.check import source_of
from bot.cli.content.evaluation_tables import print_comparison, print_report
from bot.cli.content.labelled_questions import (
    GivenTraffic,
    ask_all,
    load,
    settings_of,
    thresholds_of,
    traffic_of,
)
from bot.cli.reader import said
from bot.domain.errors import FirstlineError
from bot.evaluation import gate, plot
from bot.evaluation.bisect import proved
from bot.evaluation.judging import in_traffic, judge
from bot.evaluation.report import Report, as_data, predictions, report_on
from bot.evaluation.targets import Targets

CLOSED = 1  # the gate's exit code
FAILED = 2  # nothing was evaluated


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """The options of `firstline evaluate`."""

    questions: Path | None
    articles: Path | None
    intents: Path | None
    as_json: bool = False
    predictions: Path | None = None
    two_way: bool = False
    max_wrong: float | None = None
    baseline: Path | None = None
    plot: Path | None = None
    traffic: GivenTraffic = field(default_factory=GivenTraffic)


class OutputNotWritten(FirstlineError):
    """A file of results cannot be written."""


def evaluate_all(options: EvaluateOptions) -> int:
    """Evaluate, print and compare; return 0, 1 where the gate is closed, 2 where nothing was evaluated."""
    errors = terminal.console(errors=True, wraps=True)
    return or_failed(lambda: _evaluate(options, errors), errors)


def or_failed(run: Callable[[], int], errors: terminal.Terminal) -> int:
    """The exit code of a run; where the world and not our code failed it, say so and return 2."""
    try:
        return run()
    except BrokenPipeError:
        raise
    except Exception as error:
        sentence = terminal.told(error)
        if sentence is None:
            raise
        errors.print(f"firstline: {said(sentence)}")
        return FAILED


def _evaluate(options: EvaluateOptions, errors: terminal.Terminal) -> int:
    # Whatever can fail without the questions' answers fails before the long run.
    figure = plot.canvas(options.plot) if options.plot else None
    baseline = gate.read_baseline(options.baseline) if options.baseline else None
    for path in (options.predictions, options.plot):
        _writable(path)
    settings = settings_of(options.articles, options.intents)
    content, make = load(settings, source_of(settings, options.articles, options.intents))
    asked, matcher, source, warnings = ask_all(content, make, options.questions, errors)
    for warning in warnings:
        errors.tell(f"warning: {warning}.", style="yellow")
    given = options.traffic if options.questions else replace(options.traffic, questions=False)
    traffic = traffic_of(settings, content, matcher, asked, given)
    thresholds = thresholds_of(settings, matcher, traffic, two_way=options.two_way)
    targets = Targets(content)
    asked = in_traffic(asked, targets, traffic)
    judged = [judge(one, targets, thresholds, two_way=options.two_way) for one in asked]
    run = gate.Run(content, matcher.version, thresholds, options.two_way, traffic)
    report = report_on(judged, run, source, warnings)
    comparison = gate.compare(judged, run, baseline) if baseline else None
    if comparison and options.questions:  # a question that is an example itself would answer itself
        comparison = proved(comparison, run, make)
    reasons = gate.too_many_wrong(report.figures, options.max_wrong) if options.max_wrong is not None else []
    reasons += comparison.reasons if comparison else []
    if options.predictions:
        _write_lines(options.predictions, predictions(judged))
    if options.plot:
        _draw(figure, report, options.plot)
    if options.as_json:
        terminal.print_json(as_data(report, comparison, reasons), indent=1)
    else:
        _print(report, comparison, targets)
    for reason in reasons:
        errors.tell(f"gate: {reason}.", style="red")
    return CLOSED if reasons else 0


def _print(report: Report, comparison: gate.Comparison | None, targets: Targets) -> None:
    console = terminal.console()
    print_report(console, report, targets)
    if comparison:
        print_comparison(console, comparison)


def _writable(path: Path | None) -> None:
    if path is not None and (path.is_dir() or not path.parent.is_dir()):
        raise OutputNotWritten(f"{path} cannot be written; name a file in a folder that is there.")


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise OutputNotWritten(f"{path} cannot be written ({error.strerror}).") from error


def _draw(figure: object, report: Report, path: Path) -> None:
    try:
        plot.draw(figure, report, path)
    except OSError as error:
        raise OutputNotWritten(f"{path} cannot be written ({error.strerror}).") from error
