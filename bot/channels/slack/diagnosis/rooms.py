"""Asks Slack about the rooms: whether the bot is in them, and who could join them."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.client import ERRORS, code_of, make_client, make_session
from bot.channels.slack.settings import Settings
from bot.desk.ports.wording import Wording


@dataclass(frozen=True, slots=True)
class RoomState:
    """State of a channel; with a `code` Slack did not tell it, and that is why."""

    code: str = ""
    name: str = ""
    private: bool = False
    archived: bool = False
    member: bool = False


async def read_room(client: AsyncWebClient, room: str) -> RoomState:
    """Ask Slack about a channel."""
    try:
        answer = await client.conversations_info(channel=room)
    except ERRORS as error:
        return RoomState(code_of(error))
    channel = answer.get("channel") or {}
    return RoomState(
        name=str(channel.get("name") or ""),
        private=bool(channel.get("is_private")),
        archived=bool(channel.get("is_archived")),
        member=bool(channel.get("is_member")),
    )


async def warnings(
    settings: Settings, wording: Wording, language: str, rooms: Sequence[str] = ()
) -> list[str]:
    """Say of each room when anybody can join it, and so become an engineer; asks Slack."""
    asked = [room for room in dict.fromkeys((settings.room, *rooms)) if room]
    if not asked or settings.several:  # tokens are in the database: `firstline doctor` looks at these rooms
        return []
    async with make_session() as session:
        client = make_client(settings.bot_token.get_secret_value(), settings.api_url, session)
        states = {room: await read_room(client, room) for room in asked}
    found = [_warning(room, state, wording, language) for room, state in states.items()]
    return [warning for warning in found if warning]


def _warning(room: str, state: RoomState, wording: Wording, language: str) -> str:
    if state.code:
        return wording.say(language, "slack.room.unreadable", room=room, code=state.code)
    return "" if state.private else wording.say(language, "slack.room.public", room=room)
