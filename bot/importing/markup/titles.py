"""Finds the title of a page: its first heading, or the name of its file."""

import re
from pathlib import PurePosixPath

from bot.knowledge.markup.tree import Element

_NOTION = re.compile(r"[ _-][0-9a-f]{32}$")  # the number that Notion puts after a name
_NUMBER = re.compile(r"^\d+[.\-_ ]+(?=\D)")  # the place among its neighbours
_INDEX = re.compile(r"_?index|readme|default", re.IGNORECASE)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def take_title(body: Element) -> str | None:
    """Take the first heading out of a page, where it is of the first level; return its text."""
    for element in body.walk():
        for at, child in enumerate(element.children):
            if isinstance(child, Element) and child.tag in _HEADINGS:
                if child.tag != "h1" or not child.text:
                    return None
                del element.children[at]
                return child.text.rstrip(" ¶#")
    return None


def plain_name(name: str) -> str:
    """Return the name of a file or folder without its ending, number and Notion's mark."""
    return _NUMBER.sub("", _NOTION.sub("", name))


def stem_of(name: str) -> str:
    """Return the name that says what a file is about: of an index its folder's."""
    path = PurePosixPath(name)
    stem = plain_name(path.stem)
    return plain_name(path.parent.name) if _INDEX.fullmatch(stem) and path.parent.name else stem


def title_of_file(name: str) -> str:
    """Return a title made of a file's name."""
    words = re.sub(r"[\s_-]+", " ", stem_of(name)).strip()
    return words[:1].upper() + words[1:] if words else name
