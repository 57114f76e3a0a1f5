"""A gate for edits: too many wrong answers, more than before, or an article that takes others' questions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.errors import FirstlineError
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.decision import Thresholds
from bot.domain.knowledge.traffic import Traffic
from bot.evaluation.content_diff import Edit, edits
from bot.evaluation.judging import JudgedQuestion, Outcome
from bot.evaluation.metrics import Figures

FORMAT = 1
MOST_NAMED = 5


class BaselineInvalid(FirstlineError):
    """The baseline cannot be compared with; make one with `firstline evaluate --json > baseline.json`."""


@dataclass(frozen=True, slots=True)
class Run:
    """The content, matcher and thresholds of one evaluation."""

    content: Content
    matcher: str
    thresholds: Thresholds
    two_way: bool
    traffic: Traffic | None = None


@dataclass(frozen=True)
class Baseline:
    """An earlier evaluation: outcomes by (text, expected), and what it was made with."""

    outcomes: Mapping[tuple[str, str | None], Outcome]
    targets: Mapping[str, Mapping[str, str]]  # the hashes of each target's parts
    matcher: str
    thresholds: Thresholds
    two_way: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A question that is answered wrongly now and was not before; `cause` says which edit did it."""

    now: JudgedQuestion
    before: Outcome
    cause: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences from a baseline, over the questions that are in both."""

    common: int
    wrong_before: int
    wrong_now: int
    taken: tuple[Change, ...]  # answered rightly before
    worse: tuple[Change, ...]  # asked back, offered or escalated before
    edits: tuple[Edit, ...]
    notes: tuple[str, ...]

    @property
    def reasons(self) -> list[str]:
        """Why the gate is closed; empty where it is open."""
        found = []
        if self.wrong_now > self.wrong_before:
            found.append(f"wrong answers: {self.wrong_now}, before {self.wrong_before}")
        if self.taken:
            number = len(self.taken)
            found.append(f"questions answered rightly before and taken by another answer now: {number}")
        return found


def too_many_wrong(figures: Figures, most: float) -> list[str]:
    """Why the gate of `--max-wrong` is closed; empty where it is open."""
    if figures.wrong_share <= most:
        return []
    wrong, share = figures.outcomes[Outcome.WRONG], figures.wrong_share
    return [f"wrong answers: {wrong} of {figures.answers} given, {share:.1%}; the most is {most:.1%}"]


def read_baseline(path: Path) -> Baseline:
    """Read what `--json` printed; raises `BaselineInvalid`."""
    try:
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise BaselineInvalid(f"{path} cannot be read ({error.strerror}); correct the path.") from error
    except (ValueError, RecursionError) as error:
        raise BaselineInvalid(f"{path} is not JSON; {_remedy()}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise BaselineInvalid(
            f"{path} was not made by this version's `firstline evaluate --json`; {_remedy()}"
        )
    try:
        return _baseline(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BaselineInvalid(f"{path} is not complete ({error!r}); {_remedy()}") from error


def _remedy() -> str:
    return (BaselineInvalid.__doc__ or "").split("; ")[1]


def _baseline(data: Mapping[str, Any]) -> Baseline:
    return Baseline(
        outcomes={(str(q["text"]), q["expected"]): Outcome(q["outcome"]) for q in data["questions"]},
        targets={str(name): dict(parts) for name, parts in data["content"]["targets"].items()},
        matcher=str(data["matcher"]),
        thresholds=Thresholds(**data["cuts"]),
        two_way=bool(data["two_way"]),
    )


def compare(judged: Sequence[JudgedQuestion], run: Run, baseline: Baseline) -> Comparison:
    """Compare with an earlier evaluation; raises `BaselineInvalid` where they have nothing in common."""
    if run.two_way != baseline.two_way:
        how = "with" if baseline.two_way else "without"
        raise BaselineInvalid(f"The baseline was made {how} --two-way; compare like with like.")
    pairs = [(one, baseline.outcomes[key]) for one in judged if (key := _key(one)) in baseline.outcomes]
    if not pairs:
        raise BaselineInvalid("The baseline has none of these questions; make it with the same file.")
    made = edits(baseline.targets, run.content)
    other = _other_changes(run, baseline)
    changes = [
        Change(one, before, _cause(one, made, other))
        for one, before in pairs
        if one.outcome is Outcome.WRONG and before is not Outcome.WRONG
    ]
    surest = sorted(changes, key=lambda change: -change.now.confidence)
    fresh = len(judged) - len(pairs)
    gone = len(baseline.outcomes.keys() - {_key(one) for one in judged})
    notes = [f"questions that are not in the baseline, and not compared: {fresh}"] if fresh else []
    notes += [f"questions of the baseline that are not asked any more: {gone}"] if gone else []
    return Comparison(
        common=len(pairs),
        wrong_before=sum(before is Outcome.WRONG for _, before in pairs),
        wrong_now=sum(one.outcome is Outcome.WRONG for one, _ in pairs),
        taken=tuple(change for change in surest if change.before is Outcome.RIGHT),
        worse=tuple(change for change in surest if change.before is not Outcome.RIGHT),
        edits=tuple(made.values()),
        notes=(*notes, *other),
    )


def _key(one: JudgedQuestion) -> tuple[str, str | None]:
    return one.asked.question.text, one.asked.question.expected


def _other_changes(run: Run, baseline: Baseline) -> list[str]:
    found = []
    if run.matcher != baseline.matcher:
        found.append(f"the matcher changed from {baseline.matcher} to {run.matcher}")
    if run.thresholds != baseline.thresholds:
        found.append(f"the thresholds changed from {_shown(baseline.thresholds)} to {_shown(run.thresholds)}")
    return found


def _shown(thresholds: Thresholds) -> str:
    return f"{thresholds.answer:g} and {thresholds.choose:g}"


def _cause(one: JudgedQuestion, made: Mapping[str, Edit], other: Sequence[str]) -> str:
    # The edit of what takes the question explains most; then that of what lost it.
    for target in (one.predicted, one.target):
        if target is not None and target in made:
            return made[target].told(one.text)
    if made:
        names = ", ".join(list(made)[:MOST_NAMED]) + (", ..." if len(made) > MOST_NAMED else "")
        return f"neither of the two was edited; other edits moved the balance: {names}"
    return "; ".join(other) or "nothing that the baseline knows of changed"
