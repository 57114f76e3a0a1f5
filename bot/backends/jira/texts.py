"""Texts between us and Jira: its documents as plain text, and ours so that Jira takes nothing for markup."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

Node = Mapping[str, Any]
# What begins or ends markup in Jira's notation. These do so within a word, too.
_ANYWHERE = re.compile(r"[{}\[\]|!]")
# Two backslashes end a line there, and one takes the meaning of the sign that follows; before a letter it
# is a backslash.
_BACKSLASHES = re.compile(r"\\(?![A-Za-z0-9\s]|$)|(?<=\\)\\")
_ENTITIES = re.compile(r"&(?=[#\w])")
_AT_EDGES = re.compile(r"(?<!\w)[*_+^~?-]|[*_+^~?-](?!\w)")
_FACES = re.compile(r"\((?=(?:[ynix]|on|off|flag|flagoff|[-/!?+*][rgby]?)\))|[:;](?=[()DPp])")
_AT_BEGINNINGS = re.compile(r"^(\s*)(#|h[1-6]\.|bq\.)", re.MULTILINE)
_BLOCKS = frozenset(
    "blockquote bulletList codeBlock decisionList expand heading listItem nestedExpand orderedList panel "
    "paragraph rule table tableRow taskItem decisionItem taskList mediaSingle mediaGroup blockCard".split()
)


def escape(text: str) -> str:
    """A text as Jira shows it letter for letter: no mention, no link, no picture, no macro."""
    text = _ENTITIES.sub("&amp;", text)
    text = _BACKSLASHES.sub("&#92;", text)
    text = _ANYWHERE.sub(lambda found: "\\" + found[0], text)
    text = _FACES.sub(lambda found: "\\" + found[0], text)
    text = _AT_EDGES.sub(lambda found: "\\" + found[0], text)
    return _AT_BEGINNINGS.sub(lambda found: f"{found[1]}&#{ord(found[2][0])};{found[2][1:]}", text)


def one_line(text: str, longest: int) -> str:
    """A text in one line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def letters(text: str) -> str:
    """The letters and digits of a text alone: what stays the same when Jira writes its markup anew."""
    return "".join(sign for sign in text if sign.isalnum())


def plain(document: Any) -> str:
    """A document of Jira's as plain text; a text stays as it is."""
    if isinstance(document, str):
        return document.strip()
    return re.sub(r"\n{3,}", "\n\n", _text(document)).strip() if isinstance(document, Mapping) else ""


def _text(node: Node) -> str:
    kind = str(node.get("type", ""))
    if made := _LEAVES.get(kind):
        return made(node)
    parts = [(child, _text(child)) for child in node.get("content") or () if isinstance(child, Mapping)]
    if kind in ("bulletList", "orderedList", "taskList", "decisionList"):
        return _listed([text for _, text in parts], numbered=kind == "orderedList")
    if kind == "tableRow":
        return " | ".join(text.strip() for _, text in parts)
    written = ""
    for child, text in parts:
        is_block = child.get("type") in _BLOCKS
        if is_block and written and not written.endswith("\n"):
            written += "\n"
        written += text + ("\n" if is_block and text else "")
    if kind == "blockquote":
        return "\n".join(f"> {line}" for line in written.strip().splitlines())
    return written.rstrip("\n") if kind in _BLOCKS else written


def _listed(entries: list[str], *, numbered: bool) -> str:
    lines = []
    for number, entry in enumerate(entries, start=1):
        mark = f"{number}. " if numbered else "- "
        lines.append(mark + entry.strip().replace("\n", "\n  "))
    return "\n".join(lines)


def _words(node: Node) -> str:
    text = str(node.get("text", ""))
    for mark in node.get("marks") or ():
        address = (mark.get("attrs") or {}).get("href", "") if mark.get("type") == "link" else ""
        if address and address != text:
            return f"{text} ({address})"
    return text


def _attribute(*names: str) -> Callable[[Node], str]:
    def read(node: Node) -> str:
        attributes = node.get("attrs") or {}
        return next((str(attributes[name]) for name in names if attributes.get(name)), "")

    return read


def _date(node: Node) -> str:
    moment = str((node.get("attrs") or {}).get("timestamp", ""))
    return f"{datetime.fromtimestamp(int(moment) / 1000, UTC):%Y-%m-%d}" if moment.isdigit() else ""


_LEAVES: Mapping[str, Callable[[Node], str]] = {
    "text": _words,
    "hardBreak": lambda _: "\n",
    "mention": _attribute("text"),
    "emoji": _attribute("text", "shortName"),
    "inlineCard": _attribute("url"),
    "blockCard": _attribute("url"),
    "embedCard": _attribute("url"),
    "status": _attribute("text"),
    "date": _date,
    "media": lambda _: "",  # it comes as a file
    "mediaInline": lambda _: "",
}
