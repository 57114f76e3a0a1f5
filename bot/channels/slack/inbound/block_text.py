"""Reads blocks and attachments of messages as text, in the form in which Slack writes texts.

Bots and workflows write blocks, and often nothing but a hint for old clients in the text beside them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.channels.slack.inbound.senders import text_of
from bot.channels.slack.text import escaped

Body = Mapping[str, Any]

DEEPEST = 8  # lists in lists and the like
_TEXTS = ("title", "text", "subtitle", "description")
_PARTS = ("fields", "elements", "rows", "blocks")
# What is there to be clicked or filled in says nothing itself.
_CONTROLS = frozenset({"actions", "input", "context_actions"})
_RUNS = frozenset({"rich_text_section", "rich_text_quote", "rich_text_preformatted"})


def text_of_blocks(message: Body) -> str:
    """The text that the blocks of a message show, a line for each part of them."""
    return _joined(_lines(message.get("blocks"), DEEPEST))


def text_of_bot(message: Body) -> str:
    """The text of a bot's or a workflow's message: of its blocks, else its own, and of its attachments."""
    own = text_of_blocks(message) or text_of(message, "text")
    return _joined([own, *(text_of_attachment(one) for one in parts_of(message, "attachments"))])


def text_of_attachment(attachment: Body) -> str:
    """The text of an attachment of any age; its fallback where there is none."""
    lines = [text_of(attachment, name) for name in ("pretext", "title", "text")]
    pairs = [(text_of(field, "title"), text_of(field, "value")) for field in parts_of(attachment, "fields")]
    lines += [": ".join(filter(None, pair)) for pair in pairs]
    return _joined(lines) or text_of_blocks(attachment) or text_of(attachment, "fallback")


def signs_in(message: Body) -> dict[str, str]:
    """The codes of the signs in a message's blocks, each with its sign, where Slack tells it."""
    found = {}
    for element in _elements(message.get("blocks"), DEEPEST):
        if text_of(element, "type") == "emoji" and (sign := _sign(element)):
            found[_code(element)] = sign
    return found


def parts_of(whole: Body, name: str) -> list[Body]:
    """The objects of a list in a body; none where it is no list."""
    value = whole.get(name)
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list) else []


def _joined(lines: Iterator[str] | list[str]) -> str:
    return "\n".join(line.strip() for line in lines if line.strip())


def _elements(value: object, depth: int) -> Iterator[Body]:
    for part in value if isinstance(value, list) and depth else ():
        if isinstance(part, Mapping):
            yield part
            yield from _elements(part.get("elements"), depth - 1)


def _lines(value: object, depth: int) -> Iterator[str]:
    for part in value if isinstance(value, list) and depth else ():
        if isinstance(part, list):  # a row of a table
            yield " ".join(_lines(part, depth - 1))
        elif isinstance(part, Mapping) and text_of(part, "type") not in _CONTROLS:
            yield from _lines_of(part, depth - 1)


def _lines_of(block: Body, depth: int) -> Iterator[str]:
    kind = text_of(block, "type")
    if kind in _RUNS:
        yield "".join(map(_run, parts_of(block, "elements")))
        return
    if kind == "image":
        yield text_of(block, "alt_text")
        return
    for name in _TEXTS:
        value = block.get(name)
        yield text_of(value, "text") if isinstance(value, Mapping) else text_of(block, name)
    for name in _PARTS:
        yield from _lines(block.get(name), depth)


def _run(element: Body) -> str:
    match text_of(element, "type"):
        case "user":
            return f"<@{text_of(element, 'user_id')}>"
        case "channel":
            return f"<#{text_of(element, 'channel_id')}>"
        case "usergroup":
            return f"<!subteam^{text_of(element, 'usergroup_id')}>"
        case "broadcast":
            return f"<!{text_of(element, 'range')}>"
        case "emoji":
            return _sign(element) or _code(element)
        case "link":
            url, label = text_of(element, "url"), escaped(text_of(element, "text"))
            return f"<{url}|{label}>" if label else f"<{url}>"
        case "date":
            return escaped(text_of(element, "fallback"))
        case _:
            return escaped(text_of(element, "text"))


def _code(emoji: Body) -> str:
    tone = emoji.get("skin_tone")
    toned = f":skin-tone-{tone}:" if isinstance(tone, int) else ""
    return f":{text_of(emoji, 'name')}:{toned}"


def _sign(emoji: Body) -> str:
    try:
        return "".join(chr(int(point, 16)) for point in text_of(emoji, "unicode").split("-") if point)
    except (ValueError, OverflowError):
        return ""
