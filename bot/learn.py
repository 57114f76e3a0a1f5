"""Learns from the content on its standard input into the cache: `python -m bot.learn LANGUAGE CACHE`.

It ends when its standard input does, so that it never outlives the server that started it.
"""

import os
import sys
import threading
from pathlib import Path

from pydantic import TypeAdapter

from bot.domain.knowledge import Content
from bot.matching.matcher import WordMatcher

CONTENT = TypeAdapter(Content)


def main(language: str, cache: str) -> int:
    """Learn."""
    os.nice(10)  # answers go first
    content = CONTENT.validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    WordMatcher(content, language, cache=Path(cache))
    return 0


def as_line(content: Content) -> bytes:
    """The content as the learner reads it."""
    return CONTENT.dump_json(content) + b"\n"


def _end_with_the_server() -> None:
    # Not through sys.stdin: its lock, held by this thread, would abort the interpreter at its end.
    while os.read(0, 1024):
        continue
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
