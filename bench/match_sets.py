"""Measures the quality of matching on folders of content with a `questions.jsonl`.

    python bench/match_sets.py FOLDER... [--typos] [--embeddings MODEL_FOLDER]

Prints the first hits, "answered" and the expected calibration error, among others. "answered" is the share of
answerable questions that get the right answer while at most 5 % of all answers given are wrong (the threshold
is chosen in hindsight).
"""

import argparse
import json
import random
import time
from pathlib import Path

import numpy as np

from bot.domain.knowledge.content import Content
from bot.matching.embeddings.factory import store_of
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.matcher import WordMatcher
from bot.server.content import content_in


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


def measure(folder: Path, typos: bool, embeddings: VectorStore | None = None) -> None:
    """Measure one folder and print one line."""
    started = time.perf_counter()
    content = content_in(folder / "kb_articles", folder / "intents")
    loaded = time.perf_counter() - started
    started = time.perf_counter()
    matcher = WordMatcher(content, embeddings=embeddings, strict=True)
    made = time.perf_counter() - started
    questions = [json.loads(line) for line in (folder / "questions.jsonl").read_text("utf-8").splitlines()]
    rng = random.Random(7)
    confidence, right, inside, took = [], [], [], []
    for question in questions:
        text = mistyped(question["text"], rng) if typos else question["text"]
        started = time.perf_counter()
        best = matcher.find(text).best
        took.append(time.perf_counter() - started)
        expected = _target(content, question["expected"])
        confidence.append(best.confidence if best else 0.0)
        right.append(best is not None and best.target == expected)
        inside.append(question["expected"] is not None)
    sure, hit, known = np.array(confidence), np.array(right, bool), np.array(inside, bool)
    thresholds = matcher.thresholds(0.05)
    given, two_way = sure >= thresholds.answer, matcher.two_way().answer
    outside = given[~known].mean() if (~known).any() else 0
    wrong = 1 - hit[given].mean() if given.any() else 0
    half, slow = np.percentile(took, [50, 99]) * 1e3
    name = folder.name + (" typos" if typos else "") + (" with meaning" if embeddings else "")
    print(
        f"{name:36} first {hit[known].mean():6.1%} "
        f"answered {answered(sure, hit, int(known.sum())):6.1%} ece {calibration_error(sure, hit):.3f}"
        f" | at {thresholds.answer:.2f}: right {hit[given].sum() / known.sum():6.1%} wrong {wrong:6.1%}"
        f" outside {outside:6.1%}"
        f" | two-way {two_way:.2f}: right {hit[sure >= two_way].sum() / known.sum():6.1%}"
        f" escalated {(sure < two_way)[~known].mean() if (~known).any() else 0:6.1%}"
        f" | read {loaded:.2f} s made {made:.2f} s p50 {half:.2f} p99 {slow:.2f} ms",
        flush=True,
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
    parser.add_argument("--embeddings", default="", help="folder of a model; beside the words")
    parser.add_argument("--cache", type=Path, help="folder where its vectors are kept")
    arguments = parser.parse_args()
    store = store_of(arguments.embeddings, "", "", 1.0, arguments.cache)
    for one in arguments.folders:
        measure(one, arguments.typos, store)
