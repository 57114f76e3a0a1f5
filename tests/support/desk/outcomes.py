"""What a person sees of an outcome: the sentence of a refusal, or a form."""

from bot.domain.conversations.messages import Outcome, OutcomeKind, Reply
from tests.support.desk.helpdesk import text_of


def notice(outcome: Outcome) -> str:
    """The sentence that only the person who was refused sees."""
    assert outcome.kind == OutcomeKind.REFUSED
    assert outcome.notice is not None
    return text_of(outcome.notice)


def form_of(outcome: Outcome) -> Reply:
    """The form that a press has asked for."""
    assert outcome.kind == "form"
    assert outcome.card is not None
    return outcome.card
