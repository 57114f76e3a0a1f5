"""What was said, made fit to keep, and what the matcher finds in it."""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.desk.knowledge.library import Library, Shelf
from bot.desk.ports.channels import Wording
from bot.domain.conversations.commands import Spoken, spoken
from bot.domain.conversations.episode import Episode
from bot.domain.conversations.masking import clean, mask, visible
from bot.domain.conversations.messages import Change, Utterance
from bot.domain.knowledge.content import Answer, Cuts, Decision, Finding, Intent, Tolerance, decide
from bot.domain.people import Person


@dataclass(frozen=True, slots=True)
class Habits:
    """How the desk behaves: what it tolerates, the language, and how long what is said belongs together."""

    tolerance: Tolerance
    language: str
    one_breath: timedelta = timedelta(minutes=2)
    patience: timedelta = timedelta(minutes=30)  # for the reply to our question, where there are no threads


@dataclass(frozen=True, slots=True)
class Heard:
    """A message after cleaning and masking; `action` is a desk's own action that was surely meant."""

    text: str
    masked: bool
    finding: Finding
    action: str | None
    command: Spoken | None

    @property
    def empty(self) -> bool:
        """Whether it shows nothing."""
        return not visible(self.text)


class Hearing:
    """Listens; decides nothing but which language to answer in."""

    def __init__(self, library: Library, wording: Wording, habits: Habits) -> None:
        self._library = library
        self._languages = wording.languages
        self.habits = habits

    @property
    def shelf(self) -> Shelf:
        """The content and matcher in force."""
        return self._library.shelf

    def cuts(self, finding: Finding) -> Cuts:
        """The cuts for a finding: they follow from what the matcher in force knows of itself."""
        return self._library.cuts(self.habits.tolerance, finding)

    def hear(self, utterance: Utterance) -> Heard:
        """Clean, mask and match a message; what is only changed is matched to nothing."""
        text, masked = mask(clean(utterance.text))
        if utterance.change is not Change.NEW:
            return Heard(text, masked, Finding(), None, None)
        finding = self.shelf.matcher.find(text) if visible(text) else Finding()
        return Heard(text, masked, finding, self.action_of(self.decision(finding)), spoken(text))

    def again(self, text: str, language: str) -> Finding:
        """Match a longer text, inside a transaction."""
        return self.shelf.matcher.find(text, language, here=True)

    def decision(self, finding: Finding, *, may_ask: bool = True) -> Decision:
        """What to do with a finding at the cuts in force; a desk's own action is never one of a choice."""
        cuts = self.cuts(finding)
        decision = decide(finding, cuts, may_ask=may_ask)
        if isinstance(decision, Answer):
            return decision
        return decide(self.without_actions(finding), cuts, may_ask=may_ask)

    def without_actions(self, finding: Finding) -> Finding:
        """A finding with only what can be shown: articles and replies."""
        content = self.shelf.content
        shown = tuple(match for match in finding.matches if not _is_action(content.intent(match.target)))
        return replace(finding, matches=shown)

    def action_of(self, decision: Decision) -> str | None:
        """The desk's own action that a decision amounts to."""
        if not isinstance(decision, Answer):
            return None
        intent = self.shelf.content.intent(decision.match.target)
        return intent.action if intent else None

    def language(
        self, utterance: Utterance, finding: Finding, episode: Episode | None, person: Person
    ) -> str:
        """The language of the answer: the text's, the episode's, the profile's, else the desk's."""
        if finding.language in self._languages:
            return finding.language or ""
        if episode is not None:
            return episode.language
        return self.spoken_by(utterance) or person.language or self.habits.language

    def profile_language(self, utterance: Utterance) -> str:
        """The profile's language, else the desk's."""
        return self.spoken_by(utterance) or self.habits.language

    def spoken_by(self, utterance: Utterance) -> str | None:
        """The profile's language, if we speak it."""
        language = (utterance.locale or "")[:2].lower()
        return language if language in self._languages else None


def _is_action(intent: Intent | None) -> bool:
    return intent is not None and intent.action is not None
