"""Warns an operator of a room that anybody can join."""

from collections.abc import Sequence

from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.client import ERRORS, code_of, make_client, make_session
from bot.channels.slack.settings import Settings
from bot.desk.ports.wording import Wording


async def warnings(
    settings: Settings, wording: Wording, language: str, rooms: Sequence[str] = ()
) -> list[str]:
    """Say of each room when anybody can join it, and so become an engineer; asks Slack."""
    asked = [room for room in dict.fromkeys((settings.room, *rooms)) if room]
    if not asked:
        return []
    async with make_session() as session:
        client = make_client(settings.bot_token.get_secret_value(), settings.api_url, session)
        found = [await _warning(client, room, wording, language) for room in asked]
    return [warning for warning in found if warning]


async def _warning(client: AsyncWebClient, room: str, wording: Wording, language: str) -> str:
    try:
        answer = await client.conversations_info(channel=room)
    except ERRORS as error:
        return wording.say(language, "slack.room.unreadable", room=room, code=code_of(error))
    if (answer.get("channel") or {}).get("is_private"):
        return ""
    return wording.say(language, "slack.room.public", room=room)
