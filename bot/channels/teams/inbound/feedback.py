"""Reads presses on Teams' own thumbs, and what was filled in in the dialog behind them."""

import json
from collections.abc import Mapping
from typing import Any

from bot.channels.teams.inbound.activities import Activity
from bot.desk.ports.button_actions import NOT_HELPFUL, REASON, SOLVED
from bot.domain.conversations.messages import Click

FETCH, SUBMIT = "message/fetchTask", "message/submitAction"  # a thumb was pressed; its dialog was sent
OURS = "firstline"  # in what our own dialog sends, beside what was filled in
REASON_FIELD = "reason"
NOTHING = Click("", "")  # our dialog was sent, and nothing was picked in it
_VERDICTS = {"like": SOLVED, "dislike": NOT_HELPFUL}


def pressed(activity: Activity) -> Click | None:
    """Return what was said of an answer; None for what cannot be understood.

    A press opens our dialog and is the verdict already; of a client that opens its own form, the form is.
    """
    value = _map(activity.value)
    value = _map(value.get("data")) or value  # some clients wrap it
    said = _map(value.get("actionValue"))
    action = _VERDICTS.get(str(said.get("reaction")))
    message = activity.reply_to or str(value.get("replyToId") or "")
    if value.get("actionName") != "feedback" or action is None or not message:
        return None
    filled_in = _filled_in(said.get("feedback"))
    if activity.name == SUBMIT and OURS in filled_in:
        reason = str(filled_in.get(REASON_FIELD) or "")
        return Click(REASON, "", reason, message=message) if reason else NOTHING
    return Click(action, "", message=message)


def _filled_in(feedback: object) -> Mapping[str, Any]:
    if isinstance(feedback, str):
        try:
            feedback = json.loads(feedback)
        except (ValueError, RecursionError):
            return {}
    return _map(feedback)


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
