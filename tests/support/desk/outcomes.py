"""What a person sees of an outcome, presses under an answer, and how windows of questions close."""

from datetime import timedelta

from bot.desk.history.outcomes import LATEST, OutcomeWindows
from bot.domain.conversations.messages import Outcome, OutcomeKind, Reply
from bot.domain.conversations.outcome import NO_WORD, RE_CONTACT
from tests.support.desk.helpdesk import Helpdesk, text_of

CLOSED = RE_CONTACT + NO_WORD + 2 * LATEST  # after the last word every window is closed


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


def press(helpdesk: Helpdesk, person: str, action: str, argument: str | None = None) -> None:
    """Press the newest button with this action in somebody's private chat."""
    posts = helpdesk.in_space(f"D{person}")
    shown = [one for post in posts for one in (*post.buttons, *post.menu) if one.action == action]
    assert helpdesk.click(person, [one for one in shown if argument in (None, one.argument)][-1])


def close_windows(helpdesk: Helpdesk, after: timedelta = CLOSED) -> None:
    """Let time pass, and close every window of a question that is over."""
    helpdesk.clock.move(seconds=after.total_seconds())
    windows = OutcomeWindows(helpdesk.begin, helpdesk.clock)
    while windows.close_lot():
        pass
