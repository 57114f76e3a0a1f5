"""Calibrates confidences on questions with known answers, and derives the thresholds from their outcomes."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, field, fields, replace
from enum import Enum, auto

import numpy as np
import numpy.typing as npt

from bot.domain.conversations.commands import parse_command
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.decision import TIE_SHARE, Mix, Thresholds
from bot.domain.knowledge.labelled_question import Question
from bot.domain.knowledge.promise import Certificate, Promise
from bot.domain.knowledge.traffic import LEAST_ANSWER, NEVER, Expectation, Odds, Prior, lowest_confidence
from bot.matching.array_file import ArrayFile
from bot.matching.calibration import hard_negatives, trials
from bot.matching.calibration.certainty import NONE_LABELLED, Labelled, held_out
from bot.matching.index.corpus import CorpusReader
from bot.matching.index.inverted_index import Floats
from bot.matching.scoring.calibrator import START, START_WITHOUT, CalibrationSample, Calibrator
from bot.matching.scoring.calibrator import train as train_calibrator
from bot.matching.scoring.engine import Engine
from bot.matching.scoring.features import CandidateFeatures

# The share of the trials, by weight, that nothing answers: half of it what left out targets ask, which is
# near to the content, half what was made up of words that it lacks.
UNANSWERABLE = 0.2
MOST_QUESTIONS = 900
MOST_LARGE = 400  # of a content too large for a classifier, where each takes longer
SMALL = 3_000  # examples up to which several folds of the content are left out in turn, not one
FEW_FOLDS = 3
FEWEST = 20  # questions that teach anything
LABELLED_WEIGHT = 3.0  # of a real question, beside one of the content's own
MOST_LABELLED = 3_000  # that are tried
TOO_HARD = 0.5  # share of the errors in trials of articles without examples that real questions do not show
ENOUGH_LABELLED = 100  # for thresholds to follow from these, too
LEAST_TWO_WAY = 0.1
# A choice that lacks the right answer costs a press; a wrong answer costs about eight times that.
CHEAPER = 8
LEAST_CHOOSE, MOST_CHOOSE = 0.3, 0.9


@dataclass(frozen=True)
class Outcomes:
    """The outcomes of questions with known answers, in arrays with one place for each."""

    confidence: Floats  # of the best match
    right: Floats  # 1 where it was right
    answerable: Floats  # 1 where something answers it
    weight: Floats
    asks_request: Floats  # 1 where a service request is the right one
    is_request: Floats  # 1 where the best match is one
    requested: Floats  # the probability that it is any service request
    nothing: Floats  # the probability that nothing fits
    tied: Floats  # 1 where a second match is nearly as likely as the best one
    labelled: Floats  # 1 where it is a real question, 0 where it is a trial made of the content

    def thresholds(self, max_wrong: float, trained: Mix, mix: Mix, correction: float = 1.0) -> Thresholds:
        """The lowest thresholds with at most this share of wrong answers expected, in traffic of this mix.

        `trained`: the mix among which the confidences hold; `correction`: of the errors that trials let
        expect. Of labelled questions, if there are enough, what came out counts as well; the most careful of
        all holds.
        """
        confidence, in_vain = self._under(trained, mix)
        counted = (self.is_request == 0) & (self.tied == 0) & (confidence > 0)
        tried, asked = counted & (self.labelled == 0), counted & (self.labelled == 1)
        found = [LEAST_ANSWER]
        if (self.labelled == 0).any():
            weight = self._weight_in(mix)[tried]
            expectations = map(Expectation, confidence[tried], in_vain[tried], weight)
            found.append(lowest_confidence(expectations, max_wrong, correction=correction))
        if self.labelled.sum() >= ENOUGH_LABELLED:
            found.append(_lowest_of_labelled(confidence[asked], self.right[asked], max_wrong))
        return _thresholds(max(found), max_wrong)

    def _under(self, trained: Mix, mix: Mix) -> tuple[Floats, Floats]:
        # -> the confidence of the best match, and how likely no article answers
        odds = Odds.between(trained, mix)
        requested, nothing = odds.requests * self.requested, odds.nothing * self.nothing
        total = 1 - self.nothing - self.requested + requested + nothing
        confidence = self.confidence * np.where(self.is_request == 1, odds.requests, 1.0) / total
        return confidence, (requested + nothing) / total

    def _weight_in(self, mix: Mix) -> Floats:
        kinds = ((self.answerable - self.asks_request, mix.answers), (self.asks_request, mix.requests))
        weight = np.zeros(len(self.weight))
        for kind, share in (*kinds, (1 - self.answerable, mix.nothing)):
            own = self.weight * kind * (1 - self.labelled)
            weight += own * (share / max(float(own.sum()), 1e-9))
        return weight

    def two_way(self, trained: Mix, mix: Mix) -> Thresholds:
        """The threshold at which most questions are rightly answered or escalated, without a choice."""
        confidence, weight = self._under(trained, mix)[0], self._weight_in(mix)
        grid = np.arange(LEAST_TWO_WAY, 0.96, 0.01)
        rightly = [
            float(weight @ np.where(confidence >= level, self.right, 1 - self.answerable)) for level in grid
        ]
        best = round(float(grid[int(np.argmax(rightly))]), 3)
        return Thresholds(answer=best, choose=best, margin=0.0)


def _lowest_of_labelled(confidence: Floats, right: Floats, max_wrong: float) -> float:
    # Both as they came out, with one more that is wrong, and as their confidences let expect. With few
    # questions above it, what was seen is left to chance.
    order = np.argsort(-confidence, kind="stable")
    confidence, right = confidence[order], right[order]
    seen = _lowest_fine(confidence, np.cumsum(1 - right) + 1, max_wrong)
    expected = _lowest_fine(confidence, np.cumsum(1 - confidence), max_wrong)
    return max(seen, expected) if int((confidence >= seen).sum()) >= FEWEST else expected


def _lowest_fine(confidence: Floats, wrong: Floats, max_wrong: float) -> float:
    # `wrong`: how many are, of this one and all that are surer.
    # An answer needs the last confidence that is fine; where all are, what is more likely than not.
    fine = np.flatnonzero(wrong <= max_wrong * np.arange(1, len(wrong) + 1))
    return float(np.clip(confidence[fine[-1]], LEAST_ANSWER, NEVER)) if len(fine) else NEVER


def _thresholds(answer: float, max_wrong: float) -> Thresholds:
    choose = min(max(1 - CHEAPER * max_wrong, LEAST_CHOOSE), MOST_CHOOSE)
    return Thresholds(answer=round(answer, 3), choose=round(min(choose, answer), 3))


@dataclass(frozen=True)
class Calibration:
    """The calibrator in force, and the outcomes that its thresholds follow from."""

    calibrator: Calibrator
    outcomes: Outcomes | None = None
    prior: Prior = field(default_factory=Prior)
    """The mix that is assumed before the traffic shows another one: by labelled questions, if any."""
    labelled: Labelled = NONE_LABELLED

    def thresholds(
        self, max_wrong: float, certainty: float | None = None, mix: Mix | None = None
    ) -> Thresholds:
        """The thresholds for a tolerable share of wrong answers in traffic of a mix.

        Careful ones where nothing was tried. With a certainty, the lowest that the labelled questions
        certify, if they certify any.
        """
        expected = self._expected(max_wrong, mix)
        if certainty is None:
            return expected
        level = self.labelled.threshold(Promise(max_wrong, certainty))
        return replace(expected, certified=False) if level is None else _thresholds(level, max_wrong)

    def certificate(self, promise: Promise) -> Certificate:
        """What the labelled questions certify of a promise."""
        return self.labelled.certificate(promise)

    def _expected(self, max_wrong: float, mix: Mix | None) -> Thresholds:
        if self.outcomes is None:
            return _thresholds(max(0.75, 1 - 2 * max_wrong), max_wrong)
        trained = self.calibrator.mix
        return self.outcomes.thresholds(max_wrong, trained, mix or trained, self.prior.correction)

    def two_way(self, mix: Mix | None = None) -> Thresholds:
        """The threshold for answering or escalating, without a choice, in traffic of a mix."""
        if self.outcomes is None:
            return Thresholds(answer=0.5, choose=0.5, margin=0.0)
        return self.outcomes.two_way(self.calibrator.mix, mix or self.calibrator.mix)

    def save(self, arrays: ArrayFile) -> None:
        """Put everything into `arrays`."""
        arrays["candidate"] = self.calibrator.candidate_weights
        arrays["none"] = self.calibrator.none_weights
        trained, prior = self.calibrator.mix, self.prior
        arrays["mixes"] = np.array([astuple(trained), astuple(prior.mix)])
        arrays["prior"] = np.array([prior.questions, prior.correction])
        if self.outcomes is not None:
            arrays["outcomes"] = np.stack(list(vars(self.outcomes).values()))
        arrays["labelled"] = np.stack([self.labelled.confidence, self.labelled.right])

    @classmethod
    def load(cls, arrays: ArrayFile) -> "Calibration":
        """Read a calibration from `arrays`."""
        outcomes = Outcomes(*arrays["outcomes"]) if "outcomes" in arrays else None
        trained, prior = (Mix(*mix) for mix in arrays["mixes"].tolist())
        questions, correction = arrays["prior"].tolist()
        calibrator = Calibrator(arrays["candidate"], arrays["none"], trained)
        labelled = Labelled(*arrays["labelled"])
        return cls(calibrator, outcomes, Prior(prior, questions, correction), labelled)


def initial(engine: Engine) -> Calibration:
    """The calibration before any question was tried."""
    return Calibration(START if engine.extractor.has_classifier else START_WITHOUT)


class Kind(Enum):
    """The kinds of questions that are tried, by what is right for them."""

    ANSWER = auto()
    REQUEST = auto()  # a service request is right
    NOTHING = auto()
    HARD = auto()  # nothing, though it has the form of something

    @classmethod
    def of(cls, expected: str | None, requests: Container[str], *, hard: bool = False) -> "Kind":
        """The kind of a question that expects this target."""
        if expected is None:
            return cls.HARD if hard else cls.NOTHING
        return cls.REQUEST if expected in requests else cls.ANSWER


ANSWERABLE = (Kind.ANSWER, Kind.REQUEST)


@dataclass(frozen=True)
class _TriedQuestion:
    """A question that was tried, and its kind."""

    sample: CalibrationSample
    kind: Kind


@dataclass(frozen=True)
class Fold:
    """A content without some of its targets and examples, its engine, and the questions held out of it."""

    content: Content
    engine: Engine
    questions: Sequence[Question]
    hard: Sequence[Question] = ()  # near to the content by their form, and answered by nothing


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
        asked = trials.sample(questions, most // folds)
        yield Fold(kept, built, asked, hard_negatives.made_of(asked, built.extractor.articles))


def learn(content: Content, engine: Engine, folds: Iterable[Fold]) -> Calibration:
    """Train the calibrator on the questions of the folds, and on the labelled ones tried on the whole."""
    requests = content.service_requests
    own = [
        _try(fold.engine, q.text, q.language, q.expected, Kind.of(q.expected, requests, hard=hard))
        for fold in folds
        for questions, hard in ((fold.questions, False), (fold.hard, True))
        for q in questions
    ]
    is_request = np.array([target in requests for target in engine.targets], bool)
    real = []
    for question in labelled_of(content):
        expected = target_of(content, question.expected)
        real.append(_try(engine, question.text, None, expected, Kind.of(expected, requests)))
    real_samples = [without_requests(one.sample, one.kind, is_request) for one in real]
    before = initial(engine).calibrator
    if sum(one.kind in ANSWERABLE for one in own) + len(real) < FEWEST:
        return Calibration(before)
    kinds = [one.kind for one in own]
    real_kinds = [one.kind for one in real]
    weights = weights_of(kinds) + [LABELLED_WEIGHT] * len(real)
    everything = [*(one.sample for one in own), *real_samples]
    samples = [replace(sample, weight=weight) for sample, weight in zip(everything, weights, strict=True)]
    calibrator = replace(train_calibrator(samples, before), mix=mix_of(kinds + real_kinds, weights))
    labelled = held_out(samples, range(len(own), len(samples)), before, is_request)
    tests = [(one.sample, one.kind) for one in [*own, *real]]
    outcomes = outcomes_of(calibrator, tests, weights, is_request, len(own))
    prior = prior_of([(one.sample, one.kind) for one in real], calibrator, is_request)
    prior = replace(prior, correction=correction_for(content))
    return Calibration(calibrator, outcomes, prior, labelled)


def correction_for(content: Content) -> float:
    """By how much the errors that trials let expect are to be lessened.

    Trials of articles without examples are sentences of these, which are harder than what people ask.
    """
    return 1.0 - TOO_HARD * trials.share_without_examples(content)


def labelled_of(content: Content) -> list[Question]:
    """The labelled questions of a content that are tried."""
    labelled = trials.sample(content.questions, MOST_LABELLED)
    return [question for question in labelled if not parse_command(question.text)]


def without_requests(
    sample: CalibrationSample, kind: Kind, is_request: npt.NDArray[np.bool_]
) -> CalibrationSample:
    """The sample of a labelled question, without service requests where nothing answers it.

    Who labels with “nothing” says that no article answers, and not that it asks for no service.
    """
    if kind is not Kind.NOTHING or not is_request[sample.targets].any():
        return sample
    kept = ~is_request[sample.targets]
    return replace(sample, features=sample.features[kept], targets=sample.targets[kept])


def prior_of(
    labelled: Sequence[tuple[CalibrationSample, Kind]],
    calibrator: Calibrator,
    is_request: npt.NDArray[np.bool_],
) -> Prior:
    """The mix that is assumed before traffic shows another one, by labelled questions, if there are any."""
    careful = Prior()
    kinds = []
    for sample, kind in labelled:
        confidence = calibrator.probabilities(sample.features, sample.none_features)
        requested = float(confidence[is_request[sample.targets]].sum())
        asks = kind is Kind.NOTHING and requested > 1 - confidence.sum()
        kinds.append(Kind.REQUEST if asks else kind)
    mix = mix_of(kinds, [1.0] * len(kinds)) if kinds else careful.mix
    whole = careful.questions + len(labelled)

    def both(before: float, seen: float) -> float:
        return (careful.questions * before + len(labelled) * seen) / whole

    parts = zip(astuple(careful.mix), astuple(mix), strict=True)
    return Prior(Mix(*(both(before, seen) for before, seen in parts)), whole)


def mix_of(kinds: Sequence[Kind], weights: Sequence[float]) -> Mix:
    """The mix of questions of these kinds and weights."""
    sums = dict.fromkeys(Kind, 0.0)
    for kind, weight in zip(kinds, weights, strict=True):
        sums[kind] += weight
    whole = max(sum(sums.values()), 1e-9)
    nothing = sums[Kind.NOTHING] + sums[Kind.HARD]
    return Mix(sums[Kind.ANSWER] / whole, sums[Kind.REQUEST] / whole, nothing / whole)


def _fold_count(engine: Engine) -> int:
    if len(engine.targets) < 2:
        return 0
    return FEW_FOLDS if engine.extractor.example_count <= SMALL else 1


def weights_of(kinds: Sequence[Kind]) -> list[float]:
    """The weight of each question of the content's own, by its kind."""
    counts = Counter(kinds)
    lacking = [kind for kind in (Kind.NOTHING, Kind.HARD) if counts[kind]]
    answerable = len(kinds) - sum(counts[kind] for kind in lacking)
    each = UNANSWERABLE / (1 - UNANSWERABLE) * answerable / max(len(lacking), 1)
    return [each / counts[kind] if kind in lacking else 1.0 for kind in kinds]


def _try(engine: Engine, text: str, language: str | None, expected: str | None, kind: Kind) -> _TriedQuestion:
    candidates = engine.score_text(text, language)[0].candidates
    return _TriedQuestion(sample_of(engine.targets, candidates, expected), kind)


def sample_of(
    targets: Sequence[str], candidates: CandidateFeatures, expected: str | None
) -> CalibrationSample:
    """The sample of one question; `targets` are the engine's, `expected` is the right one, None for none."""
    names = [targets[t] for t in candidates.targets]
    right = names.index(expected) if expected in names else -1
    return CalibrationSample(candidates.features, candidates.none_features, right, targets=candidates.targets)


def target_of(content: Content, expected: str | None) -> str | None:
    """The target that an id names; an intent that points to an article is that article."""
    intent = content.intents.get(expected) if expected is not None else None
    return intent.target if intent else expected


def outcomes_of(
    calibrator: Calibrator,
    tried: Sequence[tuple[CalibrationSample, Kind]],
    weights: Sequence[float],
    is_request: npt.NDArray[np.bool_],
    trials: int,
) -> Outcomes:
    """The outcomes of samples under a calibrator, each given with its kind; `is_request`: of each target.

    The first `trials` are made of the content, the others are labelled questions.
    """
    rows = []
    for place, ((sample, kind), weight) in enumerate(zip(tried, weights, strict=True)):
        confidence = calibrator.probabilities(sample.features, sample.none_features)
        requests = is_request[sample.targets]
        best = int(np.argmax(confidence)) if len(confidence) else -1
        sure, second = [*np.sort(confidence)[::-1][:2].tolist(), 0.0, 0.0][:2]
        rows.append(
            (
                sure,
                best >= 0 and best == sample.right,
                kind in ANSWERABLE,
                weight,
                kind is Kind.REQUEST,
                best >= 0 and bool(requests[best]),
                confidence[requests].sum(),
                1 - confidence.sum(),
                second > TIE_SHARE * sure,
                place >= trials,
            )
        )
    return Outcomes(*np.array(rows, float).reshape(-1, len(fields(Outcomes))).T)
