"""Escapes people's texts for Markdown: they are shown as they were written, never as markup."""

import re

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&$@])")
_LIST_SIGN = re.compile(r"^([^\S\n]*)([-+=]|\d{1,9}[.)])", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def escape(text: str) -> str:
    """Escape a text so that Markdown shows it literally; lines stay lines, indents go."""
    text = _MARKUP.sub(r"\\\1", _INDENT.sub("", text))
    return _LIST_SIGN.sub(_escape_list_sign, text)


def _escape_list_sign(match: re.Match[str]) -> str:
    start, sign = match[1], match[2]
    return f"{start}{sign[:-1]}\\{sign[-1]}"


def quote(text: str) -> str:
    """Turn a text into a quotation, line by line."""
    lines = escape(text.strip()).splitlines() or [""]
    return "\\\n".join(f"> {line}" for line in lines)


def fence(text: str) -> str:
    """Turn a text into a block of code, whatever fences it holds itself."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(longest + 1, 3)
    return f"{fence}\n{text}\n{fence}"
