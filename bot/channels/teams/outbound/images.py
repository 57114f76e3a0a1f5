"""Tells which pictures Teams shows in a message: PNG, JPEG and GIF of at most 1024 x 1024 pixels and 1 MB."""

from io import BytesIO

import imagesize

LARGEST = 1024**2  # bytes
LONGEST = 1024  # pixels
ANIMATED = b"NETSCAPE2.0"  # a GIF that moves is not supported in a message

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def shown_as(content: bytes) -> str:
    """The media type of a picture that may stand in a message; empty for everything else.

    What it is called does not count: a client decides by the bytes as well.
    """
    media_type = next((kind for begin, kind in _SIGNATURES if content.startswith(begin)), "")
    if not media_type or len(content) > LARGEST or (media_type == "image/gif" and ANIMATED in content):
        return ""
    # Bytes that are no picture have a size of -1 x -1.
    width, height = imagesize.get(BytesIO(content), exif_rotation=False)
    return media_type if 0 < width <= LONGEST and 0 < height <= LONGEST else ""
