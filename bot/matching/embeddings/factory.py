"""Makes the encoder that the settings ask for, and the store of its vectors."""

from functools import lru_cache
from pathlib import Path

from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.encoders import local_model, packaged_model
from bot.matching.encoders.base import Encoder
from bot.matching.encoders.builtin import BuiltinEncoder
from bot.matching.encoders.combined import CombinedEncoder
from bot.matching.encoders.http import HttpEncoder, at_azure
from bot.matching.encoders.packaged_model import PACKAGES, PackagedModelEncoder

URL = ("http://", "https://")
NONE = "none"


def mistake(where: str, model: str) -> str | None:
    """What is wrong with the settings of embeddings, as far as can be told without trying them; else None."""
    if where in ("", NONE):
        return None
    if where in PACKAGES:
        return packaged_model.mistake_in(where)
    if not where.startswith(URL):
        return local_model.mistake_in(Path(where))
    if not model:
        return "FIRSTLINE_EMBEDDINGS_MODEL: a URL needs the name of the model that the service shall use."
    if at_azure(where) and "/deployments/" in where and "api-version=" not in where:
        return (
            "FIRSTLINE_EMBEDDINGS: the address of a deployment at Azure ends with its version, such as "
            "?api-version=2024-10-21; https://NAME.openai.azure.com/openai/v1 needs none."
        )
    return None


@lru_cache(maxsize=4)
def store_of(where: str, model: str, key: str, seconds: float, cache: Path | None) -> VectorStore | None:
    """The store of vectors, one for the process: of the built-in encoder, beside a model if one is named.

    None for `none`. Raises `EncoderUnavailable` where the folder or the package cannot be used.
    """
    encoder: Encoder
    if where == NONE:
        return None
    if not where:
        encoder = BuiltinEncoder()
    elif where in PACKAGES:
        encoder = CombinedEncoder(PackagedModelEncoder(where))
    elif where.startswith(URL):
        encoder = CombinedEncoder(HttpEncoder(where, model, key, seconds=seconds))
    else:
        encoder = CombinedEncoder(local_model.LocalModelEncoder(Path(where)))
    return VectorStore(encoder, cache)
