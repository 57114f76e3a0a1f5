"""The content in force and the matcher made for it; both are swapped in whole."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.desk.ports.content import ContentSource, Matcher
from bot.domain.errors import ContentInvalid
from bot.domain.knowledge.content import Content, Cuts, Finding, Match, Problem, Tolerance


@dataclass(frozen=True, slots=True)
class Shelf:
    """One content with its matcher."""

    content: Content
    matcher: Matcher


REMEMBERED = 500  # texts


class Library:
    """Keeps the last good content: a broken edit changes nothing but `problems`."""

    def __init__(self, source: ContentSource, make: Callable[[Content, Matcher | None], Matcher]) -> None:
        self._source = source
        self._make = make
        self._shelf: Shelf | None = None
        self._found: dict[str, tuple[Match, ...]] = {}
        self._found_on: Shelf | None = None
        self.problems: tuple[Problem, ...] = ()

    @property
    def shelf(self) -> Shelf:
        """What is in force now; take it once for each question."""
        if self._shelf is None:
            raise ContentInvalid
        return self._shelf

    def cuts(self, tolerance: Tolerance, finding: Finding) -> Cuts:
        """The cuts for a finding that follow from what is in force now."""
        proposed = self.shelf.matcher.cuts(tolerance.max_wrong, words_alone=finding.words_alone)
        return tolerance.cuts(proposed)

    def found(self, text: str) -> tuple[Match, ...]:
        """What the matcher in force finds; remembered, for a ticket's card is rendered again and again."""
        shelf = self.shelf
        if self._found_on is not shelf or len(self._found) >= REMEMBERED:
            self._found, self._found_on = {}, shelf
        known = self._found
        if text not in known:
            known[text] = shelf.matcher.find(text, here=True).matches
        return known[text]

    def load(self) -> bool:
        """Read the source; return whether its content is in force now."""
        content = self._source.load()
        self.problems = content.problems
        if any(problem.error for problem in content.problems):
            return False
        if self._shelf is None or self._shelf.content.hash != content.hash:
            previous = self._shelf.matcher if self._shelf is not None else None
            self._shelf = Shelf(content, self._make(content, previous))
        else:
            # What is not matched, such as ready replies and queues, is no matter of the matcher's.
            self._shelf = Shelf(content, self._shelf.matcher)
        return True

    def renew(self) -> bool:
        """Replace a provisional matcher by one that has learned meanwhile; return whether there is one."""
        shelf = self.shelf
        matcher = self._make(shelf.content, None)
        if matcher.provisional or self.shelf.content.hash != shelf.content.hash:
            return False
        self._shelf = Shelf(self.shelf.content, matcher)
        return True

    async def changes(self) -> None:
        """Return when the source has changed."""
        await self._source.changes()

    @property
    def errors(self) -> tuple[str, ...]:
        """What keeps the newest edit from taking effect."""
        return tuple(str(problem) for problem in self.problems if problem.error)
