"""What people wrote, inside Markdown: shown as it is, never markup."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.domain.conversations.markdown import escape, fence, quote

MARKDOWN = MarkdownIt("commonmark").enable("table").enable("strikethrough")
NASTY = [
    "# no heading",
    "- no list\n- of mine",
    "1. no\n2. list",
    "1) no list",
    "> no quote",
    "```\nno code\n```",
    "~~~\nno code\n~~~",
    "    no code",
    "*no* _face_ **at** __all__ ~~x~~ `y`",
    "[no](https://evil.example) ![picture](x) <b>bold</b> <https://auto.example>",
    "&lt;&amp;&copy;",
    "a\n===\nb\n---",
    "| a | b |\n|---|---|\n| c | d |",
    "***",
    "\\",
    "@everyone #12 $x$",
]


@pytest.mark.parametrize("text", NASTY)
def test_nothing_in_it_is_markup(text: str) -> None:
    shown = MARKDOWN.render(quote(text))
    assert set(tags(shown)) <= {"blockquote", "p", "br"}
    assert plain(shown) == plain_of(text)


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=60))
def test_whatever_it_is_it_is_shown_as_it_is(text: str) -> None:
    shown = MARKDOWN.render(f"x {escape(text)} y")
    assert set(tags(shown)) <= {"p", "br"}


def test_a_fence_is_longer_than_any_inside() -> None:
    text = "a\n```\nb\n`````\nc"
    rendered = MARKDOWN.render(fence(text))
    assert rendered == f"<pre><code>{text}\n</code></pre>\n"


def tags(html: str) -> list[str]:
    """The names of all elements."""
    return re.findall(r"<([a-z0-9]+)", html)


def plain(html: str) -> str:
    """The words of some HTML."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def plain_of(text: str) -> str:
    """The words of a text."""
    return " ".join(text.split())
