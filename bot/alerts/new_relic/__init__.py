"""The alerts of New Relic's workflows, with a secret in a header; and the desk's events as its logs."""

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.alerts.vendor import TokenSettings, Vendor, events_mistakes, reading

if TYPE_CHECKING:
    from bot.desk.ports.alerts import EventSink

PREFIX = "FIRSTLINE_NEW_RELIC_"
LOGS = "https://log-api.newrelic.com/log/v1"


class Settings(TokenSettings):
    """The secret that the requests carry, and the key and the address for the desk's events."""

    model_config = reading(PREFIX)

    license_key: SecretStr = SecretStr("")
    logs_url: str = LOGS


def _wrong(settings: Settings) -> list[str]:
    key = settings.license_key.get_secret_value()
    if not key and settings.logs_url == LOGS:
        return []
    return events_mistakes(f"{PREFIX}LOGS_URL", settings.logs_url, f"{PREFIX}LICENSE_KEY", key)


def sink(settings: Settings) -> "EventSink | None":
    """Make what takes the desk's events; None where no key is set."""
    if not settings.license_key.get_secret_value():
        return None
    from bot.alerts.new_relic.logs import LogSink

    return LogSink(settings.logs_url, settings.license_key.get_secret_value())


vendor = Vendor(
    Path(__file__).parent,
    "New Relic",
    wrong=_wrong,
    sink=sink,
    others=lambda settings: bool(settings.license_key.get_secret_value()),
)
configured, mistakes, build, doctor = vendor.configured, vendor.mistakes, vendor.build, vendor.doctor
