"""Turns pieces of HTML of a page into the Markdown of an article."""

from collections.abc import Callable, Sequence
from urllib.parse import urljoin

from bot.knowledge.markup.tree import Element, Node, one_line
from bot.knowledge.markup.writer import HEADINGS, Writer
from bot.knowledge.wiki.documents import is_safe

LONGEST_NAME = 120  # characters of the name of what is shown as a link


def markdown(root: Element, address: str) -> str:
    """Write a tree as Markdown; links are complete, and none leads where it is not encrypted.

    `address` is the page's.
    """
    levels = [int(one.tag[1]) for one in root.walk() if one.tag in HEADINGS]
    return Writer(lambda link: absolute(link, address), _no_picture, min(levels, default=1)).write(
        root.children
    )


def absolute(link: str, address: str) -> str | None:
    """A link as it may be shown; None where it leads nowhere, or unencrypted."""
    try:
        url = urljoin(address, link)
    except ValueError:
        return None
    for sign, written in ((" ", "%20"), ("(", "%28"), (")", "%29"), ("<", "%3C"), (">", "%3E")):
        url = url.replace(sign, written)
    return url if is_safe(url) else None


def linked(words: str, address: str) -> Node:
    """What only the page itself shows, such as a picture, by its name and with a link to it."""
    return Element("a", {"href": address}, [one_line(words)[:LONGEST_NAME]])


def replaced(root: Element, replace: Callable[[Element], Sequence[Node] | None]) -> Element:
    """A tree in which elements are replaced, from within; None leaves one as it is."""
    children: list[Node] = []
    for child in root.children:
        if isinstance(child, str):
            children.append(child)
            continue
        inner = replaced(child, replace)
        found = replace(inner)
        children += [inner] if found is None else found
    return Element(root.tag, root.attributes, children)


def without_pictures(element: Element, address: str) -> Sequence[Node] | None:
    """Replace a picture of a page by a link to where it is shown."""
    if element.tag != "img":
        return None
    words = one_line(element.attributes.get("alt", "") or element.attributes.get("title", ""))
    source = absolute(element.attributes.get("src", ""), address) or address
    name = words or one_line(source.partition("?")[0].rpartition("/")[2])
    return [linked(name, address if source.startswith("mailto:") else source)] if name else []


def _no_picture(address: str, *, in_words: bool = False) -> None:  # noqa: ARG001  # as the writer asks
    """No picture is kept: `without_pictures` has made links of them."""
    return
