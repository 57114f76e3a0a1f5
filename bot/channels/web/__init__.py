"""The page as a plugin: employees ask on the left, engineers work in the room on the right."""

from typing import TYPE_CHECKING

from bot.channels.web.settings import Settings, configured, fault_in_room, mistakes, numbers

if TYPE_CHECKING:
    from bot.desk.ports.channels import Channel, Host
    from bot.domain.diagnosis import DoctorHost, Examination

__all__ = ["Settings", "build", "configured", "doctor", "fault_in_room", "mistakes"]


def build(settings: Settings, host: "Host") -> "Channel":
    """Make the channel; imports the templates' engine."""
    from bot.channels.web.access.accounts import read_grants
    from bot.channels.web.access.limits import Allowance
    from bot.channels.web.channel import WebChannel
    from bot.channels.web.sign_in.options import provider_options

    grants = read_grants(settings.web_tokens.get_secret_value())[0]
    provider = provider_options(settings)
    return WebChannel(
        grants,
        host,
        allowance=Allowance(*numbers(settings)),
        provider=provider,
        engineers_see_insights=settings.engineers_see_insights,
    )


def doctor(settings: Settings, host: "DoctorHost") -> "Examination":
    """The checks for `firstline doctor`."""
    from bot.channels.web.sign_in.examination import examination
    from bot.channels.web.sign_in.options import provider_options

    tokens, issuer = settings.web_tokens.get_secret_value(), settings.oidc_issuer.strip()
    return examination(tokens, issuer, None if mistakes(settings) else provider_options(settings), host)
