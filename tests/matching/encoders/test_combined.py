"""A model with the table of kindred words beside it."""

import pytest

from bot.domain.errors import EncoderUnavailable
from bot.matching.embeddings.factory import store_of
from bot.matching.encoders.builtin import BuiltinEncoder
from bot.matching.encoders.combined import SHARE, CombinedEncoder
from tests.support.matching.tiny_model import TinyEncoder

TEXTS = ["la impresora no imprime", "the printer does not print", "unos días libres"]
KINDRED = BuiltinEncoder()


def test_likenesses_add_up() -> None:
    both, model, table = (
        encoder.encode(TEXTS) for encoder in (CombinedEncoder(TinyEncoder(), KINDRED), TinyEncoder(), KINDRED)
    )
    assert both @ both.T == pytest.approx(SHARE * model @ model.T + (1 - SHARE) * table @ table.T, abs=1e-5)


def test_what_the_model_does_not_know_the_table_may() -> None:
    both, model = CombinedEncoder(TinyEncoder(), KINDRED).encode(TEXTS), TinyEncoder().encode(TEXTS)
    assert (both[0] @ both[1] - both[0] @ both[2]) > (
        model[0] @ model[1] - model[0] @ model[2]
    ) * SHARE + 0.05


def test_it_stands_for_the_model() -> None:
    model = TinyEncoder(remote=True, max_edit_texts=7)
    both = CombinedEncoder(model, KINDRED)
    assert (both.remote, both.max_edit_texts, both.max_examples) == (True, 7, model.max_examples)
    assert both.min_standard_errors == model.min_standard_errors
    assert both.identity != CombinedEncoder(TinyEncoder(identity="another"), KINDRED).identity
    model.broken = True
    with pytest.raises(EncoderUnavailable):
        both.encode(TEXTS)


def test_a_model_that_is_set_has_the_table_beside_it() -> None:
    store = store_of("http://127.0.0.1:9/v1", "some-model", "", 1.0, None)
    assert store is not None
    assert isinstance(store.encoder, CombinedEncoder)
    assert store.encoder.remote
