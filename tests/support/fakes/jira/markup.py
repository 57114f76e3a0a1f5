"""Jira's notation as a document, the way the real one turns what its service desk is given."""

import html
import re
from typing import Any

_ESCAPED = re.compile(r"\\([{}\[\]|!*_+^~?():;-])")
_MENTION = re.compile(r"(?<!\\)\[~accountid:([^\]]+)\]")
_BOLD = re.compile(r"(?<![\\\w])\*(\S[^*\n]*?)(?<!\\)\*(?!\w)")
_MACRO = re.compile(r"(?<!\\)\{[a-z]+[^}]*\}")


def mentions(text: str) -> list[str]:
    """The accounts that a text notifies."""
    return _MENTION.findall(text)


def document(text: str) -> dict[str, Any]:
    """The document that Jira keeps of a text: what is bold is marked, macros are gone, escapes are read."""
    paragraphs = []
    for block in re.split(r"\n[ \t]*\n", text):
        content: list[dict[str, Any]] = []
        for line in block.split("\n"):
            if content:
                content.append({"type": "hardBreak"})
            content += _line(line)
        paragraphs.append({"type": "paragraph", "content": content})
    return {"type": "doc", "version": 1, "content": paragraphs}


def _line(line: str) -> list[dict[str, Any]]:
    nodes, at = [], 0
    line = _MACRO.sub("", line)
    for found in _BOLD.finditer(line):
        nodes += _words(line[at : found.start()])
        nodes += [word | {"marks": [{"type": "strong"}]} for word in _words(found[1])]
        at = found.end()
    return nodes + _words(line[at:])


def _words(text: str) -> list[dict[str, Any]]:
    words = html.unescape(_ESCAPED.sub(r"\1", text))
    return [{"type": "text", "text": words}] if words else []
