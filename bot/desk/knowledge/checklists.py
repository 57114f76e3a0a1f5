"""Finds the checklist of a ticket: its intent's own questions, or the general ones."""

from collections.abc import Callable, Sequence

from bot.desk.knowledge.library import Library
from bot.domain.conversations.episode import Episode
from bot.domain.knowledge.content import Intent, in_language
from bot.domain.knowledge.decision import Tolerance
from bot.domain.tickets.checklist import AskedDetail
from bot.domain.tickets.ticket import Ticket

GENERAL = ("device", "since", "error", "steps")
Say = Callable[..., str]


class Checklists:
    """Checklists of tickets, and the labels of their questions on cards."""

    def __init__(self, say: Say, library: Library, tolerance: Tolerance | None = None) -> None:
        self._say = say
        self._library = library
        self._tolerance = tolerance or Tolerance()

    def of(self, ticket: Ticket, episode: Episode, language: str) -> tuple[tuple[str, str], ...]:
        """Return the questions of a ticket as (key, question), in this language."""
        general = tuple((key, self._say(language, f"asks.{key}")) for key in GENERAL)
        return _questions(self._intent(ticket, episode), language) or general

    def own(self, target: str, language: str) -> tuple[tuple[str, str], ...]:
        """Return the questions of a target's own intent as (key, question); none where it has none."""
        return _questions(self._library.snapshot.content.intent(target), language)

    def label(self, asked: AskedDetail, language: str) -> str:
        """Return the label of a question on a card; where the content has changed, the question as asked."""
        if asked.key in GENERAL:
            return self._say(language, f"card.asks.{asked.key}")
        name, _, index = asked.key.rpartition(":")
        intent = self._library.snapshot.content.intents.get(name)
        versions = intent.asks if intent is not None else {}
        if any(_at(questions, index) == asked.question for questions in versions.values()):
            return _at(versions.get(language, ()), index) or asked.question
        return asked.question

    def _intent(self, ticket: Ticket, episode: Episode) -> Intent | None:
        snapshot = self._library.snapshot
        if ticket.target:
            return snapshot.content.intent(ticket.target)
        # It was opened on behalf of somebody, or before targets were stored: it was not matched yet.
        if episode.tried:
            return snapshot.content.intent(episode.tried[-1][0])
        result = self._library.match(episode.question, episode.language, here=True)
        near = self._library.thresholds(self._tolerance, result).choose
        best = result.best
        return snapshot.content.intent(best.target) if best and best.confidence >= near else None


def _questions(intent: Intent | None, language: str) -> tuple[tuple[str, str], ...]:
    if intent is None:
        return ()
    questions = in_language(intent.asks, language) or ()
    return tuple((f"{intent.id}:{index}", question) for index, question in enumerate(questions))


def _at(questions: Sequence[str], index: str) -> str:
    number = int(index) if index.isdecimal() else -1
    return questions[number] if 0 <= number < len(questions) else ""
