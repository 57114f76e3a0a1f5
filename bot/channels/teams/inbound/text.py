"""Turns Teams' text, with its tags and entities, into plain text, and keeps quotations in it apart.

What is written in HTML is brought into the form of Teams' own plain text first: entities, `<at>name</at>`
for a mention, and nothing else.
"""

import html
import re
from dataclasses import dataclass, field

from bot.domain.conversations.messages import Quotation
from bot.domain.conversations.signs import is_only_signs

_AT = re.compile(r"<at\b[^<>]*>([^<]*)</at>", re.IGNORECASE)  # linear, whatever people write
_AT_BEGINS = re.compile(r"<at\b[^<>]*>", re.IGNORECASE)
# The standard library's parser takes time by the square where tags are not closed.
_TAGS = re.compile(r"(<[^<>]*>)")
_TAG = re.compile(r"<(/?)\s*([a-z][a-z0-9]*)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"(?<![\w-])([\w-]{1,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_BLANKS = re.compile(r"[^\S\n]+")
_BREAKING = frozenset("address br div dl dt dd h1 h2 h3 h4 h5 h6 hr li ol p pre table tr ul".split())
_SILENT = frozenset({"script", "style", "head", "title"})
_EMPTY = frozenset("area base br col embed hr img input link meta source track wbr".split())
_REPLY, _FORWARD = "http://schema.skype.com/reply", "http://schema.skype.com/forward"
_DEEPEST = 5  # quotations in quotations
_MOST_QUOTATIONS = 20
_MENTION, _EMOJI = "http://schema.skype.com/mention", "http://schema.skype.com/emoji"
Attributes = dict[str, str]


@dataclass(frozen=True, slots=True)
class Html:
    """An HTML body, read: `markup` is what its writer wrote, in the form of Teams' plain text.

    `sprites` are the addresses of signs that are shown as pictures, `attachments` the ids of what has a place
    in the body.
    """

    markup: str
    quotations: tuple[Quotation, ...]
    sprites: frozenset[str]
    attachments: frozenset[str]


def from_text(text: str) -> str:
    """Teams' plain text: mentions become `@name`, entities their characters."""
    return _tidy(html.unescape(_AT.sub(r"@\1", text)))


def from_html(markup: str) -> str:
    """An HTML body as plain text, a line for each block, without its quotations."""
    return from_text(read_html(markup).markup)


def with_bare_mentions(markup: str) -> str:
    """The same text with mentions in one form, whatever attributes their tags had."""
    return _AT_BEGINS.sub("<at>", markup)


def read_html(markup: str) -> Html:
    """Read an HTML body."""
    reader = _Reader()
    for number, piece in enumerate(_TAGS.split(markup)):
        if number % 2 == 0:
            reader.data(html.unescape(piece))
        elif tag := _TAG.match(piece):
            if tag[1]:
                reader.end(tag[2].lower())
            else:
                reader.start(tag[2].lower(), _attributes(piece))
    return reader.result()


def without_quoted(text: str, quotation: Quotation) -> str:
    """A flat text without a quotation that stands at its begin, or a forwarded message at its end.

    Teams puts both together without a mark between them; white space may differ.
    """
    for quoted in (f"{quotation.author}{quotation.text}", quotation.text):
        wanted = "".join(quoted.split())
        if not wanted:
            continue
        if quotation.forwarded:
            rest = _after(text[::-1], wanted[::-1])
            found = None if rest is None else rest[::-1]
        else:
            found = _after(text, wanted)
        if found is not None:
            return found.strip()
    return text


def _attributes(tag: str) -> Attributes:
    found = _ATTRIBUTE.finditer(tag)
    return {one[1].lower(): html.unescape(one[2] or one[3] or one[4] or "") for one in found}


def _after(text: str, wanted: str) -> str | None:
    """What follows these characters, white space not counted; None where the text begins otherwise."""
    at = 0
    for place, char in enumerate(text):
        if char.isspace():
            continue
        if char != wanted[at]:
            return None
        at += 1
        if at == len(wanted):
            return text[place + 1 :]
    return None


def _tidy(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\N{NO-BREAK SPACE}", " ")
    lines = [_BLANKS.sub(" ", line).strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


@dataclass
class _Part:
    """What stands in one quotation or, `kind` being empty, in one that its writer set apart themselves."""

    kind: str
    text: list[str] = field(default_factory=list)
    author: list[str] = field(default_factory=list)


class _Reader:
    def __init__(self) -> None:
        self._own: list[str] = []
        self._parts: list[_Part] = []  # the quotations that are open, the outermost first
        self._closed: list[Quotation] = []
        self._sprites: set[str] = set()
        self._attachments: set[str] = set()
        self._silent = 0
        self._too_deep = 0
        self._open: list[tuple[str, str]] = []  # tags with a meaning that lasts until they end

    def result(self) -> Html:
        """What was read."""
        self._too_deep = 0
        while self._parts:  # what was never closed ends here
            self._end_quotation()
        quotations = tuple(self._closed[:_MOST_QUOTATIONS])
        return Html("".join(self._own), quotations, frozenset(self._sprites), frozenset(self._attachments))

    def start(self, tag: str, given: Attributes) -> None:
        """Take the begin of an element."""
        kind = given.get("itemtype", "").lower()
        if tag in _SILENT:
            self._silent += 1
        elif tag == "blockquote":
            self._begin_quotation(kind)
        elif tag in _BREAKING:
            self._add("\n")
        elif tag in ("img", "emoji"):
            self._picture(tag, kind, given)
        elif tag == "attachment":
            self._attachments.add(given.get("id", ""))
        if tag not in _EMPTY:
            self._begin(tag, kind, given)

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "blockquote" and self._parts:
            self._end_quotation()
        elif tag in _BREAKING:
            self._add("\n")
        if self._open and self._open[-1][0] == tag and self._open.pop()[1] == "mention":
            self._add("</at>")

    def data(self, data: str) -> None:
        """Take text."""
        if self._silent:
            return
        if self._open and self._open[-1][1] == "author" and self._parts:
            self._parts[-1].author.append(data)
        else:
            self._add(html.escape(data, quote=False))

    def _begin(self, tag: str, kind: str, given: Attributes) -> None:
        meaning = ""
        if tag == "at" or kind == _MENTION:
            meaning = "mention"
            self._add("<at>")
        elif given.get("itemprop") == "mri":
            meaning = "author"
        if meaning or (self._open and self._open[-1][0] == tag):
            self._open.append((tag, meaning))

    def _picture(self, tag: str, kind: str, given: Attributes) -> None:
        """A sign that is shown as a picture; a picture itself has no words of its writer."""
        shown = given.get("alt", "").strip()
        if tag == "emoji" or kind == _EMOJI:
            self._sprites.add(given.get("src", ""))
            name = shown or given.get("title", "") or given.get("itemid", "")
            # A sign of the company's own has a name alone: it is written as a code.
            code = "-".join(re.findall(r"\w+", name.lower()))[:100]
            shown = shown if is_only_signs(shown) or not code else f":{code}:"
        elif not is_only_signs(shown):
            return
        self._add(html.escape(shown, quote=False))

    def _add(self, text: str) -> None:
        (self._parts[-1].text if self._parts else self._own).append(text)

    def _begin_quotation(self, kind: str) -> None:
        if len(self._parts) < _DEEPEST:
            self._parts.append(_Part(kind if kind in (_REPLY, _FORWARD) else ""))
        else:
            self._too_deep += 1

    def _end_quotation(self) -> None:
        if self._too_deep:
            self._too_deep -= 1
            return
        part = self._parts.pop()
        text = _tidy("".join(part.text))
        if part.kind and any(outer.kind for outer in self._parts):
            return  # what somebody quoted or forwarded may quote somebody again
        if part.kind:
            forwarded = part.kind == _FORWARD
            author = " ".join("".join(part.author).split())
            self._closed.append(Quotation(author, from_text(text), forwarded))
        else:
            self._add("\n" + "".join(f"&gt; {line}\n" for line in text.splitlines()))
