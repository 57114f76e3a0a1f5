"""Measures the quality of matching on folders with a `questions.jsonl`, beside plain BM25.

    python -m bench.match_sets FOLDER... [--typos] [--embeddings MODEL]

A folder without questions is left out; one without content of its own is asked of the sample content. Prints
the first hits, "answered", the area under the ROC curve ("auroc") and the expected calibration error, among
others. "answered" is the share of answerable questions that get the right answer while at most 5 % of all
answers given are wrong (the threshold is chosen in hindsight); "auroc" is how likely a right first candidate
is surer than a wrong one.
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.rivals import fts5_scores
from bot.domain.knowledge.content import Content
from bot.matching.embeddings.factory import store_of
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.matcher import WordMatcher
from bot.runtime.resources import find
from bot.server.content import content_in

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
        return (targets[place] if place >= 0 else None), score

    return find_best


def measure(folder: Path, typos: bool, embeddings: VectorStore | None = None) -> None:
    """Measure one folder and print a line for us and one for plain BM25."""
    questions = questions_of(folder, typos=typos)
    started = time.perf_counter()
    own = (folder / "kb_articles").is_dir() or (folder / "intents").is_dir()
    base = folder if own else find("kb_articles").parent
    content = content_in(base / "kb_articles", base / "intents")
    loaded = time.perf_counter() - started
    started = time.perf_counter()
    matcher = WordMatcher(content, embeddings=embeddings, strict=True)
    made = time.perf_counter() - started

    def find_best(question: str) -> tuple[str | None, float]:
        best = matcher.find(question).best
        return (best.target, best.confidence) if best else (None, 0.0)

    found = asked(find_best, content, questions)
    sure, hit, known = found.sure, found.right, found.answerable
    thresholds = matcher.thresholds(0.05)
    given, two_way = sure >= thresholds.answer, matcher.two_way().answer
    outside = given[~known].mean() if (~known).any() else 0
    wrong = 1 - hit[given].mean() if given.any() else 0
    half, slow = np.percentile(found.seconds, [50, 99]) * 1e3
    name = folder.name + (" typos" if typos else "") + (" with meaning" if embeddings else "")
    print(
        f"{name:36} {_figures(found)} ece {calibration_error(sure, hit):.3f}"
        f" | at {thresholds.answer:.2f}: right {hit[given].sum() / known.sum():6.1%} wrong {wrong:6.1%}"
        f" outside {outside:6.1%}"
        f" | two-way {two_way:.2f}: right {hit[sure >= two_way].sum() / known.sum():6.1%}"
        f" escalated {(sure < two_way)[~known].mean() if (~known).any() else 0:6.1%}"
        f" | read {loaded:.2f} s made {made:.2f} s p50 {half:.2f} p99 {slow:.2f} ms",
        flush=True,
    )
    print(f"{'  plain BM25':36} {_figures(asked(plain_bm25(content), content, questions))}", flush=True)


def questions_of(folder: Path, *, typos: bool) -> list[dict[str, Any]]:
    """The questions of a folder, without those whose answer is a matter of taste (`kind: ambiguous`)."""
    lines = (folder / "questions.jsonl").read_text("utf-8").splitlines()
    questions = [question for question in map(json.loads, lines) if question.get("kind") != "ambiguous"]
    rng = random.Random(7)
    return [
        question | {"text": mistyped(question["text"], rng)} if typos else question for question in questions
    ]


def _figures(found: Results) -> str:
    sure, right, known = found.sure, found.right, found.answerable
    return (
        f"first {right[known].mean():6.1%} answered {answered(sure, right, int(known.sum())):6.1%} "
        f"auroc {separation(sure, right):.3f}"
    )


def _target(content: Content, expected: str | None) -> str | None:
    intent = content.intents.get(expected) if expected is not None else None
    return intent.target if intent else expected


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--typos", action="store_true")
    parser.add_argument("--embeddings", default="", help="what FIRSTLINE_EMBEDDINGS names; beside the words")
    parser.add_argument("--cache", type=Path, help="folder where its vectors are kept")
    arguments = parser.parse_args()
    store = store_of(arguments.embeddings, "", "", 1.0, arguments.cache)
    for one in arguments.folders:
        if (one / "questions.jsonl").exists():
            measure(one, arguments.typos, store)
