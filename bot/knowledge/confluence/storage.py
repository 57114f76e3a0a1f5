"""Turns Confluence's storage format into a tree of HTML: macros, links, tasks, pictures and panels."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote, quote_plus

from bot.knowledge.markup.tree import Element, Node, parse
from bot.knowledge.wiki.html import linked, replaced, without_pictures

ACCOUNT = re.compile(r'ri:account-id="([^"<>]{1,200})"')
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_SIGNS = {"info": "ℹ️", "note": "⚠️", "tip": "💡", "warning": "❗"}
_PANELS = (*_SIGNS, "panel")
_CODE = ("code", "noformat")
# They say nothing of their own, or only what an answer does not need.
_SILENT = frozenset(
    """anchor toc toc-zone children pagetree pagetreesearch livesearch contributors recently-updated
    space-attachments content-by-user change-history labels-list popular-labels like
    create-from-template""".split()
)
# What is around them reads them; alone they say nothing, and are not shown.
_READ_ABOVE = frozenset(
    "ac:parameter ac:task-body ac:task-status ac:plain-text-body ac:link-body ac:plain-text-link-body".split()
)
_DROPPED = frozenset("ac:placeholder ac:task-id ac:task-uuid ac:adf-attribute".split())
_FADED = frozenset(
    """ac:layout ac:layout-section ac:layout-cell ac:rich-text-body ac:adf-fallback ac:caption""".split()
)
_EMOTICONS = {
    "smile": "🙂", "sad": "🙁", "cheeky": "😛", "laugh": "😀", "wink": "😉", "thumbs-up": "👍",
    "thumbs-down": "👎", "information": "ℹ️", "tick": "✅", "cross": "❌", "warning": "⚠️", "plus": "➕",
    "minus": "➖", "question": "❓", "light-on": "💡", "light-off": "💡", "yellow-star": "⭐",
    "red-star": "⭐", "green-star": "⭐", "blue-star": "⭐", "heart": "❤️", "broken-heart": "💔",
}  # fmt: skip


class StorageFormat:
    """Reads one page's storage format; what it cannot show becomes a link to the page, by its name."""

    def __init__(self, site: str, space: str, address: str, names: Mapping[str, str]) -> None:
        """`site` ends in `/wiki`; `names` are people's by their account."""
        self._site = site
        self._space = space
        self._address = address
        self._names = names

    def tree(self, text: str) -> Element:
        """Return the page as a tree."""
        plain = _CDATA.sub(lambda found: html.escape(found[1]), text)
        return replaced(parse(plain), self._replace)

    def _replace(self, element: Element) -> Sequence[Node] | None:
        tag = element.tag
        if tag == "time":
            return _time(element)
        if not tag.startswith("ac:"):
            return without_pictures(element, self._address)
        if tag in _READ_ABOVE:
            return None
        if tag in _DROPPED:
            return []
        if tag in _FADED:
            return [Element("div", {}, element.children)]
        known = {
            "ac:structured-macro": self._macro,
            "ac:link": self._link,
            "ac:image": self._image,
            "ac:emoticon": _emoticon,
            "ac:task-list": _tasks,
            "ac:task": _task,
            "ac:adf-extension": self._extension,
        }.get(tag)
        return known(element) if known else element.children

    def _extension(self, extension: Element) -> Sequence[Node]:
        # What the new editor brings, with what older ones show in its place.
        fallback = next((one for one in extension.walk() if one.tag == "div"), None)
        return [fallback] if fallback is not None else self._unknown("panel", extension)

    # --- macros --------------------------------------------------------------------------------------------

    def _macro(self, macro: Element) -> Sequence[Node]:
        name = macro.attributes.get("ac:name", "").lower()
        told = {one.attributes.get("ac:name", ""): one for one in _under(macro, "ac:parameter")}
        title = told["title"].text if "title" in told else ""
        body = [one for one in macro.children if isinstance(one, Element) and one.tag == "div"]
        if name in _CODE:
            return [*_title(title), Element("pre", {}, [_plain_body(macro)])]
        if name in _PANELS:
            sign = _SIGNS.get(name, "")
            lead = _title(f"{sign} {title}".strip()) if title else []
            if sign and not lead:
                _begin_with(sign, body)
            return [Element("blockquote", {}, [*lead, *body])] if body else []
        if name in ("expand", "ui-expand"):
            return [*_title(title), *body]
        if name == "status":
            return [Element("strong", {}, [title])] if title else []
        if name == "jira" and "key" in told:
            return [told["key"].text]
        if body:
            return body
        if name in _SILENT:
            return []
        return self._unknown(name, macro)

    def _unknown(self, name: str, macro: Element) -> Sequence[Node]:
        plain = _plain_body(macro)
        words = [Element("pre", {}, [plain])] if plain.strip() else []
        return [*words, linked(name or "macro", self._address)]

    # --- links and pictures --------------------------------------------------------------------------------

    def _link(self, link: Element) -> Sequence[Node]:
        words = next((one.children for one in _under(link, "ac:link-body", "ac:plain-text-link-body")), [])
        user = next(_under(link, "ri:user"), None)
        if user is not None:
            name = self._names.get(user.attributes.get("ri:account-id", ""), "")
            return [f"@{name}"] if name else words
        page = next(_under(link, "ri:page", "ri:blog-post"), None)
        if page is not None:
            title = page.attributes.get("ri:content-title", "")
            space = page.attributes.get("ri:space-key", "") or self._space
            target = f"{self._site}/display/{quote(space, safe='~')}/{quote_plus(title)}"
            return [Element("a", {"href": target}, words or [title])]
        attached = next(_under(link, "ri:attachment"), None)
        if attached is not None:
            name = attached.attributes.get("ri:filename", "")
            return [Element("a", {"href": self._address}, words or [name])]
        url = next(_under(link, "ri:url"), None)
        if url is not None:
            target = url.attributes.get("ri:value", "")
            return [Element("a", {"href": target}, words or [target])]
        return words  # to a heading of the page itself

    def _image(self, image: Element) -> Sequence[Node]:
        words = image.attributes.get("ac:alt", "") or image.attributes.get("ac:title", "")
        attached = next(_under(image, "ri:attachment"), None)
        if attached is not None:
            words = words or attached.attributes.get("ri:filename", "")
        url = next(_under(image, "ri:url"), None)
        target = url.attributes.get("ri:value", "") if url is not None else ""
        words = words or target.partition("?")[0].rpartition("/")[2] or self._address
        return [linked(words, target if target.startswith("https://") else self._address)]


def _under(element: Element, *tags: str) -> Iterator[Element]:
    return (one for one in element.children if isinstance(one, Element) and one.tag in tags)


def _plain_body(macro: Element) -> str:
    return "".join(
        part if isinstance(part, str) else part.text
        for body in _under(macro, "ac:plain-text-body")
        for part in body.children
    )


def _begin_with(sign: str, blocks: Sequence[Element]) -> None:
    paragraph = next((one for block in blocks for one in block.walk() if one.tag in ("p", "li")), None)
    into = paragraph or next(iter(blocks), None)
    if into is not None:
        into.children.insert(0, f"{sign} ")


def _title(title: str) -> list[Node]:
    return [Element("p", {}, [Element("strong", {}, [title])])] if title.strip() else []


def _tasks(tasks: Element) -> Sequence[Node]:
    return [Element("ul", {}, [one for one in tasks.children if isinstance(one, Element)])]


def _task(task: Element) -> Sequence[Node]:
    done = any(one.text == "complete" for one in _under(task, "ac:task-status"))
    words = [node for body in _under(task, "ac:task-body") for node in body.children]
    return [Element("li", {}, ["☑ " if done else "☐ ", *words])]


def _emoticon(emoticon: Element) -> Sequence[Node]:
    known = _EMOTICONS.get(emoticon.attributes.get("ac:name", ""), "")
    return [emoticon.attributes.get("ac:emoji-fallback", "") or known]


def _time(element: Element) -> Sequence[Node] | None:
    return [element.attributes.get("datetime", "")] if not element.text else None
