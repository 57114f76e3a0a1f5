"""What was said, made fit to keep, and what the matcher finds in it."""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.desk.knowledge.library import ContentSnapshot, Library
from bot.desk.ports.channels import Wording
from bot.domain.conversations.commands import ParsedCommand, spoken
from bot.domain.conversations.episode import Episode
from bot.domain.conversations.masking import clean, mask, visible
from bot.domain.conversations.messages import Change, Utterance
from bot.domain.knowledge.content import Answer, Decision, Intent, MatchResult, Thresholds, Tolerance, decide
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
    """A message after cleaning and masking; `action` is a desk's own action that was surely meant."""

    text: str
    masked: bool
    result: MatchResult
    action: str | None
    command: ParsedCommand | None

    @property
    def empty(self) -> bool:
        """Whether it shows nothing."""
        return not visible(self.text)


class Understanding:
    """Listens; decides nothing but which language to answer in."""

    def __init__(self, library: Library, wording: Wording, policy: DeskPolicy) -> None:
        self._library = library
        self._languages = wording.languages
        self.policy = policy

    @property
    def snapshot(self) -> ContentSnapshot:
        """The content and matcher in force."""
        return self._library.snapshot

    def thresholds(self, result: MatchResult) -> Thresholds:
        """The cuts for a finding: they follow from what the matcher in force knows of itself."""
        return self._library.thresholds(self.policy.tolerance, result)

    def hear(self, utterance: Utterance) -> ParsedMessage:
        """Clean, mask and match a message; what is only changed is matched to nothing."""
        text, masked = mask(clean(utterance.text))
        if utterance.change is not Change.NEW:
            return ParsedMessage(text, masked, MatchResult(), None, None)
        result = self.snapshot.matcher.find(text) if visible(text) else MatchResult()
        return ParsedMessage(text, masked, result, self.action_of(self.decision(result)), spoken(text))

    def again(self, text: str, language: str) -> MatchResult:
        """Match a longer text, inside a transaction."""
        return self.snapshot.matcher.find(text, language, here=True)

    def decision(self, result: MatchResult, *, may_ask: bool = True) -> Decision:
        """What to do with a finding at the cuts in force; a desk's own action is never one of a choice."""
        thresholds = self.thresholds(result)
        decision = decide(result, thresholds, may_ask=may_ask)
        if isinstance(decision, Answer):
            return decision
        return decide(self.without_actions(result), thresholds, may_ask=may_ask)

    def without_actions(self, result: MatchResult) -> MatchResult:
        """A finding with only what can be shown: articles and replies."""
        content = self.snapshot.content
        shown = tuple(match for match in result.matches if not _is_action(content.intent(match.target)))
        return replace(result, matches=shown)

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
        return self.spoken_by(utterance) or person.language or self.policy.language

    def profile_language(self, utterance: Utterance) -> str:
        """The profile's language, else the desk's."""
        return self.spoken_by(utterance) or self.policy.language

    def spoken_by(self, utterance: Utterance) -> str | None:
        """The profile's language, if we speak it."""
        language = (utterance.locale or "")[:2].lower()
        return language if language in self._languages else None


def _is_action(intent: Intent | None) -> bool:
    return intent is not None and intent.action is not None
