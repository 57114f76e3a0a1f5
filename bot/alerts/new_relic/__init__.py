"""The alerts of New Relic: the webhook of a workflow, with a secret in a header."""

from pathlib import Path

from bot.alerts.vendor import TokenSettings, Vendor, reading


class Settings(TokenSettings):
    """The secret that the requests carry, and after how many silent minutes an alert is over."""

    model_config = reading("FIRSTLINE_NEW_RELIC_")


vendor = Vendor(Path(__file__).parent, "New Relic")
configured, mistakes, build, doctor = vendor.configured, vendor.mistakes, vendor.build, vendor.doctor
