"""Takes the words of a message that its author deleted out of what was made of them."""

from dataclasses import replace

from bot.domain.conversations.messages import Block, Line, Quote, Reply

CUT = "…"  # where a quotation was shortened
LEAST_SHORTENED = 20  # characters that tell whose a shortened quotation is


def without_words(text: str, words: str) -> str:
    """Return a text without the lines of a message that is a part of it, or the text as it is."""
    lines, said = text.split("\n"), words.strip().split("\n")
    if not words.strip():
        return text
    # One search in all lines together: line by line it took their number times the other's.
    whole = _in_lines(lines)
    at = whole.find(_in_lines(said))
    if at < 0:
        return text
    begin = whole.count("\n", 0, at)
    return "\n".join((*lines[:begin], *lines[begin + len(said) :])).strip()


def _in_lines(lines: list[str]) -> str:
    return "\n".join(("", *(line.strip() for line in lines), ""))


def without_quotation(reply: Reply, words: str, instead: str) -> Reply | None:
    """Return a reply with a sentence in the place of these words; None where it quotes them nowhere."""
    blocks = tuple(_replaced(block, words, instead) for block in reply.blocks)
    if blocks == reply.blocks:
        return None
    # The summary is its first line with the begin of what is quoted.
    first = next((block.text for block in blocks if isinstance(block, Line)), instead)
    return replace(reply, blocks=blocks, summary=first)


def _replaced(block: Block, words: str, instead: str) -> Block:
    if not isinstance(block, Quote):
        return block
    left = without_words(block.text, words)
    shown = block.text.removesuffix(CUT).strip()
    shortened = shown != block.text.strip() and len(shown) >= LEAST_SHORTENED
    if shortened and " ".join(words.split()).startswith(" ".join(shown.split())):
        left = ""
    if left == block.text:
        return block
    return Quote(left) if left else Line(instead)
