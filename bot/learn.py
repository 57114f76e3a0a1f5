"""Learns from content into the cache: `python -m bot.learn ARTICLES INTENTS LANGUAGE CACHE`.

It ends when its standard input does, so that it never outlives the server that started it.
"""

import os
import sys
import threading
from pathlib import Path

from bot.knowledge.files import FileSource
from bot.matching.matcher import WordMatcher


def main(articles: str, intents: str, language: str, cache: str) -> int:
    """Learn; return 1 when the content has errors."""
    os.nice(10)  # answers go first
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    content = FileSource(Path(articles), Path(intents)).load()
    if any(problem.error for problem in content.problems):
        return 1
    WordMatcher(content, language, cache=Path(cache))
    return 0


def _end_with_the_server() -> None:
    # Not through sys.stdin: its lock, held by this thread, would abort the interpreter at its end.
    while os.read(0, 1024):
        continue
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
