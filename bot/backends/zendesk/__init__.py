"""The ticket backend that mirrors tickets in Zendesk both ways: its settings, and how it is made."""

from typing import TYPE_CHECKING

from bot.backends.zendesk.settings import Settings, configured, mistakes

if TYPE_CHECKING:
    from bot.desk.ports.backends import BackendHost, TwoWayBackend
    from bot.domain.diagnosis import DoctorHost, Examination

__all__ = ["Settings", "build", "configured", "doctor", "mistakes"]


def build(settings: Settings, host: "BackendHost") -> "TwoWayBackend":
    """Make the backend."""
    from bot.backends.zendesk.backend import Zendesk

    return Zendesk(settings, host)


def doctor(settings: Settings, host: "DoctorHost") -> "Examination":
    """The checks for `firstline doctor`."""
    from bot.backends.zendesk.examination import examination

    return examination(settings, host)
