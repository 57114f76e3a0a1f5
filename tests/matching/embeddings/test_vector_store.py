"""The store of vectors lets go of what its file has, and of nothing else."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.encoders.base import Vectors

TEXTS = ("my account is locked", "my chair squeaks")


class Counted:
    """An encoder that counts the texts that it is given."""

    identity, remote = "counted", False
    max_edit_texts, min_standard_errors, max_examples = 1_000, 0.0, None

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str], *, patient: bool = False) -> Vectors:
        self.texts += texts
        angles = np.array([len(text) for text in texts], np.float32)
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def test_what_was_let_go_is_read_again_and_not_encoded_again(tmp_path: Path) -> None:
    encoder = Counted()
    store = VectorStore(encoder, tmp_path)
    before = store.vectors(TEXTS)
    store.save(TEXTS)
    encoder.texts.clear()
    store.release()
    assert store.missing(TEXTS) == 0
    assert np.array_equal(store.vectors(TEXTS), before)
    assert encoder.texts == []


def test_what_is_in_no_file_is_kept(tmp_path: Path) -> None:
    for store in (VectorStore(Counted(), None), VectorStore(Counted(), tmp_path)):
        before = store.vectors(TEXTS)  # and nothing is saved
        store.release()
        assert store.missing(TEXTS) == 0
        assert np.array_equal(store.vectors(TEXTS), before)
