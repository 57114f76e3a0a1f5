"""Embeddings of a model in a folder: what the operator is told, and a real one where the library is there."""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.domain.errors import EncoderUnavailable
from bot.domain.knowledge.content import Content, Intent
from bot.matching.embeddings.factory import mistake, store_of
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.encoders.builtin import BuiltinEncoder
from bot.matching.encoders.local_model import LIBRARY, LocalModelEncoder
from bot.matching.matcher import WordMatcher

INSTALLED = importlib.util.find_spec(LIBRARY) is not None
needs_the_library = pytest.mark.skipif(
    not INSTALLED, reason="sentence-transformers is not installed: pip install 'firstline[semantic]'"
)


def empty_model(folder: Path) -> Path:
    (folder / "modules.json").write_text("[]")
    return folder


def test_nothing_is_wrong_without_a_model() -> None:
    assert mistake("", "") is None
    store = store_of("", "", "", 1.0, None)
    assert store is not None
    assert isinstance(store.encoder, BuiltinEncoder)


def test_words_alone_can_be_asked_for() -> None:
    assert mistake("none", "") is None
    assert store_of("none", "", "", 1.0, None) is None


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "there is no folder" in (mistake(str(tmp_path / "gone"), "") or "")
    with pytest.raises(EncoderUnavailable, match="there is no folder"):
        LocalModelEncoder(tmp_path / "gone")


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    assert "holds no sentence-transformers model" in (mistake(str(tmp_path), "") or "")


def test_a_url_needs_a_model() -> None:
    assert "FIRSTLINE_EMBEDDINGS_MODEL" in (mistake("http://gpu:11434", "") or "")
    assert mistake("http://gpu:11434", "nomic-embed-text") is None


@pytest.mark.skipif(INSTALLED, reason="sentence-transformers is installed")
def test_the_library_is_not_installed(tmp_path: Path) -> None:
    found = mistake(str(empty_model(tmp_path)), "") or ""
    assert "pip install 'firstline[semantic]'" in found


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model made here: a vector for each of some words."""
    tokenizers: Any = pytest.importorskip("tokenizers")
    library: Any = pytest.importorskip("sentence_transformers")
    static: Any = pytest.importorskip("sentence_transformers.models").StaticEmbedding
    words = ["[UNK]", "printer", "photocopier", "vpn", "tunnel", "jam", "my", "the", "is", "broken"]
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({word: place for place, word in enumerate(words)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = tokenizers.normalizers.Lowercase()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    weights = np.random.default_rng(1).normal(size=(len(words), 8)).astype(np.float32)
    weights[2] = weights[1]  # a photocopier is a printer
    folder = tmp_path / "model"
    made = library.SentenceTransformer(modules=[static(tokenizer, embedding_weights=weights)], device="cpu")
    made.save(str(folder))
    return folder


@needs_the_library
def test_a_real_model_in_the_process(model: Path) -> None:
    encoder = LocalModelEncoder(model)
    found = encoder.encode(["printer", "Photocopier", "vpn"], patient=True)
    assert found.shape == (3, 8)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert np.allclose(found[0], found[1])
    assert float(found[0] @ found[2]) < 0.9
    assert len(encoder.encode(["vpn"])) == 1, "once it is loaded, nobody waits"
    examples = {
        "printer": ("my printer is broken", "printer jam"),
        "vpn": ("the vpn is broken", "vpn tunnel"),
    }
    intents = {name: Intent(name, {"en": said}, reply={"en": name}) for name, said in examples.items()}
    matcher = WordMatcher(Content({}, intents, "two"), embeddings=VectorStore(encoder, None), strict=True)
    assert not matcher.lacking
    assert matcher.find("printer").matches[0].target == "printer"


@needs_the_library
def test_another_model_has_another_identity(model: Path) -> None:
    before = LocalModelEncoder(model).identity
    assert before == LocalModelEncoder(model).identity
    weights = next(model.rglob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x00")
    assert before != LocalModelEncoder(model).identity


@needs_the_library
def test_a_model_that_cannot_be_loaded(tmp_path: Path) -> None:
    encoder = LocalModelEncoder(empty_model(tmp_path))
    with pytest.raises(EncoderUnavailable):
        encoder.encode(["printer"], patient=True)
