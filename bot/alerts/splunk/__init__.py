"""The alerts of Splunk, with a secret in the path, for it can send no header; and the desk's events to it."""

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, SecretStr

from bot.alerts.vendor import HEADERS, LONGEST_MINUTES, TokenSettings, Vendor, events_mistakes, reading
from bot.runtime.network.credentials import Carrier

if TYPE_CHECKING:
    from bot.desk.ports.alerts import EventSink

PREFIX = "FIRSTLINE_SPLUNK_"


class Settings(TokenSettings):
    """The secret in the path, after how many silent minutes an alert is over, and the event collector."""

    model_config = reading(PREFIX)

    minutes: int = Field(default=60, ge=1, le=LONGEST_MINUTES)
    hec_url: str = ""
    hec_token: SecretStr = SecretStr("")
    hec_ack: bool = True


def _wrong(settings: Settings) -> list[str]:
    key = settings.hec_token.get_secret_value()
    return events_mistakes(f"{PREFIX}HEC_URL", settings.hec_url, f"{PREFIX}HEC_TOKEN", key)


def sink(settings: Settings) -> "EventSink | None":
    """Make what takes the desk's events; None where no collector is set."""
    if not settings.hec_url:
        return None
    from bot.alerts.splunk.hec import HecSink

    key = settings.hec_token.get_secret_value()
    return HecSink(settings.hec_url, key, acknowledged=settings.hec_ack)


vendor = Vendor(
    Path(__file__).parent,
    "Splunk",
    carriers=(Carrier.PATH, *HEADERS),
    wrong=_wrong,
    sink=sink,
    others=lambda settings: bool(settings.hec_url or settings.hec_token.get_secret_value()),
)
configured, mistakes, build, doctor = vendor.configured, vendor.mistakes, vendor.build, vendor.doctor
