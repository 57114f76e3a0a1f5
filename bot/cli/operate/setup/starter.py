"""Copies the articles and intents to begin with, in the languages that people ask in."""

from collections.abc import Iterator
from pathlib import Path

_STARTER = Path(__file__).parent / "starter"
FOLDERS = ("kb_articles", "intents")
LANGUAGES = ("en", "es")


def write_starter(folder: Path, languages: tuple[str, ...]) -> dict[str, int]:
    """Write the content; return for each folder how many files, 0 where something was there already."""
    return {name: _written(name, folder / name, languages) for name in FOLDERS}


def _written(name: str, target: Path, languages: tuple[str, ...]) -> int:
    if target.is_dir() and any(target.iterdir()):
        return 0
    target.mkdir(parents=True, exist_ok=True)
    count = 0
    for file, text in _files(_STARTER / name, languages):
        (target / file).write_text(text, encoding="utf-8")
        count += 1
    return count


def _files(folder: Path, languages: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    others = [language for language in LANGUAGES if language not in languages]
    for path in sorted(folder.iterdir()):
        text = path.read_text(encoding="utf-8")
        if any(f"\nlang: {language}\n" in text for language in others):
            continue
        if path.suffix == ".yaml":
            text = "".join(_without(text, others))
        yield path.name.replace(".es.md", ".md") if languages == ("es",) else path.name, text


def _without(text: str, languages: list[str]) -> Iterator[str]:
    """The lines of an intent, without what stands below these languages."""
    left_out = False
    for line in text.splitlines(keepends=True):
        if not line.startswith("    "):  # a key of its own, or of a language
            left_out = line.strip().partition(":")[0] in languages
        if not left_out:
            yield line
