"""Finds the pictures that a source's documents show, and names their files beside the articles."""

import binascii
import hashlib
import re
from base64 import b64decode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from posixpath import normpath
from urllib.parse import unquote, urlsplit

import imagesize

from bot.domain.knowledge.ids import slug
from bot.importing.documents import FileLeftOut, Source, SourceFile

FOLDER = "pictures"  # beside the articles
ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".gif")
SMALLEST = 64  # pixels of its longer side, below which it is an icon in a sentence
LONGEST_NAME = 40  # characters
LARGEST = 20_000_000  # bytes
ELSEWHERE = "at other addresses; save them beside the page"
MISSING = "not in the source; import a folder that holds them too"
DRAWING = "in SVG; export them as PNG"
OTHER_KIND = "of a kind that no chat shows; export them as PNG"
BROKEN = "damaged or no picture; export them anew"
IN_TABLE = "in cells of tables, where their words stand"
_ICON = ""  # what is only decoration is not told
_OTHER_THEME = re.compile(r"(?:gh-)?(?:dark-mode-)?only(?:-dark)?")
_INLINE = re.compile(r"data:image/([\w.+-]{1,30})\s*;\s*base64\s*,\s*", re.IGNORECASE)
_KINDS = {"png": ".png", "jpeg": ".jpg", "jpg": ".jpg", "webp": ".webp", "gif": ".gif"}


@dataclass(frozen=True, slots=True)
class PictureFile:
    """Picture of a source: the name of its file beside the articles, its place in the source, its content."""

    name: str
    source: str
    read: Callable[[], bytes]


class SourcePictures:
    """All pictures of a source; each is looked at once."""

    def __init__(self, source: Source) -> None:
        self._files = source.files
        self._base_url = source.base_url
        self._named: dict[str, list[str]] = {}  # paths by the name of the file
        for name in source.files:
            if name.lower().endswith(ENDINGS):
                self._named.setdefault(name.rpartition("/")[2], []).append(name)
        self._known: dict[str, PictureFile | str] = {}

    def find(self, address: str, document: str) -> PictureFile | str:
        """Return the picture that an address means in a document, else why it is left out (an icon: "")."""
        inline = _INLINE.match(address)
        if inline:
            return _inline(inline[1].lower(), address[inline.end() :], document)
        try:
            parts = urlsplit(address.strip())
        except ValueError:
            return MISSING
        path = unquote(parts.path)
        if parts.fragment and "dark" in parts.fragment and _OTHER_THEME.fullmatch(parts.fragment):
            return _ICON
        if parts.scheme or parts.netloc:
            base = self._base_url
            if not base or not address.startswith(base):
                return ELSEWHERE
            path = f"/{unquote(urlsplit(address[len(base) :]).path)}"
        if not path.lower().endswith(ENDINGS):
            return DRAWING if path.lower().endswith((".svg", ".svgz")) else OTHER_KIND
        found = self._path(path.replace("\\", "/"), document)
        if found is None:
            return MISSING
        if found not in self._known:
            self._known[found] = _looked_at(self._files[found])
        return self._known[found]

    def _path(self, path: str, document: str) -> str | None:
        # From the page's folder, the page's own address (which ends in a slash), or the source's root; below
        # whatever folder a site serves from its root; a name without a folder where there is only one.
        path = path.removeprefix("@site/")
        folder = document.rpartition("/")[0]
        for base in ("",) if path.startswith("/") else (folder, document.rpartition(".")[0], ""):
            name = normpath(f"{base}/{path}".lstrip("/"))
            if name in self._files:
                return name
        same = self._named.get(path.rpartition("/")[2], ())
        if path.startswith("/"):
            return min((name for name in same if name.endswith(path)), key=len, default=None)
        return same[0] if "/" not in path and len(same) == 1 else None


class DocumentPictures:
    """Pictures that one article shows, by name, and how many were left out, by why."""

    def __init__(self, pictures: SourcePictures, document: str) -> None:
        self._pictures = pictures
        self._document = document
        self.taken: dict[str, PictureFile] = {}
        self.left_out: Counter[str] = Counter()

    def take(self, address: str, *, in_words: bool = False) -> str | None:
        """Return the name of the file that shows a picture; None where only its words stand."""
        found = self._pictures.find(address, self._document)
        if isinstance(found, PictureFile) and not in_words:
            self.taken[found.name] = found
            return found.name
        if found != _ICON:
            self.left_out[found if isinstance(found, str) else IN_TABLE] += 1
        return None

    @property
    def notes(self) -> list[str]:
        """Return what is lost of them."""
        return [f"pictures left out: {count} {reason}" for reason, count in self.left_out.items()]


def _looked_at(file: SourceFile) -> PictureFile | str:
    try:
        reason = _fault(file.read())
    except FileLeftOut:
        reason = BROKEN
    if reason is not None:
        return reason
    stem, _, ending = file.name.rpartition("/")[2].rpartition(".")
    return PictureFile(
        _name(stem, file.name.encode(errors="surrogateescape"), f".{ending.lower()}"), file.name, file.read
    )


def _inline(kind: str, written: str, document: str) -> PictureFile | str:
    if kind not in _KINDS:
        return DRAWING if kind.startswith("svg") else OTHER_KIND
    try:
        content = b64decode(unquote(written))
    except (binascii.Error, ValueError):
        return BROKEN
    reason = _fault(content)
    if reason is not None:
        return reason
    stem = document.rpartition("/")[2].rpartition(".")[0]
    return PictureFile(_name(stem, content, _KINDS[kind]), document, lambda: content)


def _fault(content: bytes) -> str | None:
    # None where there is none; an icon's has no words.
    try:
        longer = max(imagesize.get(BytesIO(content), exif_rotation=False))
    except Exception:  # noqa: BLE001  # whatever the library stumbles over is a damaged file
        longer = -1
    if longer <= 0 or len(content) > LARGEST:
        return BROKEN
    return _ICON if longer < SMALLEST else None


def _name(stem: str, identity: bytes, ending: str) -> str:
    # The same at each import, whatever else is there.
    called = slug(stem)[:LONGEST_NAME].strip("-") or "picture"
    return f"{FOLDER}/{called}-{hashlib.sha256(identity).hexdigest()[:8]}{ending}"
