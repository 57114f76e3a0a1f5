"""Makes a person's own words out of what a channel read, and keeps what others said apart, under their names.

This is the one place for every channel, and for questions, replies, notes and edits alike. In a text that is
kept or shown, what somebody forwards follows their own words as a quotation whose first line says so.
"""

import re

from bot.domain.conversations.messages import Quotation, Utterance
from bot.domain.conversations.signs import with_signs

FORWARDED = "↪"
LONGEST_AUTHOR = 200  # characters of a name
_FORWARDED = re.compile(rf"^> {FORWARDED}[^\n]*\n?((?:>[^\n]*\n?)*)", re.MULTILINE)
_QUOTED = re.compile(r"^> ?", re.MULTILINE)


def said(utterance: Utterance) -> str:
    """Return what somebody says: their own words, then what they forward."""
    forwarded = [_quoted(one) for one in utterance.quotations if one.forwarded and one.text.strip()]
    own = with_signs(utterance.text)
    return "\n\n".join(part for part in (own, *forwarded) if part)


def replied_to(utterance: Utterance) -> str:
    """Return what a message replies to, as a quotation; empty where it replies to nothing."""
    replies = [_quoted(one) for one in utterance.quotations if not one.forwarded and one.text.strip()]
    return "\n\n".join(replies)


def parted(text: str) -> tuple[str, str]:
    """Part a text that was said into its writer's own words, and those that are forwarded in it."""
    if f"> {FORWARDED}" not in text:
        return text, ""
    forwarded = [_QUOTED.sub("", found[1]).strip() for found in _FORWARDED.finditer(text)]
    return _FORWARDED.sub("", text).strip(), "\n".join(forwarded)


def _quoted(quotation: Quotation) -> str:
    author = " ".join(quotation.author.split())[:LONGEST_AUTHOR]
    signed = f"{FORWARDED} {author}" if quotation.forwarded else author
    head = [f"{signed}:".strip()] if author else [FORWARDED] if quotation.forwarded else []
    return "\n".join(
        f"> {line}".rstrip() for line in (*head, *with_signs(quotation.text).strip().splitlines())
    )
