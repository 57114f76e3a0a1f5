"""What a content taught about its own confidence: the layer, and how questions with known answers fared."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bot.domain.conversations.commands import parse_command
from bot.domain.knowledge.content import Content, Thresholds
from bot.domain.knowledge.labelled_question import Question
from bot.matching.array_file import ArrayFile
from bot.matching.calibration import trials
from bot.matching.index.corpus import Reader
from bot.matching.index.inverted_index import Floats, Ints
from bot.matching.scoring.calibrator import START, START_WITHOUT, Calibrator, Trial
from bot.matching.scoring.calibrator import train as train_calibrator
from bot.matching.scoring.engine import Engine

# The share of trials, by weight, that nothing answers. What left out targets ask is nearer to the content
# than what people ask in vain, so they stand for about twice as many: a desk with 10 to 20 % of those.
NOWHERE = 0.07
MOST_TRIALS = 900
LARGE_TRIALS = 400  # of a content too large for a classifier, where each takes longer
SMALL = 3_000  # rows up to which several parts of the content are left out in turn, not one
FEW_FOLDS = 3
FEWEST = 20  # trials that teach anything
LABELLED_WEIGHT = 3.0  # of a real question, beside one of the content's own
MOST_LABELLED = 3_000  # that are tried
ENOUGH_LABELLED = 100  # to take the cuts from these alone
LEAST_TWO_WAY = 0.1
NEVER = 0.99  # answered from here on, there is hardly an answer
LEAST_ANSWER = 0.5  # below, another answer or none is likelier
# A choice that lacks the right answer costs a press; a wrong answer costs about ten times that.
CHEAPER = 10
LEAST_CHOOSE, MOST_CHOOSE = 0.3, 0.9


@dataclass(frozen=True)
class Outcomes:
    """How questions with known answers fared: one place each."""

    confidence: Floats  # of the best match
    right: Floats  # 1 where it was right
    inside: Floats  # 1 where something answers it
    weight: Floats

    def thresholds(self, max_wrong: float) -> Thresholds:
        """The lowest cuts at which at most this share of the answers given is wrong, seen and expected."""
        order = np.argsort(-self.confidence, kind="stable")
        confidence = self.confidence[order]
        seen = self._lowest(order, 1 - self.right[order], max_wrong)
        expected = self._lowest(order, 1 - confidence, max_wrong)
        # With few trials above it, what was seen is left to chance; else the more careful one of the two.
        enough = int((confidence >= seen).sum()) >= FEWEST
        return _thresholds(max(seen, expected) if enough else expected, max_wrong)

    def _lowest(self, order: Ints, wrong: Floats, max_wrong: float) -> float:
        # An answer needs the last confidence that is fine; where all are, what is more likely than not.
        weight = self.weight[order]
        fine = np.flatnonzero(np.cumsum(weight * wrong) <= max_wrong * np.cumsum(weight))
        lowest = float(self.confidence[order][fine[-1]]) if len(fine) else NEVER
        return min(max(lowest, LEAST_ANSWER), NEVER)

    def two_way(self) -> Thresholds:
        """The cut at which most questions are rightly answered or rightly escalated, without a choice."""
        grid = np.arange(LEAST_TWO_WAY, 0.96, 0.01)
        rightly = [
            float(self.weight @ np.where(self.confidence >= cut, self.right, 1 - self.inside)) for cut in grid
        ]
        cut = round(float(grid[int(np.argmax(rightly))]), 3)
        return Thresholds(answer=cut, choose=cut, margin=0.0)


def _thresholds(answer: float, max_wrong: float) -> Thresholds:
    choose = min(max(1 - CHEAPER * max_wrong, LEAST_CHOOSE), MOST_CHOOSE)
    return Thresholds(answer=round(answer, 3), choose=round(min(choose, answer), 3))


@dataclass(frozen=True)
class Calibration:
    """The layer in force, and what its cuts follow from."""

    calibrator: Calibrator
    outcomes: Outcomes | None = None

    def thresholds(self, max_wrong: float) -> Thresholds:
        """The cuts for a tolerable share of wrong answers; careful ones where nothing was tried."""
        if self.outcomes is None:
            return _thresholds(max(0.75, 1 - 2 * max_wrong), max_wrong)
        return self.outcomes.thresholds(max_wrong)

    def two_way(self) -> Thresholds:
        """The cut for answering or escalating, without a choice."""
        return (
            Thresholds(answer=0.5, choose=0.5, margin=0.0)
            if self.outcomes is None
            else self.outcomes.two_way()
        )

    def save(self, arrays: ArrayFile) -> None:
        """Put everything into a box."""
        arrays["candidate"], arrays["none"] = self.calibrator.candidate, self.calibrator.none
        if self.outcomes is not None:
            found = self.outcomes
            arrays["outcomes"] = np.stack([found.confidence, found.right, found.inside, found.weight])

    @classmethod
    def load(cls, arrays: ArrayFile) -> "Calibration":
        """From a box."""
        outcomes = Outcomes(*arrays["outcomes"]) if "outcomes" in arrays else None
        return cls(Calibrator(arrays["candidate"], arrays["none"]), outcomes)


def start(engine: Engine) -> Calibration:
    """What holds before anything was tried."""
    return Calibration(START if engine.extractor.classifies else START_WITHOUT)


@dataclass(frozen=True)
class _Tried:
    trial: Trial
    inside: bool


@dataclass(frozen=True)
class Part:
    """A content without some of its targets and examples, what reads it, and what the rest asks of it."""

    content: Content
    engine: Engine
    questions: Sequence[Question]


def parts(content: Content, engine: Engine, reader: Reader) -> Iterator[Part]:
    """One after the other, as they are asked for: each holds most of the content."""
    folds = _folds_of(engine)
    most = MOST_TRIALS if engine.extractor.classifies else LARGE_TRIALS
    for fold in range(folds):
        left, questions = trials.divide(content, fold)
        # An article without one of its sentences may read as words that it never had: they are this part's.
        half = Engine.of(left, engine.fallback, reader.copy())
        if engine.extractor.classifies:
            half.extractor.train()
        yield Part(left, half, trials.sample(questions, most // folds))


def learn(content: Content, engine: Engine, divided: Iterable[Part]) -> Calibration:
    """Try the content's own questions on parts of it, and the labelled ones on the whole."""
    own = [_try(part.engine, q.text, q.language, q.expected) for part in divided for q in part.questions]
    labelled = trials.sample(content.questions, MOST_LABELLED)
    asked = [q for q in labelled if not parse_command(q.text)]
    real = [_try(engine, q.text, None, target_of(content, q.expected)) for q in asked]
    before = start(engine).calibrator
    if sum(t.inside for t in own) + len(real) < FEWEST:
        return Calibration(before)
    weights = _weights(own) + [LABELLED_WEIGHT] * len(real)
    everything = [*own, *real]
    calibrator = train_calibrator(
        [
            Trial(t.trial.candidates, t.trial.none, t.trial.right, w)
            for t, w in zip(everything, weights, strict=True)
        ],
        before,
    )
    counted, weights = (real, [1.0] * len(real)) if len(real) >= ENOUGH_LABELLED else (own, _weights(own))
    return Calibration(calibrator, outcomes_of(calibrator, [(t.trial, t.inside) for t in counted], weights))


def _folds_of(engine: Engine) -> int:
    if len(engine.targets) < 2:
        return 0
    return FEW_FOLDS if engine.extractor.rows <= SMALL else 1


def weights_of(inside: Sequence[bool]) -> list[float]:
    """The weight of each trial, by whether something answers it."""
    outside = sum(not there for there in inside)
    scale = NOWHERE / (1 - NOWHERE) * (len(inside) - outside) / outside if outside else 1.0
    return [1.0 if there else scale for there in inside]


def _weights(tried: Sequence[_Tried]) -> list[float]:
    return weights_of([one.inside for one in tried])


def _try(engine: Engine, text: str, language: str | None, expected: str | None) -> _Tried:
    candidates = engine.look(text, language)[0].candidates
    names = [engine.targets[t] for t in candidates.targets]
    right = names.index(expected) if expected in names else -1
    return _Tried(Trial(candidates.features, candidates.none, right), expected is not None)


def target_of(content: Content, expected: str | None) -> str | None:
    """The target that an id names; an intent that points to an article is that article."""
    intent = content.intents.get(expected) if expected is not None else None
    return intent.target if intent else expected


def outcomes_of(
    calibrator: Calibrator, tried: Sequence[tuple[Trial, bool]], weights: Sequence[float]
) -> Outcomes:
    """How trials fare under a layer, each with whether something answers it."""
    rows = []
    for (trial, inside), weight in zip(tried, weights, strict=True):
        confidence = calibrator.probabilities(trial.candidates, trial.none)
        best = int(np.argmax(confidence)) if len(confidence) else -1
        sure = float(confidence[best]) if best >= 0 else 0.0
        rows.append((sure, float(best >= 0 and best == trial.right), float(inside), weight))
    return Outcomes(*np.array(rows, float).reshape(-1, 4).T)
