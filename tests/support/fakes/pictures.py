"""Pictures of a given size: their first bytes, which is all that anybody looks at."""

import struct


def png(width: int = 10, height: int = 10, more: int = 0) -> bytes:
    """The beginning of a picture, which is all that anybody looks at."""
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)
    return head + b"\x08\x06\0\0\0" + b"x" * more


def jpeg(width: int, height: int) -> bytes:
    """With a comment and a table before the frame."""
    frame = b"\xff\xc0\0\x11\x08" + struct.pack(">HH", height, width) + b"\x03" + b"\0" * 9
    return b"\xff\xd8\xff\xfe\0\x05abc" + b"\xff\xc4\0\x04ab" + frame


def gif(width: int, height: int, more: bytes = b"") -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0" + more
