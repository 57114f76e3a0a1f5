"""The layer that turns features into probabilities."""

import numpy as np
import pytest

from bot.matching.scoring.calibrator import CalibrationSample, Calibrator, train


def test_the_layer_learns_what_tells_right_from_wrong() -> None:
    dice = np.random.default_rng(5)
    cases = []
    for number in range(300):
        right = -1 if number % 3 == 0 else int(dice.integers(4))
        signal = dice.normal(0, 0.3, size=(4, 2))
        if right >= 0:
            signal[right, 0] += 2
        cases.append(CalibrationSample(signal, np.array([1.0]), right))
    calibrator = train(cases, Calibrator(np.zeros(2), np.zeros(1)))
    assert calibrator.candidate_weights[0] > 2
    assert abs(calibrator.candidate_weights[1]) < 1
    sums = [calibrator.probabilities(t.features, t.none_features) for t in cases]
    hits = [int(p.argmax()) == t.right for p, t in zip(sums, cases, strict=True) if p.max() > 0.5]
    assert np.mean(hits) > 0.9
    claimed = np.mean([p.max() for p in sums if p.max() > 0.5])
    assert claimed == pytest.approx(np.mean(hits), abs=0.05)


def test_the_layer_stays_where_it_started_without_trials() -> None:
    start = Calibrator(np.array([1.0, 2.0]), np.array([3.0]))
    assert train([], start).candidate_weights.tolist() == [1.0, 2.0]
