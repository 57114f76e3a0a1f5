"""Looks for better thresholds: `firstline tune`."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.table import Table

from bot.cli import terminal
from bot.cli.content.check import source_of
from bot.cli.content.evaluate import or_failed
from bot.cli.content.labelled_questions import (
    GivenTraffic,
    Make,
    ask_all,
    ask_folds,
    load,
    settings_of,
    thresholds_of,
    traffic_of,
)
from bot.cli.reader import said, word
from bot.cli.terminal import Terminal
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.decision import Thresholds
from bot.evaluation.env_file import write_settings
from bot.evaluation.holdout import target_folds
from bot.evaluation.judging import MatchedQuestion, in_traffic
from bot.evaluation.targets import Targets
from bot.evaluation.tuning import PARTS, Proposal, propose

FEW = 100  # questions, below which the figures are hardly more than a hint
FEW_NOWHERE = 0.05
LABELS = {
    "right": "answered rightly",
    "wrong": "answered wrongly",
    "offered": "offered with the right one",
    "misoffered": "offered without the right one",
    "opened": "tickets of the right kind",
    "needless": "tickets that were needless",
    "escalated": "tickets that were right",
}
ANSWER, CHOOSE = "FIRSTLINE_ANSWER_FROM", "FIRSTLINE_CHOOSE_FROM"


@dataclass(frozen=True, slots=True)
class TuneOptions:
    """The options of `firstline tune`."""

    questions: Path | None
    articles: Path | None
    intents: Path | None
    max_wrong: float | None = None
    write: Path | None = None
    traffic: GivenTraffic = field(default_factory=GivenTraffic)


def tune_all(options: TuneOptions) -> int:
    """Look for better thresholds, say what each gains, write them; return 0, or 2 where that failed."""
    errors = terminal.console(errors=True, wraps=True)
    return or_failed(lambda: _tune(options, errors), errors)


def _tune(options: TuneOptions, errors: Terminal) -> int:
    settings = settings_of(options.articles, options.intents)
    content, make = load(settings, source_of(settings, options.articles, options.intents))
    asked, matcher, source, warnings = ask_all(content, make, options.questions, errors)
    targets = Targets(content)
    if options.questions is None:
        absent = _absent(content, targets, make, errors)
        asked += absent
        left_out = (
            f"{len(absent)} of them also with their whole target left out, so that nothing answers them"
        )
        source = f"{said(source)}; {said(left_out)}"
    warnings += _doubts(asked)
    for warning in warnings:
        errors.tell(f"warning: {warning}.", style="yellow")
    given = replace(options.traffic, questions=options.traffic.questions and options.questions is not None)
    traffic = traffic_of(settings, content, matcher, asked, given)
    now = thresholds_of(settings, matcher, traffic)
    asked = in_traffic(asked, targets, traffic)
    max_wrong = settings.max_wrong if options.max_wrong is None else options.max_wrong
    proposal = propose(asked, targets, now, max_wrong)
    console = terminal.console(wraps=True)
    console.tell(f"{source}.")
    _print(console, proposal, now, max_wrong)
    if options.write and proposal.better:
        _write(options.write, proposal.thresholds, console, errors)
    elif options.write:
        console.tell(f"{options.write} stays as it is.")
    return 0


def _absent(content: Content, targets: Targets, make: Make, errors: Terminal) -> list[MatchedQuestion]:
    folds = list(target_folds(content))
    number = sum(len(fold.questions) for fold in folds)
    return ask_folds(folds, targets, make, number, errors)[1] if folds else []


def _doubts(asked: list[MatchedQuestion]) -> list[str]:
    found = []
    if len(asked) < FEW:
        found.append(f"{len(asked)} questions are few; what they say of other questions is uncertain")
    nowhere = sum(one.target is None for one in asked)
    if nowhere < FEW_NOWHERE * len(asked):
        found.append(
            f"{nowhere} of {len(asked)} questions have `expected` null; where more people ask what nothing "
            "answers, these thresholds are too bold"
        )
    return found


def _print(console: Terminal, proposal: Proposal, now: Thresholds, max_wrong: float) -> None:
    console.print(_gains(proposal, now))
    console.tell(
        f"The new thresholds are counted on questions that they were not chosen on ({PARTS} parts, each left "
        "out once)."
    )
    new = proposal.thresholds
    if proposal.better:
        console.print(f"{ANSWER}={new.answer:.2f}\n{CHOOSE}={new.choose:.2f}")
    else:
        console.tell(
            f"None were found that do better there, with at most {max_wrong:.1%} of the answers wrong: "
            f"keep {now.answer:.2f} and {now.choose:.2f}."
        )


def _gains(proposal: Proposal, now: Thresholds) -> Table:
    new = proposal.thresholds
    table = Table(title=said("What each threshold gains"), title_justify="left", title_style="bold")
    table.add_column("")
    for heading in (
        f"{word('now')}\n{now.answer:.2f}, {now.choose:.2f}",
        f"{said('answer from')}\n{new.answer:.2f}",
        f"{said('and choose from')}\n{new.choose:.2f}",
    ):
        table.add_column(heading, justify="right")
    for name, label in LABELS.items():
        before = getattr(proposal.now, name)
        cells = [(getattr(one, name)) for one in (proposal.answer_only, proposal.both)]
        table.add_row(said(label), str(before), *(f"{cell} ({cell - before:+d})" for cell in cells))
        if name == "wrong":
            gains = (proposal.now, proposal.answer_only, proposal.both)
            table.add_row(f"  {said('of the answers given')}", *(f"{one.wrong_share:.1%}" for one in gains))
    return table


def _write(path: Path, thresholds: Thresholds, console: Terminal, errors: Terminal) -> None:
    values = {ANSWER: f"{thresholds.answer:.2f}", CHOOSE: f"{thresholds.choose:.2f}"}
    write_settings(path, values)
    console.tell(f"Written to {path}; a server that runs takes them at its next start.")
    for name in values:
        if name in os.environ:
            errors.tell(f"warning: {name} is set in the environment, and wins over {path}.", style="yellow")
