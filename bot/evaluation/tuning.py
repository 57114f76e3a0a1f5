"""Tunes the thresholds on questions with known answers, and estimates the gain by cross-validation."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from bot.domain.knowledge.decision import (
    BEST_SHARE,
    MOST_OFFERED,
    OFFERED_SHARE,
    TIE_SHARE,
    Match,
    Thresholds,
)
from bot.evaluation.judging import MatchedQuestion
from bot.evaluation.targets import Targets

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

PARTS = 5
STEPS = tuple(step / 100 for step in range(5, 100))
LOWEST_ANSWER = 0.5  # below it an answer would be a guess, whatever the questions say


@dataclass(frozen=True)
class ResultTable:
    """Match results by column, one row a question: `full` with the desk's own actions, `shown` without.

    `full_request` and `full_remark` say what the first one is, `requests` which of `offered` are requests.
    """

    answerable: Flags
    vague: Flags
    full: Floats  # (questions, 2): confidence of the first, and its lead
    full_right: Flags
    full_request: Flags
    full_remark: Flags
    shown: Floats
    shown_right: Flags
    offered: Floats  # (questions, 3): confidences of what a choice may hold
    requests: Flags  # (questions, 3)
    place: Ints  # of the right one among them, or -1

    def rows(self, which: Ints) -> "ResultTable":
        """Some of the rows."""
        return ResultTable(*(getattr(self, field.name)[which] for field in fields(self)))

    def __len__(self) -> int:
        return len(self.answerable)


def table_of(asked: Sequence[MatchedQuestion], targets: Targets) -> ResultTable:
    """The match results of questions as columns; what may not wait depends on no threshold."""
    asked = [one for one in asked if not one.result.needs_person]
    shown = [
        tuple(match for match in one.result.matches if match.target not in targets.actions) for one in asked
    ]
    full = [one.result.matches for one in asked]
    firsts = [[match.target for match in matches[:MOST_OFFERED]] for matches in shown]
    places = [
        names.index(one.target) if one.target in names else -1
        for names, one in zip(firsts, asked, strict=True)
    ]
    return ResultTable(
        np.array([one.target is not None for one in asked], np.bool_),
        np.array([one.result.vague for one in asked], np.bool_),
        _leads(full),
        _rights(full, asked),
        np.array([bool(m) and m[0].target in targets.requests for m in full], np.bool_),
        np.array([bool(m) and m[0].target == targets.remark for m in full], np.bool_),
        _leads(shown),
        _rights(shown, asked),
        np.array([_confidences(matches, MOST_OFFERED, -1.0) for matches in shown], np.float64).reshape(
            -1, MOST_OFFERED
        ),
        np.array([_requests(names, targets) for names in firsts], np.bool_).reshape(-1, MOST_OFFERED),
        np.array(places, np.int64),
    )


def _leads(found: Sequence[tuple[Match, ...]]) -> Floats:
    pairs = np.array([_confidences(matches, 2) for matches in found], np.float64).reshape(-1, 2)
    # Without any candidate nothing is answered, whatever the threshold.
    none = np.array([not matches for matches in found], np.bool_)
    pairs[none] = -1.0
    return np.column_stack([pairs[:, 0], pairs[:, 0] - pairs[:, 1]])


def _rights(found: Sequence[tuple[Match, ...]], asked: Sequence[MatchedQuestion]) -> Flags:
    pairs = zip(found, asked, strict=True)
    return np.array([bool(m) and m[0].target == one.target for m, one in pairs], np.bool_)


def _confidences(matches: tuple[Match, ...], number: int, missing: float = 0.0) -> list[float]:
    return ([match.confidence for match in matches[:number]] + [missing] * number)[:number]


def _requests(names: Sequence[str], targets: Targets) -> list[bool]:
    return ([name in targets.requests for name in names] + [False] * MOST_OFFERED)[:MOST_OFFERED]


@dataclass(frozen=True, slots=True)
class Gain:
    """The outcomes of thresholds on a set of questions."""

    right: int = 0
    wrong: int = 0
    offered: int = 0  # choices with the right one
    misoffered: int = 0  # choices without it
    needless: int = 0  # tickets for what could have been answered
    escalated: int = 0  # tickets for what nothing answers
    opened: int = 0  # tickets of the right kind

    @property
    def wrong_share(self) -> float:
        """The share of wrong ones among the answers given; 0 where none was."""
        given = self.right + self.wrong
        return self.wrong / given if given else 0.0

    @property
    def worth(self) -> int:
        """Questions served less those misled: a useless choice costs what a useful one gains."""
        return self.right - self.wrong + self.offered - self.misoffered + self.opened

    def __add__(self, other: Self) -> "Gain":
        return Gain(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def gain(table: ResultTable, thresholds: Thresholds) -> Gain:
    """The outcomes at these thresholds: what `judge` would count."""
    answered, right, remark = _answered(table, thresholds)
    left = ~answered & ~table.vague
    near = table.offered >= thresholds.choose * OFFERED_SHARE
    likely = np.where(near, table.offered, 0.0).sum(axis=1)
    choice = left & (table.offered[:, 0] >= thresholds.choose * BEST_SHARE) & (likely >= thresholds.choose)
    rivalled = (~table.requests & (table.offered > table.offered[:, :1] * TIE_SHARE)).any(axis=1)
    kind = left & table.requests[:, 0] & (table.offered[:, 0] >= thresholds.choose) & ~rivalled
    kind |= choice & (table.requests | ~near).all(axis=1)
    choice &= ~kind
    among = np.take_along_axis(near, np.maximum(table.place, 0)[:, None], 1)[:, 0]
    useful = choice & (table.place >= 0) & among
    opened = kind & (table.place == 0)
    ticket = left & ~choice & ~opened
    return Gain(
        right=int((answered & right).sum()),
        wrong=int((answered & ~right & (table.answerable | ~remark)).sum()),
        offered=int(useful.sum()),
        misoffered=int((choice & ~useful).sum()),
        needless=int((ticket & table.answerable).sum()),
        escalated=int((ticket & ~table.answerable).sum()),
        opened=int(opened.sum()),
    )


def _answered(table: ResultTable, thresholds: Thresholds) -> tuple[Flags, Flags, Flags]:
    """Return which questions are answered, which rightly, and which with no more than a kind word."""

    def sure_of(pairs: Floats) -> Flags:
        best, lead = pairs.T
        clear: Flags = (lead >= thresholds.margin) & (best - lead <= best * TIE_SHARE) | (
            thresholds.margin <= 0
        )
        answered: Flags = (best >= thresholds.answer) & clear & ~table.vague
        return answered

    first = sure_of(table.full) & ~table.full_request
    first |= table.full_remark & (table.full[:, 0] >= thresholds.choose)
    second = ~first & sure_of(table.shown) & ~table.requests[:, 0]
    return first | second, np.where(first, table.full_right, table.shown_right), first & table.full_remark


def best_answer(table: ResultTable, thresholds: Thresholds, max_wrong: float) -> Thresholds:
    """The thresholds whose `answer` gives most right answers at a share of wrong ones up to `max_wrong`.

    One standard error is kept in reserve, so that other questions keep the limit too. Where no threshold
    does, the one with the smallest share of wrong answers. What gains nothing stays as it is.
    """
    found, present = [], _on_grid(thresholds.answer)
    for step in STEPS:
        if step < LOWEST_ANSWER:
            continue
        tried = Thresholds(step, min(thresholds.choose, step), thresholds.margin)
        one = gain(table, tried)
        fine = one.wrong + math.sqrt(one.wrong) <= max_wrong * (one.right + one.wrong)
        # Of equal ones that of now, else the highest: it promises least.
        worth = one.right if fine else -one.wrong_share
        found.append((fine, worth, fine and step == present, step, tried))
    return max(found, key=lambda entry: entry[:4])[4]


def best_choice(table: ResultTable, thresholds: Thresholds) -> Thresholds:
    """The thresholds whose `choose` makes useful choices outnumber useless ones by most."""
    found, present = [], _on_grid(thresholds.choose)
    for step in STEPS:
        if step <= thresholds.answer:
            tried = replace(thresholds, choose=step)
            found.append((gain(table, tried).worth, step == present, step, tried))
    return max(found, key=lambda entry: entry[:3])[3]


def _on_grid(threshold: float) -> float:
    """The step that lets through no more than this threshold does."""
    return math.ceil(round(threshold * 100, 6)) / 100


@dataclass(frozen=True, slots=True)
class Proposal:
    """New thresholds for all questions, and their gain on questions that they were not chosen on."""

    thresholds: Thresholds
    now: Gain
    answer_only: Gain
    both: Gain
    better: bool


def propose(
    asked: Sequence[MatchedQuestion], targets: Targets, thresholds: Thresholds, max_wrong: float
) -> Proposal:
    """Choose thresholds on all questions; measure the way of choosing by cross-validation."""
    table = table_of(asked, targets)
    now, answer_only, both = gain(table, thresholds), Gain(), Gain()
    place = _parts(asked)
    for part in range(PARTS):
        inside, outside = np.flatnonzero(place != part), np.flatnonzero(place == part)
        first = best_answer(table.rows(inside), thresholds, max_wrong)
        answer_only += gain(table.rows(outside), first)
        both += gain(table.rows(outside), best_choice(table.rows(inside), first))
    chosen = best_choice(table, best_answer(table, thresholds, max_wrong))
    better = chosen != thresholds and _rank(both, max_wrong) > _rank(now, max_wrong)
    return Proposal(chosen, now, answer_only, both, better)


def _rank(one: Gain, max_wrong: float) -> tuple[float, float]:
    # Keeping the limit comes first.
    return -max(0.0, one.wrong_share - max_wrong), float(one.worth)


def _parts(asked: Sequence[MatchedQuestion]) -> Ints:
    # Questions of one target come into different parts; the same words come into the same one.
    order = sorted(
        range(len(asked)), key=lambda i: (asked[i].target or "", asked[i].question.text.casefold())
    )
    place, parts, before = -1, np.zeros(len(asked), np.int64), None
    for index in order:
        text = asked[index].question.text.casefold()
        if text != before:
            place += 1
        parts[index], before = place % PARTS, text
    return parts
