"""What a person sees of an outcome: the sentence of a refusal, or a form, which is filled in and sent."""

from bot.domain.conversations.messages import Outcome, OutcomeKind, Reply
from tests.support.desk.helpdesk import Helpdesk, text_of


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


def send(helpdesk: Helpdesk, person: str, form: Reply, **inputs: str) -> Outcome:
    """Fill a form in and send it; what is not given stays as it is there."""
    written = {field.name: field.initial for field in form.fields} | inputs
    return helpdesk.click(person, form.buttons[0], inputs=written)
