"""Turns Slack's text into plain text, and plain text into Slack's."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

Names = Callable[[str], str | None]  # a user's id -> the name to show, or None

_TOKEN = re.compile(r"<([^<>]*)>")
_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
# What a parser may take for a mention or a link; a word joiner after "<" takes its meaning and shows nothing.
_OPENING = re.compile(r"<(?=[!@#a-zA-Z])")
_UNSENDABLE = re.compile("[\\0\ud800-\udfff]")
WORD_JOINER = "\u2060"


def readable(text: str, names: Names = lambda _: None) -> str:
    """Turn Slack's text into what its writer saw: mentions by name, links with their address, no entities.

    A person whose name nobody knows yet is called by their id, so that the name can take its place later; of
    channels and groups without a name only the sign is left.
    """
    shown = _TOKEN.sub(lambda match: _shown(match[1], names), text)
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def mentioned(text: str) -> frozenset[str]:
    """The ids of the people (and bots) that a text mentions."""
    return frozenset(_USER.findall(text))


def without_mention(text: str, user: str) -> str:
    """The text without any mention of this user."""
    if not user:
        return text
    # Blanks are looked at from their first one alone: a run of them costs its length, not the square of it.
    before = r"(?:(?<![ \t])[ \t]+)?"
    bare = re.sub(rf"{before}<@{re.escape(user)}(?:\|[^<>]*)?>[ \t]*[,:]?[ \t]*", " ", text)
    return bare.strip()


def escaped(text: str) -> str:
    """Text for a place that reads mrkdwn: Slack's three control characters become entities."""
    return sendable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def literal(text: str) -> str:
    """Text for a place that shows it as it is; nothing in it looks like a mention or link to any parser."""
    return _OPENING.sub("<" + WORD_JOINER, sendable(text))


def sendable(text: str) -> str:
    """Text without what no JSON reader takes: NUL and lone surrogates."""
    return _UNSENDABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def is_web(url: str) -> bool:
    """Whether Slack takes an address for a link: http or https, with a host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not any(c.isspace() for c in url)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis where something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _shown(token: str, names: Names) -> str:
    target, _, label = token.partition("|")
    if target.startswith("@"):
        return "@" + (label or names(target[1:]) or target[1:])
    if target.startswith("#"):
        return "#" + (label or "…")
    if target.startswith("!"):
        return _special(target[1:], label)
    address = target.removeprefix("mailto:").removeprefix("tel:")
    if not label or label in (address, target) or label == re.sub(r"^https?://", "", target):
        return address
    return f"{label} ({address})"


def _special(name: str, label: str) -> str:
    if name.startswith("date^"):
        return label or "?"
    if label:
        return label if label.startswith("@") else f"@{label}"
    return "@" + ("…" if "^" in name else name)
