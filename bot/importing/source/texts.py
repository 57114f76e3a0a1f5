"""Reads bytes as text in the encodings that tables and pages come in."""

import codecs

from bot.importing.documents import FileLeftOut
from bot.knowledge.markup.tree import cleaned

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decoded(data: bytes) -> str:
    """Return the text: UTF-8, UTF-16 or Windows-1252; raises `FileLeftOut` for what is none."""
    return cleaned(_decoded(data))


def _decoded(data: bytes) -> str:
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), None) or _guessed(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileLeftOut("its encoding is not known; save it as UTF-8") from error


def _guessed(data: bytes) -> str:
    beginning = data[:4000]
    if beginning.count(b"\0") > len(beginning) // 4:  # every other byte of a Latin text
        return "utf-16-be" if beginning[:1] == b"\0" else "utf-16-le"
    if b"\0" in beginning:
        raise FileLeftOut("it is no text; save it as UTF-8")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
