"""Learns from the questions that the desk was asked how many of them articles answer."""

from dataclasses import replace

from bot.desk.knowledge.library import ContentSnapshot, Library
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.knowledge.decision import MatchResult
from bot.domain.knowledge.traffic import AskedQuestion, Traffic

NEWEST = 1_000  # questions from which is learned
FEWEST = 20  # questions; with fewer, what is assumed stays


class TrafficLearner:
    """Learner of the desk's traffic, from its newest questions; reading and learning are apart.

    Each replica learns for itself from the same questions; nothing is stored.
    """

    def __init__(self, begin: UnitsOfWork, library: Library, max_wrong: float) -> None:
        self._begin = begin
        self._library = library
        self._max_wrong = max_wrong

    def read(self) -> tuple[AskedQuestion, ...]:
        """Read the newest questions of the matcher in force; none where the traffic plays no part."""
        if self._library.traffic is None:
            return ()
        with self._begin.reading() as work:
            return work.episodes.newest_asked(self._library.snapshot.matcher.version, NEWEST)

    def learn(self, asked: tuple[AskedQuestion, ...]) -> Traffic | None:
        """Let the library assume what these questions show, and return it; None where they are too few."""
        if len(asked) < FEWEST:
            return None
        snapshot = self._library.snapshot
        requests = snapshot.content.service_requests
        learned = Traffic.learned(
            [one.result for one in asked],
            requests,
            self._max_wrong,
            prior=snapshot.matcher.prior,
            fixed=self._library.unanswered,
            helped=[one.helped for one in asked],
        )
        by_queue = learned.shares(asked, requests, lambda result: _queue_of(snapshot, result))
        self._library.learned = learned = replace(learned, by_queue=by_queue)
        return learned


def _queue_of(snapshot: ContentSnapshot, result: MatchResult) -> str:
    """Return the queue of the best candidate, the default one where it names none."""
    intent = snapshot.content.intent(result.best.target) if result.best is not None else None
    return snapshot.content.queues.of((intent.queue if intent else None) or "").id
