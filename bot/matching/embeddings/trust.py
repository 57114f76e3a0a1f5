"""Learns how far to trust embeddings, for each language, from the content's own questions."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bot.domain.knowledge.content import Content
from bot.matching.calibration import calibration
from bot.matching.calibration.calibration import Fold, Kind
from bot.matching.calibration.certainty import Labelled, held_out, joined
from bot.matching.calibration.outcomes import FEWEST, Outcomes
from bot.matching.embeddings import features
from bot.matching.embeddings.chunks import content_texts
from bot.matching.embeddings.features import EmbeddingFeatures
from bot.matching.embeddings.model import Trust, embedding_features, score
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.scoring.calibrator import CalibrationSample, Calibrator
from bot.matching.scoring.calibrator import train as train_calibrator
from bot.matching.scoring.engine import Engine, Reading
from bot.matching.scoring.features import NAMES, NONE_NAMES

FOLDS = 4  # of a language's samples, each judged by what the others taught
LEAST_GAIN = 0.01  # by which right answers must become likelier, as a share: less is not worth its time


@dataclass(frozen=True)
class TriedQuestion:
    """A question that was tried by words and embeddings, and its kind."""

    language: str
    sample: CalibrationSample
    kind: Kind
    labelled: bool = False


def learn(
    content: Content, engine: Engine, folds: Iterable[Fold], store: VectorStore, whole: EmbeddingFeatures
) -> Trust:
    """Learn the trust from the questions of the folds, and from the labelled ones tried on the whole.

    Raises `EncoderUnavailable`.
    """
    requests = content.service_requests
    tried = [one for fold in folds for one in _try_fold(fold, store, requests)]
    asked = calibration.labelled_of(content)
    readings = [engine.readings(q.text)[0] for q in asked]
    expected = [calibration.target_of(content, q.expected) for q in asked]
    kinds = [Kind.of(target, requests) for target in expected]
    tried += _try(engine, whole, readings, list(zip(expected, kinds, strict=True)), store, labelled=True)
    is_request = np.array([target in requests for target in engine.targets], bool)
    before = calibration.initial(engine).calibrator
    return _trust(tried, before, store.encoder.min_standard_errors, is_request)


def _trust(
    tried: Sequence[TriedQuestion],
    words: Calibrator,
    min_standard_errors: float,
    is_request: npt.NDArray[np.bool_],
) -> Trust:
    """The trust in each language; `words` is where a calibrator of words alone starts from.

    `min_standard_errors`: standard errors by which embeddings must be better than words alone.
    """
    start = _without_trust(words)
    languages = sorted({one.language for one in tried})
    calibrators: dict[str, Calibrator] = {}
    outcomes: list[Outcomes] = []
    labelled: list[Labelled] = []
    for language in languages:
        own = [one for one in tried if one.language == language]
        samples = _weighted(own, is_request)
        mix = calibration.mix_of([one.kind for one in own], [sample.weight for sample in samples])
        enough = sum(one.kind in calibration.ANSWERABLE for one in own) >= FEWEST
        if enough and _helps(samples, start, words, min_standard_errors):
            calibrator = replace(train_calibrator(samples, start), mix=mix)
            calibrators[language] = calibrator
            whole = [one.sample for one in own]
        else:
            samples = [_words_only(sample) for sample in samples]
            whole = [_words_only(one.sample) for one in own]
            calibrator = replace(train_calibrator(samples, words), mix=mix)
        before = start if language in calibrators else words
        real_places = [i for i, one in enumerate(own) if one.labelled]
        labelled.append(held_out(samples, real_places, before, is_request))
        order = sorted(range(len(own)), key=lambda i: own[i].labelled)  # trials first
        tests = [(whole[i], own[i].kind) for i in order]
        weights = [samples[i].weight for i in order]
        outcomes.append(
            calibration.outcomes_of(calibrator, tests, weights, is_request, len(own) - len(real_places))
        )
    if not calibrators:
        return Trust(calibrators, tuple(languages))
    return Trust(calibrators, tuple(languages), _joined(outcomes), joined(labelled))


def _without_trust(words: Calibrator) -> Calibrator:
    # What a language's few questions teach leaves it near this.
    return Calibrator(
        np.append(words.candidate_weights, np.zeros(len(features.NAMES))),
        np.append(words.none_weights, np.zeros(len(features.NONE_NAMES))),
    )


def _try_fold(fold: Fold, store: VectorStore, requests: Container[str]) -> list[TriedQuestion]:
    engine, questions = fold.engine, [*fold.questions, *fold.hard]
    kinds = [Kind.of(q.expected, requests) for q in fold.questions] + [Kind.HARD] * len(fold.hard)
    embeddings = embedding_features(content_texts(fold.content), store)
    if engine.extractor.has_classifier:
        embeddings.train()
    readings = [engine.readings(q.text, q.language)[0] for q in questions]
    languages = [q.language for q in questions]
    expected = [(q.expected, kind) for q, kind in zip(questions, kinds, strict=True)]
    return _try(engine, embeddings, readings, expected, store, languages=languages)


def _try(
    engine: Engine,
    embeddings: EmbeddingFeatures,
    readings: Sequence[Reading],
    expected: Sequence[tuple[str | None, Kind]],
    store: VectorStore,
    *,
    languages: Sequence[str] | None = None,
    labelled: bool = False,
) -> list[TriedQuestion]:
    vectors = store.vectors([one.corrected_text for one in readings])
    named = languages if languages is not None else [one.language for one in readings]
    found = []
    for one, vector, language, (target, kind) in zip(readings, vectors, named, expected, strict=True):
        candidates = score(engine, embeddings, [one], vector[None])[0].candidates
        sample = calibration.sample_of(engine.targets, candidates, target)
        found.append(TriedQuestion(language, sample, kind, labelled))
    return found


def _weighted(tried: Sequence[TriedQuestion], is_request: npt.NDArray[np.bool_]) -> list[CalibrationSample]:
    weights = iter(calibration.weights_of([one.kind for one in tried if not one.labelled]))
    return [
        replace(
            calibration.without_requests(one.sample, one.kind, is_request),
            weight=calibration.LABELLED_WEIGHT,
        )
        if one.labelled
        else replace(one.sample, weight=next(weights))
        for one in tried
    ]


def _words_only(sample: CalibrationSample) -> CalibrationSample:
    features, none_features = sample.features[:, : len(NAMES)], sample.none_features[: len(NONE_NAMES)]
    return replace(sample, features=features, none_features=none_features)


def _helps(
    samples: Sequence[CalibrationSample], start: Calibrator, words: Calibrator, min_standard_errors: float
) -> bool:
    # Each fold is judged by calibrators that the other folds taught: what fits by chance does not count.
    gains = np.zeros(len(samples))
    for fold in range(FOLDS):
        held_out = np.arange(len(samples)) % FOLDS == fold
        taught = [sample for sample, out in zip(samples, held_out, strict=True) if not out]
        wide = train_calibrator(taught, start)
        narrow = train_calibrator([_words_only(sample) for sample in taught], words)
        for index in np.flatnonzero(held_out).tolist():
            sample = samples[index]
            gain = _log_loss(narrow, _words_only(sample)) - _log_loss(wide, sample)
            gains[index] = sample.weight * gain
    error = float(gains.std()) / np.sqrt(max(len(gains), 1))
    return bool(gains.mean() > max(LEAST_GAIN, min_standard_errors * error))


def _log_loss(calibrator: Calibrator, sample: CalibrationSample) -> float:
    shares = calibrator.probabilities(sample.features, sample.none_features)
    share = shares[sample.right] if sample.right >= 0 else 1.0 - shares.sum()
    return float(-np.log(max(float(share), 1e-6)))


def _joined(outcomes: Sequence[Outcomes]) -> Outcomes:
    return Outcomes(*np.concatenate([np.stack(list(vars(one).values())) for one in outcomes], axis=1))
