"""What was filled in about an outage, made fit to keep and to be told."""

from collections.abc import Iterable, Mapping

from bot.domain.conversations.masking import clean, mask, visible
from bot.domain.tickets.outage import LONGEST_NOTICE, LONGEST_TITLE
from bot.domain.tickets.relay import is_note


def masked(text: str, limit: int) -> str:
    """At most this much of a text, its secrets hidden; empty where nothing shows."""
    shown, _ = mask(clean(text))
    return shown.strip()[:limit] if visible(shown) else ""


def marked(inputs: Mapping[str, str]) -> bool:
    """Whether anything is marked as a note: that reaches no employee, here neither."""
    return any(is_note(text) for text in inputs.values())


def title_of(inputs: Mapping[str, str]) -> str:
    """The title, on one line."""
    return " ".join(masked(inputs.get("title", ""), LONGEST_TITLE).split())


def notices_of(inputs: Mapping[str, str], languages: Iterable[str]) -> dict[str, str]:
    """The notice in each of these languages, empty where none was written."""
    return {language: masked(inputs.get(f"notice_{language}", ""), LONGEST_NOTICE) for language in languages}
