"""The ticket backend that posts tickets to a URL of the operator's: its settings, and how it is made."""

from typing import TYPE_CHECKING

from bot.backends.webhook.settings import Settings, configured, mistakes

if TYPE_CHECKING:
    from bot.desk.ports.backends import BackendHost, TicketBackend
    from bot.domain.diagnosis import DoctorHost, Examination

__all__ = ["Settings", "build", "configured", "doctor", "mistakes"]


def build(settings: Settings, host: "BackendHost") -> "TicketBackend":
    """Make the backend."""
    from bot.backends.webhook.backend import WebhookBackend

    return WebhookBackend(settings, host)


def doctor(settings: Settings, host: "DoctorHost") -> "Examination":
    """The checks for `firstline doctor`."""
    from bot.backends.webhook.examination import examination

    return examination(settings, host)
