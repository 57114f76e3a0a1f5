"""Similarity by the inverted index."""

import numpy as np
import pytest

from bot.matching.index.inverted_index import Cosine, Counts, Questions, count_pairs


def cosine(texts: list[list[int]], features: int) -> Cosine:
    row = np.array([index for index, text in enumerate(texts) for _ in text], np.int64)
    feature = np.array([f for text in texts for f in text], np.int64)
    counts = Counts.from_entries(*count_pairs(feature, row, len(texts)), len(texts), features)
    return Cosine(counts, np.ones(features))


def test_similarity_is_a_cosine() -> None:
    index = cosine([[0, 1], [1, 2, 2]], 3)

    def to_all(text: list[int], unseen: float) -> list[float]:
        (found,) = index.postings.total(index.vectors(Questions.counted([text]), [unseen])).tolist()
        return [float(value) for value in found]

    assert to_all([0, 1], 0.0)[0] == pytest.approx(1)
    assert to_all([2], 0.0)[0] == 0
    assert to_all([0, 1], 1.0)[0] < 1
    assert to_all([], 0.0) == [0, 0]
    assert cosine([], 0).postings.total(Questions.counted([[]])).tolist() == [[]]


def test_questions_that_are_asked_together_find_what_each_finds_alone() -> None:
    rng = np.random.default_rng(3)
    index = cosine([rng.integers(0, 12, 9).tolist() for _ in range(20)], 12)
    parts = [rng.integers(0, 12, size).tolist() for size in (4, 9, 2)]
    texts = [*parts, parts[0] + parts[1], parts[1] + parts[2], []]
    unseen = [0.0, 1.0, 0.5, 1.0, 1.5, 0.0]
    together = index.vectors(Questions.counted(texts), unseen)
    alone = [
        index.postings.total(index.vectors(Questions.counted([text]), [missing]))[0]
        for text, missing in zip(texts, unseen, strict=True)
    ]
    assert index.postings.total_of_alike(together) == pytest.approx(np.array(alone))
    assert index.postings.total(together) == pytest.approx(np.array(alone))


def test_work_for_one_question_is_bounded_by_its_rarest_features(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [[0, 1] if row == 5 else [0] for row in range(10)]
    postings = cosine(texts, 2).postings
    monkeypatch.setattr("bot.matching.index.inverted_index.MOST_ENTRIES", 10)
    questions = Questions.counted([[0, 1], [0]])
    assert postings.looked_at(questions).tolist() == [False, True, True]
    found = postings.total(questions)
    assert np.flatnonzero(found[0]).tolist() == [5]
    assert np.count_nonzero(found[1]) == len(texts)
