"""Similarity by the inverted index."""

import numpy as np
import pytest

from bot.matching.index.inverted_index import Cosine, Counts, count_pairs


def cosine(texts: list[list[int]], features: int) -> Cosine:
    row = np.array([index for index, text in enumerate(texts) for _ in text], np.int64)
    feature = np.array([f for text in texts for f in text], np.int64)
    counts = Counts.from_entries(*count_pairs(feature, row, len(texts)), len(texts), features)
    return Cosine(counts, np.ones(features))


def test_similarity_is_a_cosine() -> None:
    index = cosine([[0, 1], [1, 2, 2]], 3)

    def to_all(text: list[int], unseen: float) -> list[float]:
        return [float(v) for v in index.postings.total(*index.vector(text, unseen))]

    assert to_all([0, 1], 0.0)[0] == pytest.approx(1)
    assert to_all([2], 0.0)[0] == 0
    assert to_all([0, 1], 1.0)[0] < 1
    assert to_all([], 0.0) == [0, 0]
    assert cosine([], 0).postings.total(np.zeros(0, np.int64), np.zeros(0)).tolist() == []


def test_work_for_one_question_is_bounded_by_its_rarest_features(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [[0, 1] if row == 5 else [0] for row in range(10)]
    postings = cosine(texts, 2).postings
    monkeypatch.setattr("bot.matching.index.inverted_index.MOST_ENTRIES", 10)
    _, _, rows = postings.rows_of(np.array([0, 1]))
    assert rows.tolist() == [5]
