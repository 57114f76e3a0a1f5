"""Prints what a replay has found, as tables and as data."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.cli import terminal
from bot.cli.content.evaluation_tables import in_words
from bot.cli.reader import word
from bot.cli.terminal import Terminal
from bot.domain.secrets.masking import clean
from bot.evaluation.content_diff import Edit
from bot.evaluation.replay import Replay, Replayed, Side, Treated, Treatment
from bot.evaluation.targets import Targets

MOST_QUESTIONS, MOST_TAKINGS, MOST_EDITS, LONGEST = 10, 20, 10, 100
OF_A_TAKING = 3  # questions that are shown of one
NAMES = {
    Treatment.ANSWER: "answered",
    Treatment.CHOICE: "offered a choice",
    Treatment.ASK_BACK: "asked back",
    Treatment.TICKET: "ticket",
    Treatment.ALONE: "left alone",
}
LISTS = {
    "lost": "Right answers that are lost",
    "weakened": "Right answers that become a choice",
    "gained": "Right answers that are gained",
    "fewer_tickets": "Tickets that would not exist: answered now",
    "more_tickets": "Answered before, tickets now",
}


def print_replay(
    console: Terminal, found: Replay, without_words: int, targets: Targets, made: Mapping[str, Edit]
) -> None:
    """Print both sides beside each other, then every difference, the worst first."""
    number = sum(found.now.treatments.values())
    _say(console, f"{number} questions asked again; {len(found.changed)} would be treated otherwise.")
    if without_words:
        _say(console, f"Left out, since their words were erased or have expired: {without_words}.")
    _print_edits(console, made)
    _print_sides(console, found)
    for name, heading in LISTS.items():
        _print_list(console, heading, getattr(found, name))
    _print_takings(console, found, targets)


def _print_edits(console: Terminal, made: Mapping[str, Edit]) -> None:
    if not made:
        return
    _say(console, f"\nEdited: {len(made)}")
    for edit in list(made.values())[:MOST_EDITS]:
        _say(console, f"  {in_words(edit.told())}")
    _say_more(console, len(made) - MOST_EDITS)


def _print_sides(console: Terminal, found: Replay) -> None:
    table = terminal.table("what becomes of them", "before", "", "now", " ", whole=("before", "", "now", " "))
    for treatment, name in NAMES.items():
        cells = [cell for side in (found.before, found.now) for cell in _cells(side, treatment)]
        table.add_row(word(name), *cells)
    for name, value in (("known to be right", "right"), ("known to be wrong", "wrong")):
        table.add_row(
            f"  {word(name)}", str(getattr(found.before, value)), "", str(getattr(found.now, value)), ""
        )
    console.print(table)
    if found.now.expected_right is not None:
        answers = found.now.treatments.get(Treatment.ANSWER, 0)
        _say(
            console, f"Of the {answers} answers {found.now.expected_right:.0f} are expected to be right now."
        )


def _cells(side: Side, treatment: Treatment) -> tuple[str, str]:
    return str(side.treatments.get(treatment, 0)), f"{side.share(treatment):.1%}"


def _print_list(console: Terminal, heading: str, rows: Sequence[Replayed]) -> None:
    if not rows:
        return
    _say(console, f"\n{word(heading)}: {len(rows)}")
    for one in rows[:MOST_QUESTIONS]:
        _say(console, f"  “{_short(one)}”: {_told(one.before)} -> {_told(one.now)}")
    _say_more(console, len(rows) - MOST_QUESTIONS)


def _print_takings(console: Terminal, found: Replay, targets: Targets) -> None:
    if not found.takings:
        return
    _say(console, f"\nWhich takes questions from which: {len(found.takings)}")
    for taking in found.takings[:MOST_TAKINGS]:
        line = f"  {taking.thief} takes {len(taking.questions)} from {taking.victim}"
        _say(console, line if taking.victim in targets.ids else f"{line}, which is gone")
        for one in taking.questions[:OF_A_TAKING]:
            _say(console, f"    “{_short(one)}”")
    _say_more(console, len(found.takings) - MOST_TAKINGS)


def _told(treated: Treated) -> str:
    names, what = ", ".join(treated.targets), word(NAMES[treated.treatment])
    return f"{what} ({names})" if names else what


def _short(one: Replayed) -> str:
    line = " ".join(clean(one.question.text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _say(console: Terminal, line: str) -> None:
    console.tell(line, wraps=True)


def _say_more(console: Terminal, number: int) -> None:
    if number > 0:
        _say(console, f"  ... and {number} more (all of them with --json)")


def as_data(found: Replay, since: datetime, without_words: int, made: Mapping[str, Edit]) -> dict[str, Any]:
    """What `--json` prints: everything, the questions by their episodes' numbers and with their words."""
    return {
        "since": since.isoformat(timespec="seconds"),
        "questions": sum(found.now.treatments.values()),
        "without_words": without_words,
        "changed": len(found.changed),
        "edits": {name: edit.told() for name, edit in made.items()},
        "before": _side(found.before),
        "now": _side(found.now),
        **{name: [_question(one) for one in getattr(found, name)] for name in LISTS},
        "takings": [
            {
                "thief": one.thief,
                "victim": one.victim,
                "questions": [_question(question) for question in one.questions],
            }
            for one in found.takings
        ],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "treatments": {one.value: side.treatments.get(one, 0) for one in Treatment},
        "right": side.right,
        "wrong": side.wrong,
        "expected_right": None if side.expected_right is None else round(side.expected_right, 1),
    }


def _question(one: Replayed) -> dict[str, Any]:
    return {
        "episode": one.question.id,
        "text": one.question.text,
        "right": one.question.right,
        "before": {"treatment": one.before.treatment.value, "targets": list(one.before.targets)},
        "now": {"treatment": one.now.treatment.value, "targets": list(one.now.targets)},
    }
