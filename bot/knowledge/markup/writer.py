"""Writes a tree as the Markdown that articles hold: no HTML, only pictures and links that lead somewhere."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from bot.knowledge.markup.tree import BLOCKS, Element, Node, has_blocks, one_line

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
HIGHEST = 2  # level of headings in an article: its title is the first
LONGEST_LABEL = 40  # characters of a picture's description that stands for it in a line
_BOLD, _ITALIC = ("strong", "b", "kbd", "dt"), ("em", "i", "cite", "var", "dfn")
_SPECIAL = re.compile(r"[\\`*]|(?<!\w)_|_(?!\w)|<(?=[A-Za-z/!?])|\](?=\()")
_BEGINS = re.compile(r"^(?:([#>+-])(?=\s)|(\d{1,9})([.)])(?=\s)|(-{3,}|={3,})$)")
_FENCES = re.compile(r"`{3,}")
_GAPS = re.compile(r"[^\S\n]+")
_FILE = re.compile(r"[\w-]+\.(?:png|jpe?g|gif|svg|webp)", re.IGNORECASE)
_BREAK = "\\\n"
_BETWEEN = re.compile(r"(?<=\))\s*(?=!\[)")
_BRACKETS = re.compile(r"[\[\]\\]")

Link = Callable[[str], str | None]


class Take(Protocol):
    """Says under which name a picture is shown; None where its words stand, as they do `in_words`."""

    def __call__(self, address: str, *, in_words: bool = False) -> str | None:
        """Say it of one address."""


class Writer:
    """Writes Markdown; `link` makes an address absolute, or says None where it leads nowhere.

    `highest` is the level of the highest heading, which becomes one of the second level. `lost_links` counts
    those that had to be left out.
    """

    def __init__(self, link: Link, take: Take, highest: int = 1) -> None:
        self._link = link
        self._take = take
        self._in_words = False  # in what is one line: a heading, or a cell
        self._shift = HIGHEST - highest
        self.lost_links = 0

    def write(self, nodes: Iterable[Node]) -> str:
        """Return the Markdown of some nodes, without white space around it."""
        return "\n\n".join(self.blocks(nodes)).strip()

    def blocks(self, nodes: Iterable[Node]) -> list[str]:
        """Return the blocks of some nodes: inline ones that stand together are a paragraph."""
        found: list[str] = []
        run: list[Node] = []
        for node in nodes:
            if isinstance(node, Element) and (node.tag in BLOCKS or has_blocks(node.children)):
                found += self._paragraph(run)
                run = []
                found += self._block(node)
            else:
                run.append(node)
        found += self._paragraph(run)
        return [block for block in found if block.strip()]

    def inline(self, nodes: Iterable[Node]) -> str:
        """Return the text of inline nodes, with emphasis, code and links."""
        return "".join(self._inline(node) for node in nodes)

    def _paragraph(self, nodes: Sequence[Node]) -> list[str]:
        # A picture that stands alone in its line, or at an end of the paragraph, is a block of its own.
        written = [self._inline(node) for node in nodes]
        told = any(node.strip() if isinstance(node, str) else node.text for node in nodes)
        if not told and not self._in_words:
            return [block for text in written if (block := _as_blocks(text))]
        found: list[str] = []
        run = ""
        for text, alone in zip(written, _alone(nodes), strict=True):
            if alone and (block := _as_blocks(text)):
                found += [*_lines(run), block]
                run = ""
            else:
                run += text
        return [*found, *_lines(run)]

    def _block(self, element: Element) -> list[str]:
        tag = element.tag
        if tag in HEADINGS:
            text = one_line(self._one_line(element.children)).replace("  ", " ")
            return (
                [f"{'#' * min(max(int(tag[1]) + self._shift, HIGHEST), len(HEADINGS))} {text}"]
                if text
                else []
            )
        if tag in ("ul", "ol", "dir"):
            return self._list(element)
        if tag == "pre":
            return [_fenced(element)]
        if tag == "blockquote":
            return [_prefixed(self.write(element.children), "> ", "> ")]
        if tag == "table":
            return self._table(element)
        if tag == "hr":
            return []
        if tag == "figure":
            return self._figure(element)
        if tag in ("dt", "summary") and not has_blocks(element.children):
            text = one_line(self._one_line(element.children))
            return [f"**{text.strip('*')}**"] if text else []
        label = element.attributes.get("label") if tag == "tabitem" else None
        return [*([f"**{escaped(label)}**"] if label else []), *self.blocks(element.children)]

    def _figure(self, figure: Element) -> list[str]:
        # What stands below a picture that has no words of its own are its words.
        caption = figure.find("figcaption")
        images = [one for one in figure.walk() if one.tag == "img"]
        if caption is None or len(images) != 1 or _words(images[0]):
            return self.blocks(figure.children)
        images[0].attributes["alt"] = caption.text
        blocks = self.blocks(child for child in figure.children if child is not caption)
        return blocks or self.blocks([caption])

    def _list(self, element: Element) -> list[str]:
        items: list[str] = []
        number = _whole_number(element.attributes.get("start", "1"))
        for child in element.children:
            if not isinstance(child, Element):
                continue
            marker = f"{number}. " if element.tag == "ol" else "- "
            blocks = self.blocks(child.children) if child.tag == "li" else self.blocks([child])
            if not blocks:
                continue
            number += 1
            items.append(_prefixed(_joined(blocks), marker, " " * len(marker)))
        return ["\n".join(items)] if items else []

    def _table(self, table: Element) -> list[str]:
        rows = [row for row in _rows(table) if row]
        width = max(map(len, rows), default=0)
        if (
            width < 2
            or len(rows) < 2
            or any(has_blocks_beside_paragraphs(cell) for row in rows for cell in row)
        ):
            return [block for row in rows for cell in row for block in self.blocks(cell.children)]
        cells = [[self._cell(cell) for cell in row] + [""] * (width - len(row)) for row in rows]
        if not any(any(row) for row in cells):
            return []
        lines = [f"| {' | '.join(row)} |" for row in cells]
        return ["\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])]

    def _cell(self, cell: Element) -> str:
        before, self._in_words = self._in_words, True
        text = one_line(" ".join(self.blocks(cell.children))).replace("|", "\\|")
        self._in_words = before
        return text

    def _one_line(self, nodes: Iterable[Node]) -> str:
        before, self._in_words = self._in_words, True
        text = self.inline(nodes)
        self._in_words = before
        return text

    def _inline(self, node: Node) -> str:
        if isinstance(node, str):
            return escaped(_GAPS.sub(" ", node.replace("\n", " ")))
        if node.tag == "br":
            return _BREAK
        if node.tag == "img":
            return self._image(node)
        if node.tag in ("code", "tt", "samp") and node.text:
            return _code(node.text)
        if node.tag == "input":
            return ""
        text = self.inline(node.children)
        if node.tag == "a":
            return self._anchor(node, text)
        mark = "**" if node.tag in _BOLD else "*" if node.tag in _ITALIC else ""
        return _around(text, mark, mark) if mark and mark not in text and not _is_picture(text) else text

    def _image(self, node: Element) -> str:
        words = _words(node)
        address = node.attributes.get("data-src") or node.attributes.get("src", "")
        name = self._take(address, in_words=self._in_words) if address else None
        if name:
            return f"![{_BRACKETS.sub(lambda match: chr(92) + match[0], words)}]({name})"
        return escaped(words) if len(words) <= LONGEST_LABEL else ""

    def _anchor(self, node: Element, text: str) -> str:
        address = node.attributes.get("href", "").strip()
        if _is_picture(text):  # that opens in its full size by itself
            return text
        if not address or not text.strip(" ¶#🔗"):
            return "" if not text.strip(" ¶#🔗") else text
        found = self._link(address)
        if found is None:
            self.lost_links += not address.startswith("#")
            return text
        return _around(text.replace(_BREAK, " "), "[", f"]({found})")


def escaped(text: str) -> str:
    """Return a text in which nothing is taken for a mark of Markdown."""
    return _SPECIAL.sub(lambda match: "\\" + match[0], text)


def has_blocks_beside_paragraphs(cell: Element) -> bool:
    """Tell whether a cell holds more than a table of Markdown can show."""
    simple = ("p", "div", "td", "th")
    return any(one.tag in BLOCKS and one.tag not in simple for one in cell.walk())


def _begin(line: str) -> str:
    # What would begin a list, a heading or a quotation at the start of a line, and is none.
    match = _BEGINS.match(line)
    if not match:
        return line
    if match[2]:
        return f"{match[2]}\\{line[len(match[2]) :]}"
    return "\\" + line


def _around(text: str, before: str, after: str) -> str:
    inside = _without_outer_breaks(text).strip()
    start, _, end = text.partition(inside) if inside else (text, "", "")
    return f"{start}{before}{inside}{after}{end}" if inside else text


def _code(text: str) -> str:
    marks = "``" if "`" in text else "`"
    gap = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{marks}{gap}{text}{gap}{marks}"


def _fenced(element: Element) -> str:
    text = _raw(element).strip("\n")
    if not text.strip():
        return ""
    longest = max(map(len, _FENCES.findall(text)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _raw(element: Element) -> str:
    return "".join(
        child if isinstance(child, str) else "\n" if child.tag == "br" else _raw(child)
        for child in element.children
    )


def _joined(blocks: Sequence[str]) -> str:
    # A list stands close under its step; a paragraph needs an empty line.
    text = blocks[0]
    for block in blocks[1:]:
        text += ("\n" if re.match(r"(?:-|\d+\.) ", block) else "\n\n") + block
    return text


def _prefixed(text: str, first: str, others: str) -> str:
    lines = text.split("\n")
    return "\n".join(
        [
            first + lines[0],
            *((others + line).rstrip() if line or others.strip() else "" for line in lines[1:]),
        ]
    )


def _rows(table: Element) -> Iterator[list[Element]]:
    for child in table.children:
        if not isinstance(child, Element):
            continue
        if child.tag == "tr":
            yield [cell for cell in child.children if isinstance(cell, Element) and cell.tag in ("td", "th")]
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(child)


def _words(image: Element) -> str:
    """Return what is said of a picture; the name of a file says nothing."""
    said = (one_line(image.attributes.get(name, "")) for name in ("alt", "title"))
    return next((words for words in said if words and not _FILE.fullmatch(words)), "")


def _is_picture(text: str) -> bool:
    return text.lstrip().startswith("![")


def _as_blocks(text: str) -> str:
    """Return pictures a block each; empty for what is none."""
    return _BETWEEN.sub("\n\n", text.strip()) if _is_picture(text) else ""


def _lines(text: str) -> list[str]:
    lines = [_GAPS.sub(" ", line).strip(" ") for line in _without_outer_breaks(text).split("\n")]
    text = "\n".join(_begin(line) for line in lines if line)
    return [text.replace(_BREAK, "  \n")] if text else []


def _without_outer_breaks(text: str) -> str:
    parts = text.split(_BREAK)
    told = [at for at, part in enumerate(parts) if part.strip()]
    return _BREAK.join(parts[told[0] : told[-1] + 1]) if told else ""


def _alone(nodes: Sequence[Node]) -> list[bool]:
    """Tell of each node whether it is a picture with nothing beside it in its line, or at an end."""
    texts = [_breaks(node) for node in nodes]
    before, after = _blanks(texts), _blanks([text[::-1] for text in reversed(texts)])[::-1]
    return [
        not isinstance(node, str)
        and not text.strip()
        and node.tag != "br"
        and (ahead == "all" or behind == "all" or bool(ahead and behind))
        for node, text, ahead, behind in zip(nodes, texts, before, after, strict=True)
    ]


def _blanks(texts: Sequence[str]) -> list[str]:
    """Tell of each text what is blank before it: "all", its "line", or nothing."""
    found, state = [], "all"
    for text in texts:
        found.append(state)
        if not text.strip():
            state = "line" if state == "" and "\n" in text else state
        else:
            state = "line" if "\n" in text and not text.rpartition("\n")[2].strip() else ""
    return found


def _breaks(node: Node) -> str:
    if isinstance(node, str):
        return node
    return "\n" if node.tag == "br" else node.text


def _whole_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1
