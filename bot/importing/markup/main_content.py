"""Finds what a web page says, among all that stands around it on every page."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from bot.knowledge.markup.tree import BLOCKS, Element

FEWEST_PAGES = 4  # from so many on, what stands on half of them is no content
_MAIN_NAMES = (
    "main-content", "wiki-content", "markdown-body", "theme-doc-markdown", "md-content__inner", "page-body",
    "entry-content", "post-content", "article-body", "article-content", "rst-content", "td-content",
    "content",
)  # fmt: skip
_AROUND_TAGS = frozenset("head title meta link base nav aside footer form button dialog select menu".split())
_AROUND_ROLES = frozenset("navigation banner contentinfo search complementary dialog menu toolbar".split())
_AROUND_NAMES = re.compile(
    r"(?:^|[-_ ])(?:nav|navbar|navigation|menu|breadcrumbs?|sidebar|toc|table-of-contents|footer|cookies?"
    r"|banner|skip|pagination|pager|share|social|comments?|search|headerlink|hash-link|anchor|edit-this-page|feedback"
    r"|related|newsletter|page-metadata|advert|ads|copy-button|sr-only|visually-hidden|toolbar)(?:$|[-_ ])"
)


def main_content(root: Element) -> Element:
    """Return the element that holds the page's own text, without what stands around it."""
    root.children = [
        child for child in root.children if not isinstance(child, Element) or child.tag != "head"
    ]
    _drop_around(root)
    found = next(_candidates(root), root)
    return found if len(found.text) > len(root.text) / 10 else root


def repeated_blocks(pages: Sequence[Element]) -> frozenset[str]:
    """Return the texts that stand on more than half of the pages, where there are enough of them."""
    if len(pages) < FEWEST_PAGES:
        return frozenset()
    counts = Counter(text for page in pages for text in {text for _, _, text in _small_blocks(page)})
    return frozenset(text for text, count in counts.items() if count > len(pages) / 2)


def drop_blocks(page: Element, texts: frozenset[str]) -> None:
    """Take the blocks with one of these texts out of a page."""
    for parent, child, text in list(_small_blocks(page)):
        if text in texts:
            parent.children = [one for one in parent.children if one is not child]


def _candidates(root: Element) -> Iterator[Element]:
    elements = list(root.walk())
    yield from (one for one in elements if one.attributes.get("role") == "main" or one.tag == "main")
    for name in _MAIN_NAMES:
        yield from (one for one in elements if name in one.names)
    articles = [one for one in elements if one.tag == "article"]
    if len(articles) == 1:
        yield articles[0]


def _drop_around(root: Element) -> None:
    for element in root.walk():
        element.children = [
            child for child in element.children if not isinstance(child, Element) or not _stands_around(child)
        ]


def _stands_around(element: Element) -> bool:
    attributes = element.attributes
    if element.tag in _AROUND_TAGS or attributes.get("role") in _AROUND_ROLES or "hidden" in attributes:
        return True
    if element.tag == "header" and element.find("h1") is None:
        return True
    if attributes.get("aria-hidden") == "true" or "display:none" in attributes.get("style", "").replace(
        " ", ""
    ):
        return True
    if element.tag in ("main", "article", "h1", "h2", "h3", "h4", "table", "pre", "code", "p", "li"):
        return False
    return any(_AROUND_NAMES.search(name) for name in element.names) and element.find("h1", "main") is None


def _small_blocks(page: Element) -> Iterator[tuple[Element, Element, str]]:
    # -> parent, block, its text
    for element in page.walk():
        for child in _blocks(element.children):
            text = child.text
            if text and len(text) < 500:
                yield element, child, text


def _blocks(children: Iterable[object]) -> Iterator[Element]:
    yield from (child for child in children if isinstance(child, Element) and child.tag in BLOCKS)
