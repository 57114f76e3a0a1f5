"""Makes pictures ready to be shown: `python -m bot.knowledge.files.picture_encoder FOLDER`.

It is a process of its own: a decoder of pictures takes much memory, and what it reads was made by anybody.
Each line of its standard input names a picture as JSON, `[path, name]`; each line of its output says what
became of one, `[name, reason]`: no reason where it is in the folder now.
"""

import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
LONGEST = 1024  # pixels: what Teams shows in a card
LARGEST = 1024**2  # bytes, as well
MOST_PIXELS = 25_000_000  # a photograph of a phone
MEMORY, SECONDS = 1024**3, 60  # that all pictures together may take
_QUALITIES = (85, 75, 60, 45)

NO_PICTURE = "it is no PNG, JPEG, WebP or GIF, whatever its name says; export it as one of them"
TOO_LARGE = f"it has more than {MOST_PIXELS // 1_000_000} million pixels; make it smaller"
BROKEN = "it is damaged and cannot be read to its end; export it anew"
TOO_HEAVY = "it cannot be brought below 1 MB; crop it, or use fewer colours"


class PictureRefused(Exception):
    """A picture cannot be shown; the text says why, and what to do."""


def encode(path: Path) -> tuple[str, bytes]:
    """A picture as it is shown, encoded anew: what follows its name in the name of its file, and its bytes.

    Nothing of the file is kept but the pixels: no place, no time, no camera, no bytes behind its end.
    """
    try:
        with Image.open(path, formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureRefused(TOO_LARGE)
            still = ".still" if getattr(opened, "n_frames", 1) > 1 else ""
            opened.seek(0)
            photograph = opened.format == "JPEG"
            opened.draft("RGB", (2 * LONGEST, 2 * LONGEST))  # a JPEG is decoded small at once
            picture = _in_plain_colours(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused(TOO_LARGE) from error
    except UnidentifiedImageError as error:
        raise PictureRefused(NO_PICTURE) from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, OverflowError) as error:
        raise PictureRefused(BROKEN) from error
    picture.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    content, ending = _encoded(picture, photograph)
    return f"-{picture.width}x{picture.height}{still}{ending}", content


def square_icon(content: bytes, side: int) -> bytes:
    """A square PNG of the operator's own in another size."""
    with Image.open(BytesIO(content), formats=("PNG",)) as opened:
        made = opened.convert("RGBA").resize((side, side), Image.Resampling.LANCZOS)
    written = BytesIO()
    made.save(written, "PNG", optimize=True)
    return written.getvalue()


def _in_plain_colours(opened: Image.Image) -> Image.Image:
    """The pixels as they are seen: upright, in sRGB, eight bits a channel."""
    opened.load()
    profile = opened.info.get("icc_profile")
    picture = ImageOps.exif_transpose(opened)
    if picture.mode.startswith("I") or picture.mode == "F":
        picture = _eight_bits(picture)
    if profile and picture.mode in ("RGB", "RGBA", "CMYK", "L"):
        picture = _in_srgb(picture, profile)
    see_through = picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info
    shown = picture.convert("RGBA" if see_through else "RGB")
    if see_through and shown.getchannel("A").getextrema() == (255, 255):
        shown = shown.convert("RGB")
    clean = Image.new(shown.mode, shown.size)
    clean.paste(shown)
    return clean


def _eight_bits(picture: Image.Image) -> Image.Image:
    _, high = picture.getextrema()
    span = 65535.0 if isinstance(high, int | float) and high > 255 else 255.0
    return picture.convert("F").point(lambda value: value * (255.0 / span)).convert("L")


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = "RGBA" if picture.mode == "RGBA" else "RGB"
        changed = ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode=target)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture  # a broken profile says nothing about the colours
    return changed if changed is not None else picture


def _encoded(picture: Image.Image, photograph: bool) -> tuple[bytes, str]:
    """The picture in at most `LARGEST` bytes: without loss where that fits, then with more and more."""
    for way in _ways(picture, photograph):
        content, ending = way()
        if len(content) <= LARGEST:
            return content, ending
    raise PictureRefused(TOO_HEAVY)


def _ways(picture: Image.Image, photograph: bool) -> Iterator[Callable[[], tuple[bytes, str]]]:
    if not photograph:
        yield partial(_png, picture)
    if picture.mode == "RGBA":
        yield lambda: _png(picture.quantize(256, method=Image.Quantize.FASTOCTREE))
    for quality in _QUALITIES:
        yield partial(_jpeg, picture, quality)


def _png(picture: Image.Image) -> tuple[bytes, str]:
    written = BytesIO()
    picture.save(written, "PNG", optimize=True)
    return written.getvalue(), ".png"


def _jpeg(picture: Image.Image, quality: int) -> tuple[bytes, str]:
    if picture.mode == "RGBA":
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    written = BytesIO()
    picture.save(written, "JPEG", quality=quality, optimize=True, progressive=True)
    return written.getvalue(), ".jpg"


def make_ready(path: Path, name: str, folder: Path) -> str:
    """Put one picture into a folder; the reason where it cannot be shown, else nothing."""
    try:
        ending, content = encode(path)
    except PictureRefused as refused:
        return str(refused)
    except MemoryError:
        return TOO_LARGE
    part = folder / f".{name}.{os.getpid()}"
    part.write_bytes(content)
    part.replace(folder / f"{name}{ending}")
    return ""


def main(folder: str) -> int:
    """Make ready what the standard input names; one that ends this process is the last without an answer."""
    _limit()
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    for line in sys.stdin:
        path, name = json.loads(line)
        sys.stdout.write(json.dumps([name, make_ready(Path(path), name, Path(folder))]) + "\n")
        sys.stdout.flush()
    return 0


def _limit() -> None:
    if os.name != "posix":
        return
    import resource

    os.nice(10)  # answers go first
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
