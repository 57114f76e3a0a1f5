"""Calibrates confidences on questions with known answers, and derives the thresholds from their outcomes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.domain.conversations.commands import parse_command
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.decision import Thresholds
from bot.domain.knowledge.labelled_question import Question
from bot.domain.knowledge.promise import Certificate, Promise
from bot.matching.array_file import ArrayFile
from bot.matching.calibration import trials
from bot.matching.calibration.certainty import NONE_LABELLED, Labelled, held_out
from bot.matching.index.corpus import CorpusReader
from bot.matching.index.inverted_index import Floats, Ints
from bot.matching.scoring.calibrator import START, START_WITHOUT, CalibrationSample, Calibrator
from bot.matching.scoring.calibrator import train as train_calibrator
from bot.matching.scoring.engine import Engine
from bot.matching.scoring.features import CandidateFeatures

# The share of questions, by weight, that nothing answers. What left out targets ask is nearer to the content
# than what people ask in vain, so they stand for about twice as many: a desk with 10 to 20 % of those.
UNANSWERABLE = 0.07
MOST_QUESTIONS = 900
MOST_LARGE = 400  # of a content too large for a classifier, where each takes longer
SMALL = 3_000  # examples up to which several folds of the content are left out in turn, not one
FEW_FOLDS = 3
FEWEST = 20  # questions that teach anything
LABELLED_WEIGHT = 3.0  # of a real question, beside one of the content's own
MOST_LABELLED = 3_000  # that are tried
ENOUGH_LABELLED = 100  # to take the thresholds from these alone
LEAST_TWO_WAY = 0.1
NEVER = 0.99  # answered from here on, there is hardly an answer
LEAST_ANSWER = 0.5  # below, another answer or none is likelier
# A choice that lacks the right answer costs a press; a wrong answer costs about ten times that.
CHEAPER = 10
LEAST_CHOOSE, MOST_CHOOSE = 0.3, 0.9


@dataclass(frozen=True)
class Outcomes:
    """The outcomes of questions with known answers, in arrays with one place for each."""

    confidence: Floats  # of the best match
    right: Floats  # 1 where it was right
    answerable: Floats  # 1 where something answers it
    weight: Floats

    def thresholds(self, max_wrong: float) -> Thresholds:
        """The lowest thresholds with at most this share of wrong answers among those given.

        That is so both as the questions came out, and as their confidences let expect.
        """
        order = np.argsort(-self.confidence, kind="stable")
        confidence = self.confidence[order]
        seen = self._lowest(order, 1 - self.right[order], max_wrong)
        expected = self._lowest(order, 1 - confidence, max_wrong)
        # With few questions above it, what was seen is left to chance; else the more careful one of the two.
        enough = int((confidence >= seen).sum()) >= FEWEST
        return _thresholds(max(seen, expected) if enough else expected, max_wrong)

    def _lowest(self, order: Ints, wrong: Floats, max_wrong: float) -> float:
        # An answer needs the last confidence that is fine; where all are, what is more likely than not.
        weight = self.weight[order]
        fine = np.flatnonzero(np.cumsum(weight * wrong) <= max_wrong * np.cumsum(weight))
        lowest = float(self.confidence[order][fine[-1]]) if len(fine) else NEVER
        return min(max(lowest, LEAST_ANSWER), NEVER)

    def two_way(self) -> Thresholds:
        """The threshold at which most questions are rightly answered or escalated, without a choice."""
        grid = np.arange(LEAST_TWO_WAY, 0.96, 0.01)
        rightly = [
            float(self.weight @ np.where(self.confidence >= level, self.right, 1 - self.answerable))
            for level in grid
        ]
        best = round(float(grid[int(np.argmax(rightly))]), 3)
        return Thresholds(answer=best, choose=best, margin=0.0)


def _thresholds(answer: float, max_wrong: float) -> Thresholds:
    choose = min(max(1 - CHEAPER * max_wrong, LEAST_CHOOSE), MOST_CHOOSE)
    return Thresholds(answer=round(answer, 3), choose=round(min(choose, answer), 3))


@dataclass(frozen=True)
class Calibration:
    """The calibrator in force, and the outcomes that its thresholds follow from."""

    calibrator: Calibrator
    outcomes: Outcomes | None = None
    labelled: Labelled = NONE_LABELLED

    def thresholds(self, max_wrong: float, certainty: float | None = None) -> Thresholds:
        """The thresholds for a tolerable share of wrong answers; careful ones where nothing was tried.

        With a certainty, the lowest that the labelled questions certify, if they certify any.
        """
        expected = self._expected(max_wrong)
        if certainty is None:
            return expected
        level = self.labelled.threshold(Promise(max_wrong, certainty))
        return replace(expected, certified=False) if level is None else _thresholds(level, max_wrong)

    def certificate(self, promise: Promise) -> Certificate:
        """What the labelled questions certify of a promise."""
        return self.labelled.certificate(promise)

    def _expected(self, max_wrong: float) -> Thresholds:
        if self.outcomes is None:
            return _thresholds(max(0.75, 1 - 2 * max_wrong), max_wrong)
        return self.outcomes.thresholds(max_wrong)

    def two_way(self) -> Thresholds:
        """The threshold for answering or escalating, without a choice."""
        return (
            Thresholds(answer=0.5, choose=0.5, margin=0.0)
            if self.outcomes is None
            else self.outcomes.two_way()
        )

    def save(self, arrays: ArrayFile) -> None:
        """Put everything into `arrays`."""
        arrays["candidate"] = self.calibrator.candidate_weights
        arrays["none"] = self.calibrator.none_weights
        if self.outcomes is not None:
            found = self.outcomes
            arrays["outcomes"] = np.stack([found.confidence, found.right, found.answerable, found.weight])
        arrays["labelled"] = np.stack([self.labelled.confidence, self.labelled.right])

    @classmethod
    def load(cls, arrays: ArrayFile) -> "Calibration":
        """Read a calibration from `arrays`."""
        outcomes = Outcomes(*arrays["outcomes"]) if "outcomes" in arrays else None
        labelled = Labelled(*arrays["labelled"])
        return cls(Calibrator(arrays["candidate"], arrays["none"]), outcomes, labelled)


def initial(engine: Engine) -> Calibration:
    """The calibration before any question was tried."""
    return Calibration(START if engine.extractor.has_classifier else START_WITHOUT)


@dataclass(frozen=True)
class _TriedQuestion:
    """A question that was tried; `answerable`: whether something answers it."""

    sample: CalibrationSample
    answerable: bool


@dataclass(frozen=True)
class Fold:
    """A content without some of its targets and examples, its engine, and the questions held out of it."""

    content: Content
    engine: Engine
    questions: Sequence[Question]


def folds_of(content: Content, engine: Engine, reader: CorpusReader) -> Iterator[Fold]:
    """Make the folds one after the other, as they are asked for: each holds most of the content."""
    folds = _fold_count(engine)
    most = MOST_QUESTIONS if engine.extractor.has_classifier else MOST_LARGE
    for fold in range(folds):
        kept, questions = trials.divide(content, fold)
        # An article without one of its sentences may read as words that it never had: they are this fold's.
        built = Engine.build(kept, engine.default_language, reader.copy())
        if engine.extractor.has_classifier:
            built.extractor.train()
        yield Fold(kept, built, trials.sample(questions, most // folds))


def learn(content: Content, engine: Engine, folds: Iterable[Fold]) -> Calibration:
    """Train the calibrator on the questions of the folds, and on the labelled ones tried on the whole."""
    own = [_try(fold.engine, q.text, q.language, q.expected) for fold in folds for q in fold.questions]
    asked = [q for q in trials.sample(content.questions, MOST_LABELLED) if not parse_command(q.text)]
    real = [_try(engine, q.text, None, target_of(content, q.expected)) for q in asked]
    before = initial(engine).calibrator
    if sum(one.answerable for one in own) + len(real) < FEWEST:
        return Calibration(before)
    weights = _weights(own) + [LABELLED_WEIGHT] * len(real)
    everything = [*own, *real]
    samples = [replace(one.sample, weight=w) for one, w in zip(everything, weights, strict=True)]
    calibrator = train_calibrator(samples, before)
    counted, weights = (real, [1.0] * len(real)) if len(real) >= ENOUGH_LABELLED else (own, _weights(own))
    pairs = [(one.sample, one.answerable) for one in counted]
    labelled = held_out(samples, range(len(own), len(samples)), before)
    return Calibration(calibrator, outcomes_of(calibrator, pairs, weights), labelled)


def _fold_count(engine: Engine) -> int:
    if len(engine.targets) < 2:
        return 0
    return FEW_FOLDS if engine.extractor.example_count <= SMALL else 1


def weights_of(answerable: Sequence[bool]) -> list[float]:
    """The weight of each question, by whether something answers it."""
    count = sum(not one for one in answerable)
    scale = UNANSWERABLE / (1 - UNANSWERABLE) * (len(answerable) - count) / count if count else 1.0
    return [1.0 if one else scale for one in answerable]


def _weights(tried: Sequence[_TriedQuestion]) -> list[float]:
    return weights_of([one.answerable for one in tried])


def _try(engine: Engine, text: str, language: str | None, expected: str | None) -> _TriedQuestion:
    candidates = engine.score_text(text, language)[0].candidates
    return _TriedQuestion(sample_of(engine.targets, candidates, expected), expected is not None)


def sample_of(
    targets: Sequence[str], candidates: CandidateFeatures, expected: str | None
) -> CalibrationSample:
    """The sample of one question; `targets` are the engine's, `expected` is the right one, None for none."""
    names = [targets[t] for t in candidates.targets]
    right = names.index(expected) if expected in names else -1
    return CalibrationSample(candidates.features, candidates.none_features, right)


def target_of(content: Content, expected: str | None) -> str | None:
    """The target that an id names; an intent that points to an article is that article."""
    intent = content.intents.get(expected) if expected is not None else None
    return intent.target if intent else expected


def outcomes_of(
    calibrator: Calibrator, tried: Sequence[tuple[CalibrationSample, bool]], weights: Sequence[float]
) -> Outcomes:
    """The outcomes of samples under a calibrator, each given with whether something answers it."""
    rows = []
    for (sample, answerable), weight in zip(tried, weights, strict=True):
        confidence = calibrator.probabilities(sample.features, sample.none_features)
        best = int(np.argmax(confidence)) if len(confidence) else -1
        sure = float(confidence[best]) if best >= 0 else 0.0
        rows.append((sure, float(best >= 0 and best == sample.right), float(answerable), weight))
    return Outcomes(*np.array(rows, float).reshape(-1, 4).T)
