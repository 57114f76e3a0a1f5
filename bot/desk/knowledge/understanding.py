"""Parses a message: cleans and masks it, matches it, and decides once what to do with the match."""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.desk.knowledge.library import ContentSnapshot, Library
from bot.desk.ports.channels import Wording
from bot.domain.conversations.commands import ParsedCommand, parse_command
from bot.domain.conversations.episode import Episode
from bot.domain.conversations.masking import clean, mask, visible
from bot.domain.conversations.messages import Change, Utterance
from bot.domain.knowledge.content import (
    Answer,
    Decision,
    Escalate,
    Intent,
    MatchResult,
    Thresholds,
    Tolerance,
    decide,
)
from bot.domain.people import Person


@dataclass(frozen=True, slots=True)
class DeskPolicy:
    """How the desk behaves: what it tolerates, the language, and how long what is said belongs together."""

    tolerance: Tolerance
    language: str
    grouping_window: timedelta = timedelta(minutes=2)
    patience: timedelta = timedelta(minutes=30)  # for the reply to our question, where there are no threads


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """A message after cleaning and masking, what it matched, and the decision that follows from that.

    `action` is a desk's own action that was surely meant.
    """

    text: str
    masked: bool
    result: MatchResult
    decision: Decision
    action: str | None
    command: ParsedCommand | None

    @property
    def empty(self) -> bool:
        """Whether it shows nothing."""
        return not visible(self.text)


class Understanding:
    """What a message means on its own, and in which language to answer it."""

    def __init__(self, library: Library, wording: Wording, policy: DeskPolicy) -> None:
        self._library = library
        self._languages = wording.languages
        self.policy = policy

    @property
    def snapshot(self) -> ContentSnapshot:
        """The content and matcher in force."""
        return self._library.snapshot

    def thresholds(self, result: MatchResult) -> Thresholds:
        """The thresholds for a match result: they follow from what the matcher in force knows of itself."""
        return self._library.thresholds(self.policy.tolerance, result)

    def parse(self, utterance: Utterance) -> ParsedMessage:
        """Clean, mask and match a message, and decide; what is only changed is matched to nothing."""
        text, masked = mask(clean(utterance.text))
        if utterance.change is not Change.NEW:
            return ParsedMessage(text, masked, MatchResult(), Escalate(), None, None)
        result = self.snapshot.matcher.find(text) if visible(text) else MatchResult()
        decision = self.decide(result)
        return ParsedMessage(text, masked, result, decision, self.action_of(decision), parse_command(text))

    def match(self, text: str, language: str) -> MatchResult:
        """Match a longer text of somebody who waits already: without a network call."""
        return self.snapshot.matcher.find(text, language, here=True)

    def decide(self, result: MatchResult) -> Decision:
        """Decide at the thresholds in force; a desk's own action is never one of a choice."""
        decision = decide(result, self.thresholds(result))
        return decision if isinstance(decision, Answer) else self.decide_without_actions(result)

    def decide_without_actions(self, result: MatchResult) -> Decision:
        """Decide between what can be shown alone: articles and replies."""
        content = self.snapshot.content
        shown = tuple(match for match in result.matches if not _is_action(content.intent(match.target)))
        return decide(replace(result, matches=shown), self.thresholds(result))

    def action_of(self, decision: Decision) -> str | None:
        """The desk's own action that a decision amounts to."""
        if not isinstance(decision, Answer):
            return None
        intent = self.snapshot.content.intent(decision.match.target)
        return intent.action if intent else None

    def language(
        self, utterance: Utterance, result: MatchResult, episode: Episode | None, person: Person
    ) -> str:
        """The language of the answer: the text's, the episode's, the profile's, else the desk's."""
        if result.language in self._languages:
            return result.language or ""
        if episode is not None:
            return episode.language
        return self.supported_language(utterance) or person.language or self.policy.language

    def profile_language(self, utterance: Utterance) -> str:
        """The profile's language, else the desk's."""
        return self.supported_language(utterance) or self.policy.language

    def supported_language(self, utterance: Utterance) -> str | None:
        """The profile's language, if we speak it."""
        language = (utterance.locale or "")[:2].lower()
        return language if language in self._languages else None


def _is_action(intent: Intent | None) -> bool:
    return intent is not None and intent.action is not None
