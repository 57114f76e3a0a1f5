"""Prints an evaluation as tables in the terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.reader import said, word
from bot.domain.diagnosis import counted
from bot.domain.knowledge.traffic import Traffic
from bot.domain.secrets.masking import clean
from bot.evaluation.confusions import Confusion, UnansweredQuestions
from bot.evaluation.gate import Change, Comparison
from bot.evaluation.judging import JudgedQuestion, Outcome
from bot.evaluation.metrics import BINS, Figures, Point, share
from bot.evaluation.report import Report
from bot.evaluation.targets import Targets

MOST_CONFUSIONS = 10
MOST_QUESTIONS = 3  # of one confusion
MOST_UNSERVED = 15
MOST_CHANGES = 20
LONGEST = 160


def print_report(console: Console, report: Report, targets: Targets) -> None:
    """Print everything that the report says."""
    thresholds = report.run.thresholds
    content = report.run.content
    _say(console, f"{len(content.articles)} articles, {len(content.intents)} intents; {report.source}.")
    cut = f"Answered from {thresholds.answer:.2f}, offered from {thresholds.choose:.2f}"
    _say(
        console,
        f"{cut}, two-way; {report.run.matcher}." if report.run.two_way else f"{cut}; {report.run.matcher}.",
    )
    _say(console, _traffic(report.run.traffic))
    console.print(_outcomes(report.figures))
    if report.languages:
        console.print(_languages(report))
    console.print(_curve(report))
    console.print(_limits(report))
    console.print(_calibration(report))
    _say(
        console,
        f"Expected calibration error {report.error:.3f}: |mean confidence - share right| of each of {BINS} "
        "equal bins, averaged over the questions.",
    )
    _print_confusions(console, report.confusions, targets)
    _print_unserved(console, report.unserved, targets, asked=report.figures.answerable < len(report.judged))


def _traffic(traffic: Traffic | None) -> str:
    if traffic is None:
        return "Thresholds are certified on labelled questions, whatever the traffic."
    share = f"{traffic.mix.unanswered:.0%}"
    if not traffic.questions:
        return (
            f"{share} of the questions are assumed to be answered by no article, before any traffic was seen."
        )
    return (
        f"{share} of the questions are assumed to be answered by no article (service requests "
        f"{traffic.mix.requests:.0%}), by {traffic.questions} texts without labels."
    )


def _outcomes(figures: Figures) -> Table:
    nowhere = figures.questions - figures.answerable
    table = _table("What became of the questions", "", "questions", "of", "share")
    rows = [
        ("right one came first", figures.first, figures.answerable, "answerable"),
        ("right one in the first three", figures.third, figures.answerable, "answerable"),
        (Outcome.RIGHT, figures.outcomes[Outcome.RIGHT], figures.answerable, "answerable"),
        (Outcome.WRONG, figures.outcomes[Outcome.WRONG], figures.answers, "answers given"),
        (Outcome.OFFERED, figures.outcomes[Outcome.OFFERED], figures.answerable, "answerable"),
        (Outcome.MISOFFERED, figures.outcomes[Outcome.MISOFFERED], figures.questions, "all"),
        (Outcome.OPENED, figures.outcomes[Outcome.OPENED], figures.answerable, "answerable"),
        (Outcome.ESCALATED, figures.outcomes[Outcome.ESCALATED], nowhere, "unanswerable"),
        (Outcome.NEEDLESS, figures.outcomes[Outcome.NEEDLESS], figures.answerable, "answerable"),
        (Outcome.LEFT_ALONE, figures.outcomes[Outcome.LEFT_ALONE], nowhere, "unanswerable"),
        (Outcome.ASKED_BACK, figures.outcomes[Outcome.ASKED_BACK], figures.questions, "all"),
    ]
    for name, number, whole, of in rows:
        table.add_row(word(str(name)), str(number), f"{whole} {word(of)}", _share(number, whole))
    return table


def _languages(report: Report) -> Table:
    table = _table(
        "By language",
        "lang",
        "questions",
        "first",
        "in three",
        "rightly",
        "wrongly",
        "needless",
    )
    for name, one in report.languages.items():
        table.add_row(
            Text(_plain(name) or "-"),
            str(one.questions),
            _share(one.first, one.answerable),
            _share(one.third, one.answerable),
            _share(one.outcomes[Outcome.RIGHT], one.answerable),
            _share(one.outcomes[Outcome.WRONG], one.answers),
            _share(one.outcomes[Outcome.NEEDLESS], one.answerable),
        )
    return table


def _curve(report: Report) -> Table:
    table = _table(
        "Wrong answers against answers given",
        "threshold",
        *_POINT,
    )
    for point in report.levels:
        table.add_row(f"{point.cut:.2f}", *_point(point, report.figures))
    return table


def _limits(report: Report) -> Table:
    table = _table(
        "The most that can be answered rightly (threshold chosen in hindsight)",
        "wrong at most",
        "threshold",
        *_POINT,
    )
    for limit, point in report.limits.items():
        if point is None:
            table.add_row(f"{limit:.0%}", word("none"), "0", "", "", "")
        else:
            table.add_row(f"{limit:.0%}", f"{point.cut:.3f}", *_point(point, report.figures))
    return table


_POINT = ("given", "of all", "wrong of given", "right of answerable")


def _point(point: Point, figures: Figures) -> tuple[str, str, str, str]:
    return (
        str(point.given),
        _share(point.given, figures.questions),
        _share(point.given - point.right, point.given),
        _share(point.right, figures.answerable),
    )


def _calibration(report: Report) -> Table:
    table = _table(
        "Calibration of the first candidate", "confidence", "questions", "mean confidence", "right"
    )
    for one in report.bins:
        if one.questions:
            table.add_row(
                f"{one.low:.1f} {word('to')} {one.high:.1f}",
                str(one.questions),
                f"{one.confidence:.3f}",
                f"{one.right:.3f}",
            )
    return table


def _print_confusions(console: Console, found: Sequence[Confusion], targets: Targets) -> None:
    if not found:
        return
    _head(console, f"Worst confusions ({min(len(found), MOST_CONFUSIONS)} of {len(found)} pairs)")
    for one in found[:MOST_CONFUSIONS]:
        number = len(one.questions)
        _say(
            console,
            f"\n{one.right} taken for {one.taken}: {counted(number, 'question', 'questions')}, "
            f"{one.wrong} answered wrongly",
        )
        for asked in one.questions[:MOST_QUESTIONS]:
            _say(console, f"  “{_short(asked.text)}” ({_became(asked)})")
        first = one.questions[0]
        for what, target in (("right", one.right), ("taken", one.taken)):
            _say(console, f"    {word(what)}: {_known(targets, target, first)}")


def _became(one: JudgedQuestion) -> str:
    return f"{word(one.outcome.value)}; {one.confidence:.2f}"


def _known(targets: Targets, target: str, question: JudgedQuestion) -> str:
    # a target's id, its title and the text of it that is most like the question
    article = targets.content.article(target, question.asked.question.language)
    near = targets.nearest(target, question.text)
    named = target if article is None or article.title == near else f"{target}, {_short(article.title)}"
    return f"{named}: “{_short(near)}”" if near else named


def _print_unserved(console: Console, found: UnansweredQuestions, targets: Targets, *, asked: bool) -> None:
    _head(console, "Questions that no article serves")
    if not asked:
        _say(console, "None was asked (a question with `expected` null is one).")
        return
    if found.answered:
        _say(console, f"\nAnswered all the same, and that is wrong: {len(found.answered)}")
    for one in found.answered[:MOST_UNSERVED]:
        _say(
            console,
            f"  “{_short(one.text)}” got {_known(targets, one.predicted or '', one)} ({one.confidence:.2f})",
        )
    _more(console, len(found.answered), MOST_UNSERVED)
    if found.kinds:
        opened = sum(number for _, number in found.kinds)
        shown = ", ".join(f"{kind} {number}" for kind, number in found.kinds)
        _say(console, f"\nOpened a ticket of their kind: {opened} ({shown})")
    left = sum(len(group.questions) for group in found.groups)
    if left:
        _say(
            console, f"\n{left} were not answered; by the words they share, so that you see what is missing:"
        )
    for group in found.groups[:MOST_UNSERVED]:
        name = ", ".join(group.words) or said("nothing in common")
        shown = "; ".join(f"“{_short(text, 80)}”" for text in group.questions[:MOST_QUESTIONS])
        more = "; ..." if len(group.questions) > MOST_QUESTIONS else ""
        _say(console, f"  {len(group.questions):3} {name}: {shown}{more}")
    _more(console, len(found.groups), MOST_UNSERVED)


def print_comparison(console: Console, found: Comparison) -> None:
    """Print what is different from the baseline, and which edit did it."""
    _head(console, "Compared with the baseline")
    _say(
        console,
        f"Of {found.common} in both, answered wrongly: {found.wrong_now}, before {found.wrong_before}.",
    )
    for note in found.notes:
        _say(console, f"Note: {note}.")
    _say(console, f"\nTargets that were edited: {len(found.edits)}")
    for edit in found.edits[:MOST_CHANGES]:
        _say(console, f"  {_short(in_words(edit.told()))}")
    _more(console, len(found.edits), MOST_CHANGES)
    if found.taken:
        _say(console, f"\nAnswered rightly before, and wrongly now: {len(found.taken)}")
        _changes(console, found.taken)
    if found.worse:
        _say(console, f"\nNot answered before, and wrongly now: {len(found.worse)}")
        _changes(console, found.worse)


def _changes(console: Console, changes: Sequence[Change]) -> None:
    for change in changes[:MOST_CHANGES]:
        now = change.now
        got = f"{now.predicted} ({now.confidence:.2f})"
        if now.target is None:
            _say(console, f"  “{_short(now.text)}” gets {got}, and nothing answers it")
        else:
            _say(console, f"  “{_short(now.text)}” gets {got}, and should get {now.target}")
        _say(console, f"    edit: {_short(in_words(change.cause), 300)}")
    _more(console, len(changes), MOST_CHANGES)


def in_words(edit: str) -> str:
    """Say each part of an edit, which stand in a row behind its target, in the reader's language."""
    target, colon, parts = edit.partition(": ")
    return target + colon + "; ".join(", ".join(map(said, one.split(", "))) for one in parts.split("; "))


def _more(console: Console, number: int, shown: int) -> None:
    if number > shown:
        _say(console, f"  ... and {number - shown} more (all of them with --json)")


def _head(console: Console, title: str) -> None:
    console.print()
    console.print(Text(word(title), style="bold"))


def _say(console: Console, text: str) -> None:
    # What people wrote is never markup, and never moves the cursor.
    console.print(Text(_plain(said(text))), soft_wrap=True)


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else " " for c in clean(text))


def _short(text: str, longest: int = LONGEST) -> str:
    line = " ".join(_plain(text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _share(part: int, whole: int) -> str:
    return f"{share(part, whole):.1%}" if whole else "-"


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=word(title), title_justify="left", caption_justify="left", title_style="bold")
    table.add_column(word(first))
    for name in others:
        table.add_column(word(name), justify="right")
    return table
