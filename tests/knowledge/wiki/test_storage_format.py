"""Confluence's storage format as Markdown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.knowledge.content import Article
from bot.knowledge.confluence.storage import StorageFormat
from bot.knowledge.files.rendering import article_text
from bot.knowledge.wiki.html import markdown

SITE = "https://example.atlassian.net/wiki"
PAGE = f"{SITE}/spaces/IT/pages/1"


def written(storage: str, **names: str) -> str:
    return markdown(StorageFormat(SITE, "IT", PAGE, names).tree(storage), PAGE)


def macro(name: str, inside: str = "", **parameters: str) -> str:
    told = "".join(
        f'<ac:parameter ac:name="{key}">{value}</ac:parameter>' for key, value in parameters.items()
    )
    return f'<ac:structured-macro ac:name="{name}">{told}{inside}</ac:structured-macro>'


def rich(text: str) -> str:
    return f"<ac:rich-text-body>{text}</ac:rich-text-body>"


def plain(text: str) -> str:
    return f"<ac:plain-text-body><![CDATA[{text}]]></ac:plain-text-body>"


@pytest.mark.parametrize(
    ("storage", "expected"),
    [
        ("<h1>A</h1><p>B</p><h3>C</h3><p>D</p>", "## A\n\nB\n\n#### C\n\nD"),
        ("<ul><li>a<ol><li>b</li><li>c</li></ol></li></ul>", "- a\n  1. b\n  2. c"),
        ("<p>a &amp; b&nbsp;<em>c</em> <code>d</code></p>", "a & b *c* `d`"),
        (macro("code", plain("if a < b:\n    <b> & x"), language="py"), "```\nif a < b:\n    <b> & x\n```"),
        (macro("code", plain("x"), title="Run it"), "**Run it**\n\n```\nx\n```"),
        (macro("noformat", plain("```")), "````\n```\n````"),
        (macro("info", rich("<p>Mind it.</p>")), "> ℹ️ Mind it."),
        (macro("warning", rich("<p>No.</p>"), title="Stop"), "> **❗ Stop**\n>\n> No."),
        (macro("panel", rich("<p>Yes.</p>")), "> Yes."),
        (macro("expand", rich("<p>Inside.</p>"), title="More"), "**More**\n\nInside."),
        ("<p>It is " + macro("status", title="DONE") + " now.</p>", "It is **DONE** now."),
        (macro("toc") + "<p>a</p>", "a"),
        (macro("excerpt", rich("<p>Kept.</p>")), "Kept."),
        (macro("jira", key="IT-7"), "IT-7"),
        (macro("drawio", diagramName="x"), f"[drawio]({PAGE})"),
        (macro("html", plain("<b>x</b>")), f"```\n<b>x</b>\n```\n\n[html]({PAGE})"),
        (
            "<table><colgroup><col /></colgroup><tbody><tr><th>A</th><th><p>B</p></th></tr>"
            "<tr><td><p>1 | 2</p></td><td>3</td></tr></tbody></table>",
            "| A | B |\n| --- | --- |\n| 1 \\| 2 | 3 |",
        ),
        (
            "<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>complete</ac:task-status>"
            "<ac:task-body>a</ac:task-body></ac:task><ac:task><ac:task-id>2</ac:task-id>"
            "<ac:task-status>incomplete</ac:task-status><ac:task-body>b</ac:task-body></ac:task></ac:task-list>",
            "- ☑ a\n- ☐ b",
        ),
        ('<ac:image><ri:attachment ri:filename="a.png" /></ac:image>', f"[a.png]({PAGE})"),
        (
            '<ac:image ac:alt="The menu"><ri:url ri:value="https://x.example/a.png" /></ac:image>',
            "[The menu](https://x.example/a.png)",
        ),
        ('<p><ac:emoticon ac:name="tick" /> <ac:emoticon ac:name="x" ac:emoji-fallback="🦊" /></p>', "✅ 🦊"),
        (
            '<p><ac:link><ri:page ri:content-title="A &amp; B" ri:space-key="HR" /></ac:link></p>',
            f"[A & B]({SITE}/display/HR/A+%26+B)",
        ),
        (
            '<p><ac:link><ri:page ri:content-title="A" /><ac:plain-text-link-body><![CDATA[here]]>'
            "</ac:plain-text-link-body></ac:link></p>",
            f"[here]({SITE}/display/IT/A)",
        ),
        ('<p>ask <ac:link><ri:user ri:account-id="u" /></ac:link></p>', "ask @Ana"),
        ('<p><a href="/wiki/spaces/IT/pages/2">b</a></p>', f"[b]({SITE}/spaces/IT/pages/2)"),
        ('<p>until <time datetime="2026-12-24" /></p>', "until 2026-12-24"),
        (
            '<ac:adf-extension><ac:adf-node type="panel"><ac:adf-content><p>x</p></ac:adf-content>'
            "</ac:adf-node>"
            "<ac:adf-fallback><div><p>x</p></div></ac:adf-fallback></ac:adf-extension>",
            "x",
        ),
        (
            "<ac:layout><ac:layout-section><ac:layout-cell><p>a</p></ac:layout-cell></ac:layout-section>"
            "</ac:layout>",
            "a",
        ),
        ("<ac:placeholder>Type here</ac:placeholder><p>a</p>", "a"),
    ],
)
def test_what_people_write_is_kept(storage: str, expected: str) -> None:
    assert written(storage, u="Ana") == expected


@pytest.mark.parametrize(
    ("storage", "expected"),
    [
        ("<script>alert(1)</script><p>a</p>", "a"),
        ("<p>&lt;img src=x onerror=y&gt;</p>", "\\<img src=x onerror=y>"),
        ('<p><a href="javascript:alert(1)">a</a></p>', "a"),
        ('<p><a href="http://plain.example/">a</a></p>', "a"),
        ('<p><a href="https://x.example/a) [b](https://y.example">a</a></p>', None),
        ('<ac:image ac:alt="a](https://evil.example)"><ri:attachment ri:filename="b" /></ac:image>', None),
    ],
)
def test_what_strangers_write_does_no_harm(storage: str, expected: str | None) -> None:
    found = written(storage)
    if expected is not None:
        assert found == expected
    assert "](https://y.example" not in found
    assert "[a](https://evil.example" not in found


TAGS = """p ul li table tr td pre time ac:link ac:task-list ac:task ac:image ac:rich-text-body
ac:plain-text-body ac:structured-macro ac:adf-extension""".split()
TEXTS = ("a", " ", "|", "*", "<![CDATA[x]]>", "\n# b", "&lt;c&gt;")


def element(tag: str, inside: list[str]) -> str:
    return f"<{tag}>{''.join(inside)}</{tag}>"


@given(
    st.recursive(
        st.sampled_from(TEXTS),
        lambda inner: st.builds(element, st.sampled_from(TAGS), st.lists(inner, max_size=4)),
        max_leaves=30,
    )
)
def test_whatever_is_written_there_is_read(storage: str) -> None:
    found = written(storage)
    assert "<![CDATA[" not in found
    assert article_text(Article("confluence-1", "A", found)).startswith("---\n")
