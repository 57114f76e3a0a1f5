"""Turns the dialects of Markdown that sites are written in into HTML.

Known are those of MkDocs, Docusaurus (MDX), Hugo, Jekyll, GitBook, Sphinx (MyST), GitHub and wikis: notes and
tabs, includes, shortcodes, components, roles, anchors and icons.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from html import escape

from markdown_it import MarkdownIt

DEEPEST = 6  # includes and notes within each other

Include = Callable[[str], str | None]
"""The text of a file that a page names, or None where there is none."""

_DEFINITION = re.compile(r"^([ ]{0,3}):[ \t]{1,3}(?=[^\s:|-])(.+)$")  # MkDocs and others, below its term
_NO_TERM = re.compile(r"\s*(?:#|[-*+>|`~]|\d+[.)]\s|\Z)")
_FENCE = re.compile(r"^(\s*(?:[-*+]\s+|\d+[.)]\s+)?)(`{3,}|~{3,})(.*)$")
_NOTE = re.compile(r'^(\s*)(?:!!!|\?\?\?\+?)\s*([\w-]+)?[^"\n]*(?:"([^"\n]*)")?\s*$')
_TAB = re.compile(r'^(\s*)===[!+]*\s*"([^"\n]*)"\s*$')
_COLONS = re.compile(r"^(\s*):{3,}\s*(.*)$")
_COLONS_NAME = re.compile(r"^\{?([\w-]+)\}?\s*(?:\[(.*?)\])?\s*(?:\{[^}]*\})?\s*(.*)$")
_DIRECTIVE = re.compile(r"^\{([\w:-]+)\}\s*(.*)$")
_OPTION = re.compile(r"^\s*:[\w-]+:.*$")
_GITHUB = re.compile(r"^(\s*>\s*)\[!(\w+)\]\s*$")
_HEADING = re.compile(r"#{1,6}\s")
_ANCHOR = re.compile(r":?\s*#([\w.:-]+)")
_INCLUDES = re.compile(
    r"""^\s*(?:-{1,2}8<-{1,2}\s+["']([^"'\n]+)["']|\{!\s*(?:include(?:-markdown)?\s+)?["']?([^!\n"']+?)["']?\s*!\}
    |\{%-?\s*include(?:-markdown|_relative)?\s+["']?([^"'\s%]+)["']?[^%\n]*%\})\s*$""",
    re.VERBOSE,
)
_IMPORT = re.compile(r"""^(?:import\s+(\w+)\s+from\s+['"]([^'"\n]+)['"]|import\s.*|export\s.*);?\s*$""")
_COMPONENT = re.compile(r"<([A-Z]\w*)(?:\s[^<>]*)?/>")
_TAG_ALONE = re.compile(r"^(\s*)<(/?)([A-Z][\w.]*)([^<>]*)>\s*$")
_LABEL = re.compile(r"""\b(?:label|title|name)\s*=\s*["']([^"'\n]+)["']""")
_ADDRESS_OF = re.compile(r"\{\{[<%]\s{0,9}(?:rel)?ref\s{1,9}\"?([^\"\s>%]{1,300})\"?[^}\n]{0,300}[>%]\}\}")
_SHORTCODE = re.compile(r"\{\{[<%]\s{0,9}(/?)([\w/.-]{1,80})([^}\n]{0,500}?)[>%]\}\}")
_LIQUID = re.compile(r"\{%-?[^%\n]{0,300}-?%\}")
_COMPONENT_STYLE = re.compile(r"\s\w{1,40}=\{\{[^{}\n]{0,300}\}\}")
_VARIABLE = re.compile(r"\{\{[^{}\n]{1,120}\}\}")
_ROLE = re.compile(r"\{[\w:-]+\}`([^`<\n]+?)\s*(?:<[^`\n]*>)?`")
_REST = re.compile(
    r"""\{/\*.{0,900}?\*/\}|(?<=\S)[ ]{0,4}\{:?[ ]{0,4}[.#][^{}\n]{0,120}\}
    |:(?:material|fontawesome|octicons|simple)-[\w-]{1,60}:
    |^\[(?:TOC|\[toc\])\][ \t]{0,9}$|\[\^[\w-]{1,60}\](?!:)|^\[\^[\w-]{1,60}\]:[^\n]{0,900}$""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE | re.DOTALL,
)
_EMBEDDED = re.compile(
    r"!\[\[([^\]|\n]{1,200}\.(?:png|jpe?g|gif|webp))(?:\|([^\]\n]{1,200}))?\]\]", re.IGNORECASE
)
_SPACES = re.compile(  # in an address; and the size that some wikis write behind it
    r"(!\[[^\]\n]{0,500}\]\()([^()<>\"\n]{1,300}\.(?:png|jpe?g|gif|webp))"
    r"(?:[ ]{1,9}=[\dx%]{1,12})?(?=[ \")])",
    re.IGNORECASE,
)
_ATTRIBUTES = re.compile(r"(?<=\))\{:?[^{}\n]{0,200}\}")  # of what stands before, as MkDocs has them
_VALUE = re.compile(r"""\b(src|alt|caption|title)\s{0,9}=\s{0,9}["']([^"'\n]{1,500})["']""")
_OF_FIGURE = re.compile(r"^\s*:(alt|caption):\s*(.*?)\s*$")
_WIKI = re.compile(r"\[\[([^\[\]|\n]{1,200})(?:\|([^\[\]\n]{1,200}))?\]\]")
_DROPPED = frozenset("toctree contents eval-rst index include literalinclude mermaid".split())
_CODE = frozenset("code-block code sourcecode code-cell highlight console prompt".split())
_GROUPS = frozenset("tab-set tabs tabset grid grid-item div container steps cards card-grid".split())
_TITLED = frozenset("admonition tab-item tab dropdown details card tabitem expand collapse".split())


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


class Dialect:
    """Turns one page into HTML; `lost` says what of it could not be taken."""

    def __init__(self, include: Include) -> None:
        self._include = include
        self._parts: dict[str, str] = {}  # what a page imports as a component, by its name
        self.lost: dict[str, None] = {}

    def html(self, text: str) -> str:
        """Return the page as HTML."""
        found: str = _markdown().render("\n".join(self._prose(self._lines(text.split("\n"), 0))))
        return found

    def _lines(self, lines: list[str], depth: int) -> list[str]:
        # Blocks first: what is indented below a note is a text of its own.
        found: list[str] = []
        at = 0
        while at < len(lines):
            line = lines[at]
            if match := _FENCE.match(line):
                end = _fence_end(lines, at, match[2])
                found += self._fence(match, lines[at:end], depth)
                at = end
            elif (match := _NOTE.match(line) or _TAB.match(line)) and depth < DEEPEST:
                end = _indented_end(lines, at + 1, len(match[1]))
                title = match[match.lastindex or 0] if match.re is _TAB else _note_title(match[2], match[3])
                inside = self._lines(_dedented(lines[at + 1 : end], len(match[1]) + 4), depth + 1)
                found += [match[1] + one for one in ("", _bold(title), "", *inside, "")]
                at = end
            elif (match := _DEFINITION.match(line)) and depth < DEEPEST:
                if found and not _NO_TERM.match(found[-1]):
                    found[-1:] = ["", _bold(found[-1])]
                own = _paragraph_end(lines, at + 1)
                end = _indented_end(lines, own, len(match[1]))
                below = _dedented(lines[own:end], len(match[1]) + 4)
                found += ["", *self._lines([match[2], *lines[at + 1 : own], *below], depth + 1)]
                at = end
            else:
                found += self._line(line, depth)
                at += 1
        return found

    def _line(self, line: str, depth: int) -> list[str]:
        if match := _COLONS.match(line):
            named = _COLONS_NAME.match(match[2]) if match[2] else None
            if not named:
                return [""]
            title = "" if named[1] in _GROUPS else _note_title(named[1], named[2] or named[3])
            return ["", match[1] + _bold(title), ""]
        if match := _INCLUDES.match(line):
            return self._included(next(filter(None, match.groups())), depth)
        if match := _IMPORT.match(line):
            if match[1] and match[2].endswith((".md", ".mdx")):
                self._parts[match[1]] = match[2]
            return [""]
        if (match := _COMPONENT.fullmatch(line.strip())) and match[1] in self._parts:
            return self._included(self._parts[match[1]], depth)
        if match := _TAG_ALONE.match(line):
            label = None if match[2] else _LABEL.search(match[4])
            return ["", match[1] + _bold(label[1]) if label else "", ""]
        if match := _GITHUB.match(line):
            return [match[1] + _bold(match[2].capitalize()), match[1].rstrip()]
        return [_with_anchor(line) if _HEADING.match(line) else line]

    def _included(self, name: str, depth: int) -> list[str]:
        text = self._include(name.strip()) if depth < DEEPEST else None
        if text is None:
            self.lost[f"'{name.strip()}', which it includes, is not there"] = None
            return [""]
        return ["", *self._lines(text.split("\n"), depth + 1), ""]

    def _fence(self, match: re.Match[str], lines: list[str], depth: int) -> list[str]:
        directive = _DIRECTIVE.match(match[3].strip())
        if not directive:
            return lines
        name, argument = directive[1], directive[2]
        if name in ("figure", "image"):
            return ["", match[1] + _figure(argument, lines[1:-1]), ""]
        inside = lines[1:-1] if len(lines) > 1 and lines[-1].strip().startswith(match[2][0]) else lines[1:]
        while inside and (_OPTION.match(inside[0]) or inside[0].strip() == "---"):
            inside = inside[1:]
        if name == "include" and depth < DEEPEST:
            return self._included(argument, depth)
        if name in _DROPPED or depth >= DEEPEST:
            return []
        if name in _CODE:
            return [f"{match[1]}{match[2]}", *inside, f"{match[1]}{match[2]}"]
        title = "" if name in _GROUPS else argument if name in _TITLED else _note_title(name, argument)
        return ["", match[1] + _bold(title), "", *self._lines(inside, depth + 1), ""]

    def _prose(self, lines: Iterable[str]) -> list[str]:
        # What stands in a line, outside of code.
        found: list[str] = []
        prose: list[str] = []
        fence = ""
        for line in lines:
            match = _FENCE.match(line)
            if fence or match:
                if prose:
                    found.append(self._plain("\n".join(prose)))
                    prose = []
                found.append(line)
                if match and not fence:
                    fence = match[2]
                elif match and match[2].startswith(fence) and not match[3].strip():
                    fence = ""
            else:
                prose.append(line)
        return [*found, self._plain("\n".join(prose))]

    def _plain(self, text: str) -> str:
        if "{" in text:
            text = _ADDRESS_OF.sub(lambda match: match[1], text)
            text = _SHORTCODE.sub(self._shortcode, text)
            text = _LIQUID.sub("", text)
            text = _ROLE.sub(lambda match: match[1].rpartition("/")[2], text)
            text = _COMPONENT_STYLE.sub("", text)
            text = _VARIABLE.sub(self._variable, text)
        text = _COMPONENT.sub("", text)
        if "![" in text:
            text = _EMBEDDED.sub(lambda match: _image(match[1], _said(match[2])), text)
            text = _SPACES.sub(lambda match: f"{match[1]}<{match[2]}>", text)
        if "[" in text or "{" in text or ":" in text:
            text = _ATTRIBUTES.sub("", text)
            text = _REST.sub("", text)
            text = _WIKI.sub(lambda match: (match[2] or match[1].rpartition("/")[2]).strip(), text)
        return text

    def _shortcode(self, match: re.Match[str]) -> str:
        label = re.search(r'"([^"\n]+)"', match[3])
        name = match[2].rpartition("/")[2].lower()
        if name in _TITLED and not match[1] and label:
            return f"\n\n{_bold(label[1])}\n\n"
        values = dict(_VALUE.findall(match[3]))
        if name in ("figure", "img", "image", "imgproc") and "src" in values:
            words = (values[key] for key in ("alt", "caption", "title") if key in values)
            return _image(values["src"], next(words, ""))
        if name in ("youtube", "vimeo", "figure", "img", "video", "gist"):
            self.lost["films and pictures"] = None
        return ""

    def _variable(self, match: re.Match[str]) -> str:
        self.lost[f"the value of {match[0]}"] = None
        return ""


def _with_anchor(heading: str) -> str:
    # What stands in braces behind a heading is its anchor, or how it looks.
    text, _, marks = heading.rstrip().rpartition("{")
    if not marks or marks.find("}") != len(marks) - 1:
        return heading
    anchor = _ANCHOR.match(marks)
    return text.rstrip() + (f' <a id="{escape(anchor[1])}"></a>' if anchor else "")


def _image(address: str, words: str) -> str:
    plain = re.sub(r"[\[\]\\]", " ", words).strip()
    return f"![{plain}](<{re.sub('[<>]', '', address.strip())}>)"


def _said(words: str | None) -> str:
    # Obsidian writes a picture's width where others write what it shows.
    return "" if words is None or re.fullmatch(r"\d+(?:x\d+)?", words.strip()) else words


def _figure(address: str, lines: Sequence[str]) -> str:
    """An image of MyST, with its alternative text, else its caption."""
    options = {found[1]: found[2] for line in lines if (found := _OF_FIGURE.match(line))}
    caption = " ".join(line.strip() for line in lines if line.strip() and not _OPTION.match(line))
    return _image(address, options.get("alt") or options.get("caption") or caption)


def _fence_end(lines: list[str], at: int, fence: str) -> int:
    for end in range(at + 1, len(lines)):
        text = lines[end].strip()
        if text.startswith(fence) and not text.strip(fence[0]):
            return end + 1
    return len(lines)


def _paragraph_end(lines: list[str], at: int) -> int:
    # It goes on without being indented, up to a blank line or the next term.
    for end in range(at, len(lines)):
        is_term = end + 1 < len(lines) and _DEFINITION.match(lines[end + 1])
        if is_term or not lines[end].strip() or _DEFINITION.match(lines[end]):
            return end
    return len(lines)


def _indented_end(lines: list[str], at: int, indent: int) -> int:
    end = at
    for number in range(at, len(lines)):
        line = lines[number]
        if line.strip() and len(line) - len(line.lstrip()) < indent + 2:
            break
        end = number + 1 if line.strip() else end
    return end


def _dedented(lines: list[str], indent: int) -> list[str]:
    return [line[min(indent, len(line) - len(line.lstrip())) :] for line in lines]


def _note_title(kind: str | None, title: str | None) -> str:
    # "Note" above a note tells nobody anything.
    plain = (kind or "").lower() in ("note", "info", "admonition", "hint", "tip", "abstract", "seealso", "")
    return (title or "").strip() or ("" if plain else (kind or "").replace("-", " ").capitalize())


def _bold(title: str) -> str:
    return f"**{title.strip().strip('*')}**" if title.strip() else ""
