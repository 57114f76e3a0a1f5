"""Parses HTML into a tree of elements and texts; scripts and styles are left out of it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias

from selectolax.lexbor import LexborHTMLParser, LexborNode

DEEPEST = 150  # elements within each other; what is deeper becomes flat
DEEPEST_READ = 1_000  # of those that only their own end ends
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
BLOCKS = frozenset(
    """address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hgroup hr html li main nav ol p pre section summary table tbody td
    tfoot th thead tr ul tabs tabitem admonition""".split()
)
_ENDED_BY_OTHERS = _VOID | set("html head body p li dt dd tr td th thead tbody tfoot option".split())
_BORDERS = ("body", "tbody")  # a parser puts them in
_UNSEEN = ("script", "style", "template", "noscript", "svg", "iframe", "object", "math")
_SPACE = re.compile(r"\s+")
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x85]")
_TAG = re.compile(r"<(/?)([A-Za-z][\w.:-]*)([^<>]*)>")
_CONTROL = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff\ufeff]")

Node: TypeAlias = "Element | str"


@dataclass(slots=True)
class Element:
    """Element of HTML: its tag in small letters, its attributes, and what is in it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator["Element"]:
        """Go through this element and all below it, in the order of the text."""
        waiting: list[Element] = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += [child for child in reversed(element.children) if isinstance(child, Element)]

    def find(self, *tags: str) -> "Element | None":
        """Return the first element below with one of these tags."""
        return next((one for one in self.walk() if one.tag in tags and one is not self), None)

    @property
    def names(self) -> frozenset[str]:
        """Return the words of its class and id, in small letters."""
        written = f"{self.attributes.get('class', '')} {self.attributes.get('id', '')}"
        return frozenset(written.lower().split())

    @property
    def text(self) -> str:
        """Return the text in it, as one line."""
        found: list[str] = []
        waiting: list[Node] = [self]
        while waiting:
            node = waiting.pop()
            if isinstance(node, str):
                found.append(node)
                continue
            if node.tag in BLOCKS or node.tag == "br":
                found.append(" ")
            waiting += reversed(node.children)
        return one_line("".join(found))


def cleaned(text: str) -> str:
    """Return a text with plain line ends and without control characters."""
    return _CONTROL.sub("", _LINE_ENDS.sub("\n", text))


def one_line(text: str) -> str:
    """Return a text with single spaces for all white space, and without control characters."""
    return _SPACE.sub(" ", cleaned(text)).strip()


def parse(html: str) -> Element:
    """Parse HTML, whole or a piece of it, as a browser would; nothing that is written there is an error.

    What is in its head comes first, then what is in its body.
    """
    document = LexborHTMLParser(_prepared(html)).root
    root = Element("body")
    if document is None:
        return root
    root.attributes.update({name: value or "" for name, value in document.attributes.items()})
    within: list[tuple[Element, Iterator[LexborNode | str]]]
    within = [(root, document.iter(include_text=True))]
    while within:
        into, nodes = within[-1]
        node = next(nodes, None)
        if node is None:
            within.pop()
        elif isinstance(node, str):
            into.children.append(node)
        elif node.is_text_node:
            # A reference such as &#27; can write a control character.
            into.children.append(cleaned(node.text_content or ""))
        elif node.is_element_node and node.tag not in _UNSEEN:
            below = node.iter(include_text=True)
            if node.tag in _BORDERS:
                within.append((into, below))
            elif len(within) <= DEEPEST:
                within.append((_entered(node, into), below))
            else:  # flat, and apart from what stands beside it
                within.append((into, chain((" ",), below, (" ",))))
    return root


def _entered(node: LexborNode, into: Element) -> Element:
    element = Element(node.tag or "", {name: value or "" for name, value in node.attributes.items()})
    into.children.append(element)
    return element


def _prepared(html: str) -> str:
    """Let elements end where they begin, as in a wiki's XML or in MDX, and leave out what is far too deep.

    A parser looks through all open elements at each beginning.
    """
    depth = 0

    def prepare(found: re.Match[str]) -> str:
        nonlocal depth
        end, name, rest = found.groups()
        if name.lower() in _ENDED_BY_OTHERS:
            return found[0]
        if end:
            depth = max(depth - 1, 0)
        elif rest.endswith("/"):
            return f"<{name}{rest[:-1]}></{name}>"
        else:
            depth += 1
            if depth > DEEPEST_READ:
                return ""
        return found[0]

    return _TAG.sub(prepare, html)


def has_blocks(nodes: Iterable[Node]) -> bool:
    """Tell whether one of the nodes is a block, or holds one."""
    return any(isinstance(node, Element) and any(one.tag in BLOCKS for one in node.walk()) for node in nodes)
