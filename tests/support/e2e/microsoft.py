"""Teams for the end-to-end tests: its fake with four people, and how to look at it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.support.e2e.running import until
from tests.support.fakes.teams import TENANT, Message, Person, TeamsFake
from tests.support.unknown import UNKNOWN

GENERAL = "19:general@thread.tacv2"
HELP = "19:help@thread.tacv2"
ROOM = "19:room@thread.tacv2"
NOTICE = "application/vnd.microsoft.activity.message"
CARD = "application/vnd.microsoft.card.adaptive"
ENGINEERS = f"teams:{TENANT}/aad-eva teams:{TENANT}/aad-eric"


@asynccontextmanager
async def teams_tenant() -> AsyncIterator[TeamsFake]:
    """Teams with two employees and two engineers; whatever it refused fails the test."""
    async with TeamsFake() as teams:
        teams.store.people["eric"] = Person("eric", "Eric Engineer")
        yield teams
        assert teams.problems == []


def words(message: Message | dict[str, Any]) -> str:
    """Everything that a message or a card says."""
    shown = message.activity if isinstance(message, Message) else message
    return json.dumps(shown, ensure_ascii=False)


def titles(card: dict[str, Any]) -> list[str]:
    """The titles of a card's buttons; its menu, and what opens its details, left out."""
    actions = [action for action in card.get("actions", []) if action.get("mode") != "secondary"]
    for element in card["body"]:
        actions += element.get("actions", [])
    return [action["title"] for action in actions if action.get("targetElements") != ["details"]]


def chat(person: str) -> str:
    """The personal chat with somebody."""
    return f"a:chat-{person}"


def messages(teams: TeamsFake, place: str) -> list[Message]:
    """The bot's messages in a chat, or in all threads of a channel."""
    return [m for m in teams.store.messages if m.conversation.partition(";")[0] == place]


async def shown(teams: TeamsFake, place: str, text: str) -> Message:
    """Wait for a message with this text."""
    found: Message = await until(
        lambda: next((m for m in messages(teams, place) if text in words(m)), None), f"{text!r} in {place}"
    )
    return found


async def asked(teams: TeamsFake, person: str = "ana", text: str = UNKNOWN) -> Message:
    """Somebody asks in private; return the card in the room."""
    assert (await teams.says(person, text))[0] == 200
    return await shown(teams, ROOM, text)
