"""Slack for the end-to-end tests: its fake with five people, and how to look at it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from tests.support.e2e.running import Running, until
from tests.support.fakes.slack import SlackFake, pressable

ENVIRONMENT = {"FIRSTLINE_SLACK_ROOM": "CROOM", "FIRSTLINE_SLACK_HELP_CHANNELS": "CHELP"}


@asynccontextmanager
async def slack_workspace() -> AsyncIterator[SlackFake]:
    """Slack with a room, a help channel, two employees and two engineers."""
    async with SlackFake() as slack:
        people = {"UANA": "Ana", "UTOM": "Tom", "UEVA": "Eva", "UERIC": "Eric", "UMAL": "Mallory"}
        for user, name in people.items():
            slack.workspace.add_person(user, name)
        slack.workspace.add_channel("CROOM", private=True, members=("UEVA", "UERIC"))
        slack.workspace.add_channel("CHELP", members=tuple(people))
        yield slack


def has_roster(app: Running) -> bool:
    """Whether the people of the room are known, and by their names, which are looked up afterwards."""
    long_ago = app.application.clock() - timedelta(days=1)
    with app.application.begin() as work:
        return {"Eva", "Eric"} <= {name for _, name in work.rosters.members(long_ago)}


def words(message: dict[str, Any]) -> str:
    """Everything that a message says."""
    return json.dumps(message, ensure_ascii=False)


def buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    """What can be pressed on a message."""
    return pressable(message)


def button(message: dict[str, Any], action: str) -> dict[str, Any]:
    """What is sent when the button of an action is pressed, or its option picked in the menu; raise
    `LookupError` where neither is there.
    """
    shown = buttons(message)
    for element in shown:
        if f":{action}" in f":{element['action_id']}" or f'["{action}"' in element.get("value", ""):
            return element
    for menu in shown:
        for option in menu.get("options", ()):
            if f'["{action}"' in option["value"]:
                return {"type": menu["type"], "action_id": menu["action_id"], "selected_option": option}
    raise LookupError(f"nothing here does {action!r}: {[element['action_id'] for element in shown]}")


async def posted(slack: SlackFake, channel: str, text: str) -> dict[str, Any]:
    """Wait for a message with this text."""
    found: dict[str, Any] = await until(
        lambda: next((m for m in slack.posts(channel) if text in words(m)), None),
        f"{text!r} in {channel}",
    )
    return found
