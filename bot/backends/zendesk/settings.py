"""The settings of Zendesk."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.people import plain_address
from bot.runtime.network.site_address import fault_in_secret, fault_in_site

EXAMPLE = "https://acme.zendesk.com"
SHORTEST = 16  # characters of a secret that Zendesk makes


class Settings(BaseSettings):
    """The account in Zendesk and what it is used for: FIRSTLINE_ZENDESK_*."""

    model_config = SettingsConfigDict(
        env_prefix="FIRSTLINE_", env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    zendesk_url: str = ""
    zendesk_email: str = ""
    zendesk_token: SecretStr = SecretStr("")
    zendesk_webhook_secret: SecretStr = SecretStr("")
    zendesk_match_addresses: bool = False
    zendesk_poll_seconds: int = Field(default=120, ge=0, le=3600)


def configured(settings: Settings, *, demo: bool) -> bool:  # noqa: ARG001  # every plugin has this function
    """Whether tickets are to be mirrored in Zendesk."""
    return bool(settings.zendesk_url)


def mistakes(settings: Settings) -> list[str]:
    """All mistakes in the settings, as sentences for the operator."""
    token = settings.zendesk_token.get_secret_value()
    webhook = settings.zendesk_webhook_secret.get_secret_value()
    if not settings.zendesk_url:
        if token or webhook or settings.zendesk_email:
            return ["FIRSTLINE_ZENDESK_URL: an account is set and no address; set it, or none of them."]
        return []
    found = fault_in_site("FIRSTLINE_ZENDESK_URL", settings.zendesk_url, EXAMPLE)
    if not plain_address(settings.zendesk_email):
        found.append("FIRSTLINE_ZENDESK_EMAIL: name the e-mail address of the agent whose API token this is.")
    if not token:
        found.append(
            "FIRSTLINE_ZENDESK_TOKEN: is missing; make one in Zendesk's Admin Center under Apps and "
            "integrations, APIs, API tokens."
        )
    found += fault_in_secret("FIRSTLINE_ZENDESK_TOKEN", token)
    if webhook and len(webhook) < SHORTEST:
        found.append(
            "FIRSTLINE_ZENDESK_WEBHOOK_SECRET: is too short; copy the whole signing secret of the webhook."
        )
    if not webhook and not settings.zendesk_poll_seconds:
        found.append(
            "FIRSTLINE_ZENDESK_WEBHOOK_SECRET: without it and with FIRSTLINE_ZENDESK_POLL_SECONDS=0 nothing "
            "that changes in Zendesk would be seen; set one of them."
        )
    return found
