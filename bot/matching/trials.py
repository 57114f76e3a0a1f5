"""Questions with known answers, made from the content alone.

Each example is asked as if it had not been written; for some the whole target is taken out, so that the
right answer is none. Where a target has hardly any examples, sentences of its article are asked.
"""

import re

import numpy as np

from bot.matching.calibrate import Layer, Trial, train
from bot.matching.evidence import Evidence, Gatherer, LeftOut
from bot.matching.normalise import MOST_WORDS, Words, words_of

MOST_TRIALS = 400
FEWEST_TRIALS = 150
AFFORDABLE = 2_000_000  # trials times rows, so that a large content starts quickly too
OUTSIDE_EVERY = 2  # of the rows asked, one in so many is also asked with its target taken out
# The share of questions, by weight, that nothing answers: a guess about desks, chosen on the public
# validation sets, where 0.25 was too doubtful. A desk with more such questions needs a higher one.
NOWHERE = 0.12
ENOUGH_ROWS = 3  # of a target: no sentences of its article are needed

# In the order of NAMES and NONE_NAMES: about what the layer came to on the public validation sets; the
# start, which contents that teach little stay near.
START = Layer(
    np.array([4.0, 3.0, 1.0, 7.0, 5.0, 3.0, 1.0, 4.0, 1.0]),
    np.array([4.5, 1.0, -0.3, 1.5]),
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def calibrate(gatherer: Gatherer) -> Layer:
    """Train the layer on a bounded, fixed sample of the content."""
    found = [*_from_rows(gatherer), *_from_sentences(gatherer)]
    nowhere = sum(out for _, _, out in found)
    inside = len(found) - nowhere
    if inside < 8 or not nowhere:
        return START
    scale = NOWHERE / (1 - NOWHERE) * inside / nowhere
    return train([_trial(evidence, right, scale if out else 1.0) for evidence, right, out in found], START)


def _from_rows(gatherer: Gatherer) -> list[tuple[Evidence, int, bool]]:
    rows = gatherer.corpus.rows
    if len(gatherer.corpus.targets) < 2:
        return []
    # Only rows that the classifier learned from can be taken out of it.
    usable = gatherer.ridge.rows if gatherer.ridge else np.arange(len(rows))
    found = []
    most = int(np.clip(AFFORDABLE / len(rows), FEWEST_TRIALS, MOST_TRIALS))
    for place, index in enumerate(_spread(usable, most)):
        row = rows[index]
        for whole in (False, True) if place % OUTSIDE_EVERY == 0 else (False,):
            out = LeftOut(int(index), row.document, row.target, max(row.weight, 1), whole)
            found.append((_ask(gatherer, row.words, row.language, out), row.target, whole))
    return found


def _from_sentences(gatherer: Gatherer) -> list[tuple[Evidence, int, bool]]:
    corpus = gatherer.corpus
    rows = np.bincount(corpus.target_of_row, minlength=len(corpus.targets))
    poor = [index for index, d in enumerate(corpus.documents) if rows[d.target] < ENOUGH_ROWS]
    found = []
    for place, index in enumerate(_spread(np.array(poor, np.int64), MOST_TRIALS // 2)):
        document = corpus.documents[index]
        sentences = [part for part in _SENTENCE.split(document.beginning) if 4 <= len(part.split()) <= 16]
        if not sentences:
            continue
        text = words_of(sentences[(7 * place) % len(sentences)])
        for whole in (False, True) if place % OUTSIDE_EVERY == 0 else (False,):
            out = LeftOut(-1, int(index), document.target, 1, whole)
            found.append((_ask(gatherer, text, document.language, out), document.target, whole))
    return found


def _ask(gatherer: Gatherer, text: Words, language: str, out: LeftOut) -> Evidence:
    return gatherer.gather(Words(text.words[:MOST_WORDS], text.codes[:8]), language, out)


def _trial(evidence: Evidence, target: int, weight: float) -> Trial:
    at = np.flatnonzero(evidence.targets == target)
    return Trial(evidence.features, evidence.none, int(at[0]) if len(at) else -1, weight)


def _spread(values: np.ndarray, most: int) -> np.ndarray:
    if len(values) <= most:
        return values
    return values[np.linspace(0, len(values) - 1, most).astype(np.int64)]
