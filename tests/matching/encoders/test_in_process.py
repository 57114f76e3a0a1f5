"""A model that is loaded in a thread of its own."""

import threading

import numpy as np
import pytest

from bot.domain.errors import EncoderUnavailable
from bot.matching.encoders.in_process import InProcessEncoder, Run


def test_only_who_is_patient_waits_for_the_model() -> None:
    may_load = threading.Event()

    def load() -> Run:
        assert may_load.wait(30)
        return lambda texts: np.full((len(texts), 3), 2.0)

    encoder = InProcessEncoder("slow", "slow", load)
    with pytest.raises(EncoderUnavailable, match="still being loaded") as raised:
        encoder.encode(["one"])
    assert raised.value.passing
    may_load.set()
    assert encoder.encode(["one", "two"], patient=True).shape == (2, 3)
    assert len(encoder.encode(["one"])) == 1, "once it is loaded, nobody waits"


def test_a_model_that_breaks_at_a_text() -> None:
    def run(texts: object) -> np.ndarray:
        raise ValueError("This text is too much.")

    with pytest.raises(EncoderUnavailable, match=r"The model broke \(ValueError\)") as raised:
        InProcessEncoder("fragile", "fragile", lambda: run).encode(["one"], patient=True)
    assert raised.value.passing
