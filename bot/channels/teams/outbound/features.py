"""Tells what the Teams behind a service URL knows, so that nothing is tried where it could do harm."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.runtime.network.loopback import is_loopback

# Microsoft 365's own cloud. Of other clouds nobody says that they honour messages for one person, and one
# that passed over the mark would show everybody what was for one alone.
_PUBLIC_CLOUD = "smba.trafficmanager.net"
_WITHOUT_THUMBS = ".azure.cn"  # 21Vianet's cloud


@dataclass(frozen=True, slots=True)
class Features:
    """Features of the clients of this bot: Agents Playground is the one client of an `anonymous` bot.

    With `local`, a service on this machine is taken for Teams: tokens come from a test issuer.
    """

    anonymous: bool
    local: bool = False

    @property
    def files(self) -> bool:
        """Whether messages with pictures are shown, and the question about a file."""
        return not self.anonymous

    def targeted(self, service_url: str) -> bool:
        """Tell whether a message in a channel or group chat can be for one person alone."""
        host = urlsplit(service_url).hostname or ""
        return not self.anonymous and (host == _PUBLIC_CLOUD or (self.local and is_loopback(host)))

    def thumbs(self, service_url: str) -> bool:
        """Tell whether Teams' own thumbs are shown under a message, and say under which they were pressed.

        Agents Playground shows them, and does not tell the message.
        """
        return not self.anonymous and not (urlsplit(service_url).hostname or "").endswith(_WITHOUT_THUMBS)
