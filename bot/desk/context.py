"""One utterance being handled: the transaction, who speaks, and in which language we answer."""

from dataclasses import dataclass
from datetime import datetime

from bot.desk.ports.channels import Wording
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.domain.conversations.messages import Block, Line, Outcome, OutcomeKind, Reply, Utterance
from bot.domain.people import Person


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What every step of handling one utterance needs."""

    work: UnitOfWork
    wording: Wording
    utterance: Utterance
    person: Person
    language: str

    @property
    def at(self) -> datetime:
        """When it was said."""
        return self.utterance.at

    def say(self, key: str, /, **values: object) -> str:
        """A sentence in the turn's language."""
        return self.wording.say(self.language, key, **values)

    def reply(self, text: str, *more: Block) -> Reply:
        """A reply that begins with this sentence."""
        return Reply((Line(text), *more), summary=text, language=self.language)

    def refuse(self, key: str, *, card: Reply | None = None, **values: object) -> Outcome:
        """Tell the presser in private that this is not possible, and why."""
        return Outcome(OutcomeKind.REFUSED, notice=self.reply(self.say(key, **values)), card=card)
