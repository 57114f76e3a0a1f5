"""Divides documents into parts that answer one question each, with what a part is found by."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.domain.words.loader import any_of
from bot.importing.documents import Document
from bot.importing.drafting.questions import asked
from bot.knowledge.markup.tree import Element, Node
from bot.matching.index.vocabulary import is_stop_word
from bot.matching.text.normalise import words_of

LONG = 2_000  # characters of a page from which on it is divided
FEWEST_WORDS = 80  # that a part must have by itself
FEWEST_OF_MANY = 40  # the same, where what does not stand apart would be long
FEWEST_OF_ANSWER = 5  # that an answer below a question must have
FEWEST_TELLING = 2  # words of a heading that can be a title alone
MARKDOWN = (".md", ".markdown", ".mdx")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_GENERIC = re.compile(any_of("importing", "generic_titles"))
_REFERENCES = re.compile(any_of("importing", "reference_titles"))
_INSIDE = re.compile("|".join((any_of("articles", "steps"), any_of("articles", "symptoms"))))
_STEP = re.compile(r"(?:step|paso)\s*\d|\d{1,2}[.)]\s", re.IGNORECASE)
_ASKED_IN = re.compile(r"(?:Q|P|Question|Pregunta)\s?\d{0,3}\s?[:.)]\s*", re.IGNORECASE)
_ASKS = re.compile(r"\?[\s*_]*$")
_ANSWERED_BY = re.compile(r"(?:A|R|Answer|Respuesta)\s?[:.)]\s*", re.IGNORECASE)
_MARKS = re.compile(r"^[\W\d_]+|(?<![\W_])[\W_]+$")


@dataclass(slots=True)
class Part:
    """Part of a document: its title, its own heading if it has one, and the nodes of its text."""

    document: Document
    title: str
    heading: str = ""
    anchor: str = ""
    nodes: list[Node] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Section:
    level: int
    heading: str = ""
    anchor: str = ""
    nodes: list[Node] = field(default_factory=list)
    inside: "list[_Section]" = field(default_factory=list)

    @property
    def own_words(self) -> int:
        return sum(len(_text(node).split()) for node in self.nodes)

    @property
    def words(self) -> int:
        return self.own_words + sum(one.words for one in self.inside)

    @property
    def length(self) -> int:
        return sum(len(_text(node)) for node in self.nodes) + sum(one.length for one in self.inside)

    @property
    def all_nodes(self) -> list[Node]:
        found = list(self.nodes)
        for one in self.inside:
            found += [Element(f"h{min(one.level, 6)}", {}, [one.heading]), *one.all_nodes]
        return found


def divide(document: Document) -> list[Part]:
    """Return the parts of a document in their order; a short one, or one of a piece, is one part."""
    root = _tree(document)
    if document.whole:
        return [_part(document, root)]
    return [_part(document, one) for one in _divided(root)]


def tell_apart(divided: Iterable[Sequence[Part]]) -> None:
    """Add the page's title to a heading that several pages have: side by side nobody could choose."""
    named: defaultdict[tuple[str | None, str], list[Part]] = defaultdict(list)
    for parts in divided:
        for one in parts:
            named[one.document.language, one.title.casefold()].append(one)
    for alike in named.values():
        if len({id(one.document) for one in alike}) > 1:
            for one in alike:
                if one.heading and one.title == one.heading:
                    one.title = f"{one.heading} ({one.document.title})"


def telling_words(text: str) -> int:
    """Return how many words of a text say what it is about, as the matcher sees it."""
    return sum(not is_stop_word(word) for word in words_of(text).words)


def is_generic(title: str) -> bool:
    """Tell whether a title could stand above anything."""
    return _GENERIC.fullmatch(_plain(title)) is not None or not telling_words(title)


def _divided(section: _Section) -> list[_Section]:
    """Return a section in those that stand apart; what does not stays with the first. A short one is one."""
    asks = sum(plain_question(one.heading) for one in section.inside) > 1
    if section.length <= LONG and not asks:
        return [section]
    apart = [one for one in section.inside if _stands_apart(one, FEWEST_WORDS)]
    left = section.length - sum(one.length for one in apart)
    if left > LONG:  # nobody reads so much of what is about many things
        apart = [one for one in section.inside if _stands_apart(one, FEWEST_OF_MANY)]
    if len(apart) < 2 and not (apart and section.own_words >= FEWEST_WORDS):
        return [section]
    rest = _Section(section.level, section.heading, section.anchor, section.nodes)
    rest.inside = [one for one in section.inside if not any(one is other for other in apart)]
    first = [rest]
    if rest.words < FEWEST_WORDS:  # too little to be found by itself, and not to be lost
        first, apart = [], [_joined(rest, apart[0]), *apart[1:]]
    return [*first, *(part for one in apart for part in _divided(one))]


def _joined(rest: _Section, section: _Section) -> _Section:
    # What introduces a page stands before its first section, what is short in it behind.
    nodes = [*rest.nodes, *section.nodes]
    return _Section(section.level, section.heading, section.anchor, nodes, [*section.inside, *rest.inside])


def _stands_apart(section: _Section, fewest: int) -> bool:
    plain = _plain(section.heading)
    if not telling_words(section.heading) or _INSIDE.fullmatch(plain) or _STEP.match(section.heading):
        return False
    return section.words >= (FEWEST_OF_ANSWER if plain_question(section.heading) else fewest)


def plain_question(heading: str) -> bool:
    """Tell whether a heading is a question."""
    return heading.rstrip(" *_¶").endswith("?")


def _part(document: Document, section: _Section) -> Part:
    title = section.heading or document.title
    if section.heading and (is_generic(section.heading) or telling_words(section.heading) < FEWEST_TELLING):
        title = f"{section.heading} ({document.title})"
    given = () if section.heading else document.questions
    question = None if document.whole else asked(section.heading or title, document.language or "")
    questions = list(dict.fromkeys([*given, *([question] if question else [])]))
    tags = list(dict.fromkeys([*document.tags, *([document.title] if section.heading else [])]))
    return Part(
        document,
        title,
        section.heading,
        section.anchor,
        section.all_nodes,
        # Of a table the question is all that there is to tell how people ask, also where it is the title.
        [one for one in questions if one != title or document.whole],
        [tag for tag in tags if tag != title],
    )


def _tree(document: Document) -> _Section:
    # Sections by the levels of their headings, without those that only lead elsewhere.
    root = _Section(0)
    opened = [root]
    is_markdown = document.file.lower().endswith(MARKDOWN)
    anchors: set[str] = set()
    for node in _flat(document.body.children):
        if isinstance(node, Element) and node.tag in HEADINGS:
            level = int(node.tag[1])
            while opened[-1].level >= level:
                opened.pop()
            heading = _heading(node.text.rstrip(" ¶#"))
            section = _Section(
                level, heading, _anchor(node) or (usual_anchor(heading) if is_markdown else "")
            )
            if section.anchor in anchors:  # sites number it, each in its own way
                section.anchor = _anchor(node)
            anchors.add(section.anchor)
            opened[-1].inside.append(section)
            opened.append(section)
        else:
            if plain_question(opened[-1].heading) and all(map(_is_blank, opened[-1].nodes)):
                _drop_mark(node)
            opened[-1].nodes.append(node)
    _drop_references(root)
    return root


def _heading(text: str) -> str:
    """Return a heading without the sign of a question, where it is one."""
    return _ASKED_IN.sub("", text) if _ASKS.search(text) else text


def _is_blank(node: Node) -> bool:
    return isinstance(node, str) and not node.strip()


def _drop_mark(node: Node) -> None:
    # "A:" before an answer, where its question says that it is one.
    while isinstance(node, Element) and node.children:
        first = node.children[0]
        if isinstance(first, str):
            node.children[0] = _ANSWERED_BY.sub("", first, count=1)
            return
        if _ANSWERED_BY.fullmatch(first.text):
            del node.children[0]
            return
        node = first


def _drop_references(section: _Section) -> None:
    section.inside = [
        one for one in section.inside if one.heading and not _REFERENCES.fullmatch(_plain(one.heading))
    ]
    for one in section.inside:
        _drop_references(one)


def _flat(nodes: Iterable[Node]) -> Iterator[Node]:
    """Go through the nodes, and through what only groups others around headings."""
    for node in nodes:
        if isinstance(node, Element) and node.tag not in HEADINGS and node.find(*HEADINGS) is not None:
            if node.tag in ("ul", "ol", "table", "blockquote", "dl"):
                yield node
            else:
                yield from _flat(node.children)
        else:
            yield node


def usual_anchor(heading: str) -> str:
    """Return what makers of sites call a heading in its page's address; empty where they differ."""
    plain = re.sub(r"[^\w\s-]", "", heading).strip().lower()
    return re.sub(r"\s", "-", plain) if plain.isascii() and not re.search(r"[\s-]{2}", plain) else ""


def _anchor(heading: Element) -> str:
    names = (one.attributes.get("id") or one.attributes.get("name") for one in heading.walk())
    return next((name for name in names if name), "")


def _plain(heading: str) -> str:
    return _MARKS.sub("", heading).casefold()


def _text(node: Node) -> str:
    return node if isinstance(node, str) else node.text
