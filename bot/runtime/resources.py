"""Finds our own files: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def find(name: str) -> Path:
    """The folder of this name: `migrations`, `kb_articles`, `intents`, `replies` or `docs`."""
    inside = _PACKAGE / "_data" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
