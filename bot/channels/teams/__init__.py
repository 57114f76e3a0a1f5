"""The Microsoft Teams channel as a plugin; every Bot Framework type stays in this package."""

from typing import TYPE_CHECKING

from bot.channels.teams.settings import Settings, configured, fault_in_room, mistakes

if TYPE_CHECKING:
    from bot.desk.ports.channels import Channel, Host

__all__ = ["Settings", "build", "configured", "fault_in_room", "mistakes"]


def build(settings: Settings, host: "Host") -> "Channel":
    """Make the channel; imports what it needs."""
    from bot.channels.teams.channel import TeamsChannel

    return TeamsChannel(settings, host)
