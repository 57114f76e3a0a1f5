"""Canned responses of engineers: texts with placeholders for what differs each time."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PLACEHOLDERS = ("requester", "ticket", "engineer")
PLACEHOLDER_PATTERN = re.compile(r"\{([A-Za-z_]\w*)\}")


@dataclass(frozen=True, slots=True)
class CannedResponse:
    """Canned response in one language; its versions in other languages share the id."""

    id: str
    title: str
    body: str
    language: str = "en"
    queue: str | None = None
    tags: tuple[str, ...] = ()

    def fill(self, values: Mapping[str, str]) -> str:
        """Fill in the placeholders of the text; other braces stay."""
        return PLACEHOLDER_PATTERN.sub(lambda match: values.get(match[1], match[0]), self.body)

    def has(self, words: Iterable[str]) -> bool:
        """Tell whether all these words, in small letters, occur in it somewhere."""
        text = " ".join((self.title, self.body, *self.tags)).casefold()
        return all(word in text for word in words)


def pick_version(versions: Mapping[str, CannedResponse], language: str) -> CannedResponse:
    """Return the version in this language, else in English, else in any."""
    return versions.get(language) or versions.get("en") or next(iter(versions.values()))


def find_canned_responses(
    replies: Mapping[str, Mapping[str, CannedResponse]], language: str, queue: str, search: str = ""
) -> tuple[CannedResponse, ...]:
    """Return what may be offered for a ticket of this queue: its own first, then those of no queue, by title.

    With `search`, only those with all its words, whatever the language of the version that has them.
    """
    words = search.casefold().split()
    shown = [
        pick_version(versions, language)
        for versions in replies.values()
        if any(one.has(words) for one in versions.values())
    ]
    fitting = [canned for canned in shown if canned.queue is None or canned.queue == queue]
    return tuple(sorted(fitting, key=lambda canned: (canned.queue is None, canned.title.casefold())))
