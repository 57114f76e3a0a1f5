"""The Slack channel as a plugin; only `build` and `warnings` import the SDK."""

from typing import TYPE_CHECKING

from bot.channels.slack.settings import Settings, configured, fault_in_room, mistakes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.channels.slack.channel import SlackChannel
    from bot.desk.ports.channels import Host
    from bot.desk.ports.wording import Wording
    from bot.domain.diagnosis import DoctorHost, Examination

__all__ = ["Settings", "build", "configured", "doctor", "fault_in_room", "mistakes", "warnings"]


def build(settings: Settings, host: "Host") -> "SlackChannel":
    """Make the channel; both chat SDKs together cost seconds, so this one is imported here."""
    from bot.channels.slack.channel import SlackChannel

    return SlackChannel(settings, host)


async def warnings(
    settings: Settings, wording: "Wording", language: str, rooms: "Sequence[str]" = ()
) -> list[str]:
    """What an operator should know of the room, and of the rooms that queues name; asks Slack."""
    from bot.channels.slack.diagnosis.rooms import warnings as of_room

    return await of_room(settings, wording, language, rooms)


def doctor(settings: Settings, host: "DoctorHost") -> "Examination":
    """The checks for `firstline doctor`."""
    from bot.channels.slack.diagnosis.checks import examination

    return examination(settings, host)
