"""Renders articles and people's own words: no raw HTML, no outside image, no link that runs anything."""

import re
from collections.abc import MutableMapping, Sequence
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape

from bot.desk.ports.channels import NO_PICTURES, Pictures
from bot.domain.knowledge.markdown_blocks import Image
from bot.domain.tickets.ticket import as_written_here, find_references

# An address in somebody's own words, up to what a person writes after it.
_ADDRESS = re.compile(r"\b(?:https?://|mailto:)[^\s<>\"'`]{1,2000}", re.IGNORECASE)
_AFTER = ".,;:!?…»”’*_~"
_PAIRS = {")": "(", "]": "[", "}": "{"}
MOST_REFERENCES = 100  # of one sentence that become links: what has more is written to hold a server up
SAFE_SCHEMES = ("http", "https", "mailto")
PICTURES = "pictures"  # where the rules find the pictures


def render(markdown: str, top: int, pictures: Pictures = NO_PICTURES) -> Markup:
    """Render an article whose highest heading becomes level `top`, without a gap below it."""
    env: MutableMapping[str, Any] = {PICTURES: pictures}
    tokens = _PARSER.parse(markdown, env)
    _settle_headings(tokens, top)
    return Markup(_PARSER.renderer.render(tokens, _PARSER.options, env))  # noqa: S704 - markdown-it escapes


def linked(text: str) -> Markup:
    """Render somebody's own words: escaped, with addresses of http, https and mail as links."""
    parts, last = [], 0
    for found in _ADDRESS.finditer(text):
        url = _without_what_follows(found[0])
        if not is_address(url):
            continue
        end = found.start() + len(url)
        shown = escape(url)
        parts += [
            escape(text[last : found.start()]),
            Markup(f'<a href="{shown}" target="_blank" rel="noopener noreferrer nofollow">{shown}</a>'),  # noqa: S704 - escaped
        ]
        last = end
    return Markup("").join([*parts, escape(text[last:])])


def with_references(text: str, leads: str | bool = False) -> Markup:
    """Render a sentence whose tickets' numbers stay on one line; with `leads` each is a link to its ticket.

    The number that `leads` names itself is the open ticket's own, and leads nowhere.
    """
    parts, last = [], 0
    for found in islice(find_references(text), MOST_REFERENCES):
        shown = Markup('<span class="nowrap">{}</span>').format(found[0])
        reference = as_written_here(found[0])
        if leads and reference != leads:
            address = Markup('<a class="nowrap" href="/?ticket={0}" data-ticket="{0}">{1}</a>')
            shown = address.format(reference, found[0])
        parts += [escape(text[last : found.start()]), shown]
        last = found.end()
    return Markup("").join([*parts, escape(text[last:])])


def is_address(url: str) -> bool:
    """Whether it is a whole address: of the web with a host, of mail with somebody at a domain."""
    try:
        address = urlsplit(url)
    except ValueError:
        return False
    if address.scheme.lower() == "mailto":
        name, _, domain = address.path.partition("@")
        return bool(name and domain)
    return bool(address.hostname)


def is_safe(url: str) -> bool:
    """Whether a link may be followed from the page."""
    try:
        return urlsplit(url.strip()).scheme.lower() in SAFE_SCHEMES
    except ValueError:
        return False


def _without_what_follows(url: str) -> str:
    """Take away what ends the sentence around an address, and brackets that it does not open."""
    while url and (url[-1] in _AFTER or url.count(url[-1]) > url.count(_PAIRS.get(url[-1], url[-1]))):
        url = url[:-1]
    return url


def _is_valid(url: str) -> bool:
    return is_safe(url) or bool(Image("", url).name)


def _settle_headings(tokens: Sequence[Token], top: int) -> None:
    opened = [token for token in tokens if token.type == "heading_open"]
    highest = min((int(token.tag[1]) for token in opened), default=1)
    last = top - 1
    for token in tokens:
        if token.type == "heading_open":
            last = min(int(token.tag[1]) - highest + top, last + 1, 6)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{last}"


def _link(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    if not is_safe(str(tokens[index].attrGet("href") or "")):  # a picture's name is no address
        tokens[index].attrs.pop("href", None)
    tokens[index].attrSet("rel", "noopener noreferrer")
    tokens[index].attrSet("target", "_blank")
    return renderer.renderToken(tokens, index, options, env)


def _image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """A picture of ours, which opens in its full size; of another one a link, for the page loads none."""
    source = str(tokens[index].attrGet("src") or "")
    words = renderer.renderInlineAsText(tokens[index].children or [], options, env)
    image = Image(words, source)
    if not image.name:
        url = escape(source)
        return f'<a href="{url}" rel="noopener noreferrer" target="_blank">{escape(words) or url}</a>'
    picture = env[PICTURES].find(image.name)
    if picture is None:
        return f"{escape(words)}"
    path = escape(env[PICTURES].path(picture))
    size = f'width="{picture.width}" height="{picture.height}"'
    return (
        f'<a class="picture" href="{path}" target="_blank">'
        f'<img src="{path}" alt="{escape(words)}" {size} loading="lazy" decoding="async"></a>'
    )


def _table_open(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """A table scrolls by itself where it is wide, by keyboard too; its columns name it."""
    names = []
    for token in tokens[index:]:
        if token.type == "thead_close":
            break
        if token.type == "inline":
            names.append(renderer.renderInlineAsText(token.children or [], options, env))
    label = escape(", ".join(filter(None, names)) or "…")
    return f'<div class="table" role="region" aria-label="{label}" tabindex="0"><table>'


def _table_close(
    _renderer: RendererHTML, _tokens: Sequence[Token], _index: int, _options: Any, _env: Any
) -> str:
    return "</table></div>"


def _cell(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """A cell, aligned by a class: the page takes no style from its text."""
    style = str(tokens[index].attrs.pop("style", ""))
    if style:
        tokens[index].attrSet("class", style.removeprefix("text-align:"))
    if tokens[index].tag == "th":
        tokens[index].attrSet("scope", "col")
    return renderer.renderToken(tokens, index, options, env)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False})
    parser.validateLink = _is_valid  # type: ignore[method-assign]  # the documented way to set it
    rules = {
        "link_open": _link,
        "image": _image,
        "table_open": _table_open,
        "table_close": _table_close,
        "th_open": _cell,
        "td_open": _cell,
    }
    for name, rule in rules.items():
        parser.add_render_rule(name, rule)
    return parser


_PARSER = _parser()
