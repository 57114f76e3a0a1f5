"""Remembers service URLs, teams, and the two ids that a person has."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from bot.desk.ports.channels import Host
from bot.runtime.network.loopback import is_loopback

CHANNEL = "teams"
# Where the addresses of personal chats' files lead to; they carry their own short permission.
_FILES = (".sharepoint.com", ".sharepoint.us", ".sharepoint.cn", ".svc.ms", ".1drv.com")
KEPT = 20_000  # entries in memory; the database has them all


def is_trusted_service_url(service_url: str, *, anonymous: bool, local: bool) -> bool:
    """Tell whether we would post to this service URL.

    An anonymous bot talks to this machine only; else it is https, or plain http on this machine where a local
    test issuer is configured.
    """
    try:
        parts = urlsplit(service_url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or parts.username or parts.query or parts.fragment or set(service_url) & set("{}\\ \t\r\n"):
        return False
    if anonymous:
        return parts.scheme in ("http", "https") and is_loopback(host)
    return parts.scheme == "https" or (parts.scheme == "http" and local and is_loopback(host))


def is_microsoft_url(url: str, *, local: bool) -> bool:
    """Tell whether Teams keeps files at this URL; with `local` this machine counts as well."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    if parts.username or parts.password or set(url) & set("\\ \t\r\n"):
        return False
    if local and is_loopback(host):
        return parts.scheme in ("http", "https")
    return parts.scheme == "https" and port in (None, 443) and host.endswith(_FILES)


class Directory:
    """Remembers through the host's memory, and writes only what has changed.

    What an anonymous request said is never read by a bot that has an app id: keys are kept apart.
    """

    def __init__(self, host: Host, app_id: str) -> None:
        self._host = host
        self._prefix = prefix_of(app_id)
        self._known: dict[str, str] = {}

    async def note(self, entries: Mapping[str, str]) -> bool:
        """Remember these; tell whether anything was new."""
        changed = {k: v for k, v in entries.items() if v and self._known.get(k) != v}
        if not changed:
            return False
        await self._host.run(self._write, changed)
        if len(self._known) + len(changed) > KEPT:
            self._known.clear()
        self._known.update(changed)
        return True

    async def recall(self, *keys: str) -> str | None:
        """The value under the first of these keys that has one."""
        for key in keys:
            if value := self._known.get(key):
                return value
        found: tuple[str, str] | None = await self._host.run(self._read, keys)
        if found is None:
            return None
        self._known[found[0]] = found[1]
        return found[1]

    async def service_url(self, tenant: str, space: str) -> str | None:
        """Where to post for this conversation: its own, else its tenant's."""
        return await self.recall(*service_keys(tenant, space))

    def _write(self, entries: Mapping[str, str]) -> None:
        for key, value in entries.items():
            self._host.memory.remember(CHANNEL, self._prefix + key, value)

    def _read(self, keys: tuple[str, ...]) -> tuple[str, str] | None:
        for key in keys:
            if value := self._host.memory.recall(CHANNEL, self._prefix + key):
                return key, value
        return None


def prefix_of(app_id: str) -> str:
    """What the keys of this bot begin with."""
    return f"{app_id or 'anonymous'}:"


def service_keys(tenant: str, space: str) -> tuple[str, str]:
    """The keys of a service URL, the most precise first."""
    return f"service:{tenant}:{space}", f"service:{tenant}"


def account_key(tenant: str, external_id: str) -> str:
    """Under this key is the id by which Teams addresses the person."""
    return f"account:{tenant}:{external_id}"


def object_key(tenant: str, account: str) -> str:
    """Under this key is the directory's id of the person with this account."""
    return f"object:{tenant}:{account}"


def team_key(tenant: str, space: str) -> str:
    """Under this key is the id of the team that a channel belongs to."""
    return f"team:{tenant}:{space}"


def kind_key(tenant: str, space: str) -> str:
    """Under this key is the kind of a channel, where Teams has told it: standard, private or shared."""
    return f"kind:{tenant}:{space}"


def standing_key(tenant: str, external_id: str) -> str:
    """Under this key is whether a person is a guest."""
    return f"standing:{tenant}:{external_id}"


def chat_key(tenant: str, external_id: str) -> str:
    """Under this key is the personal chat with a person."""
    return f"chat:{tenant}:{external_id}"
