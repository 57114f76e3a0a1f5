"""Renders an article's Markdown as mrkdwn, for modals and the Home tab."""

import re

from bot.channels.slack.text import escaped

# No part of these may read on past what could begin the same again: so each is linear, whatever is written.
_HEADING = re.compile(r"^ {0,3}#{1,6}[^\S\n]+([^\n]*)$", re.MULTILINE)
_BOLD = re.compile(r"(\*\*|__)(?=\S)((?:(?!\1).)+)(?<=\S)\1")
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\((https?://[^\s)|\[]++)[^)\[]*+\)")
_BULLET = re.compile(r"^([^\S\n]*)[-*+]\s+", re.MULTILINE)


def to_mrkdwn(markdown: str) -> str:
    """Make headings and strong words bold, links and bullets Slack's own; the rest stays as it is."""
    text = escaped(markdown)
    text = _BULLET.sub(r"\1• ", text)
    text = _BOLD.sub(r"*\2*", text)
    text = _HEADING.sub(lambda match: f"*{_title(match[1]).strip('*')}*", text)
    return _LINK.sub(lambda match: f"<{match[2]}|{match[1] or match[2]}>", text)


def _title(heading: str) -> str:
    """A heading's text without the signs that may close it."""
    return heading.rstrip("#").rstrip()
