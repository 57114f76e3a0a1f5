"""Models that come in packages: what the operator is told, and the real ones where they are installed."""

import importlib.util
import tomllib
from pathlib import Path

import numpy as np
import pytest

from bot.domain.errors import EncoderUnavailable
from bot.matching.embeddings.factory import mistake, store_of
from bot.matching.encoders.base import Vectors
from bot.matching.encoders.combined import CombinedEncoder
from bot.matching.encoders.packaged_model import PACKAGES, PackagedModelEncoder
from tests.support.matching.fake_packages import EncoderOfOneVector, FakePackages, UnreadableEncoder
from tests.support.paths import ROOT

USE = "universal-sentence-encoder"
each_model = pytest.mark.parametrize("name", PACKAGES)


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakePackages:
    return FakePackages(monkeypatch, tmp_path)


def vectors_of_the_real(name: str, texts: list[str]) -> Vectors:
    """What the installed package says; the test is skipped where it is not installed."""
    missing = [module for module in PACKAGES[name].modules if importlib.util.find_spec(module) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed: pip install 'firstline[{name}]'")
    return PackagedModelEncoder(name).encode(texts, patient=True)


@pytest.mark.parametrize(
    ("name", "module"), [(name, one) for name, p in PACKAGES.items() for one in p.modules]
)
def test_what_is_not_installed_is_named(packages: FakePackages, name: str, module: str) -> None:
    packages.install_minilm()
    packages.install_sentence_encoder()
    assert mistake(name, "") is None
    packages.uninstall(module)
    said = f"FIRSTLINE_EMBEDDINGS: {name} needs what is not installed ({module}); "
    said += f"install it with `pip install 'firstline[{name}]'`."
    assert mistake(name, "") == said
    with pytest.raises(EncoderUnavailable) as raised:
        PackagedModelEncoder(name)
    assert str(raised.value) == said
    assert not raised.value.passing


@each_model
def test_the_extra_that_is_named_brings_the_package(name: str) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert any(one.startswith(PACKAGES[name].distribution) for one in extras[name])


def test_a_name_that_is_none_is_read_as_a_folder() -> None:
    found = mistake("mini-lm", "") or ""
    assert f"there is no folder mini-lm; name {', '.join(PACKAGES)}, the folder of a model" in found


@each_model
def test_the_built_in_encoder_is_beside_it(packages: FakePackages, name: str) -> None:
    packages.install_minilm()
    packages.install_sentence_encoder()
    store = store_of(name, "", "", 1.0, None)
    assert store is not None
    assert isinstance(store.encoder, CombinedEncoder)
    assert not store.encoder.remote


def test_texts_are_given_as_the_package_takes_them(packages: FakePackages) -> None:
    packages.install_sentence_encoder()
    found = PackagedModelEncoder(USE).encode(("one", "a longer one"), patient=True)
    assert found == pytest.approx(np.array([[3, 1], [12, 1]]) / np.array([[10**0.5], [145**0.5]]))


def test_a_text_is_the_mean_of_its_first_pieces(packages: FakePackages) -> None:
    packages.install_minilm()
    found = PackagedModelEncoder("minilm").encode(["the the", "the " * 400], patient=True)
    for vector, the in zip(
        found, (2, 254), strict=True
    ):  # "the" is 1996, a text begins with 101, ends with 102
        mean = np.array([(101 + the * 1996 + 102) / (the + 2), (the + 1) / 2, 1.0])
        assert vector == pytest.approx(mean / np.linalg.norm(mean), rel=1e-5)


def test_too_few_vectors(packages: FakePackages) -> None:
    packages.install_sentence_encoder(EncoderOfOneVector)
    with pytest.raises(EncoderUnavailable, match=r"the shape \(1, 2\) for 2 texts"):
        PackagedModelEncoder(USE).encode(["one", "two"], patient=True)


def test_a_model_that_cannot_be_loaded(packages: FakePackages) -> None:
    packages.install_sentence_encoder(UnreadableEncoder)
    encoder = PackagedModelEncoder(USE)
    with pytest.raises(EncoderUnavailable, match=f"{USE} cannot be loaded") as raised:
        encoder.encode(["one"], patient=True)
    assert not raised.value.passing


def test_another_version_is_another_model(packages: FakePackages) -> None:
    packages.install_sentence_encoder(version="0.2.1")
    before = PackagedModelEncoder(USE).identity
    assert before == PackagedModelEncoder(USE).identity
    packages.install_sentence_encoder(version="0.2.2")
    assert before != PackagedModelEncoder(USE).identity


@each_model
def test_a_real_model_tells_what_texts_mean(name: str) -> None:
    texts = ["I forgot my password", "how do I reset my login?", "the printer is out of toner"]
    found = vectors_of_the_real(name, texts)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    assert found[0] @ found[1] > found[0] @ found[2] + 0.2
    # Its vectors do not depend on what else is read.
    assert found[:1] == pytest.approx(vectors_of_the_real(name, texts[:1]), abs=1e-4)


def test_a_real_model_knows_two_languages() -> None:
    found = vectors_of_the_real(USE, ["no puedo iniciar sesión", "I cannot log in", "the printer is broken"])
    assert found[0] @ found[1] > found[0] @ found[2] + 0.2
