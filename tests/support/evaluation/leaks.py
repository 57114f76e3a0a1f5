"""Texts with secrets in them, and texts like them without, from the tables of the fixtures.

A secret stands there in parts, so that no scanner takes a line for one: `["my key ", ["AK", "IA..."], "."]`.
Most of a table was written by a second and a third hand, who had not seen the patterns; in the files that
begin with `more_` are further lines of the first one.
"""

import json
from dataclasses import dataclass
from typing import Any

from tests.support.paths import ROOT

_TABLES = ROOT / "tests" / "fixtures" / "masking"
_TELLING = 6  # characters in a row that tell something of a secret


@dataclass(frozen=True)
class Leak:
    """A text as somebody wrote it, and the secrets in it."""

    kind: str
    language: str
    text: str
    secrets: tuple[str, ...]
    hand: int = 1

    def left_in(self, shown: str) -> bool:
        """Whether any of the secrets can still be read, or a good part of it."""
        return any(part in shown for secret in self.secrets for part in _parts(secret))


@dataclass(frozen=True)
class Innocent:
    """A text like those, without a secret."""

    text: str
    hand: int = 1


def leaks(table: str = "secrets") -> list[Leak]:
    return [_leak(row) for row in _rows(f"{table}.jsonl")]


def innocent(table: str = "innocent") -> list[Innocent]:
    return [Innocent(row["text"], row["hand"]) for row in _rows(f"{table}.jsonl")]


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (_TABLES / name).read_text("utf-8").splitlines()]


def _leak(row: dict[str, Any]) -> Leak:
    pieces = ["".join(piece) for piece in row["text"]]
    secrets = tuple("".join(piece) for piece in row["text"] if isinstance(piece, list))
    return Leak(row["kind"], row["lang"], "".join(pieces), secrets, row["hand"])


def _parts(secret: str) -> list[str]:
    if len(secret) < _TELLING + 2:
        return [secret]
    return [secret[start : start + _TELLING] for start in range(len(secret) - _TELLING + 1)]
