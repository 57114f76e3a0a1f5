"""Turns Teams' text, with its tags and entities, into plain text."""

import html
import re
from html.parser import HTMLParser

_AT = re.compile(r"<at\b[^<>]*>([^<]*)</at>", re.IGNORECASE)  # linear, whatever people write
_BLANKS = re.compile(r"[^\S\n]+")
_BREAKING = frozenset(
    "address blockquote br div dl dt dd h1 h2 h3 h4 h5 h6 hr li ol p pre table tr ul".split()
)
_SILENT = frozenset({"script", "style", "head", "title"})


def from_text(text: str) -> str:
    """Teams' plain text: mentions become `@name`, entities their characters."""
    return _tidy(html.unescape(_AT.sub(r"@\1", text)))


def from_html(markup: str) -> str:
    """An HTML body as plain text, a line for each block."""
    reader = _Reader()
    reader.feed(_AT.sub(r"@\1", markup))
    reader.close()
    return _tidy("".join(reader.parts))


def _tidy(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\N{NO-BREAK SPACE}", " ")
    lines = [_BLANKS.sub(" ", line).strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BREAKING:
            self.parts.append("\n")
        elif tag in ("img", "emoji"):
            self.parts.append(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BREAKING:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)
