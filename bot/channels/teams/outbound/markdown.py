"""Renders an article's Markdown as Adaptive Card elements."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.channels.teams.outbound.elements import Element, container, lines, literal, row, runs_block
from bot.domain.knowledge.markdown_blocks import Table, as_list, in_words

_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_BREAKS = {"softbreak": " ", "hardbreak": "\n"}
_DEEPEST = 3  # lists in lists; a card has no room for more


@dataclass(frozen=True, slots=True)
class _Style:
    bold: bool = False
    italic: bool = False
    struck: bool = False
    code: bool = False
    url: str = ""


def elements(markdown: str) -> list[Element]:
    """Render trusted Markdown: headings bold, numbers of steps kept, code in a fixed width."""
    return _blocks(SyntaxTreeNode(_MARKDOWN.parse(markdown)).children, 0)


def plain(markdown: str) -> str:
    """The plain text of trusted Markdown."""
    return _plain(SyntaxTreeNode(_MARKDOWN.parse(in_words(markdown)))).strip()


def table(shown: Table) -> Element:
    """A table of version 1.5; a client that is older shows a list, an entry for each row."""
    rows = [_table_row(shown.header, head=True), *(_table_row(row) for row in shown.rows)]
    columns = [
        {"width": 1, "horizontalCellContentAlignment": alignment} if alignment else {"width": 1}
        for alignment in shown.alignments
    ]
    fallback = {"type": "Container", "items": elements(as_list(shown))}
    return {"type": "Table", "columns": columns, "rows": rows, "fallback": fallback}


def _table_row(cells: Sequence[str], *, head: bool = False) -> Element:
    return {"type": "TableRow", "cells": [_table_cell(cell, head) for cell in cells]}


def _table_cell(markdown: str, head: bool) -> Element:
    found = _paragraphs(SyntaxTreeNode(_MARKDOWN.parseInline(markdown)).children[0], _Style(bold=head))
    return {"type": "TableCell", "items": found or lines("")}


def openable(url: str) -> bool:
    """Tell whether a card may open this address."""
    try:
        return urlsplit(url).scheme in ("http", "https", "mailto") and not any(c.isspace() for c in url)
    except ValueError:
        return False


def _blocks(nodes: Sequence[SyntaxTreeNode], depth: int) -> list[Element]:
    found: list[Element] = []
    for node in nodes:
        found.extend(_block(node, depth))
    return found


def _block(node: SyntaxTreeNode, depth: int) -> list[Element]:
    match node.type:
        case "heading":
            size = "Medium" if node.tag in ("h1", "h2") else "Default"
            return _paragraphs(node, _Style(bold=True), size=size)
        case "paragraph":
            return _paragraphs(node, _Style())
        case "bullet_list" | "ordered_list":
            return _list(node, depth)
        case "blockquote":
            return [container(_blocks(node.children, depth))]
        case "fence" | "code_block":
            code = node.content.rstrip("\n").split("\n")
            return [container([_code_line(line, index) for index, line in enumerate(code)])]
        case "table":  # within a quotation
            return [runs_block([_run(" | ".join(cells), _Style())]) for cells in _rows(node)]
        case "hr":
            return []
        case "html_block":
            return [runs_block([_run(node.content.strip(), _Style())])]
        case _:
            return _blocks(node.children, depth)


def _list(node: SyntaxTreeNode, depth: int) -> list[Element]:
    first = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
    found = []
    for index, item in enumerate(node.children):
        marker = f"{first + index}." if first is not None else "•"
        if depth >= _DEEPEST:
            text = " ".join(_plain(item).split())
            found.append(runs_block([_run(f"{marker} {text}", _Style())]))
        else:
            found.append(row(marker, _blocks(item.children, depth + 1)))
    return found


def _paragraphs(node: SyntaxTreeNode, style: _Style, size: str = "Default") -> list[Element]:
    found: list[list[Element]] = [[]]
    for own, parts in groupby(_inline(node.children, style), key=lambda part: part[1]):
        for index, text in enumerate("".join(text for text, _ in parts).split("\n")):
            if index:
                found.append([])
            if text:
                found[-1].append(_run(text, own, size))
    return [runs_block(line) for line in found if line]


def _inline(nodes: Sequence[SyntaxTreeNode], style: _Style) -> Iterator[tuple[str, _Style]]:
    for node in nodes:
        own = _styled(node, style)
        if node.type in _BREAKS:
            yield _BREAKS[node.type], own
        elif node.children and node.type != "image":
            yield from _inline(node.children, own)
        else:
            yield node.content, own


def _styled(node: SyntaxTreeNode, style: _Style) -> _Style:
    match node.type:
        case "code_inline":
            return replace(style, code=True)
        case "strong":
            return replace(style, bold=True)
        case "em":
            return replace(style, italic=True)
        case "s":
            return replace(style, struck=True)
        case "link":
            return replace(style, url=str(node.attrs.get("href", "")))
        case "image":
            return replace(style, url=str(node.attrs.get("src", "")))
        case _:
            return style


def _run(text: str, style: _Style, size: str = "Default") -> Element:
    run: dict[str, Any] = {"type": "TextRun", "text": literal(text)}
    if style.bold:
        run["weight"] = "Bolder"
    if style.italic:
        run["italic"] = True
    if style.struck:
        run["strikethrough"] = True
    if style.code:
        run["fontType"] = "Monospace"
    if size != "Default":
        run["size"] = size
    if openable(style.url):
        run |= {"color": "Accent", "underline": True}
        run["selectAction"] = {"type": "Action.OpenUrl", "url": style.url}
    return run


def _rows(table: SyntaxTreeNode) -> Iterator[list[str]]:
    for line in table.walk():
        if line.type == "tr":
            yield [_plain(cell).strip() for cell in line.children]


def _code_line(line: str, index: int) -> Element:
    # A client folds leading blanks; in code they mean something.
    bare = line.lstrip(" ")
    shown = "\N{NO-BREAK SPACE}" * (len(line) - len(bare)) + bare
    block = runs_block([_run(shown or "\N{NO-BREAK SPACE}", _Style(code=True))])
    return block | ({"spacing": "None"} if index else {})


def _plain(node: SyntaxTreeNode) -> str:
    if node.type in ("text", "code_inline", "html_inline", "fence", "code_block", "html_block", "image"):
        return node.content
    if node.type in ("softbreak", "hardbreak"):
        return "\n"
    end = "\n" if node.type in ("paragraph", "heading", "tr") else ""
    return "".join(_plain(child) for child in node.children) + end
