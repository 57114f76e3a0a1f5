"""Begins of texts, for titles and notifications."""

LONGEST_IN_SHORT = 120  # characters
LONGEST_SUBJECT = 80  # characters: two lines on a phone


def in_short(text: str) -> str:
    """Return the begin of a text on one line, for a notification."""
    short = " ".join(text.split())
    return short if len(short) <= LONGEST_IN_SHORT else f"{short[: LONGEST_IN_SHORT - 1].rstrip()}…"


def first_words(text: str) -> str:
    """Return the first words of a text on one line, for a title; they end between two words if they can.

    A stroke parts what stood on lines of its own, as messages of one ticket do.
    """
    line = " / ".join(" ".join(part.split()) for part in text.splitlines() if part.strip())
    if len(line) <= LONGEST_SUBJECT:
        return line
    begin = line[: LONGEST_SUBJECT - 1]
    whole_words = begin.rpartition(" ")[0] if line[LONGEST_SUBJECT - 1] != " " else begin
    return f"{whole_words if len(whole_words) > LONGEST_SUBJECT // 2 else begin}…"
