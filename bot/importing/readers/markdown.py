"""Reads pages in Markdown, with or without front matter, of any generator of sites."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from posixpath import normpath

from bot.importing.documents import Document, FileLeftOut, Source, SourceFile, Withdrawn
from bot.importing.links import address_of
from bot.importing.markup.dialects import Dialect
from bot.importing.markup.front_matter import FrontMatter, split
from bot.importing.markup.titles import take_title, title_of_file
from bot.importing.source.texts import decoded
from bot.knowledge.markup.tree import one_line, parse

ENDINGS = (".md", ".markdown", ".mdx")
LARGEST = 2_000_000  # bytes
_MARKS = re.compile(r"[*`]|<[^<>]{0,200}>|\{[^{}]{0,200}\}")


def read(file: SourceFile, source: Source) -> Iterator[Document]:
    """Read one page."""
    if file.size > LARGEST:
        raise FileLeftOut(f"it has {file.size / 1e6:.0f} MB, and a page has at most 2; divide it")
    matter, text = split(decoded(file.read()).lstrip("\n"))
    if matter.says("draft") or matter.first("status") == "draft":
        raise Withdrawn("it is a draft")
    dialect = Dialect(lambda name: _beside(file, source, name))
    body = parse(dialect.html(text))
    heading = take_title(body)
    given = matter.first("title", "sidebar_label", "linktitle")
    title = one_line(_MARKS.sub("", given)) if given else heading
    notes = [f"left out: {lost}" for lost in dialect.lost]
    if matter.fault:
        notes.append(f"its front matter is read line by line: {matter.fault}")
    if not title:
        title = title_of_file(file.name)
        notes.append("no title: it has its file's name")
    yield Document(
        file.name,
        title,
        body,
        matter.first("lang", "language", "locale"),
        matter.first("canonical_url", "canonicalurl", "url")
        if _absolute(matter)
        else _address(file, source, matter),
        matter.all("tags", "keywords", "categories", "taxonomy.tag", "taxonomies.tags"),
        (heading,) if heading and heading != title else (),
        matter.day(
            datetime.now(UTC).date(), "updated", "lastmod", "last_update.date", "last_updated", "date"
        ),
        notes,
    )


def _absolute(matter: FrontMatter) -> bool:
    return (matter.first("canonical_url", "canonicalurl", "url") or "").startswith(("https://", "http://"))


def _address(file: SourceFile, source: Source, matter: FrontMatter) -> str | None:
    return address_of(file.name, source, matter.first("slug"))


def _beside(file: SourceFile, source: Source, name: str) -> str | None:
    # A path from the page's folder, or from the source's; nothing outside of it is looked at.
    for folder in (file.name.rpartition("/")[0], "", "snippets", "includes", "_includes"):
        path = normpath(f"{folder}/{name.split(':')[0]}".lstrip("/"))
        found = source.files.get(path)
        if found is not None and found is not file and found.size <= LARGEST:
            return split(decoded(found.read()))[1]
    return None
