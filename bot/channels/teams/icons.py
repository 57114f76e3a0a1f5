"""The app's two icons, drawn in code: a speech bubble with a plus sign for help."""

import struct
import zlib
from collections.abc import Callable

Pixel = tuple[int, int, int, int]

_CLEAR: Pixel = (0, 0, 0, 0)
_WHITE: Pixel = (255, 255, 255, 255)
_BLUE: Pixel = (0x1F, 0x4E, 0x8C, 255)
_FINE = 3  # each pixel is the mean of so many samples a side


def color() -> bytes:
    """The full-colour icon: PNG, 192 x 192."""
    return _png(192, lambda x, y: (_BLUE if _plus(x, y) else _WHITE) if _bubble(x, y) else _BLUE)


def outline() -> bytes:
    """The outline icon: PNG, 32 x 32, white on transparent, as Teams wants it."""
    return _png(32, lambda x, y: _WHITE if _bubble(x, y) and not _plus(x, y) else _CLEAR)


def _bubble(x: float, y: float) -> bool:
    """The unit square's points that are in the bubble or its tail."""
    left, right, top, bottom, corner = 0.17, 0.83, 0.2, 0.68, 0.12
    nearest_x = min(max(x, left + corner), right - corner)
    nearest_y = min(max(y, top + corner), bottom - corner)
    if (x - nearest_x) ** 2 + (y - nearest_y) ** 2 <= corner**2:
        return True
    return bottom - 0.01 <= y <= 0.84 and 0.3 <= x <= 0.3 + (0.84 - y)


def _plus(x: float, y: float) -> bool:
    across, down = abs(x - 0.5), abs(y - 0.44)
    return (across < 0.045 and down < 0.15) or (down < 0.045 and across < 0.15)


def _png(size: int, at: Callable[[float, float], Pixel]) -> bytes:
    rows = bytearray()
    for y in range(size):
        rows.append(0)  # this row has no filter
        for x in range(size):
            rows += _mean([at((x + u) / size, (y + v) / size) for u in _OFFSETS for v in _OFFSETS])
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)  # 8 bits, RGBA
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


_OFFSETS = tuple((i + 0.5) / _FINE for i in range(_FINE))


def _mean(samples: list[Pixel]) -> bytes:
    alpha = sum(sample[3] for sample in samples)
    if not alpha:
        return bytes(4)
    shades = [round(sum(sample[i] * sample[3] for sample in samples) / alpha) for i in range(3)]
    return bytes([*shades, round(alpha / len(samples))])


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
