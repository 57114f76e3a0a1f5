"""The report of an evaluation, and its JSON."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from bot import __version__
from bot.domain.knowledge.decision import Thresholds
from bot.domain.knowledge.traffic import Traffic
from bot.evaluation.confusions import Confusion, UnansweredQuestions, confusions, unserved
from bot.evaluation.content_diff import part_hashes
from bot.evaluation.gate import FORMAT, Change, Comparison, Run
from bot.evaluation.judging import JudgedQuestion
from bot.evaluation.metrics import (
    Bin,
    Figures,
    Flags,
    Floats,
    Point,
    at_levels,
    by_language,
    calibration,
    curve,
    figures,
    first_candidates,
    share,
    within_limits,
)
from bot.evaluation.targets import Targets

DIGITS = 4


@dataclass(frozen=True)
class Report:
    """Everything that an evaluation says; every figure is worked out when it is first asked for.

    `source` says where the questions come from.
    """

    run: Run
    source: str
    judged: Sequence[JudgedQuestion]
    warnings: Sequence[str] = ()

    @cached_property
    def figures(self) -> Figures:
        """The figures of all questions."""
        return figures(self.judged)

    @cached_property
    def languages(self) -> Mapping[str, Figures]:
        """The figures by language; none where all questions are in one."""
        return by_language(self.judged)

    @cached_property
    def points(self) -> Sequence[Point]:
        """The curve of wrong answers against answers given."""
        return curve(*self._first_candidates)

    @property
    def levels(self) -> Sequence[Point]:
        """The curve at round thresholds."""
        return at_levels(self.points)

    @property
    def limits(self) -> Mapping[float, Point | None]:
        """For each tolerable share of wrong answers the best point of the curve."""
        return within_limits(self.points)

    @property
    def bins(self) -> Sequence[Bin]:
        """Confidence against truth."""
        return self._calibration[0]

    @property
    def error(self) -> float:
        """The expected calibration error."""
        return self._calibration[1]

    @cached_property
    def _calibration(self) -> tuple[Sequence[Bin], float]:
        return calibration(*self._first_candidates)

    @cached_property
    def _first_candidates(self) -> tuple[Floats, Flags]:
        return first_candidates(self.judged, Targets(self.run.content))

    @cached_property
    def confusions(self) -> Sequence[Confusion]:
        """The targets that are taken for others, worst first."""
        return confusions(self.judged)

    @cached_property
    def unserved(self) -> UnansweredQuestions:
        """The questions that no article serves."""
        return unserved(self.judged)


def report_on(
    judged: Sequence[JudgedQuestion], run: Run, source: str, warnings: Sequence[str] = ()
) -> Report:
    """The report on the questions of one evaluation; `source` says where they come from."""
    return Report(run, source, judged, warnings)


def _traffic(traffic: Traffic | None) -> dict[str, Any] | None:
    if traffic is None:
        return None
    return {
        "questions": traffic.questions,
        "unanswered": round(traffic.mix.unanswered, DIGITS),
        "mix": {name: round(share, DIGITS) for name, share in asdict(traffic.mix).items()},
        "answer_from": round(traffic.answer_from, DIGITS),
    }


def as_data(report: Report, comparison: Comparison | None, reasons: Sequence[str]) -> dict[str, Any]:
    """The report as JSON; it is a baseline too."""
    run, targets = report.run, Targets(report.run.content)
    return {
        "format": FORMAT,
        "firstline": __version__,
        "matcher": run.matcher,
        "source": report.source,
        "two_way": run.two_way,
        "cuts": _cuts(run.thresholds),
        "traffic": _traffic(run.traffic),
        "gate": {"open": not reasons, "reasons": list(reasons)},
        "warnings": list(report.warnings),
        "figures": _figures(report.figures),
        "languages": {name: _figures(one) for name, one in report.languages.items()},
        "curve": [_point(point, report.figures) for point in report.levels],
        "limits": {
            f"{limit:g}": _point(point, report.figures) if point else None
            for limit, point in report.limits.items()
        },
        "calibration": {
            "error": round(report.error, DIGITS),
            "bins": [_bin(one) for one in report.bins],
        },
        "confusions": [_confusion(one, targets) for one in report.confusions],
        "unserved": {
            "answered": [_question(one) for one in report.unserved.answered],
            "kinds": dict(report.unserved.kinds),
            "groups": [
                {"words": list(group.words), "questions": list(group.questions)}
                for group in report.unserved.groups
            ],
        },
        "comparison": _comparison(comparison) if comparison else None,
        "content": {"hash": run.content.hash, "targets": part_hashes(run.content)},
        "questions": [_question(one) for one in report.judged],
    }


def _cuts(thresholds: Thresholds) -> dict[str, float]:
    return {"answer": thresholds.answer, "choose": thresholds.choose, "margin": thresholds.margin}


def _bin(one: Bin) -> dict[str, Any]:
    return {
        "from": one.low,
        "to": one.high,
        "questions": one.questions,
        "confidence": round(one.confidence, DIGITS),
        "right": round(one.right, DIGITS),
    }


def _figures(one: Figures) -> dict[str, Any]:
    return {
        "questions": one.questions,
        "answerable": one.answerable,
        "first_hit": round(share(one.first, one.answerable), DIGITS),
        "in_first_three": round(share(one.third, one.answerable), DIGITS),
        "outcomes": {outcome.value: number for outcome, number in one.outcomes.items()},
        "answers": one.answers,
        "wrong_share": round(one.wrong_share, DIGITS),
    }


def _point(point: Point, whole: Figures) -> dict[str, Any]:
    return {
        "cut": round(point.cut, DIGITS),
        "given": point.given,
        "given_share": round(share(point.given, whole.questions), DIGITS),
        "wrong_share": round(point.wrong_share, DIGITS),
        "answered_rightly": round(share(point.right, whole.answerable), DIGITS),
    }


def _confusion(one: Confusion, targets: Targets) -> dict[str, Any]:
    language = one.questions[0].asked.question.language
    return {
        "expected": one.right,
        "predicted": one.taken,
        "titles": [targets.title(target, language) for target in (one.right, one.taken)],
        "wrong": one.wrong,
        "questions": [question.text for question in one.questions],
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "common": comparison.common,
        "wrong_before": comparison.wrong_before,
        "wrong_now": comparison.wrong_now,
        "taken": [_change(change) for change in comparison.taken],
        "worse": [_change(change) for change in comparison.worse],
        "edits": [edit.told() for edit in comparison.edits],
        "notes": list(comparison.notes),
    }


def _change(change: Change) -> dict[str, Any]:
    return {**_question(change.now), "before": change.before.value, "edit": change.cause}


def _question(one: JudgedQuestion) -> dict[str, Any]:
    return {
        "text": one.text,
        "expected": one.asked.question.expected,
        "lang": one.asked.question.language,
        "decision": one.decision,
        "predicted": one.predicted,
        "confidence": round(one.confidence, DIGITS),
        "outcome": one.outcome.value,
    }


def predictions(judged: Sequence[JudgedQuestion]) -> Iterable[str]:
    """One JSON line for each question, in the order of the questions.

    Where the expected id and a candidate are the same target under two ids, the line has the expected id.
    `predicted` is what was answered or the kind of the ticket, else the first candidate; `decision` says
    which of these.
    """
    for one in judged:
        expected, target = one.asked.question.expected, one.target

        def named(
            name: str | None, expected: str | None = expected, target: str | None = target
        ) -> str | None:
            return expected if name is not None and name == target else name

        yield dumped(
            {
                "text": one.text,
                "expected": expected,
                "decision": one.decision,
                "predicted": named(one.predicted),
                "confidence": round(one.confidence, 6),
                "ranked": [
                    [named(match.target), round(match.confidence, 6)] for match in one.asked.result.matches
                ],
                "offered": [named(target) for target in one.offered],
                "asked_back": one.outcome.value == "asked back",
            }
        )


def dumped(data: object, indent: int | None = None) -> str:
    """JSON that can always be written as UTF-8: a lone surrogate stays an escape."""
    text = json.dumps(data, ensure_ascii=False, indent=indent)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(data, indent=indent)
    return text
