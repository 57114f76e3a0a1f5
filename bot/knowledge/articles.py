"""Parses an article: a Markdown file with front matter."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from bot.domain.knowledge.content import Article, Draft
from bot.knowledge.yaml_reading import Page, Value, parse

ENDINGS = (".md", ".markdown")
KEYS = ("id", "title", "lang", "tags", "questions", "url", "owner", "updated", "review_by")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
# What may stand between the name and the ending; a list, so that `node.js.md` is no language.
SUFFIXES = frozenset(
    """
    ar bg bn ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km kn ko lt lv
    mk ml mn mr ms mt nb nl nn no pa pl pt ro ru sk sl sq sr sv sw ta te th tr uk ur uz vi zh
    """.split()
)
# What `firstline new article` leaves to its author.
_TO_WRITE = re.compile(r"\[(?:to write|por escribir):")
_FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)


def id_and_language(file: str) -> tuple[str, str | None]:
    """The id and the language that a file's name gives: `vpn`, `es` for `vpn.es.md`; None for no language."""
    stem = PurePosixPath(file).name
    ending = next((ending for ending in ENDINGS if stem.lower().endswith(ending)), "")
    stem = stem[: len(stem) - len(ending)]
    name, dot, suffix = stem.rpartition(".")
    base = suffix.lower().partition("-")[0]
    if dot and name and base in SUFFIXES and LANGUAGE.fullmatch(suffix):
        return name, suffix.lower()
    return stem, None


def read_article(page: Page, text: str, today: date) -> Draft[Article] | None:
    """Parse one file; None when nothing of it can be used. Problems are noted on the page."""
    parts = front_matter(page, text, KEYS)
    if parts is None:
        return None
    values, body, end = parts
    stem, suffix = id_and_language(page.file)
    title = values["title"].text("title") if "title" in values else None
    if "title" not in values:
        page.error(1, "the article has no title; add 'title: ...' between two lines of '---' at the top")
    if not body.strip():
        page.warn(end, "the article has no text; write it below the front matter")
    for number, line in enumerate(body.split("\n"), end):
        if _TO_WRITE.search(line):
            page.warn(
                number,
                "this is still to be written, and people read it as it stands; write it, or take it out",
            )
    if title is None:
        return None
    article = Article(
        id=(values["id"].text("id") if "id" in values else None) or stem,
        title=title,
        body=body.strip("\n"),
        language=language_of(values.get("lang"), suffix),
        tags=tuple(tag for _, tag in values["tags"].items("tags")) if "tags" in values else (),
        questions=tuple(q for _, q in values["questions"].items("questions"))
        if "questions" in values
        else (),
        url=web_address(values.get("url"), "url"),
        owner=values["owner"].text("owner") if "owner" in values else None,
        updated=_updated(values.get("updated"), today),
        review_by=_review_by(values.get("review_by"), today),
    )
    lines = {key: value.line for key, value in values.items()}
    return Draft(article, page.file, lines | {"body": end + len(body) - len(body.lstrip("\n"))})


def front_matter(page: Page, text: str, keys: Sequence[str]) -> tuple[dict[str, Value], str, int] | None:
    """The front matter's values, the text below, and the line where it begins; None if it cannot be read."""
    front, body, offset, end = _split(page, text)
    if front is None:
        return None
    if not front.strip():
        return {}, body, end
    parsed = parse(page, front, offset)
    return None if parsed is None else (parsed.known(keys), body, end)


def _split(page: Page, text: str) -> tuple[str | None, str, int, int]:
    # -> front matter, body, lines before the front matter, line where the body begins
    opening = _FENCE.match(text)
    if not opening:
        return "", text, 0, 1
    closing = _FENCE.search(text, opening.end())
    if not closing:
        page.error(1, "the front matter does not end; close it with a line of '---'")
        return None, "", 1, 1
    front = text[opening.end() + 1 : closing.start()]
    return front, text[closing.end() :], 1, text[: closing.end()].count("\n") + 1


def language_of(value: Value | None, suffix: str | None) -> str:
    """The language of a file: that of its `lang`, else of its name's `suffix`, else English."""
    written = value.text("lang") if value else None
    if value is None or written is None:
        return suffix or "en"
    if not LANGUAGE.fullmatch(written):
        value.page.error(value.line, f"lang '{written}' is no language code; write one such as en or es")
        return suffix or "en"
    if suffix and written.lower() != suffix:
        value.page.warn(
            value.line, f"lang is '{written}' and the file's name says '{suffix}'; make them the same"
        )
    return written.lower()


def web_address(value: Value | None, name: str) -> str | None:
    """A web address; None, with a problem, for anything else that is written there."""
    written = value.text(name) if value else None
    if value is None or written is None:
        return None
    try:
        parts = urlsplit(written)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", written)
    except ValueError:
        valid = False
    if not valid:
        value.page.error(value.line, f"{name} '{written}' is no web address; begin it with https://")
        return None
    return written


def _updated(value: Value | None, today: date) -> date | None:
    day = _date(value, "updated")
    if value is not None and day is not None and day > today:
        value.page.warn(
            value.line, f"updated says {day}, which is still to come; write the day of the change"
        )
    return day


def _date(value: Value | None, name: str) -> date | None:
    written = value.text(name) if value else None
    if value is None or written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        value.page.error(value.line, f"{name} '{written}' is no date; write it as 2027-06-30")
        return None


def _review_by(value: Value | None, today: date) -> date | None:
    day = _date(value, "review_by")
    if value is not None and day is not None and day < today:
        value.page.warn(value.line, f"the article was to be reviewed by {day}; review it and set a new date")
    return day
