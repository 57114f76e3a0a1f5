"""Keeps the content in force and its matcher; both are replaced together."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.desk.ports.content import ContentSource, Matcher
from bot.domain.errors import ContentInvalid
from bot.domain.knowledge.content import Content, Problem
from bot.domain.knowledge.decision import Match, MatchResult, Thresholds, Tolerance
from bot.domain.knowledge.traffic import Traffic
from bot.domain.tickets.queues import Queues


@dataclass(frozen=True, slots=True)
class ContentSnapshot:
    """Snapshot of the content with its matcher."""

    content: Content
    matcher: Matcher


REMEMBERED_TEXTS = 2_000  # cards of a rush are rendered after many more questions were matched


def thresholds_in(
    traffic: Traffic | None, matcher: Matcher, tolerance: Tolerance, *, words_alone: bool = False
) -> Thresholds:
    """Return the thresholds of a matcher in some traffic; without any those of its own trials."""
    mix = traffic.mix if traffic is not None else None
    proposed = matcher.thresholds(tolerance.max_wrong, tolerance.certainty, words_alone=words_alone, mix=mix)
    return tolerance.thresholds(traffic.careful(proposed) if traffic is not None else proposed)


class _Memory:
    """Matches of texts, and of which content and traffic they are."""

    def __init__(self, snapshot: ContentSnapshot | None, learned: Traffic | None) -> None:
        self.snapshot = snapshot
        self.learned = learned
        self.matches: dict[str, tuple[Match, ...]] = {}


class Library:
    """Library of content: keeps the last valid one; an invalid edit changes nothing but `problems`."""

    def __init__(
        self,
        source: ContentSource,
        make: Callable[[Content, Matcher | None], Matcher],
        *,
        unanswered: float | None = None,
        certain: bool = False,
    ) -> None:
        """`unanswered` fixes the share of questions that no article answers.

        Where the promise is to be `certain`, labelled questions speak alone, whatever the traffic.
        """
        self._source = source
        self._make = make
        self._snapshot: ContentSnapshot | None = None
        self._memory = _Memory(None, None)
        self.problems: tuple[Problem, ...] = ()
        self.learned: Traffic | None = None
        self.unanswered = unanswered
        self._certain = certain

    @property
    def snapshot(self) -> ContentSnapshot:
        """Return what is in force, to be taken once for each question; raise `ContentInvalid` without any."""
        if self._snapshot is None:
            raise ContentInvalid
        return self._snapshot

    def queues(self) -> Queues:
        """Return the queues in force."""
        return self.snapshot.content.queues

    @property
    def traffic(self) -> Traffic | None:
        """Return the traffic that is assumed: what was learned of it, else the matcher's prior."""
        if self._certain:
            return None
        return self.learned or Traffic.assumed(self.snapshot.matcher.prior, self.unanswered)

    def thresholds(self, tolerance: Tolerance, result: MatchResult) -> Thresholds:
        """Return the thresholds for a match result, by the matcher in force."""
        matcher = self.snapshot.matcher
        return thresholds_in(self.traffic, matcher, tolerance, words_alone=result.words_alone)

    def match(self, text: str, language: str | None = None, *, here: bool = False) -> MatchResult:
        """Match one text, with the confidences that it has in the desk's traffic."""
        remembered = self._remembered()  # before the look: what a later content replaces is not taken for it
        snapshot = self.snapshot
        result = snapshot.matcher.find(text, language, here=here)
        traffic = self.traffic
        if traffic is not None:
            result = traffic.under(result, snapshot.content.service_requests)
        if language is None:  # the card of the ticket that it may become asks for them at once
            remembered[text] = result.matches
        return result

    def find_matches(self, text: str) -> tuple[Match, ...]:
        """Return the matches of a text, remembered: a ticket's card is rendered again and again."""
        found = self._remembered().get(text)
        return self.match(text, here=True).matches if found is None else found

    def _remembered(self) -> dict[str, tuple[Match, ...]]:
        """Return the matches that are remembered of the content in force and the traffic that is known."""
        memory, snapshot, learned = self._memory, self.snapshot, self.learned
        same = memory.snapshot is snapshot and memory.learned is learned
        if not same or len(memory.matches) >= REMEMBERED_TEXTS:
            memory = self._memory = _Memory(snapshot, learned)
        return memory.matches

    def load(self) -> bool:
        """Read the source; return whether its content is in force now."""
        content = self._source.load()
        self.problems = content.problems
        if any(problem.error for problem in content.problems):
            return False
        if self._snapshot is None or self._snapshot.content.hash != content.hash:
            previous = self._snapshot.matcher if self._snapshot is not None else None
            self._snapshot = ContentSnapshot(content, self._make(content, previous))
        else:
            # Canned responses and queues are not matched: the matcher stays.
            self._snapshot = ContentSnapshot(content, self._snapshot.matcher)
        return True

    def renew(self, learn: Callable[[Content], Matcher] | None = None) -> bool:
        """Replace a provisional matcher by one that is trained; return whether there is one.

        With `learn` it is trained here and now, in some seconds; without, elsewhere before.
        """
        snapshot = self.snapshot
        matcher = self._make(snapshot.content, None) if learn is None else learn(snapshot.content)
        if matcher.provisional or self.snapshot.content.hash != snapshot.content.hash:
            return False
        self._snapshot = ContentSnapshot(self.snapshot.content, matcher)
        return True

    async def changes(self) -> None:
        """Return when the source has changed."""
        await self._source.changes()

    @property
    def errors(self) -> tuple[str, ...]:
        """Return the errors that keep the newest edit from taking effect."""
        return tuple(str(problem) for problem in self.problems if problem.error)
