"""The alerts of Splunk: the webhook of a saved search, with a secret in its path: it can send no header."""

from pathlib import Path

from pydantic import Field

from bot.alerts.vendor import HEADERS, LONGEST_MINUTES, TokenSettings, Vendor, reading
from bot.runtime.network.credentials import Carrier


class Settings(TokenSettings):
    """The secret in the path, and after how many silent minutes an alert is over: nobody says so."""

    model_config = reading("FIRSTLINE_SPLUNK_")

    minutes: int = Field(default=60, ge=1, le=LONGEST_MINUTES)


vendor = Vendor(Path(__file__).parent, "Splunk", carriers=(Carrier.PATH, *HEADERS))
configured, mistakes, build, doctor = vendor.configured, vendor.mistakes, vendor.build, vendor.doctor
