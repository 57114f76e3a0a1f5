"""A ticket backend as a plugin: mirrors tickets to an address of the operator's."""

from typing import TYPE_CHECKING

from bot.backends.webhook.settings import Settings, configured, mistakes

if TYPE_CHECKING:
    from bot.desk.ports.backends import BackendHost, TicketBackend

__all__ = ["Settings", "build", "configured", "mistakes"]


def build(settings: Settings, host: "BackendHost") -> "TicketBackend":
    """Make the backend."""
    from bot.backends.webhook.backend import WebhookBackend

    return WebhookBackend(settings, host)
