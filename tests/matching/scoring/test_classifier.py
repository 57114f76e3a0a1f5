"""The classifier of targets."""

import numpy as np

from bot.matching.scoring import classifier


def test_the_classifier_learns_which_features_tell_targets_apart() -> None:
    # Feature 0 is in every row, features 1 to 3 in the rows of one target each.
    label = np.arange(30) % 3
    row = np.repeat(np.arange(30), 2)
    feature = np.ravel(np.column_stack([np.zeros(30, np.int64), label + 1]))
    weights = classifier.train(row, feature, np.full(60, 0.7), label, 4, 3)
    assert weights[1:].argmax(axis=1).tolist() == [0, 1, 2]
    assert abs(weights[0]).max() < weights[1:].max() / 5
    again = classifier.train(row, feature, np.full(60, 0.7), label, 4, 3)
    assert weights.tolist() == again.tolist(), "nothing is left to chance"


def test_a_classifier_is_only_made_where_it_is_worth_it() -> None:
    assert classifier.affordable(15_000, 150)
    assert not classifier.affordable(50_000, 10_000)
    assert not classifier.affordable(5, 1)
