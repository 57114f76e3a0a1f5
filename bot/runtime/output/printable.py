"""Takes out of a text what would command the terminal that shows it."""

import re

# Control characters but tab and end of line: of C0, DEL and C1, so that no escape sequence is left whole; and
# marks that turn the direction of what stands beside them.
_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """Return a text that changes nothing but the place where it stands, wherever it is printed."""
    return _COMMANDS.sub("", text)


def escaped_in_json(text: str) -> str:
    """Return JSON text with such characters as escapes: they stand in its strings alone."""
    return _COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
