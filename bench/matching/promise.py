"""Measures the promise of few wrong answers: thresholds certified on labelled questions, and the watch.

    python -m bench.matching.promise [FOLDER...] [--kept FOLDER]

Each folder has a `questions.jsonl`; one without intents or articles of its own is asked of the sample
content. A set is matched once; then its outcomes are resampled. In "drawn", labelled questions are drawn from
the set with replacement, and the share of wrong answers is that of the whole set, as of a population: a
certificate is broken where it is above 5 %. In "halves", half of the set is labelled, and the share is that
of the other half, whose own chance comes on top. The watch is measured on answers that are judged by chance;
without folders it alone is measured. `--kept` keeps the outcomes of each set, and reads them from there.
"""

import argparse
from pathlib import Path

import numpy as np

from bench.matching.sets import asked, questions_of
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.promise import Evidence, Promise
from bot.matching.calibration.certainty import Labelled
from bot.matching.matcher import WordMatcher
from bot.runtime.resources import find
from bot.server.content import content_in

PROMISE = Promise(0.05, 0.95)
RESAMPLES = 200
LABELLED = (100, 200, 400, 1000)
STREAMS = 1000
LONGEST = 2000  # judged answers
DRIFTS = (0.08, 0.10, 0.12, 0.20)
EARLIER = ((0, 0.05), (200, 0.03), (500, 0.03))  # judged answers before the drift, and the share wrong then
SOON = 100  # judged answers


def outcomes(folder: Path, kept: Path | None) -> Labelled:
    """The questions of a folder as they come out under a matcher that has not learned from them."""
    file = kept / f"{folder.name}.npz" if kept else None
    if file is not None and file.exists():
        arrays = np.load(file)
        return Labelled(arrays["confidence"], arrays["right"])
    content = _content(folder)
    matcher = WordMatcher(content)

    def find_best(question: str) -> tuple[str | None, float]:
        result = matcher.find(question)
        best = result.best
        return (best.target, 0.0 if result.vague else best.confidence) if best else (None, 0.0)

    found = asked(find_best, content, questions_of(folder, typos=False))
    if file is not None:
        np.savez(file, confidence=found.sure, right=found.right.astype(float))
    return Labelled(found.sure, found.right.astype(float))


def _content(folder: Path) -> Content:
    own = (folder / "intents").is_dir() or (folder / "kb_articles").is_dir()
    base = folder if own else find("kb_articles").parent
    return content_in(base / "kb_articles", base / "intents")


def measure(name: str, found: Labelled) -> None:
    """Print what is certified of a set, and how often the certificate is broken."""
    size = len(found.confidence)
    for number in (*LABELLED, 0):
        rows = [_resampled(found, number, seed) for seed in range(RESAMPLES)]
        certified = np.array([row for row in rows if row is not None]).reshape(-1, 3)
        broken = float((certified[:, 0] > PROMISE.max_wrong).sum() / RESAMPLES)
        wrong, given, level = certified.mean(axis=0) if len(certified) else (float("nan"),) * 3
        label = f"drawn {number}" if number else f"halves {size // 2}"
        print(
            f"{name:20} {label:12} certified {len(certified) / RESAMPLES:6.1%} broken {broken:5.1%} | "
            f"then from {level:.2f}: wrong {wrong:5.1%} answered {given:5.1%}",
            flush=True,
        )


def _resampled(found: Labelled, number: int, seed: int) -> tuple[float, float, float] | None:
    """The share of wrong answers, the share answered, and the threshold; None where none is certified."""
    rng, size = np.random.default_rng(seed), len(found.confidence)
    if number:
        labelled, tested = rng.integers(0, size, number), np.arange(size)
    else:
        labelled, tested = np.split(rng.permutation(size), [size // 2])
    level = Labelled(found.confidence[labelled], found.right[labelled]).threshold(PROMISE)
    if level is None:
        return None
    given = found.confidence[tested] >= level
    wrong = float((1 - found.right[tested][given]).mean()) if given.any() else 0.0
    return wrong, float(given.mean()), level


def closed_after(wrong: np.ndarray) -> int | None:
    """After how many judged answers the watch closes answering; None where it never does."""
    evidence = Evidence()
    for number, one in enumerate(wrong.tolist(), start=1):
        evidence = evidence.after(PROMISE, wrong=bool(one))
        if evidence.total >= PROMISE.limit:
            return number
    return None


def watch() -> None:
    """Print the false alarms of the watch, and how soon it sees a drift."""
    rng = np.random.default_rng(7)
    for share in (0.03, 0.05):
        alarms = [closed_after(rng.random(LONGEST) < share) for _ in range(STREAMS)]
        false = sum(alarm is not None for alarm in alarms) / STREAMS
        print(f"{share:.0%} wrong: closed within {LONGEST} judged answers in {false:.1%}", flush=True)
    for number, before in EARLIER:
        for share in DRIFTS:
            delays = []
            for _ in range(STREAMS):
                stream = np.concatenate([rng.random(number) < before, rng.random(LONGEST) < share])
                alarm = closed_after(stream)
                if alarm is None or alarm > number:
                    delays.append(alarm - number if alarm is not None else LONGEST)
            soon = float((np.array(delays) <= SOON).mean())
            median, late = np.percentile(delays, [50, 95])
            print(
                f"{number:4} judged at {before:.0%} wrong, then {share:.0%}: closed after {median:.0f} "
                f"(95 % within {late:.0f}); within {SOON} in {soon:.1%}",
                flush=True,
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--kept", type=Path, help="folder of the outcomes of sets that were matched before")
    arguments = parser.parse_args()
    watch()
    for one in arguments.folders:
        measure(one.name, outcomes(one, arguments.kept))
