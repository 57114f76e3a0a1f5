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
from bot.domain.knowledge.traffic import Prior
from bot.matching.array_file import ArrayFile
from bot.matching.calibration import hard_negatives, trials, typing_errors
from bot.matching.calibration.certainty import NONE_LABELLED, Labelled, held_out
from bot.matching.calibration.outcomes import FEWEST, Outcomes, thresholds_at
from bot.matching.index.corpus import CorpusReader
from bot.matching.scoring.calibrator import START, START_WITHOUT, CalibrationSample, Calibrator
from bot.matching.scoring.calibrator import train as train_calibrator
from bot.matching.scoring.candidates import CandidateFeatures
from bot.matching.scoring.engine import Engine

# The share of the trials, by weight, that nothing answers: half of it what left out targets ask, which is
# near to the content, half what was made up of words that it lacks.
UNANSWERABLE = 0.2
MOST_QUESTIONS = 900
MOST_LARGE = 400  # of a content too large for a classifier, where each takes longer
SMALL = 3_000  # examples up to which several folds of the content are left out in turn, not one
FEW_FOLDS = 3
LABELLED_WEIGHT = 3.0  # of a real question, beside one of the content's own
MOST_LABELLED = 3_000  # that are tried
TOO_HARD = 0.5  # share of the errors in trials of articles without examples that real questions do not show


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
        return replace(expected, certified=False) if level is None else thresholds_at(level, max_wrong)

    def certificate(self, promise: Promise) -> Certificate:
        """What the labelled questions certify of a promise."""
        return self.labelled.certificate(promise)

    def _expected(self, max_wrong: float, mix: Mix | None) -> Thresholds:
        if self.outcomes is None:
            return thresholds_at(max(0.75, 1 - 2 * max_wrong), max_wrong)
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
        hard = hard_negatives.made_of(asked, built.extractor.articles)
        yield Fold(kept, built, typing_errors.some_mistyped(asked), typing_errors.some_mistyped(hard))


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
