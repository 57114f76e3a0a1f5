"""The settings of the ticket webhook."""

from urllib.parse import urlsplit

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.runtime.network.loopback import is_loopback

SHORTEST = 16


class Settings(BaseSettings):
    """The URL and the key that posts are signed with: FIRSTLINE_MIRROR_URL, FIRSTLINE_MIRROR_SECRET."""

    model_config = SettingsConfigDict(
        env_prefix="FIRSTLINE_", env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    mirror_url: str = ""
    mirror_secret: SecretStr = SecretStr("")


def configured(settings: Settings, *, demo: bool) -> bool:  # noqa: ARG001  # every plugin has this function
    """Whether tickets are to be mirrored."""
    return bool(settings.mirror_url)


def mistakes(settings: Settings) -> list[str]:
    """All mistakes in the settings, as sentences for the operator."""
    secret = settings.mirror_secret.get_secret_value()
    if not settings.mirror_url:
        return ["FIRSTLINE_MIRROR_URL: a secret is set and no address; set both or none."] if secret else []
    found = []
    try:
        parts = urlsplit(settings.mirror_url)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https"):
        found.append("FIRSTLINE_MIRROR_URL: this is no web address; begin it with https://.")
    elif parts.scheme == "http" and not is_loopback(host):
        found.append("FIRSTLINE_MIRROR_URL: tickets hold people's words; use https:// outside this machine.")
    if len(secret) < SHORTEST:
        found.append(
            f"FIRSTLINE_MIRROR_SECRET: must have at least {SHORTEST} characters, so that the other side can "
            "tell that a ticket is ours; make one with `openssl rand -hex 32`."
        )
    return found
