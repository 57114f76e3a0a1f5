"""Makes the dialogs that Teams opens for a press on its own thumbs."""

from bot.channels.teams.inbound.feedback import OURS, REASON_FIELD
from bot.channels.teams.outbound import adaptive_card
from bot.channels.teams.outbound.elements import Element
from bot.channels.teams.outbound.messages import CARD
from bot.desk.ports.button_actions import REASON
from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import Field, Option, Reply


def saying(text: str) -> Element:
    """A dialog that says something and asks nothing."""
    return {"task": {"type": "message", "value": text}}


def after_thumb(answer: Reply | None, wording: Wording) -> Element:
    """The dialog after a verdict on an answer: why it did not help, where the answer asks that now."""
    reasons = [button for button in answer.menu if button.action == REASON] if answer else []
    if answer is None or not reasons:
        return saying(wording.say(answer.language if answer else "en", "teams.feedback.noted"))
    options = tuple(Option(button.argument, button.label) for button in reasons)
    asked = Field(REASON_FIELD, answer.menu_label, required=False, options=options)
    reply = Reply((), fields=(asked,), summary=answer.menu_label, language=answer.language)
    card = adaptive_card.dialog(reply, wording.say(answer.language, "teams.feedback.send"), OURS)
    value = {
        "title": wording.say(answer.language, "button.not_helpful"),
        "height": "small",
        "width": "small",
        "card": {"contentType": CARD, "content": card},
    }
    return {"task": {"type": "continue", "value": value}}
