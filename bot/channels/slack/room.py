"""What an operator should know of the room before employees use the bot."""

from bot.channels.slack.calls import ERRORS, code_of, make_client, make_session
from bot.channels.slack.settings import Settings
from bot.desk.ports import Wording


async def warnings(settings: Settings, wording: Wording, language: str) -> list[str]:
    """Say when anybody can join the room, and so become an engineer; asks Slack."""
    if not settings.room:
        return []
    async with make_session() as session:
        client = make_client(settings.bot_token.get_secret_value(), settings.api_url, session)
        try:
            answer = await client.conversations_info(channel=settings.room)
        except ERRORS as error:
            return [wording.say(language, "slack.room.unreadable", room=settings.room, code=code_of(error))]
    if (answer.get("channel") or {}).get("is_private"):
        return []
    return [wording.say(language, "slack.room.public", room=settings.room)]
