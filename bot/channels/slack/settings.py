"""Settings of the Slack channel."""

import re
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SLACK = "https://slack.com/api/"
ID_ADVICE = "use the id that Slack shows at the end of the channel's details, such as C0123456789"
SEVERAL_ADVICE = "write the workspace, a slash and the channel's id, such as T0123456789/C0123456789"
SHORTEST_KEY = 32  # characters of the key for tokens
_CHANNEL = re.compile(r"[CG][A-Z0-9]+")
_CHANNEL_OF = re.compile(r"[TE][A-Z0-9]+/[CG][A-Z0-9]+")
_WORKSPACE = re.compile(r"[TE][A-Z0-9]+")


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
    client_id: str = Field("", validation_alias=_named("SLACK_CLIENT_ID", "client_id"))
    client_secret: SecretStr = Field(
        SecretStr(""), validation_alias=_named("SLACK_CLIENT_SECRET", "client_secret")
    )
    token_key: SecretStr = Field(
        SecretStr(""), validation_alias=_named("FIRSTLINE_SLACK_TOKEN_KEY", "token_key")
    )
    workspaces: Annotated[tuple[str, ...], NoDecode] = Field(
        (), validation_alias=_named("FIRSTLINE_SLACK_WORKSPACES", "workspaces")
    )
    api_url: str = Field(SLACK, validation_alias=_named("SLACK_API_URL", "api_url"))
    room: str = Field("", validation_alias=_named("FIRSTLINE_SLACK_ROOM", "room"))
    help_channels: Annotated[tuple[str, ...], NoDecode] = Field(
        (), validation_alias=_named("FIRSTLINE_SLACK_HELP_CHANNELS", "help_channels")
    )
    allow_guests: bool = Field(
        default=False, validation_alias=_named("FIRSTLINE_SLACK_ALLOW_GUESTS", "allow_guests")
    )

    @property
    def several(self) -> bool:
        """Whether the app is installed by OAuth, in the workspaces that are named."""
        return bool(self.client_id)

    @property
    def token_keys(self) -> tuple[str, ...]:
        """The keys for tokens: the first one seals, the others open what former keys sealed."""
        return tuple(self.token_key.get_secret_value().split())

    @field_validator("bot_token", "signing_secret", "app_token", "client_secret", mode="after")
    @classmethod
    def _trim_secret(cls, value: SecretStr) -> SecretStr:
        return SecretStr(value.get_secret_value().strip())

    @field_validator("room", "client_id", mode="after")
    @classmethod
    def _trim(cls, value: str) -> str:
        return value.strip()

    @field_validator("help_channels", "workspaces", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(value.replace(",", " ").split())
        return value

    @field_validator("api_url", mode="after")
    @classmethod
    def _with_slash(cls, value: str) -> str:
        # The SDK joins URLs by the rules of links: without the slash it would cut the last part.
        return value.strip().rstrip("/") + "/"


def configured(settings: Settings, *, demo: bool) -> bool:
    """Whether there is a Slack to talk to: a bot token or a client id. The demo talks to nobody outside."""
    return not demo and bool(settings.bot_token.get_secret_value() or settings.client_id)


def mistakes(settings: Settings) -> list[str]:
    """Every mistake in the settings; each names its setting and says what to do."""
    bot, app = settings.bot_token.get_secret_value(), settings.app_token.get_secret_value()
    secret = settings.signing_secret.get_secret_value()
    found = _wrong_installing(settings)
    if not bot and not settings.several and (secret or app or settings.room or settings.help_channels):
        found.append(
            "SLACK_BOT_TOKEN is missing although other Slack settings are there: set it to the bot token "
            "(xoxb-...) of the app's page “OAuth & Permissions”, or remove the others."
        )
    if bot and not bot.startswith("xoxb-"):
        found.append("SLACK_BOT_TOKEN does not begin with xoxb-: set it to the bot token, no other token.")
    if (bot or settings.several) and not secret and not app:
        found.append(
            "SLACK_SIGNING_SECRET is missing: set it (from “Basic Information”), or set SLACK_APP_TOKEN for "
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
    """What is wrong with a room as a queue names it, in one workspace or in several."""
    if _CHANNEL.fullmatch(room) or _CHANNEL_OF.fullmatch(room):
        return None
    return f"'{room}' is no channel of Slack; {ID_ADVICE}"


def _wrong_installing(settings: Settings) -> list[str]:
    """What is missing or too much where the app is installed by OAuth."""
    keys = settings.token_keys
    given = settings.client_secret.get_secret_value() or keys or settings.workspaces
    if not settings.several:
        told = "SLACK_CLIENT_ID is missing although other settings for several workspaces are there: set it."
        return [told] if given else []
    found = []
    if settings.bot_token.get_secret_value():
        found.append(
            "SLACK_BOT_TOKEN is set beside SLACK_CLIENT_ID: keep the token for one workspace, or the client "
            "id for several, where each installation brings its own token."
        )
    if not settings.client_secret.get_secret_value():
        found.append("SLACK_CLIENT_SECRET is missing: set it (from “Basic Information”, App Credentials).")
    if not keys or any(len(key) < SHORTEST_KEY for key in keys):
        found.append(
            "FIRSTLINE_SLACK_TOKEN_KEY must have at least 32 characters, for tokens are kept encrypted: make "
            "one with `openssl rand -hex 32`, and keep it apart from the database."
        )
    wrong = [name for name in settings.workspaces if not _WORKSPACE.fullmatch(name)]
    if wrong or not settings.workspaces:
        which = f"has no ids in {', '.join(wrong)}" if wrong else "is missing"
        found.append(
            f"FIRSTLINE_SLACK_WORKSPACES {which}: name the workspaces (T0123456789) or organisations "
            "(E0123456789) in which the app may be installed."
        )
    return found


def _wrong_channels(settings: Settings) -> list[str]:
    form, advice = (_CHANNEL_OF, SEVERAL_ADVICE) if settings.several else (_CHANNEL, ID_ADVICE)
    advice = f"{advice}."
    found = []
    if settings.room and not form.fullmatch(settings.room):
        found.append(f"FIRSTLINE_SLACK_ROOM is no channel id ({settings.room}): {advice}")
    wrong = [channel for channel in settings.help_channels if not form.fullmatch(channel)]
    if wrong:
        found.append(f"FIRSTLINE_SLACK_HELP_CHANNELS has no channel ids in {', '.join(wrong)}: {advice}")
    return found
