"""Renders an article's Markdown as mrkdwn, for modals and the Home tab."""

import re

from bot.channels.slack.text import escaped

_HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)
_BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_LINK = re.compile(r"!?\[([^\]\n]*)\]\((https?://[^\s)|]+)[^)]*\)")
_BULLET = re.compile(r"^(\s*)[-*+]\s+", re.MULTILINE)


def to_mrkdwn(markdown: str) -> str:
    """Make headings and strong words bold, links and bullets Slack's own; the rest stays as it is."""
    text = escaped(markdown)
    text = _BULLET.sub(r"\1• ", text)
    text = _BOLD.sub(r"*\2*", text)
    text = _HEADING.sub(lambda match: f"*{match[1].strip('*')}*", text)
    return _LINK.sub(lambda match: f"<{match[2]}|{match[1] or match[2]}>", text)
