"""Tells which documents nobody asks a desk for: those that only lead on, and lists of versions."""

import re
from collections import defaultdict
from collections.abc import Sequence

from bot.domain.words.loader import any_of
from bot.importing.documents import Document
from bot.importing.drafting.parts import HEADINGS

MOSTLY_LINKS = 0.7  # share of the words of a page that only leads to others
MOSTLY_VERSIONS = 0.75  # share of the headings of one level that are versions, in a list of changes
FEWEST_VERSIONS = 5
_VERSION = re.compile(
    rf"(?!(?:{any_of('importing', 'numbered_parts')})\s)"  # "Section 2.1" is none
    r"(?:[^\W\d][\w.'-]*\s+){0,3}"  # its product, or "version"
    r"\[?v?\d{1,4}(?:\.\d{1,4}){1,3}(?:[-.+]?(?:alpha|beta|rc|pre|dev|post)[\w.-]*)?\]?"
    r"(?:\s*[-–—:(]\s*[\w ,./-]{0,30}\d{4}[\w ./-]{0,10}\)?)?",  # its day
    re.IGNORECASE,
)
_DAY = re.compile(
    r"(?P<year>(?:19|20)\d\d)[-./]\d{1,2}[-./]\d{1,2}"
    r"|\d{1,2}[-./]\d{1,2}[-./](?P<last>(?:19|20)\d\d)"
    r"|(?:[^\W\d]{3,}\.?\s+\d{1,2}(?:st|nd|rd|th)?|\d{1,2}(?:st|nd|rd|th|\.)?\s+(?:de\s+)?[^\W\d]{3,}\.?)"
    r",?\s+(?:del?\s+)?(?P<named>(?:19|20)\d\d)",
    re.IGNORECASE,
)


def why_unasked(document: Document) -> str | None:
    """Say why nobody would ask for this document; None where somebody may."""
    if document.whole:
        return None
    if _only_leads_on(document):
        return "it only leads to other pages"
    return "it tells what changed from version to version" if _lists_versions(document) else None


def _only_leads_on(document: Document) -> bool:
    # A table of contents answers nothing, and has words of all that it leads to.
    words = len(document.body.text.split())
    linked = sum(len(one.text.split()) for one in document.body.walk() if one.tag == "a")
    return bool(words) and linked >= MOSTLY_LINKS * words


def _lists_versions(document: Document) -> bool:
    # Hundreds of articles that speak of everything, and answer nothing, beside those that do.
    levels: defaultdict[str, list[str]] = defaultdict(list)
    for one in document.body.walk():
        if one.tag in HEADINGS:
            levels[one.tag].append(one.text.strip(" ¶#"))
    return any(map(_are_versions, levels.values()))


def _are_versions(headings: Sequence[str]) -> bool:
    fewest = max(FEWEST_VERSIONS, MOSTLY_VERSIONS * len(headings))
    if sum(_VERSION.fullmatch(one) is not None for one in headings) >= fewest:
        return True
    # Days, too, where the newest year is the first of several: holidays are listed the other way round.
    found = [day for one in headings if (day := _DAY.fullmatch(one))]
    years = [int(next(filter(None, day.groups()))) for day in found]
    return len(years) >= fewest and len(set(years)) > 1 and years == sorted(years, reverse=True)
