"""Reads pages in HTML: those of a website, and what Confluence, Notion and others export."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from bot.importing.documents import Document, FileLeftOut, Source, SourceFile, Withdrawn
from bot.importing.links import address_of, host_of
from bot.importing.markup.main_content import main_content
from bot.importing.markup.titles import take_title, title_of_file
from bot.importing.source.texts import decoded
from bot.knowledge.markup.tree import Element, one_line, parse

ENDINGS = (".html", ".htm", ".xhtml")
LARGEST = 5_000_000  # bytes
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_SITE = re.compile(
    r"\s{1,9}[|·–—-]\s{1,9}[^|·–—]{1,60}$|^[^|:]{1,60}\s{1,9}:\s{1,9}"
)  # the site's name beside a page's
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATES = ("article:modified_time", "last-modified", "dcterms.modified", "date")


def read(file: SourceFile, source: Source) -> Iterator[Document]:
    """Read one page."""
    if file.size > LARGEST:
        raise FileLeftOut(f"it has {file.size / 1e6:.0f} MB, and a page has at most 5; divide it")
    root = parse(_text(file.read()))
    meta = _meta(root)
    if "noindex" in meta.get("robots", "") or "http-equiv=refresh" in meta:
        raise Withdrawn("it only leads to another page, or is not to be found")
    title_tag = root.find("title")
    head_title = one_line(_SITE.sub("", title_tag.text)) if title_tag else ""
    language = root.attributes.get("lang") or meta.get("language")
    canonical = _canonical(root) or meta.get("og:url", "")
    body = main_content(root)
    heading = take_title(body)
    title = heading or head_title
    notes = []
    if not title:
        title = title_of_file(file.name)
        notes.append("no title: it has its file's name")
    yield Document(
        file.name,
        title,
        body,
        language,
        canonical if host_of(canonical) else address_of(file.name, source),
        tuple(filter(None, map(one_line, meta.get("keywords", "").split(",")))),
        (),
        _updated(meta),
        notes,
    )


def _text(data: bytes) -> str:
    declared = _CHARSET.search(data[:2000])
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        try:
            return data.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass
    return decoded(data)


def _meta(root: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in root.walk():
        if one.tag == "meta":
            name = one.attributes.get("name") or one.attributes.get("property") or ""
            found.setdefault(name.lower(), one.attributes.get("content", ""))
            if one.attributes.get("http-equiv", "").lower() == "refresh":
                found["http-equiv=refresh"] = "yes"
    return found


def _canonical(root: Element) -> str:
    links = (one for one in root.walk() if one.tag == "link" and one.attributes.get("rel") == "canonical")
    address = next((one.attributes.get("href", "") for one in links), "")
    return address if address.startswith(("https://", "http://")) else ""


def _updated(meta: dict[str, str]) -> date | None:
    today = datetime.now(UTC).date()
    for name in _DATES:
        match = _DAY.match(meta.get(name, ""))
        try:
            if match and (day := date.fromisoformat(match[0])) <= today:
                return day
        except ValueError:
            continue
    return None
