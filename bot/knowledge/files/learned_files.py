"""Writes examples that were learned from people's questions: a file for each target, beside the intents."""

import re
from collections.abc import Sequence
from pathlib import Path

import yaml

from bot.domain.errors import ArticleNotWritten
from bot.domain.knowledge.proposal import ConfirmedQuestion, digest_of
from bot.knowledge.files.text_files import shown
from bot.knowledge.files.writing import Files

FOLDER = "learned"  # in the folder of intents
_HEADER = "# People asked this, and somebody approved it; `firstline examples take-back` takes it back.\n"
_WIDTH = 1_000_000  # no line is broken
_UNSAFE = re.compile(r"[^\w.-]+")

Examples = dict[str, list[str]]  # by language


def learned_file(intents: Path, target: str) -> Path:
    """Return the file of a target; what no file may be called is told apart by a hash."""
    name = _UNSAFE.sub("-", target).strip(".-")
    return intents / FOLDER / f"{name if name == target else f'{name}-{digest_of(target)[:8]}'}.yaml"


def with_learned(intents: Path, examples: Sequence[ConfirmedQuestion]) -> Files:
    """Return the files of these examples' targets with them; what is there already stays."""
    found: dict[str, Examples] = {}
    for one in examples:
        there = found.setdefault(one.target, _read(learned_file(intents, one.target), one.target))
        texts = there.setdefault(one.language, [])
        if one.text not in texts:
            texts.append(one.text)
    return {learned_file(intents, target): _text(target, texts) for target, texts in found.items()}


def without_learned(intents: Path, target: str, digest: str) -> Files:
    """Return the file of a target without the example of this hash.

    Raises `ArticleNotWritten` where it is not there, or not as it was approved.
    """
    path = learned_file(intents, target)
    there = _read(path, target)
    left = {code: [one for one in texts if digest_of(one) != digest] for code, texts in there.items()}
    if left == there:
        raise ArticleNotWritten(
            f"{shown(path)} does not have this example as it was approved; take it out of the file by hand."
        )
    left = {code: texts for code, texts in left.items() if texts}
    return {path: _text(target, left) if left else None}


def _read(path: Path, target: str) -> Examples:
    try:
        data = yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}
        examples = (data or {}).get("examples") or {}
        if data and data.get("adds_to") != target:
            raise ValueError
        return {str(code): [str(one) for one in texts] for code, texts in examples.items()}
    except (OSError, ValueError, AttributeError, TypeError, yaml.YAMLError) as error:
        raise ArticleNotWritten(
            f"{shown(path)} cannot be read as examples of {target}; `firstline check` says what is wrong."
        ) from error


def _text(target: str, examples: Examples) -> str:
    data = {"adds_to": target, "examples": examples}
    return _HEADER + yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=_WIDTH)
