"""Measures the answers on folders with a `questions.jsonl`, each figure beside its bar and beside plain BM25.

    python -m bench.match_sets FOLDER... [--typos] [--embeddings MODEL]

A folder without questions is left out; one without content of its own is asked of the sample content. What
is in a `more_answerable.jsonl` was picked and is no sample: it is asked at the same thresholds, is no part of
the traffic, and counts beside the answerable ones of the sample. Questions of the style `long` are counted
once more by themselves.
"auroc" is how likely a right first candidate is surer than a wrong one; "answered" the share of the
answerable questions that are answered rightly where the threshold, chosen in hindsight, leaves at most 5 % of
the answers wrong. What stands under "own threshold" is what `firstline evaluate` counts: the first 200 texts
are the desk's traffic, never their labels. Beside it the same where 100 of the questions, which are not asked
then, are labelled for it.
"""

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.matching.rivals import fts5_scores
from bot.cli.content.labelled_questions import MOST_TRAFFIC
from bot.desk.knowledge.library import thresholds_in
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.decision import Tolerance
from bot.domain.knowledge.labelled_question import Question
from bot.domain.knowledge.traffic import Traffic
from bot.evaluation.judging import JudgedQuestion, ask, in_traffic, judge
from bot.evaluation.targets import Targets
from bot.matching.embeddings.factory import store_of
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.matcher import WordMatcher
from bot.runtime.resources import find
from bot.server.content import content_in

MAX_WRONG = 0.05
STORIES, PICKED = "long stories", "with those picked"  # parts of a set: answerable questions alone
LABELLED, FEWEST_LABELLED = 100, 190  # questions that are labelled, and those of a set that can spare them
# Right first, and answered with at most 5 % wrong in hindsight.
GOALS = {
    "clinc_full": (0.94, 0.90),
    "clinc_10shot": (0.88, 0.74),
    "clinc_10shot typos": (0.84, 0.62),
    "banking77_10shot": (0.85, 0.70),
    "schuster_es_10shot": (0.90, 0.80),
    "gnome_en": (0.83, 0.45),
}
COLUMNS = {
    "right first": "first",
    "answered": "answered",
    "auroc": "auroc",
    "own threshold: right": "right",
    "wrong": "wrong",
    "answers": "answers",
    "answered or offered": "reached",
    "useless choices": "useless",
    "assumed unanswered": "assumed",
    "ms": "milliseconds",
}
Find = Callable[[str], tuple[str | None, float]]  # a question -> the best target, and how sure it is


@dataclass(frozen=True)
class Results:
    """The results of asking a set, in arrays with one place for each question."""

    sure: np.ndarray  # of the best candidate
    right: np.ndarray
    answerable: np.ndarray
    seconds: np.ndarray


def answered(confidence: np.ndarray, right: np.ndarray, answerable: int, wrong: float = 0.05) -> float:
    """The largest share of answerable questions answered rightly at most at this share of wrong answers."""
    order = np.argsort(-confidence, kind="stable")
    hits = np.cumsum(right[order])
    given = np.arange(1, len(order) + 1)
    fine = (given - hits) / given <= wrong
    return float(hits[fine].max() / answerable) if fine.any() else 0.0


def calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """The expected calibration error over bins of equal width."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[place == b].mean() - right[place == b].mean()) * (place == b).sum()
        for b in range(bins)
        if (place == b).any()
    ]
    return float(sum(gaps) / len(confidence))


def mistyped(text: str, rng: random.Random) -> str:
    """The text with typing errors: about one letter in fifteen dropped, doubled, swapped or replaced."""
    letters = list(text)
    for at in range(len(letters) - 1):
        if letters[at].isalpha() and rng.random() < 1 / 15:
            kind = rng.randrange(4)
            if kind == 0:
                letters[at] = ""
            elif kind == 1:
                letters[at] *= 2
            elif kind == 2:
                letters[at], letters[at + 1] = letters[at + 1], letters[at]
            else:
                letters[at] = rng.choice("abcdefghijklmnopqrstuvwxyz")
    return "".join(letters)


def separation(confidence: np.ndarray, right: np.ndarray) -> float:
    """The area under the ROC curve: how likely a right one is surer than a wrong one; ties count half."""
    surer = confidence[right][:, None] - confidence[~right][None, :]
    return float(((surer > 0) + 0.5 * (surer == 0)).mean()) if surer.size else float("nan")


def asked(find_best: Find, content: Content, questions: Sequence[dict[str, Any]]) -> Results:
    """Ask all questions; of one with several fair targets (`any`) each is right."""
    rows: list[tuple[float, bool, bool, float]] = []
    for question in questions:
        fair = {_target(content, one) for one in question.get("any") or [question["expected"]]}
        started = time.perf_counter()
        target, sure = find_best(question["text"])
        took = time.perf_counter() - started
        answerable = question["expected"] is not None
        rows.append((sure, answerable and target in fair, answerable, took))
    table = np.array(rows, float).reshape(-1, 4)
    return Results(table[:, 0], table[:, 1].astype(bool), table[:, 2].astype(bool), table[:, 3])


def plain_bm25(content: Content) -> Find:
    """Search by the BM25 of SQLite FTS5, with all texts of a target as one document."""
    texts: dict[str, list[str]] = {}
    for name, versions in content.articles.items():
        for article in versions.values():
            texts.setdefault(name, []).extend((article.title, *article.questions, article.body))
    for intent in content.intents.values():
        for examples in intent.examples.values():
            texts.setdefault(intent.target, []).extend(examples)
    targets = sorted(texts)
    search = fts5_scores(["\n".join(texts[target]) for target in targets])

    def find_best(question: str) -> tuple[str | None, float]:
        place, score = search(question)
        target = targets[place] if place >= 0 else None
        return target, 0.0 if target in content.service_requests else score  # a ticket is no answer

    return find_best


@dataclass(frozen=True)
class Figures:
    """The figures of one set; shares from 0 to 1, NaN where there is nothing to divide by."""

    first: float
    answered: float
    auroc: float
    right: float = float("nan")
    wrong: float = float("nan")
    answers: int = 0
    reached: float = float("nan")  # answered rightly, or offered with the right one
    useless: float = float("nan")  # choices, of what nothing answers
    assumed: float = float("nan")  # share that no article answers, as assumed from the traffic
    milliseconds: float = float("nan")


def measure(folder: Path, typos: bool, store: VectorStore | None = None) -> dict[str, Figures]:
    """Measure one folder: the matcher, the same with labelled questions, and plain BM25."""
    questions = questions_of(folder, typos=typos)
    own = (folder / "kb_articles").is_dir() or (folder / "intents").is_dir()
    base = folder if own else find("kb_articles").parent
    content = content_in(base / "kb_articles", base / "intents")
    found = rows_of(content, questions, questions_in(folder / "more_answerable.jsonl"), store)
    if len(questions) >= FEWEST_LABELLED:
        picked = set(random.Random(7).sample(range(len(questions)), LABELLED))
        labelled = tuple(_labelled(question) for at, question in enumerate(questions) if at in picked)
        rest = [question for at, question in enumerate(questions) if at not in picked]
        found[f"{LABELLED} labelled"] = figures_of(replace(content, questions=labelled), rest, store)
    found["plain BM25"] = Figures(*in_hindsight(plain_answers(content, questions)))
    return found


def rows_of(
    content: Content,
    questions: Sequence[dict[str, Any]],
    more: Sequence[dict[str, Any]],
    store: VectorStore | None,
) -> dict[str, Figures]:
    """The figures of all questions; where there are any, of long ones and of answerable ones with `more`."""
    answers = Answers.to(content, [*questions, *more], len(questions), store)
    found = {"Firstline": answers.figures(range(len(questions)))}
    answerable = [at for at, question in enumerate(questions) if question["expected"] is not None]
    stories = [at for at in answerable if questions[at].get("style") == "long"]
    if stories:
        found[STORIES] = answers.figures(stories)
    if more:
        found[PICKED] = answers.figures([*answerable, *range(len(questions), len(questions) + len(more))])
    return found


def figures_of(content: Content, questions: Sequence[dict[str, Any]], store: VectorStore | None) -> Figures:
    """Ask all questions as the chat would, and count."""
    return Answers.to(content, questions, len(questions), store).figures(range(len(questions)))


@dataclass(frozen=True)
class Answers:
    """What became of questions, a row for each, in traffic of which no article answers this share."""

    table: np.ndarray
    unanswered: float
    milliseconds: float

    @classmethod
    def to(
        cls, content: Content, questions: Sequence[dict[str, Any]], sample: int, store: VectorStore | None
    ) -> "Answers":
        """Ask all questions as the chat would; the first `sample` of them are what the desk is asked."""
        matcher, targets = WordMatcher(content, embeddings=store, strict=True), Targets(content)
        started = time.perf_counter()
        matched = list(ask(matcher, targets, [_labelled(question) for question in questions]))
        took = (time.perf_counter() - started) / max(len(questions), 1) * 1e3
        seen = [one.result for one in matched[:sample][:MOST_TRAFFIC]]
        traffic = Traffic.learned(seen, content.service_requests, MAX_WRONG, prior=matcher.prior)
        thresholds = thresholds_in(traffic, matcher, Tolerance(MAX_WRONG))
        judged = [judge(one, targets, thresholds) for one in in_traffic(matched, targets, traffic)]
        rows = [_judged(one, question, targets) for one, question in zip(judged, questions, strict=True)]
        return cls(np.array(rows, float).reshape(-1, 7), traffic.mix.unanswered, took)

    def figures(self, places: Sequence[int]) -> Figures:
        """Count the questions at these places."""
        table = self.table[list(places)]
        sure, (first, answerable, given, right, offered, chosen) = table[:, 0], table[:, 1:].T == 1
        return Figures(
            *in_hindsight(Results(sure, first, answerable, sure)),
            float(right[answerable].mean()),
            float(1 - right[given].mean()) if given.any() else 0.0,
            int(given.sum()),
            float((right | offered)[answerable].mean()),
            float(chosen[~answerable].mean()) if not answerable.all() else float("nan"),
            self.unanswered,
            self.milliseconds,
        )


def _judged(one: JudgedQuestion, question: dict[str, Any], targets: Targets) -> tuple[float | bool, ...]:
    # -> how sure, and whether: right first, answerable, answered, rightly, offered rightly, offered at all
    fair = {targets.of(name) for name in question.get("any") or [question["expected"]]}
    best, answerable = one.asked.result.best, question["expected"] is not None
    sure = best.confidence if best is not None and targets.is_answer(best.target) else 0.0
    first = best is not None and best.target in fair and answerable
    right = one.decision == "answer" and one.predicted in fair and answerable
    chosen = one.decision == "choose"
    offered = chosen and bool(fair.intersection(one.offered)) and answerable
    return sure, first, answerable, one.decision == "answer", right, offered, chosen


def plain_answers(content: Content, questions: Sequence[dict[str, Any]]) -> Results:
    """What plain BM25 answers to all questions."""
    return asked(plain_bm25(content), content, questions)


def in_hindsight(found: Results) -> tuple[float, float, float]:
    """The share that is right first, the share answered at 5 % wrong, and the area under the ROC curve."""
    known = found.answerable
    return (
        float(found.right[known].mean()),
        answered(found.sure, found.right, int(known.sum())),
        separation(found.sure, found.right),
    )


def _labelled(question: dict[str, Any]) -> Question:
    return Question(question["text"], question["expected"], question.get("lang") or "")


def questions_of(folder: Path, *, typos: bool) -> list[dict[str, Any]]:
    """The questions of a folder, without those whose answer is a matter of taste (`kind: ambiguous`)."""
    questions = questions_in(folder / "questions.jsonl")
    rng = random.Random(7)
    return [
        question | {"text": mistyped(question["text"], rng)} if typos else question for question in questions
    ]


def questions_in(path: Path) -> list[dict[str, Any]]:
    """The questions of a file, without the ambiguous ones; none where there is no such file."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return [question for question in map(json.loads, lines) if question.get("kind") != "ambiguous"]


def _target(content: Content, expected: str | None) -> str | None:
    intent = content.intents.get(expected) if expected is not None else None
    return intent.target if intent else expected


def table_of(found: dict[str, dict[str, Figures]]) -> Table:
    """A table of every set, each figure beside its bar."""
    table = Table(title=f"At most {MAX_WRONG:.0%} wrong are tolerated", title_justify="left")
    for name in ("set", "", *COLUMNS):
        table.add_column(name.replace(" ", "\n"), justify="left" if name in ("set", "") else "right")
    for name, rows in found.items():
        for who, figures in rows.items():
            bars = bars_of(name, who, rows["plain BM25"])
            cells = [_cell(getattr(figures, key), bars.get(key), key) for key in COLUMNS.values()]
            table.add_row(name if who == "Firstline" else "", who, *cells, end_section=who == "plain BM25")
    return table


def bars_of(name: str, who: str, bm25: Figures) -> dict[str, tuple[str, float]]:
    """The bars of a row: for each figure whether it is to be at least or at most so large."""
    if who == "plain BM25":
        return {}
    if who == STORIES:
        return {"right": ("≥", 0.5)}
    if who == PICKED:
        return {"right": ("≥", 0.5), "reached": ("≥", 0.6)}
    real = name.startswith("desk_real")
    bars = {"wrong": ("≤", MAX_WRONG if who != "Firstline" else 0.10 if real else 0.08)}
    if who != "Firstline":
        return bars
    if name in GOALS:
        bars |= dict(zip(("first", "answered"), (("≥", goal) for goal in GOALS[name]), strict=True))
    bars.setdefault("answered", ("≥", bm25.answered))
    bars["auroc"] = ("≥", bm25.auroc)
    if not name.startswith("gnome"):
        bars |= {"right": ("≥", 0.5), "reached": ("≥", 0.6)}
    if name.startswith("desk"):
        bars["useless"] = ("≤", 0.2)
    return bars


def _cell(value: float, bar: tuple[str, float] | None, key: str) -> str:
    if math.isnan(value):
        return ""
    form = ".3f" if key == "auroc" else ".1f" if key == "milliseconds" else "d" if key == "answers" else ".1%"
    if bar is None:
        return format(value, form)
    sign, edge = bar
    kept = value >= edge if sign == "≥" else value <= edge
    return f"{format(value, form)} {sign} {format(edge, form)} {'✓' if kept else '✗'}"


def main() -> None:
    """Measure the folders that the command line names, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--typos", action="store_true")
    parser.add_argument(
        "--embeddings", default="", help="a folder or a packaged model; beside the built-in one"
    )
    parser.add_argument("--cache", type=Path, help="folder where its vectors are kept")
    arguments = parser.parse_args()
    store = store_of(arguments.embeddings, "", "", 1.0, arguments.cache)
    folders = [folder for folder in arguments.folders if (folder / "questions.jsonl").exists()]
    found: dict[str, dict[str, Figures]] = {}
    for folder in track(folders, "Asking", console=Console(stderr=True)):
        found[folder.name + (" typos" if arguments.typos else "")] = measure(folder, arguments.typos, store)
    Console(width=None if sys.stdout.isatty() else 220).print(table_of(found))
