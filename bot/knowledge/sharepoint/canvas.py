"""Turns the web parts of a SharePoint page into a tree of HTML."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.knowledge.markup.tree import Element, Node, cleaned, one_line, parse
from bot.knowledge.wiki.documents import at, entries, text_at
from bot.knowledge.wiki.html import linked, replaced, without_pictures

TEXT_PART = "#microsoft.graph.textWebPart"
# They divide a page, and say nothing.
_SILENT = frozenset(("divider", "spacer"))


def canvas_tree(layout: Any, address: str) -> Element:
    """The text of a page, by its layout; every other web part is a link to the page, by its name."""
    return Element("body", {}, [node for part in _web_parts(layout) for node in _shown(part, address)])


def _web_parts(layout: Any) -> Iterator[Mapping[str, Any]]:
    for section in entries(layout, "horizontalSections"):
        for column in entries(section, "columns"):
            yield from entries(column, "webparts")
    yield from entries(at(layout, "verticalSection"), "webparts")


def _shown(part: Mapping[str, Any], address: str) -> Sequence[Node]:
    if text_at(part, "@odata.type") == TEXT_PART:
        tree = parse(cleaned(text_at(part, "innerHtml")))
        return [Element("div", {}, replaced(tree, lambda one: without_pictures(one, address)).children)]
    title = one_line(text_at(part, "data", "title"))
    told = [
        text_at(one, "value")
        for one in entries(part, "data", "serverProcessedContent", "searchablePlainTexts")
    ]
    words: list[Node] = [Element("p", {}, [one_line(text)]) for text in told if text.strip()]
    if title.lower() in _SILENT:
        return []
    return [*words, Element("p", {}, [linked(title or "SharePoint", address)])]
