"""Cuts an article's Markdown into text, pictures and tables, for chats that show each in a way of its own."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from bot.domain.knowledge.code_blocks import code_lines, code_spans

PICTURE = "picture:"  # begins the address of a picture that was made ready, before its name
MOST_COLUMNS = 50  # of a table; what is beyond is left out
MOST_PICTURES = 10  # in one text; what is beyond is told in words
_IMAGE = re.compile(
    r"!\[((?:[^\[\]\\\n]|\\.)*+)\]"
    r'\([ \t]*+(<[^<>\n]*+>|[^\s()<>"]*+)(?:[ \t]++"(?:[^"\\\n]|\\.)*+")?[ \t]*+\)'
)
_MARKER = re.compile(r"( *)([-*+]|(\d{1,9})([.)]))( +)(?=\S)")
_DELIMITERS = re.compile(r"\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*+")
_PARTING = re.compile(r"(?<!\\)\|")
_NO_ROW = re.compile(r"#{1,6}(?:[ \t]|$)|>|[`~]{3}|(?:[-*+]|\d{1,9}[.)])[ \t]")
_MARKUP = re.compile(r"[\\`*_\[\]<>#|~]")
_BRACKETS = re.compile(r"[\[\]\\]")
_ESCAPED = re.compile(r"\\([^\w\s])")
_CODE_INDENT = 4  # blanks


@dataclass(frozen=True, slots=True)
class Text:
    """Text in Markdown."""

    markdown: str


@dataclass(frozen=True, slots=True)
class Image:
    """Image: its alternative text, without markup, and its address as it is written."""

    alt: str
    source: str

    @property
    def name(self) -> str:
        """Return the name of the picture that was made ready; empty where there is none."""
        return self.source.removeprefix(PICTURE) if self.source.startswith(PICTURE) else ""

    def in_words(self, url: str = "") -> str:
        """Return its alternative text in Markdown, with a sign, and a link where it can be seen elsewhere."""
        words = _MARKUP.sub(r"\\\g<0>", self.alt) or "…"
        return f"🖼 [{words}]({url})" if url else f"🖼 {words}"


@dataclass(frozen=True, slots=True)
class Table:
    """Table with a header; its cells are Markdown of one line, each row as long as the header.

    `alignments` has "left", "center", "right" or "" for each column.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    alignments: tuple[str, ...]

    def within(self, rows: int, columns: int) -> "Table":
        """Return at most so many of the first rows and columns."""
        kept = tuple(row[:columns] for row in self.rows[:rows])
        return Table(self.header[:columns], kept, self.alignments[:columns])


Piece = Text | Image | Table


@lru_cache(maxsize=500)
def cut_apart(markdown: str) -> tuple[Piece, ...]:
    """Cut Markdown into its pieces, in their order.

    A picture in a sentence follows its paragraph, and its alternative text stands in the sentence. The
    numbers of a list go on behind what was cut out, and what stood under a step stands at the margin there.
    """
    return tuple(_Cutter(markdown.splitlines()).run())


def replace_images(markdown: str, change: Callable[[Image], str | None]) -> str:
    """Put in the place of each image what `change` gives; where that is None it stays, as code does."""
    lines = markdown.split("\n")
    code = code_lines(lines)
    for at, line in enumerate(lines):
        if at not in code and "![" in line:
            lines[at] = _replaced(line, change)
    return "\n".join(lines)


def name_pictures(markdown: str, names: Mapping[str, str]) -> str:
    """Write pictures by their names, from those of their addresses; of one without a name its words are left.

    What is at another site stays, to be linked. A picture without words is called by its file.
    """

    def named(image: Image) -> str | None:
        words = image.alt or _stem(image.source)
        if image.source in names:
            escaped = _BRACKETS.sub(r"\\\g<0>", words)
            return f"![{escaped}]({PICTURE}{names[image.source]})"
        return None if "://" in image.source else words

    return replace_images(markdown, named)


def images_in(markdown: str) -> list[tuple[Image, int]]:
    """Return each image with its line, from 0."""
    found: list[tuple[Image, int]] = []
    lines = markdown.split("\n")
    code = code_lines(lines)
    for at, line in enumerate(lines):
        if at not in code and "![" in line:
            images: list[Image] = []
            _replaced(line, images.append)
            found += [(image, at) for image in images]
    return found


def in_words(markdown: str) -> str:
    """Return Markdown without pictures and tables: the former as their words, the latter as a list."""
    return "\n\n".join(_piece_in_words(piece) for piece in cut_apart(markdown))


def as_list(table: Table) -> str:
    """Return a table as a list in Markdown, an entry for each row, which names its columns."""
    entries = []
    for row in table.rows:
        cells = [
            f"{name}: {cell}" if name else cell for name, cell in zip(table.header, row, strict=True) if cell
        ]
        entries.append(f"- {'; '.join(cells) or '…'}")
    return "\n".join(entries) or f"- {'; '.join(filter(None, table.header)) or '…'}"


def without_addresses(markdown: str) -> str:
    """Return Markdown in which of each image its words are left alone."""
    return replace_images(markdown, lambda image: image.alt) if "![" in markdown else markdown


def shorten_tables(markdown: str, rows: int, columns: int) -> tuple[str, tuple[str, ...]]:
    """Return Markdown with at most so many rows and columns of each table, and those that were cut, whole."""
    lines = markdown.split("\n")
    code = code_lines(lines)
    kept: list[str] = []
    cut: list[str] = []
    at = 0
    while at < len(lines):
        found = None if at in code else _table_at(lines, at)
        end = at + 1 if found is None else found[1]
        if found is None or (len(found[0].rows) <= rows and len(found[0].header) <= columns):
            kept += lines[at:end]
        else:
            indent = " " * _indent(lines[at])
            kept += [indent + line for line in _written(found[0].within(rows, columns))]
            cut.append("\n".join(line.strip() for line in lines[at:end]))
        at = end
    return "\n".join(kept), tuple(cut)


def table_lines(lines: Sequence[str]) -> frozenset[int]:
    """Return which lines go on with a table that an earlier line begins."""
    found: set[int] = set()
    code = code_lines(lines)
    at = 0
    while at < len(lines):
        table = None if at in code else _table_at(lines, at)
        if table is not None:
            found.update(range(at + 1, table[1]))
        at = at + 1 if table is None else table[1]
    return frozenset(found)


def _piece_in_words(piece: Piece) -> str:
    match piece:
        case Text(markdown):
            return markdown
        case Image():
            return piece.in_words()
        case Table():
            return as_list(piece)


def _replaced(line: str, change: Callable[[Image], str | None]) -> str:
    code = code_spans(line)
    parts, end = [], 0
    for match in _IMAGE.finditer(line):
        if match.start() in code or (match.start() and line[match.start() - 1] == "\\"):
            continue
        instead = change(_image(match))
        parts += [line[end : match.start()], match[0] if instead is None else instead]
        end = match.end()
    return "".join([*parts, line[end:]])


def _image(match: re.Match[str]) -> Image:
    alt = " ".join(_ESCAPED.sub(r"\1", match[1]).split())
    return Image(alt, match[2].removeprefix("<").removesuffix(">"))


def _stem(source: str) -> str:
    name = source.rpartition("/")[2]
    return name.partition(".")[0].replace("-", " ").replace("_", " ").replace("%20", " ").strip() or "…"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


# --- tables -------------------------------------------------------------------------------------------


def _table_at(lines: Sequence[str], at: int) -> tuple[Table, int] | None:
    """Return the table whose header is this line, and where it ends."""
    if at + 1 >= len(lines) or "|" not in lines[at] or _MARKER.match(lines[at]):
        return None
    delimiters = lines[at + 1].strip()
    if not _DELIMITERS.fullmatch(delimiters) or ("|" not in delimiters and ":" not in delimiters):
        return None
    header, alignments = _cells(lines[at]), tuple(map(_alignment, _cells(lines[at + 1])))
    if len(header) != len(alignments) or not header:
        return None
    header, alignments = header[:MOST_COLUMNS], alignments[:MOST_COLUMNS]
    end = at + 2
    rows = []
    while end < len(lines) and lines[end].strip() and not _NO_ROW.match(lines[end].lstrip()):
        cells = _cells(lines[end])[: len(header)]
        rows.append((*cells, *("",) * (len(header) - len(cells))))
        end += 1
    return Table(header, tuple(rows), alignments), end


def _cells(line: str) -> tuple[str, ...]:
    parts = _PARTING.split(line.strip())
    if parts and not parts[0].strip():
        parts = parts[1:]
    if parts and not parts[-1].strip():
        parts = parts[:-1]
    return tuple(without_addresses(part.strip().replace("\\|", "|")) for part in parts)


def _alignment(delimiter: str) -> str:
    left, right = delimiter.startswith(":"), delimiter.endswith(":")
    return "center" if left and right else "left" if left else "right" if right else ""


def _written(table: Table) -> list[str]:
    dashes = {"": "---", "left": ":--", "center": ":-:", "right": "--:"}
    rows = [table.header, tuple(dashes[one] for one in table.alignments), *table.rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]


# --- cutting ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Item:
    """List that is open, by its last item: where its sign and its text begin, and its number."""

    indent: int
    content: int
    sign: str
    number: int


@dataclass(slots=True)
class _Cutter:
    """Cutter: the lines of the text that is gathered, the lists that are open, and the images that follow."""

    lines: Sequence[str]
    kept: list[str] = field(default_factory=list)
    items: list[_Item] = field(default_factory=list)
    following: list[Image] = field(default_factory=list)
    is_cut: bool = False  # the text that is gathered begins within what was cut
    margin: int = 0  # blanks that are taken away before each of its lines
    pictures: int = 0

    def run(self) -> Iterator[Piece]:
        code = code_lines(self.lines)
        at = 0
        while at < len(self.lines):
            line = self.lines[at]
            found = None if at in code or self._is_code(at) else _table_at(self.lines, at)
            if found is not None:
                self._close_items(at)
                yield from self._cut_off()
                yield found[0]
                at = found[1]
                continue
            if at in code or self._is_code(at):
                if self.following:
                    yield from self._cut_off()
                if at - 1 not in code:
                    self._close_items(at)
                self._keep(line)
            else:
                yield from self._take(at, line)
            at += 1
        yield from self._cut_off()

    def _take(self, at: int, line: str) -> Iterator[Piece]:
        marker = _MARKER.match(line)
        if self.following and (marker or not line.strip() or line.lstrip().startswith("#")):
            yield from self._cut_off()
        if marker:
            line = self._open_item(marker, line)
        elif line.strip():
            self._close_items(at)
        images: list[Image] = []
        words = _replaced(line, lambda image: self._note(image, images)) if "![" in line else line
        if images and not marker and _is_bare(line):
            yield from self._cut_off()
            yield from images
        else:
            self._keep(words)
            self.following += images
            if images and line.lstrip().startswith("#"):
                yield from self._cut_off()

    def _note(self, image: Image, images: list[Image]) -> str | None:
        """Note a picture that is to be cut out; of too many the words stay, as what is not ours does."""
        if not image.name:
            return None
        self.pictures += 1
        if self.pictures <= MOST_PICTURES:
            images.append(image)
        return image.alt

    def _is_code(self, at: int) -> bool:
        """Tell whether a line is code by its indent: within no paragraph, and deeper than its list's text."""
        line = self.lines[at]
        if not line.strip() or (at and self.lines[at - 1].strip()):
            return False
        return _indent(line) - self._content(_indent(line)) >= _CODE_INDENT

    def _content(self, indent: int) -> int:
        return next((item.content for item in reversed(self.items) if item.content <= indent), 0)

    def _open_item(self, marker: re.Match[str], line: str) -> str:
        """Open an item, and return its line with the number that it has."""
        indent, sign = len(marker[1]), marker[4] or marker[2]
        before = None
        while self.items and indent < self.items[-1].content:
            before = self.items.pop()
        goes_on = before is not None and before.sign == sign
        number = before.number + 1 if goes_on and before else int(marker[3] or 0)
        self.items.append(_Item(indent, marker.end(), sign, number))
        return line if marker[3] is None else f"{marker[1]}{number}{sign}{line[marker.end(2) :]}"

    def _close_items(self, at: int) -> None:
        """Close what a line does not belong to any more; a paragraph goes on at any indent."""
        if at and self.lines[at - 1].strip():
            return
        indent = _indent(self.lines[at])
        while self.items and indent < self.items[-1].content:
            self.items.pop()

    def _keep(self, line: str) -> None:
        if self.is_cut and line.strip():
            self.margin, self.is_cut = (_indent(line) if self.items else 0), False
        elif line.strip():
            self.margin = min(self.margin, _indent(line))
        self.kept.append(line[min(self.margin, _indent(line)) :])

    def _cut_off(self) -> Iterator[Piece]:
        """Give the text that was gathered, and the pictures of its last paragraph."""
        text = "\n".join(self.kept).strip("\n").rstrip()
        if text.strip():
            yield Text(text)
        yield from self.following
        self.kept, self.following, self.is_cut, self.margin = [], [], True, 0


def _is_bare(line: str) -> bool:
    """Tell whether there is nothing but pictures in a line."""
    return not _replaced(line, lambda image: "" if image.name else None).strip()
