"""Context in which one utterance is handled: the transaction, the person, and the language of the answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import Block, Line, Outcome, OutcomeKind, Reply, Shows, Utterance
from bot.domain.knowledge.decision import MatchResult
from bot.domain.people import Person


class NotMatchedYet(Exception):  # no error: the transaction begins again once it is matched
    """Request to match a text before the transaction can go on: no lock is held while matching."""

    def __init__(self, text: str, language: str) -> None:
        super().__init__(text, language)
        self.text = text
        self.language = language


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Context of one utterance; `matched` holds its match results so far, by text and language."""

    work: UnitOfWork
    wording: Wording
    utterance: Utterance
    person: Person
    language: str
    matched: Mapping[tuple[str, str], MatchResult] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        """Return when the utterance was made."""
        return self.utterance.at

    def match(self, text: str, language: str) -> MatchResult:
        """Return the match result of a longer text; raise `NotMatchedYet` where there is none yet."""
        found = self.matched.get((text, language))
        if found is None:
            raise NotMatchedYet(text, language)
        return found

    def say(self, key: str, /, **values: object) -> str:
        """Word a sentence in the context's language."""
        return self.wording.say(self.language, key, **values)

    def reply(self, text: str, *more: Block) -> Reply:
        """Make a reply that begins with this sentence."""
        return Reply((Line(text), *more), summary=text, language=self.language)

    def refuse(self, key: str, *, shows: Shows | None = None, **values: object) -> Outcome:
        """Tell whoever clicked in private that this is not possible, and why."""
        return Outcome(OutcomeKind.REFUSED, notice=self.reply(self.say(key, **values)), shows=shows)
