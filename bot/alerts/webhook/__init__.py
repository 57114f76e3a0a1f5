"""The alert source for any monitoring system that can post JSON: a signed webhook."""

from typing import TYPE_CHECKING

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from bot.desk.ports.alerts import AlertHost, AlertSource
    from bot.domain.diagnosis import DoctorHost, Examination

SHORTEST_SECRET = 16
LONGEST_NAME = 50


class Settings(BaseSettings):
    """The key that requests are signed with, and what the rooms call the system that sends them."""

    model_config = SettingsConfigDict(
        env_prefix="FIRSTLINE_ALERTS_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    secret: SecretStr = SecretStr("")
    name: str = Field(default="webhook", min_length=1, max_length=LONGEST_NAME)


def configured(settings: Settings, *, demo: bool) -> bool:  # noqa: ARG001  # every plugin has this function
    """Whether alerts are to be taken: where there is a key to check them with."""
    return bool(settings.secret.get_secret_value())


def mistakes(settings: Settings) -> list[str]:
    """The mistakes in the settings, as sentences for the operator."""
    secret = settings.secret.get_secret_value()
    if secret and len(secret) < SHORTEST_SECRET:
        return [
            f"FIRSTLINE_ALERTS_SECRET: must have at least {SHORTEST_SECRET} characters; make one with "
            "`openssl rand -hex 32`."
        ]
    return []


def build(settings: Settings, host: "AlertHost") -> "AlertSource":
    """Make the alert source."""
    from bot.alerts.webhook.webhook import Webhook

    return Webhook(settings.secret.get_secret_value(), settings.name, host)


def doctor(settings: Settings, host: "DoctorHost") -> "Examination":  # noqa: ARG001  # every plugin's takes both
    """The checks for `firstline doctor`."""
    from bot.alerts.webhook.examination import examination

    return examination(host)
