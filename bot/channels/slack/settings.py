"""Settings of the Slack channel."""

import re
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SLACK = "https://slack.com/api/"
ID_ADVICE = "use the id that Slack shows at the end of the channel's details, such as C0123456789"
_CHANNEL = re.compile(r"[CG][A-Z0-9]+")


def _named(env: str, field: str) -> AliasChoices:
    return AliasChoices(env, field)


class Settings(BaseSettings):
    """Slack's part of the environment; every setting has its own name there."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    bot_token: SecretStr = Field(SecretStr(""), validation_alias=_named("SLACK_BOT_TOKEN", "bot_token"))
    signing_secret: SecretStr = Field(
        SecretStr(""), validation_alias=_named("SLACK_SIGNING_SECRET", "signing_secret")
    )
    app_token: SecretStr = Field(SecretStr(""), validation_alias=_named("SLACK_APP_TOKEN", "app_token"))
    api_url: str = Field(SLACK, validation_alias=_named("SLACK_API_URL", "api_url"))
    room: str = Field("", validation_alias=_named("FIRSTLINE_SLACK_ROOM", "room"))
    help_channels: Annotated[tuple[str, ...], NoDecode] = Field(
        (), validation_alias=_named("FIRSTLINE_SLACK_HELP_CHANNELS", "help_channels")
    )
    allow_guests: bool = Field(
        default=False, validation_alias=_named("FIRSTLINE_SLACK_ALLOW_GUESTS", "allow_guests")
    )

    @field_validator("bot_token", "signing_secret", "app_token", mode="after")
    @classmethod
    def _trim_secret(cls, value: SecretStr) -> SecretStr:
        return SecretStr(value.get_secret_value().strip())

    @field_validator("room", mode="after")
    @classmethod
    def _trim(cls, value: str) -> str:
        return value.strip()

    @field_validator("help_channels", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("api_url", mode="after")
    @classmethod
    def _with_slash(cls, value: str) -> str:
        # The SDK joins URLs by the rules of links: without the slash it would cut the last part.
        return value.strip().rstrip("/") + "/"


def configured(settings: Settings, *, demo: bool) -> bool:
    """Whether there is a Slack to talk to: its bot token is set. The demo talks to nobody outside."""
    return not demo and bool(settings.bot_token.get_secret_value())


def mistakes(settings: Settings) -> list[str]:
    """Every mistake in the settings; each names its setting and says what to do."""
    bot, app = settings.bot_token.get_secret_value(), settings.app_token.get_secret_value()
    secret = settings.signing_secret.get_secret_value()
    found = []
    if not bot and (secret or app or settings.room or settings.help_channels):
        found.append(
            "SLACK_BOT_TOKEN is missing although other Slack settings are there: set it to the bot token "
            "(xoxb-...) of the app's page «OAuth & Permissions», or remove the others."
        )
    if bot and not bot.startswith("xoxb-"):
        found.append("SLACK_BOT_TOKEN does not begin with xoxb-: set it to the bot token, no other token.")
    if bot and not secret and not app:
        found.append(
            "SLACK_SIGNING_SECRET is missing: set it (from «Basic Information»), or set SLACK_APP_TOKEN for "
            "Socket Mode."
        )
    if app and not app.startswith("xapp-"):
        found.append(
            "SLACK_APP_TOKEN does not begin with xapp-: set it to an app-level token with the scope "
            "connections:write."
        )
    if not re.match(r"https?://[^/\s]+", settings.api_url):
        found.append(f"SLACK_API_URL is no http(s) address: set it to one such as {SLACK}, or remove it.")
    return found + _wrong_channels(settings)


def fault_in_room(room: str) -> str | None:
    """What is wrong with a room as a queue names it."""
    return None if _CHANNEL.fullmatch(room) else f"'{room}' is no channel of Slack; {ID_ADVICE}"


def _wrong_channels(settings: Settings) -> list[str]:
    advice = f"{ID_ADVICE}."
    found = []
    if settings.room and not _CHANNEL.fullmatch(settings.room):
        found.append(f"FIRSTLINE_SLACK_ROOM is no channel id ({settings.room}): {advice}")
    wrong = [channel for channel in settings.help_channels if not _CHANNEL.fullmatch(channel)]
    if wrong:
        found.append(f"FIRSTLINE_SLACK_HELP_CHANNELS has no channel ids in {', '.join(wrong)}: {advice}")
    return found
