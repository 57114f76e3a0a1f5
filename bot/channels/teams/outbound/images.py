"""Which pictures Teams shows in a message: PNG, JPEG and GIF of at most 1024 x 1024 pixels and 1 MB."""

from collections.abc import Callable

LARGEST = 1024**2  # bytes
LONGEST = 1024  # pixels

Size = tuple[int, int]


def shown_as(content: bytes) -> str:
    """The media type of a picture that may stand in a message; empty for everything else.

    What it is called does not count: a client decides by the bytes as well.
    """
    if len(content) > LARGEST:
        return ""
    for begin, media_type, measure in _KINDS:
        if content.startswith(begin):
            size = measure(content)
            return media_type if size is not None and all(0 < side <= LONGEST for side in size) else ""
    return ""


def _png(content: bytes) -> Size | None:
    if len(content) < 24 or content[12:16] != b"IHDR":
        return None
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def _gif(content: bytes) -> Size | None:
    # An animated one is not supported in a message.
    if len(content) < 13 or b"NETSCAPE2.0" in content:
        return None
    return int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little")


def _jpeg(content: bytes) -> Size | None:
    """The size in the first frame header; the segments before it are stepped over by their lengths."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker in _FRAMES:
            height, width = content[at + 5 : at + 7], content[at + 7 : at + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        at += 1 if marker == 0xFF else 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None


_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_KINDS: tuple[tuple[bytes, str, Callable[[bytes], Size | None]], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png", _png),
    (b"\xff\xd8\xff", "image/jpeg", _jpeg),
    (b"GIF87a", "image/gif", _gif),
    (b"GIF89a", "image/gif", _gif),
)
