"""The page as a plugin: employees ask on the left, engineers work in the room on the right."""

from typing import TYPE_CHECKING

from bot.channels.web.settings import Settings, configured, fault_in_room, mistakes

if TYPE_CHECKING:
    from bot.desk.ports.channels import Channel, Host

__all__ = ["Settings", "build", "configured", "fault_in_room", "mistakes"]


def build(settings: Settings, host: "Host") -> "Channel":
    """Make the channel; imports the templates' engine."""
    from bot.channels.web.access.accounts import read_grants
    from bot.channels.web.channel import WebChannel

    return WebChannel(read_grants(settings.web_tokens.get_secret_value())[0], host)
