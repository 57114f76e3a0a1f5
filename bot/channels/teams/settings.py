"""Settings of the Microsoft Teams channel."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.runtime.network.loopback import is_loopback

ROUTE = "/api/messages"  # the messaging endpoint
ISSUER = "https://api.botframework.com"
METADATA = "https://login.botframework.com/v1/.well-known/openidconfiguration"
LOGIN = "https://login.microsoftonline.com"
ID_ADVICE = (
    "must be a channel id such as 19:...@thread.tacv2: take it from the channel's link,"
    " decode %3A and %40, and leave out what follows ;messageid"
)
APP_TYPES = ("SingleTenant", "UserAssignedMSI", "MultiTenant")


class Settings(BaseSettings):
    """The Teams settings; without an app id only the anonymous demo can use the channel."""

    model_config = SettingsConfigDict(
        frozen=True, hide_input_in_errors=True, env_file=".env", extra="ignore", populate_by_name=True
    )

    app_id: str = Field(default="", validation_alias="MICROSOFT_APP_ID")
    app_password: str = Field(default="", validation_alias="MICROSOFT_APP_PASSWORD", repr=False)
    tenant_id: str = Field(default="", validation_alias="MICROSOFT_APP_TENANT_ID")
    app_type: str = Field(default="SingleTenant", validation_alias="MICROSOFT_APP_TYPE")
    openid_metadata: str = Field(default=METADATA, validation_alias="MICROSOFT_OPENID_METADATA")
    token_issuer: str = Field(default=ISSUER, validation_alias="MICROSOFT_TOKEN_ISSUER")
    login_url: str = Field(default=LOGIN, validation_alias="MICROSOFT_LOGIN_URL")
    room: str = Field(default="", validation_alias="FIRSTLINE_TEAMS_ROOM")
    help_channels: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), validation_alias="FIRSTLINE_TEAMS_HELP_CHANNELS"
    )

    allow_guests: bool = Field(default=False, validation_alias="FIRSTLINE_TEAMS_ALLOW_GUESTS")

    @field_validator("help_channels", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part for part in re.split(r"[\s,]+", value) if part) if isinstance(value, str) else value

    @field_validator(
        "app_id",
        "tenant_id",
        "app_type",
        "openid_metadata",
        "token_issuer",
        "login_url",
        "room",
        mode="after",
    )
    @classmethod
    def _strip(cls, value: str) -> str:
        return value.strip()

    @field_validator("tenant_id", mode="after")
    @classmethod
    def _lower(cls, value: str) -> str:
        return value.lower()  # people paste it in either case, and it is part of our keys

    @property
    def test_issuer(self) -> bool:
        """Whether tokens come from a local test issuer, whose services may be plain http on loopback."""
        return is_loopback(urlsplit(self.token_issuer).hostname or "")

    @property
    def channels(self) -> frozenset[str]:
        """The ids of all channels that are configured."""
        return frozenset({self.room, *self.help_channels} - {""})


def configured(settings: Settings, *, demo: bool) -> bool:
    """Tell whether the channel is to be built; the demo serves Agents Playground without an app id."""
    return demo or bool(settings.app_id)


def mistakes(settings: Settings) -> list[str]:
    """Every mistake in the settings; each names the setting and says what to do."""
    found = []
    if not settings.app_id:
        if settings.app_password:
            found.append(
                "MICROSOFT_APP_ID is empty, but MICROSOFT_APP_PASSWORD is set: set the app's id too."
            )
        return found
    if settings.app_type not in APP_TYPES:
        found.append(f"MICROSOFT_APP_TYPE must be one of {', '.join(APP_TYPES)}.")
    if settings.app_type != "UserAssignedMSI" and not settings.app_password:
        found.append("MICROSOFT_APP_PASSWORD is empty: set the client secret of the app registration.")
    if not settings.tenant_id and (settings.app_type != "MultiTenant" or settings.room):
        found.append("MICROSOFT_APP_TENANT_ID is empty: set the directory (tenant) id of your organisation.")
    for name, url in (
        ("MICROSOFT_OPENID_METADATA", settings.openid_metadata),
        ("MICROSOFT_LOGIN_URL", settings.login_url),
    ):
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            found.append(f"{name} must be an https address (http only on this machine).")
    return found + _channel_mistakes(settings)


def _channel_mistakes(settings: Settings) -> list[str]:
    named = [("FIRSTLINE_TEAMS_ROOM", settings.room)] if settings.room else []
    named += [("FIRSTLINE_TEAMS_HELP_CHANNELS", channel) for channel in settings.help_channels]
    return [f"{name} {ID_ADVICE}." for name, channel in named if not _is_channel(channel)]


def fault_in_room(room: str) -> str | None:
    """What is wrong with a room as a queue names it."""
    return None if _is_channel(room) else f"a room of Teams {ID_ADVICE}"


def _is_channel(name: str) -> bool:
    return name.startswith("19:") and ";" not in name and "%" not in name
