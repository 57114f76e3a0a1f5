"""Renders an article's Markdown as HTML: no raw HTML, no outside images, no link that runs anything."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape

SAFE_SCHEMES = ("http", "https", "mailto")


def render(markdown: str, top: int) -> Markup:
    """Render an article whose highest heading becomes level `top`, without a gap below it."""
    tokens = _PARSER.parse(markdown)
    _settle_headings(tokens, top)
    return Markup(_PARSER.renderer.render(tokens, _PARSER.options, {}))  # noqa: S704 - markdown-it escapes


def is_safe(url: str) -> bool:
    """Whether a link may be followed from the page."""
    try:
        return urlsplit(url.strip()).scheme.lower() in SAFE_SCHEMES
    except ValueError:
        return False


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
    tokens[index].attrSet("rel", "noopener noreferrer")
    tokens[index].attrSet("target", "_blank")
    return renderer.renderToken(tokens, index, options, env)


def _image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """A link in place of the picture: the page loads nothing from elsewhere."""
    source = escape(str(tokens[index].attrGet("src") or ""))
    label = renderer.renderInlineAsText(tokens[index].children or [], options, env)
    return f'<a href="{source}" rel="noopener noreferrer" target="_blank">{escape(label) or source}</a>'


def _parser() -> MarkdownIt:
    parser = MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False})
    parser.validateLink = is_safe  # type: ignore[method-assign]  # the documented way to set it
    parser.add_render_rule("link_open", _link)
    parser.add_render_rule("image", _image)
    return parser


_PARSER = _parser()
