"""The encoder that runs a sentence-transformers model from a folder; nothing is ever downloaded."""

import hashlib
import importlib.util
import os
from functools import partial
from pathlib import Path

from bot.domain.errors import EncoderUnavailable
from bot.matching.encoders.in_process import InProcessEncoder, Run

BATCH = 64
LOOKED_AT = 1_000_000  # bytes at each end of a file that tell one model from another
LIBRARY = "sentence_transformers"


class LocalModelEncoder(InProcessEncoder):
    """Runs the model of a folder."""

    def __init__(self, folder: Path) -> None:
        """Raises `EncoderUnavailable` when the folder holds no model, or the library is not installed."""
        problem = mistake_in(folder)
        if problem is not None:
            raise EncoderUnavailable(problem, passing=False)
        super().__init__(str(folder), f"folder\0{_digest(folder)}", partial(_loaded, folder))


def mistake_in(folder: Path) -> str | None:
    """What is wrong with a model's folder, as far as can be told without loading it; else None."""
    if not folder.is_dir():
        return (
            f"FIRSTLINE_EMBEDDINGS: there is no folder {folder}; name minilm, universal-sentence-encoder, "
            "the folder of a model, or a URL."
        )
    if not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
        return (
            f"FIRSTLINE_EMBEDDINGS: {folder} holds no sentence-transformers model (neither modules.json nor "
            "config.json is there)."
        )
    if importlib.util.find_spec(LIBRARY) is None:
        return (
            "FIRSTLINE_EMBEDDINGS: a folder needs the library sentence-transformers; "
            "install it with `pip install 'firstline[semantic]'`, or set a URL."
        )
    return None


def _loaded(folder: Path) -> Run:
    # Read by the libraries when they are imported.
    os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch
    from sentence_transformers import SentenceTransformer

    # With more threads than one, answers and the event loop stand in each other's way.
    torch.set_num_threads(1)
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True, trust_remote_code=False)
    return lambda texts: model.encode(
        list(texts), batch_size=BATCH, convert_to_numpy=True, show_progress_bar=False
    )


def _digest(folder: Path) -> str:
    made = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            size = path.stat().st_size
            made.update(f"{path.relative_to(folder).as_posix()}\0{size}\0".encode())
            with path.open("rb") as file:
                made.update(file.read(LOOKED_AT))
                file.seek(max(0, size - LOOKED_AT))
                made.update(file.read(LOOKED_AT))
    return made.hexdigest()
