"""Makes articles of the parts of all documents: ids, addresses, texts, and what they lack to be found."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bot.domain.knowledge.content import Article
from bot.domain.knowledge.ids import LONGEST_ID, alike, slug
from bot.importing.documents import Document, Source
from bot.importing.drafting.ids import Ids
from bot.importing.drafting.parts import Part
from bot.importing.links import linker
from bot.importing.markup.titles import plain_name
from bot.importing.pictures import DocumentPictures, PictureFile, SourcePictures
from bot.knowledge.markup.tree import Element, Node, one_line
from bot.knowledge.markup.writer import HEADINGS, HIGHEST, Writer

LONGEST_TITLE = 150
LONGEST_BODY = 100_000
MOST_TAGS = 12
LONGEST_TAG = 80  # characters
_INDEX = re.compile(r"_?index|readme|default", re.IGNORECASE)


@dataclass(slots=True)
class Proposal:
    """Article that could be written, with where it comes from and what is wrong with it."""

    article: Article
    source: str  # the file, and the place in it
    file: str  # the file alone
    notes: list[str] = field(default_factory=list)
    parts: int = 1  # of its file, where it is the first of them
    pictures: tuple[PictureFile, ...] = ()  # that it shows


def propose(
    parts: Sequence[Part],
    path: str,
    source: Source,
    pictures: SourcePictures,
    ids: Ids,
    shared: Sequence[str] = (),
) -> list[Proposal]:
    """Make the articles of one document; `shared` are the ids of the same parts in another language."""
    document = parts[0].document
    found: list[Proposal] = []
    used: set[str] = set()
    for at, part in enumerate(parts):
        name = shared[at] if at < len(shared) else ids.give(_place(part), _names(path, part), used)
        proposal = _proposal(part, name, source, DocumentPictures(pictures, document.file))
        if proposal is not None:
            used.add(alike(name))
            found.append(proposal)
    if found:
        found[0].parts = len(found)
        found[0].notes += [note for note in document.notes if note not in found[0].notes]
    return found


def _names(path: str, part: Part) -> list[str]:
    """Return the ids that a part may have, the shortest first: each has one more of the page's folders."""
    if part.document.whole:
        return [slug(part.title) or "answer"]
    pure = PurePosixPath(path)
    names = [plain_name(one) for one in (*pure.parent.parts, pure.stem)]
    if len(names) > 1 and _INDEX.fullmatch(names[-1]):
        names.pop()
    pages = [slug("-".join(names[at:])) for at in range(len(names) - 1, -1, -1)]
    heading = slug(part.heading)
    return [_joined(page, heading) for page in pages if page] or [heading or "article"]


def _joined(page: str, heading: str) -> str:
    # Of a long heading the beginning is enough.
    if not heading or heading == page:
        return page
    return f"{page[: LONGEST_ID // 2].strip('-')}-{heading}"[:LONGEST_ID].strip("-")


def _proposal(part: Part, name: str, source: Source, pictures: DocumentPictures) -> Proposal | None:
    document = part.document
    writer = Writer(linker(document.file, document.url, source), pictures.take, _highest(part.nodes))
    body = writer.write(part.nodes)
    if not body.strip():
        return None
    notes = pictures.notes
    if writer.lost_links:
        remedy = "" if source.base_url else "; give --base-url"
        notes.append(f"links that lead nowhere: {writer.lost_links}{remedy}")
    if len(body) > LONGEST_BODY:
        body = body[:LONGEST_BODY].rpartition("\n\n")[0]
        notes.append(f"cut after {LONGEST_BODY:,} characters")
    url = document.url
    if url and part.anchor:
        url = f"{url.partition('#')[0]}#{part.anchor}"
    article = Article(
        id=name,
        title=one_line(part.title)[:LONGEST_TITLE],
        body=body,
        language=document.language or "en",
        tags=tuple(tag[:LONGEST_TAG] for tag in map(one_line, part.tags[:MOST_TAGS]) if tag),
        questions=tuple(one_line(question) for question in part.questions),
        url=url,
        updated=document.updated,
    )
    return Proposal(article, _place(part), document.file, notes, pictures=tuple(pictures.taken.values()))


def _place(part: Part) -> str:
    document = part.document
    place = f"{document.file}{': ' + document.place if document.place else ''}"
    return f"{place}#{part.heading}" if part.heading else place


def _highest(nodes: Iterable[Node]) -> int:
    elements = (one for node in nodes if isinstance(node, Element) for one in node.walk())
    return min((int(one.tag[1]) for one in elements if one.tag in HEADINGS), default=HIGHEST)


def versions(documents: Iterable[Document]) -> list[Document]:
    """Return the documents with those of the most frequent language first, so that others take their ids."""
    listed = list(documents)
    counts: dict[str | None, int] = {}
    for document in listed:
        counts[document.language] = counts.get(document.language, 0) + 1
    return sorted(listed, key=lambda one: (-counts[one.language], str(one.language)))
