"""Renders forms and notices as modals, and reads what is submitted."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.slack.manifest import ASK
from bot.channels.slack.outbound.blocks import render
from bot.channels.slack.outbound.elements import PREFIX, VALUE, Json, field_element, plain_text, written_in
from bot.channels.slack.text import cut
from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import Click, ConversationRef, Field, Reply
from bot.domain.errors import FirstlineError
from bot.domain.secrets.masking import clean

FORM_CALLBACK = f"{PREFIX}form"
ASK_CALLBACK = f"{PREFIX}{ASK}"
TITLE, LABEL = 24, 2000
FORM_BLOCKS = 80
_FIELD = "field:"


class FormInvalid(FirstlineError):
    """An outcome asked for a form without fields or without a button to send it."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A submitted form of ours: where its button was clicked, and the click."""

    space: str
    thread: str
    click: Click


def form_view(card: Reply, origin: ConversationRef, wording: Wording) -> Json:
    """The modal that asks for a card's fields; it carries the first button's click and where it began."""
    if not card.buttons or not card.fields:
        raise FormInvalid
    button = card.buttons[0]
    carried = json.dumps(
        [button.action, button.token, button.argument, origin.space, origin.thread], separators=(",", ":")
    )
    shown = Reply(blocks=card.blocks, summary=card.summary)
    body = render(shown, "view", FORM_BLOCKS).blocks if card.blocks else []
    return {
        "type": "modal",
        "callback_id": FORM_CALLBACK,
        "private_metadata": carried,
        "title": plain_text(card.summary, TITLE),
        "submit": plain_text(button.label, TITLE),
        "close": plain_text(wording.say(card.language, "slack.form.cancel"), TITLE),
        "blocks": body + [_input(field) for field in card.fields],
    }


def question_view(language: str, wording: Wording) -> Json:
    """The modal of the global shortcut: one question."""
    question = Field(
        "question", wording.say(language, "slack.ask.label"), wording.say(language, "slack.ask.hint")
    )
    return {
        "type": "modal",
        "callback_id": ASK_CALLBACK,
        "title": plain_text(wording.say(language, "slack.ask.title"), TITLE),
        "submit": plain_text(wording.say(language, "slack.ask.submit"), TITLE),
        "close": plain_text(wording.say(language, "slack.form.cancel"), TITLE),
        "blocks": [_input(question)],
    }


def notice_view(notice: Reply, language: str, wording: Wording) -> Json:
    """The modal that tells what became of a submission."""
    return {
        "type": "modal",
        "callback_id": f"{PREFIX}notice",
        "title": plain_text(wording.say(language, "slack.notice.title"), TITLE),
        "close": plain_text(wording.say(language, "slack.notice.close"), TITLE),
        "blocks": render(Reply(notice.blocks, summary=notice.summary), "view", FORM_BLOCKS).blocks,
    }


def question_of(view: Mapping[str, Any]) -> str:
    """What was written in the global shortcut's modal."""
    return _inputs(view).get("question", "")


def submission_of(view: Mapping[str, Any]) -> Submission | None:
    """Read a submitted form; None when it is none of ours."""
    try:
        carried = json.loads(view.get("private_metadata") or "")
    except (ValueError, RecursionError):
        return None
    match carried:
        case [str(action), str(token), str(argument), str(space), str(thread)]:
            return Submission(space, thread, Click(action, token, argument, inputs=_inputs(view)))
    return None


def same(view: Mapping[str, Any], card: Reply) -> bool:
    """Whether a card asks for what this submitted form has just asked for."""
    sent = submission_of(view)
    button = card.buttons[0] if card.buttons else None
    if sent is None or button is None:
        return sent is None and button is None
    return (sent.click.action, sent.click.token, sent.click.argument) == (
        button.action,
        button.token,
        button.argument,
    )


def digest(view: Mapping[str, Any]) -> str:
    """A short name of what was written in a form."""
    written = json.dumps(_inputs(view), sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:12]


def first_field(view: Mapping[str, Any]) -> str:
    """The block of the first input, beside which an error is shown."""
    blocks = view.get("blocks") or ()
    names = [str(block.get("block_id")) for block in blocks if block.get("type") == "input"]
    return names[0] if names else f"{_FIELD}0"


def _inputs(view: Mapping[str, Any]) -> dict[str, str]:
    values: Mapping[str, Any] = (view.get("state") or {}).get("values") or {}
    return {
        block_id.removeprefix(_FIELD): clean(written_in(elements.get(VALUE) or {}))
        for block_id, elements in values.items()
        if block_id.startswith(_FIELD)
    }


def _input(field: Field) -> Json:
    return {
        "type": "input",
        "block_id": cut(_FIELD + field.name, 255),
        "optional": not field.required,
        "label": plain_text(field.label, LABEL),
        "element": field_element(field),
    }
