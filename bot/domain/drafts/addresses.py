"""Finds e-mail addresses, network addresses and phone numbers in a text: rather one too many."""

import ipaddress
import re
from collections.abc import Iterator
from contextlib import suppress

from bot.domain.secrets.values import Span
from bot.domain.words.loader import all_words, any_of

_AT = r"(?:@|[ ]?[(\[{][ ]?(?:at|arroba)[ ]?[)\]}][ ]?)"
_EMAILS = re.compile(
    # Each begins where a word does and gives nothing back: so a long word is read once.
    rf"(?<![\w.+%'’-])[\w.+%'’-]++{_AT}[\w-]+(?:\.[\w-]+)*"
    r"|(?<![\w.+%-])[\w.+%-]++[ ]@[ ][\w-]+(?:[ ]?\.[ ]?[\w-]+)+",
    re.IGNORECASE,
)
_PATH = r"[^\s<>\"'`|\ue000-\uf8ff]+"
# No sign at the end of a sentence, and no bracket that stands around an address, is a part of it.
_AFTER = ".,;:!?)]}"
_URLS = re.compile(
    rf"(?:[a-z][a-z0-9+.-]{{1,20}}:)?//{_PATH}|\bwww\.{_PATH}",
    re.IGNORECASE,
)
_SHARES = re.compile(r"\\\\[\w.$?-]+(?:\\[^\s\\\"'`<>|()]*)*")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5}|/\d{1,2})?(?!\w|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*(?:%\w+)?(?:/\d{1,3})?(?!\w)", re.IGNORECASE)
_MAC = re.compile(
    r"(?<![\w:-])(?:(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4})(?![\w:])",
    re.IGNORECASE,
)
_HOSTS = re.compile(
    r"(?<![\w@.\\-])((?:[\w-]+\.)+)([a-z][a-z0-9-]{1,23})(?![\w-])(?::\d{1,5})?(?:/[^\s<>\"'`|()]*)?",
    re.IGNORECASE,
)
# Names of machines: a word for a machine, then a number or a part with one.
_MACHINES = re.compile(
    r"(?<![\w.-])(?:laptop|desktop|server|srv|pc|ws|nb|lt|wks|vm|host|dc|fs|db|prn|printer|print|lap|mac|win)"
    r"(?:[-_](?=[\w-]*\d)[\w-]+|\d{2,}[\w-]*)(?![\w])",
    re.IGNORECASE,
)
# What a name that has dots ends with where it is a file's or a program's.
_FILES = all_words("drafts", "file_endings")
_TOP_LEVEL = all_words("drafts", "top_level")
_KNOWN_DOTTED = frozenset("asp.net ado.net vb.net".split())
_NUMBER = re.compile(
    r"(?<![\w.,:#-])(?:\(?(?:\+|00)[ ]?\d{1,3}\)?[ .-]?)?(?:\(\d{1,5}\)[ .-]?)?"
    r"\d(?:[ ./\u2010-\u2015-]{0,2}\d){2,14}(?![\w])"
)
_DATE = re.compile(
    r"(?:(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:(?:19|20)\d\d|\d\d))"
    r"(?:[ T]+\d{1,2}(?:[:.]\d\d){0,2})?"
)
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15
_EXTENSION = re.compile(
    rf"\b{any_of('drafts', 'phone')}\b[^\w\n]{{0,4}}(?:{any_of('drafts', 'phone_is')}\b\W{{0,3}})?"
    r"(\+?\d[\d ().-]*\d)",
    re.IGNORECASE,
)


def find_emails(text: str) -> Iterator[Span]:
    """Find e-mail addresses, and what is written like one."""
    return (found.span() for found in _EMAILS.finditer(text)) if "@" in text or _may_spell(text) else iter(())


def find_network(text: str) -> Iterator[Span]:
    """Find addresses of pages, shares, machines and networks."""
    for found in _URLS.finditer(text):
        yield found.start(), found.start() + len(found[0].rstrip(_AFTER))
    for pattern in (_SHARES, _IPV4, _MAC, _MACHINES):
        yield from (found.span() for found in pattern.finditer(text))
    for found in _IPV6.finditer(text):
        if len(found[0]) > 2 and _is_ipv6(found[0]):
            yield found.span()
    for found in _HOSTS.finditer(text):
        if _is_host(found):
            yield found.span()


def find_phones(text: str) -> Iterator[Span]:
    """Find phone numbers and extensions; a date, a version and a code with letters are none."""
    for found in _EXTENSION.finditer(text):
        yield found.span(1)
    for found in _NUMBER.finditer(text):
        digits = sum(sign.isdigit() for sign in found[0])
        if (
            _FEWEST_DIGITS <= digits <= _MOST_DIGITS
            and not _DATE.fullmatch(found[0])
            and not _is_version(found[0])
        ):
            yield found.span()


def _may_spell(text: str) -> bool:
    return any(sign in text for sign in "([{")


def _is_ipv6(written: str) -> bool:
    with suppress(ValueError):
        ipaddress.ip_interface(written.partition("%")[0].rstrip("."))
        return True
    return False


def _is_host(found: re.Match[str]) -> bool:
    labels, last = found[1].strip(".").lower().split("."), found[2].lower()
    if f"{labels[-1]}.{last}" in _KNOWN_DOTTED:
        return False
    if len(labels) > 1 and all(len(label) == 1 for label in labels):
        return False  # "e.g.", "a.k.a"
    if last in _TOP_LEVEL:
        return True
    if last in _FILES:
        # "portal.acme.ai": what has more names before its end, or an address behind it, is no file.
        return last in ("ai", "app", "net", "pl", "rs", "md", "so", "sh") and (
            len(labels) > 1 or last in ("ai", "net")
        )
    return len(last) == 2 or len(labels) > 1


def _is_version(written: str) -> bool:
    groups = written.split(".")
    return len(groups) > 2 and all(map(str.isdigit, groups)) and not all(2 <= len(one) <= 4 for one in groups)
