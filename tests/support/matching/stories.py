"""Long messages as employees write them, and incidents that may not wait with chatter around them."""

from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml

_FOUND: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("stories.yaml").read_text("utf-8"))
CHATTER: dict[str, list[str]] = _FOUND["chatter"]


@dataclass(frozen=True)
class Told:
    """A text with the target that answers it, None where nothing does."""

    text: str
    expected: str | None
    lang: str


STORIES = [Told(**row) for row in _FOUND["stories"]]
INCIDENTS = [Told(**row) for row in _FOUND["incidents"]]
PLACES = ("beginning", "middle", "end")


def told(text: str, language: str, words: int, place: str, start: int = 0) -> str:
    """A story of about so many words, with the text at this place; other chatter for another `start`."""
    lines = CHATTER[language]
    chatter: list[str] = []
    number = len(text.split())
    for line in cycle(lines[start % len(lines) :] + lines[: start % len(lines)]):
        if number >= words:
            break
        chatter.append(line)
        number += len(line.split())
    at = {"beginning": 0, "middle": len(chatter) // 2, "end": len(chatter)}[place]
    return " ".join([*chatter[:at], text, *chatter[at:]])
