"""Learns how far to trust meaning, for each language, from the content's own questions."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bot.domain.conversations.commands import parse_command
from bot.domain.knowledge.content import Content
from bot.matching.calibration import calibration, trials
from bot.matching.calibration.calibration import Outcomes, Part
from bot.matching.embeddings import features
from bot.matching.embeddings.chunks import content_texts
from bot.matching.embeddings.features import EmbeddingFeatures
from bot.matching.embeddings.model import Trust, embedding_features, look
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.index.inverted_index import Floats
from bot.matching.scoring.calibrator import Calibrator, Trial
from bot.matching.scoring.calibrator import train as train_calibrator
from bot.matching.scoring.engine import Engine, Reading
from bot.matching.scoring.features import NAMES, NONE_NAMES

PARTS = 4  # of a language's trials, each judged by what the others taught
LEAST_GAIN = 0.01  # by which right answers must become likelier, as a share: less is not worth its time


@dataclass(frozen=True)
class Tried:
    """A question with a known answer, in its language, weighed by words and by meaning."""

    language: str
    trial: Trial
    inside: bool
    labelled: bool = False


def learn(
    content: Content, engine: Engine, divided: Iterable[Part], store: VectorStore, whole: EmbeddingFeatures
) -> Trust:
    """Try the content's own questions on parts of it, and the labelled ones on the whole.

    Raises `EncoderUnavailable`.
    """
    tried = [one for part in divided for one in _own(part, store)]
    labelled = trials.sample(content.questions, calibration.MOST_LABELLED)
    asked = [q for q in labelled if not parse_command(q.text)]
    reading = [engine.read(q.text)[0] for q in asked]
    expected = [calibration.target_of(content, q.expected) for q in asked]
    tried += _try(engine, whole, reading, expected, store, labelled=True)
    return trust_in(tried, calibration.start(engine).calibrator, store.encoder.proof)


def trust_in(tried: Sequence[Tried], words: Calibrator, proof: float = 1.0) -> Trust:
    """What the trials say of each language; `words` is where a layer of words alone starts from.

    `proof`: standard errors by which meaning must be better than words alone.
    """
    # It starts from no trust at all, and what a language's few questions teach leaves it near that.
    start = Calibrator(
        np.append(words.candidate, np.zeros(len(features.NAMES))),
        np.append(words.none, np.zeros(len(features.NONE_NAMES))),
    )
    languages = sorted({one.language for one in tried})
    calibrators: dict[str, Calibrator] = {}
    outcomes: list[Outcomes] = []
    real = sum(one.labelled for one in tried) >= calibration.ENOUGH_LABELLED
    for language in languages:
        spoken_so = [one for one in tried if one.language == language]
        weighed = _weighed(spoken_so)
        if sum(one.inside for one in spoken_so) >= calibration.FEWEST and _helps(
            weighed, start, words, proof
        ):
            calibrators[language] = calibrator = train_calibrator(weighed, start)
        else:
            weighed = [_words_only(trial) for trial in weighed]
            calibrator = train_calibrator(weighed, words)
        counted = [i for i, one in enumerate(spoken_so) if one.labelled == real]
        tests = [(weighed[i], spoken_so[i].inside) for i in counted]
        weights = [1.0 if real else weighed[i].weight for i in counted]
        outcomes.append(calibration.outcomes_of(calibrator, tests, weights))
    return Trust(calibrators, tuple(languages), _joined(outcomes) if calibrators else None)


def _own(part: Part, store: VectorStore) -> list[Tried]:
    half, questions = part.engine, part.questions
    said = embedding_features(content_texts(part.content), store)
    if half.extractor.classifies:
        said.train()
    reading = [half.read(q.text, q.language)[0] for q in questions]
    languages = [q.language for q in questions]
    return _try(half, said, reading, [q.expected for q in questions], store, languages=languages)


def _try(
    engine: Engine,
    said: EmbeddingFeatures,
    reading: Sequence[Reading],
    expected: Sequence[str | None],
    store: VectorStore,
    *,
    languages: Sequence[str] | None = None,
    labelled: bool = False,
) -> list[Tried]:
    vectors = store.of([one.spoken for one in reading])
    spoken_in = languages if languages is not None else [one.language for one in reading]
    found = []
    for one, vector, language, target in zip(reading, vectors, spoken_in, expected, strict=True):
        candidates = look(engine, said, one, vector).candidates
        names = [engine.targets[t] for t in candidates.targets]
        right = names.index(target) if target in names else -1
        trial = Trial(candidates.features, candidates.none, right)
        found.append(Tried(language, trial, target is not None, labelled))
    return found


def _weighed(tried: Sequence[Tried]) -> list[Trial]:
    own = [one.inside for one in tried if not one.labelled]
    weights = iter(calibration.weights_of(own))
    return [
        Trial(
            one.trial.candidates,
            one.trial.none,
            one.trial.right,
            calibration.LABELLED_WEIGHT if one.labelled else next(weights),
        )
        for one in tried
    ]


def _words_only(trial: Trial) -> Trial:
    words = len(NAMES)
    return Trial(trial.candidates[:, :words], trial.none[: len(NONE_NAMES)], trial.right, trial.weight)


def _helps(tried: Sequence[Trial], start: Calibrator, words: Calibrator, proof: float) -> bool:
    # Each part is judged by layers that the other parts taught: what fits by chance does not count.
    gains = np.zeros(len(tried))
    for part in range(PARTS):
        here = np.arange(len(tried)) % PARTS == part
        taught = [trial for trial, judged in zip(tried, here, strict=True) if not judged]
        wide = train_calibrator(taught, start)
        narrow = train_calibrator([_words_only(trial) for trial in taught], words)
        for index in np.flatnonzero(here).tolist():
            trial = tried[index]
            gains[index] = trial.weight * (_surprise(narrow, _words_only(trial)) - _surprise(wide, trial))
    error = float(gains.std()) / np.sqrt(max(len(gains), 1))
    return bool(gains.mean() > max(LEAST_GAIN, proof * error))


def _surprise(calibrator: Calibrator, trial: Trial) -> float:
    shares = calibrator.probabilities(trial.candidates, trial.none)
    share = shares[trial.right] if trial.right >= 0 else 1.0 - shares.sum()
    return float(-np.log(max(float(share), 1e-6)))


def _joined(outcomes: Sequence[Outcomes]) -> Outcomes:
    def together(part: Callable[[Outcomes], Floats]) -> Floats:
        return np.concatenate([part(one) for one in outcomes])

    return Outcomes(
        together(lambda o: o.confidence),
        together(lambda o: o.right),
        together(lambda o: o.inside),
        together(lambda o: o.weight),
    )
