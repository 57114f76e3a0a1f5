"""What the platforms document is understood; what is not understood is refused, whoever sends it."""

import copy
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from bench.fuzz import DOORS, failed
from bench.hostile.doors import Answer, Door, seeds
from tests.support.desk.helpdesk import Helpdesk

FUZZED = 150  # payloads for each door; `python -m bench.fuzz` sends many more
# Of each payload that somebody causes: where it is from, what was said, what was clicked.
SLACK = {
    "message_im": ("direct", "my flurbostat is fizzing", ""),
    "message_help_channel": ("help", "the printer on floor 2 is jammed", ""),
    "message_thread": ("thread", "still the same", ""),
    "app_mention": ("mention", "how do I get a token?", ""),
    "message_file_share": ("direct", "see the picture", ""),
    "message_changed": ("direct", "the vpn is slow since today", ""),
    "message_deleted": ("direct", "the vpn is slow", ""),
    "message_forwarded": ("direct", "can you help with this?", ""),
    "app_home_opened": ("home", "", ""),
    "app_home_opened_messages": ("opened", "", ""),
    "block_actions_message": ("click", "", "claim"),
    "block_actions_menu": ("click", "", "release"),
    "block_actions_home": ("home", "", "withdraw"),
    "view_submission_form": ("click", "", "resolve"),
    "view_submission_question": ("direct", "my badge does not open the door", ""),
    "message_action": ("direct", "", ""),
    "command": ("direct", "my screen stays dark", ""),
}
TEAMS = {
    "message_personal": ("direct", "my flurbostat is fizzing", ""),
    "message_channel_mention": ("mention", "how do I get a token?", ""),
    "message_html": ("direct", "the printer is jammed", ""),
    "message_quoted_reply": ("direct", "still the same", ""),
    "message_file": ("direct", "see the log", ""),
    "message_update": ("direct", "my flurbostat is fizzing green", ""),
    "message_delete": ("direct", "", ""),
    "message_undelete": ("direct", "my flurbostat is fizzing", ""),
    "installation_update": ("opened", "", ""),
    "message_submit": ("click", "", "claim"),
    "invoke_action": ("click", "", "claim"),
    "invoke_action_inputs": ("click", "", "resolve"),
}
PAGE = {
    "ask": ("direct", "my flurbostat is fizzing", ""),
    "ask_behalf": ("direct", "Ana's badge does not open the door", ""),
    "room_reply": ("thread", "// I look at it", ""),
    "change": ("direct", "my flurbostat is fizzing green", ""),
    "delete": ("direct", "", ""),
    "press": ("click", "", "claim"),
    "press_form": ("click", "", "resolve"),
}
# Answers that are no 200: a card of nobody's, what a bot does not offer, a page without tokens.
STATUS = {"invoke_task_fetch": 501, "sign_in": 404}
UNDERSTOOD = {"slack": SLACK, "teams": TEAMS, "page": PAGE}
# What an utterance cannot be without, wherever it is in a payload.
NEEDED = {
    "slack": (
        ("message_im", "event.user"),
        ("message_im", "event.channel"),
        ("message_im", "event.ts"),
        ("message_im", "event_id"),
        ("message_im", "type"),
        ("message_im", "event.type"),
        ("block_actions_message", "user.id"),
        ("block_actions_message", "trigger_id"),
        ("block_actions_message", "actions.0.action_id"),
        ("view_submission_form", "view.id"),
        ("view_submission_form", "user"),
        ("command", "trigger_id"),
        ("command", "user_id"),
        ("message_action", "message"),
    ),
    "teams": (
        ("message_personal", "type"),
        ("message_personal", "id"),
        ("message_personal", "serviceUrl"),
        ("message_personal", "conversation.id"),
        ("message_personal", "from.id"),
        ("message_update", "id"),
        ("invoke_action", "from"),
        ("invoke_action", "conversation"),
    ),
    "page": (("ask", "key"), ("ask", "pane"), ("change", "change"), ("change", "message")),
}
# A text, a list and the like, where another type is no message of nobody's but one that was not understood.
TYPED = {
    "slack": (
        ("message_im", "event.text"),
        ("message_changed", "event.message"),
        ("view_submission_form", "view.state"),
        ("message_im", "authorizations"),
    ),
    "teams": (
        ("message_personal", "text"),
        ("message_personal", "attachments"),
        ("message_html", "textFormat"),
    ),
    "page": (("ask", "text"), ("press_form", "inputs"), ("press", "action")),
}


@pytest.fixture(params=DOORS)
async def door(request: pytest.FixtureRequest, helpdesk: Helpdesk) -> AsyncIterator[tuple[str, Door]]:
    """The door of each channel in turn."""
    async with AsyncExitStack() as stack:
        yield request.param, await stack.enter_async_context(DOORS[request.param](helpdesk))


async def test_documented_payloads_are_understood(door: tuple[str, Door]) -> None:
    platform, send = door
    for name, body in seeds(platform).items():
        answer = await send(name, body, None)
        assert said(answer) == UNDERSTOOD[platform].get(name), name
        assert answer.status == STATUS.get(name, 200), name


async def test_what_lacks_something_needed_is_refused(door: tuple[str, Door]) -> None:
    platform, send = door
    for name, path in NEEDED[platform]:
        for body in (without(seeds(platform)[name], path), with_other(seeds(platform)[name], path, None)):
            answer = await send(name, body, None)
            assert (answer.taken, 400 <= answer.status < 500) == ((), True), (name, path, answer.status)


@pytest.mark.parametrize("other", [7, ["a"], {"a": "b"}], ids=["number", "list", "object"])
async def test_a_part_of_another_type_is_refused(door: tuple[str, Door], other: object) -> None:
    platform, send = door
    for name, path in TYPED[platform]:
        seed = seeds(platform)[name]
        if type(other) is not type(at(seed, path)):
            answer = await send(name, with_other(seed, path, other), None)
            assert (answer.taken, 400 <= answer.status < 500) == ((), True), (name, path, answer.status)


async def test_random_changes_are_answered_clearly(door: tuple[str, Door]) -> None:
    platform, send = door
    choice, known = random.Random(platform), seeds(platform)  # noqa: S311 - the same in each run
    names = choice.choices(sorted(known), k=FUZZED)
    answers = [await send(name, known[name], choice) for name in names]
    assert failed(answers) == []
    assert any(answer.taken for answer in answers)


def said(answer: Answer) -> tuple[str, str, str] | None:
    """How an utterance was addressed, its text and the action that was clicked; None where there is none."""
    if not answer.taken:
        return None
    (utterance,) = answer.taken
    return str(utterance.addressed), utterance.text, utterance.click.action if utterance.click else ""


def at(body: Any, path: str) -> Any:
    """The part of a payload at a path."""
    for key in keys(body, path):
        body = body[key]
    return body


def keys(body: Any, path: str) -> list[Any]:
    """A path as keys and indexes; what the page sends is in the `body` of its payload."""
    found = [int(key) if key.isdigit() else key for key in path.split(".")]
    return ["body", *found] if "path" in body else found


def without(body: Any, path: str) -> Any:
    """A payload without what is at a path."""
    changed = copy.deepcopy(body)
    *before, last = keys(body, path)
    part = changed
    for key in before:
        part = part[key]
    del part[last]
    return changed


def with_other(body: Any, path: str, value: object) -> Any:
    """A payload with something else at a path."""
    changed = copy.deepcopy(body)
    *before, last = keys(body, path)
    part = changed
    for key in before:
        part = part[key]
    part[last] = value
    return changed
