"""The alerts of Prometheus' Alertmanager: its webhook, with a secret in a header."""

from pathlib import Path

from bot.alerts.vendor import TokenSettings, Vendor, reading


class Settings(TokenSettings):
    """The secret that the requests carry, and after how many silent minutes an alert is over."""

    model_config = reading("FIRSTLINE_ALERTMANAGER_")


vendor = Vendor(Path(__file__).parent, "Alertmanager")
configured, mistakes, build, doctor = vendor.configured, vendor.mistakes, vendor.build, vendor.doctor
