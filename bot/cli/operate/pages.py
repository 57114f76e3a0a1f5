"""Prints the documentation, which comes along with every installation: `firstline docs`."""

from collections.abc import Mapping
from pathlib import Path

from bot.cli import reader, terminal
from bot.domain.errors import PageNotFound
from bot.runtime.resources import find


def pages() -> Mapping[str, Path]:
    """The pages by their names."""
    return {path.stem: path for path in sorted(find("docs").glob("*.md"))}


def print_pages() -> None:
    """List the pages, each with its title."""
    shown = terminal.table("page", "title", whole=("page",))
    for name, path in pages().items():
        with path.open(encoding="utf-8") as file:
            shown.add_row(name, file.readline().lstrip("# ").strip())
    console = terminal.console()
    console.print(shown)
    if reader.language() != "en":
        console.tell("These pages are in English.")


def print_page(name: str) -> None:
    """Print one page as it is written, in Markdown."""
    found = pages().get(name)
    if found is None:
        raise PageNotFound(f"There is no page {name}; `firstline docs` lists them.")
    terminal.print_text(found.read_text(encoding="utf-8"))
