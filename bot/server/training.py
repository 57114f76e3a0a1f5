"""Learns from the content on its standard input: `python -m bot.server.training LANGUAGE CACHE`.

It ends when its standard input does, so that it never outlives the server that started it.
"""

import os
import sys
import threading
from pathlib import Path

from pydantic import TypeAdapter

from bot.domain.knowledge.content import Content
from bot.matching.embeddings.factory import store_of
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.matcher import WordMatcher
from bot.runtime.output.logging import configure
from bot.server.settings import Settings, complain, read

LACKING = 75  # words were learned; for the rest, try again later

CONTENT = TypeAdapter(Content)


def main(language: str, cache: str) -> int:
    """Learn; return `LACKING` when the embeddings could not be had."""
    os.nice(10)  # answers go first
    settings = _settings()
    configure(settings.log_format)
    content = CONTENT.validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    matcher = WordMatcher(content, language, cache=Path(cache), embeddings=_embeddings(settings, Path(cache)))
    return LACKING if matcher.lacking else 0


def _settings() -> Settings:
    # From the environment, as the server that started it: a key has no place on a command line.
    mistakes: list[str] = []
    settings = read(Settings, mistakes)
    complain(mistakes)
    assert settings is not None  # noqa: S101  # `complain` has raised otherwise
    return settings


def _embeddings(settings: Settings, cache: Path) -> VectorStore | None:
    key = settings.embeddings_key.get_secret_value()
    return store_of(settings.embeddings, settings.embeddings_model, key, settings.embeddings_seconds, cache)


def as_line(content: Content) -> bytes:
    """The content as the learner reads it."""
    return CONTENT.dump_json(content, exclude={"queues"}) + b"\n"  # they are no matter of the matcher's


def _end_with_the_server() -> None:
    # Not through sys.stdin: its lock, held by this thread, would abort the interpreter at its end.
    while os.read(0, 1024):
        continue
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
