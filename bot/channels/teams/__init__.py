"""The Microsoft Teams channel as a plugin; every Bot Framework type stays in this package."""

from typing import TYPE_CHECKING

from bot.channels.teams.settings import Settings, configured, fault_in_room, mistakes

if TYPE_CHECKING:
    from bot.desk.ports.channels import Channel, Host
    from bot.domain.diagnosis import DoctorHost, Examination

__all__ = ["Settings", "build", "configured", "doctor", "fault_in_room", "mistakes"]


def build(settings: Settings, host: "Host") -> "Channel":
    """Make the channel; imports what it needs."""
    from bot.channels.teams.channel import TeamsChannel

    return TeamsChannel(settings, host)


def doctor(settings: Settings, host: "DoctorHost") -> "Examination":
    """The checks for `firstline doctor`."""
    from bot.channels.teams.examination import examination

    return examination(settings, host)
