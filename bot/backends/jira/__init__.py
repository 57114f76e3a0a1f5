"""The ticket backend for Jira Service Management: its settings, and how it is made."""

from typing import TYPE_CHECKING

from bot.backends.jira.settings import Settings, configured, mistakes

if TYPE_CHECKING:
    from bot.desk.ports.backends import BackendHost, TwoWayBackend
    from bot.domain.diagnosis import DoctorHost, Examination

__all__ = ["Settings", "build", "configured", "doctor", "mistakes"]


def build(settings: Settings, host: "BackendHost") -> "TwoWayBackend":
    """Make the backend."""
    from bot.backends.jira.backend import JiraBackend

    return JiraBackend(settings, host)


def doctor(settings: Settings, host: "DoctorHost") -> "Examination":
    """The checks for `firstline doctor`."""
    from bot.backends.jira.examination import examination

    return examination(settings, host)
