"""Settings of the page."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.channels.web.access.accounts import HERE, read_grants


class Settings(BaseSettings):
    """Who may use the page.

    `FIRSTLINE_WEB_TOKENS`: entries `token=name:role`, separated by whitespace or commas; the role is
    `employee` or `engineer`, a token has at least 16 characters, `_` in a name is shown as a space.
    """

    model_config = SettingsConfigDict(
        env_prefix="FIRSTLINE_", env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    web_tokens: SecretStr = SecretStr("")
    public_url: str = ""  # the links to whole articles lead to this channel, with or without a page


def configured(settings: Settings, *, demo: bool) -> bool:
    """Whether there is a page (in the demo, or where tokens say who may use it) or a place for articles."""
    return demo or bool(settings.web_tokens.get_secret_value().strip(", \t\r\n") or settings.public_url)


def mistakes(settings: Settings) -> list[str]:
    """Every mistake in the settings, with what to do; a token itself is never shown."""
    return list(read_grants(settings.web_tokens.get_secret_value())[1])


def fault_in_room(room: str) -> str | None:
    """What is wrong with a room as a queue names it."""
    return None if room == HERE else f"the page has one room; write 'web: {HERE}' to have the cards in it"
