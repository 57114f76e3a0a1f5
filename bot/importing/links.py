"""Makes the links of a source absolute, by the address where its pages are published."""

import re
from collections.abc import Callable, Container
from posixpath import normpath
from urllib.parse import quote, unquote, urljoin, urlsplit

from bot.importing.documents import Source

PAGES = (".md", ".markdown", ".mdx")
_REPOSITORY = re.compile(r"/(?:blob|tree|src|browse)/")
_NUMBER = re.compile(r"(?<![^/])\d+[.\-_ ]+(?=[^\d])")
_INDEX = re.compile(r"(?:^|/)(?:_?index|readme)$", re.IGNORECASE)


def address_of(name: str, source: Source, slug: str | None = None) -> str | None:
    """Return where a page of the source is published; None without a base address."""
    base = source.base_url
    if base is None:
        return None
    if slug and slug.startswith("/"):
        return urljoin(base, slug.lstrip("/"))
    path = name
    if name.lower().endswith(PAGES) and not _REPOSITORY.search(base):
        path = name.rpartition(".")[0]
        if is_docusaurus(source.files):
            path = _NUMBER.sub("", path)
        if slug:
            path = f"{path.rpartition('/')[0]}/{slug}".lstrip("/")
        path = _INDEX.sub("", path)
        path = f"{path}/" if path else ""
    return urljoin(base, quote(path, errors="surrogateescape"))


def host_of(address: str) -> str:
    """Return the host that an address names; empty where it names none, or is no address at all."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # such as “http://[”
        return ""


def is_docusaurus(files: Container[str]) -> bool:
    """Tell whether a source's numbers before names are no part of addresses."""
    return any(name.endswith((".mdx", "_category_.json", "_category_.yml")) for name in files)  # type: ignore[attr-defined]


def linker(name: str, url: str | None, source: Source) -> Callable[[str], str | None]:
    """Return what makes the links of one file absolute; None for those that lead nowhere."""

    def link(address: str) -> str | None:
        try:
            parts = urlsplit(address.strip())
            if parts.scheme in ("http", "https"):
                return _clean(address) if parts.hostname else None
            if parts.scheme == "mailto":
                return _clean(address)
            if parts.scheme or parts.netloc:
                return None
            if not parts.path:
                return f"{url}#{quote(parts.fragment)}" if url and parts.fragment else None
            return _relative(parts.path, parts.fragment)
        except ValueError:
            return None

    def _relative(path: str, fragment: str) -> str | None:
        target = normpath(f"{name.rpartition('/')[0]}/{unquote(path)}".lstrip("/"))
        if target not in source.files and not path.startswith("/"):
            target = next((target + ending for ending in PAGES if target + ending in source.files), target)
        anchor = f"#{quote(fragment)}" if fragment else ""
        if target in source.files:
            found = address_of(target, source)
        else:
            found = urljoin(url or source.base_url or "", quote(unquote(path)))
        return _clean(found + anchor) if found and host_of(found) else None

    return link


def _clean(address: str) -> str:
    return re.sub(r"[\s()<>\"\\]", lambda match: quote(match[0]), address.strip())
