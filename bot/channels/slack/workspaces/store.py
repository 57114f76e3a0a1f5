"""Keeps installations and the states of attempts to install, as the SDK's interfaces ask for it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from logging import Logger
from typing import Any

import structlog
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.models.bot import Bot
from slack_sdk.oauth.installation_store.models.installation import Installation
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.channels.slack.client import QUIET
from bot.channels.slack.directory import CHANNEL
from bot.channels.slack.workspaces.sealing import Seal, TokensUnreadable
from bot.desk.ports.channels import Host

log = structlog.get_logger()

INSTALLED, STATES = "installed:", "used_install_states"
STATE_LIFE = 600  # seconds
MOST_USED = 200  # states that are remembered
SECRET = ("bot_token", "bot_refresh_token")
OTHERS = (
    *("app_id", "enterprise_id", "enterprise_name", "team_id", "team_name", "bot_id", "bot_user_id"),
    *("bot_scopes", "bot_token_expires_at", "is_enterprise_install", "installed_at"),
)


def tenant_of(bot: Bot | Installation) -> str:
    """The organisation of an installation in all of its workspaces, else the workspace."""
    return str((bot.enterprise_id if bot.is_enterprise_install else bot.team_id) or "")


@dataclass(frozen=True, slots=True)
class Stored:
    """Installation as it is kept: `raw` is the row, by which a change of it is noticed."""

    tenant: str
    bot: Bot
    raw: str
    busy_until: float = 0.0  # POSIX time to which a replica renews the token


def read_stored(seal: Seal, tenant: str, raw: str) -> Stored:
    """Read a row; raise `TokensUnreadable` where its tokens were sealed with another key."""
    row: Mapping[str, Any] = json.loads(raw)
    told: dict[str, Any] = {**row["bot"], **seal.open(tenant, row["sealed"])}
    return Stored(tenant, Bot(**told), raw, float(row["busy_until"]))


class InstallationStore(AsyncInstallationStore):
    """Keeps bots by their workspace or organisation; no token is readable in the database.

    Members have no tokens here: the app asks for none.
    """

    def __init__(self, host: Host, seal: Seal) -> None:
        self._host = host
        self._seal = seal

    @property
    def logger(self) -> Logger:
        """The SDK's logger, which is told no tokens."""
        return QUIET

    async def async_save(self, installation: Installation) -> None:
        """Keep an installation in place of an earlier one."""
        await self.async_save_bot(installation.to_bot())

    async def async_save_bot(self, bot: Bot) -> None:
        """Keep a bot in place of an earlier one."""
        key, value = INSTALLED + tenant_of(bot), self._written(bot)
        await self._host.run(self._host.memory.remember, CHANNEL, key, value)

    async def async_find_bot(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        is_enterprise_install: bool | None = False,
    ) -> Bot | None:
        """The bot of a workspace, else of its organisation."""
        for tenant in (None if is_enterprise_install else team_id, enterprise_id):
            stored = await self.find(tenant) if tenant else None
            if stored is not None:
                return stored.bot
        return None

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Forget the bot of a workspace, or without one of an organisation."""
        stored = await self.find(team_id or enterprise_id or "")
        if stored is not None:
            await self._replace(stored, None)

    async def async_delete_all(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Forget all that is kept of a workspace, or without one of an organisation."""
        await self.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)

    # --- beyond the SDK's interface -------------------------------------------------------------------

    async def find(self, tenant: str) -> Stored | None:
        """An installation, where its tokens can be read."""
        raw = await self._host.run(self._host.memory.recall, CHANNEL, INSTALLED + tenant)
        return self._read(tenant, raw) if raw else None

    async def all(self, tenants: Iterable[str]) -> list[Stored]:
        """The installations in these places whose tokens can be read."""
        found = [await self.find(tenant) for tenant in tenants]
        return [stored for stored in found if stored is not None]

    async def claim(self, stored: Stored, until: float) -> Stored | None:
        """Take a token's renewal, so that one replica alone asks for it; None where another one has it."""
        claimed = Stored(stored.tenant, stored.bot, self._written(stored.bot, until), until)
        return claimed if await self._replace(stored, claimed.raw) else None

    async def renew(self, claimed: Stored, bot: Bot) -> bool:
        """Keep a renewed token, unless the app was installed anew meanwhile."""
        return await self._replace(claimed, self._written(bot))

    async def remove(self, stored: Stored) -> bool:
        """Forget an installation as it was read; not one that has come since."""
        return await self._replace(stored, None)

    async def _replace(self, stored: Stored, raw: str | None) -> bool:
        key = INSTALLED + stored.tenant
        return bool(await self._host.run(self._host.memory.replace, CHANNEL, key, stored.raw, raw))

    def _written(self, bot: Bot, busy_until: float = 0.0) -> str:
        told: dict[str, Any] = {name: getattr(bot, name) for name in OTHERS}
        tokens = {name: getattr(bot, name) for name in SECRET}
        sealed = self._seal.close(tenant_of(bot), tokens)
        return json.dumps({"bot": told, "sealed": sealed, "busy_until": busy_until})

    def _read(self, tenant: str, raw: str) -> Stored | None:
        try:
            return read_stored(self._seal, tenant, raw)
        except TokensUnreadable:
            log.error(
                "slack_tokens_unreadable",
                workspace=tenant,
                next_step="put the former key behind the present one in FIRSTLINE_SLACK_TOKEN_KEY, or "
                "install the app there again",
            )
            return None


class StateStore(AsyncOAuthStateStore):
    """States of attempts to install: each is good once, for ten minutes.

    Anybody may begin an attempt, so that one leaves nothing behind; what was used is kept as a hash.
    """

    def __init__(self, host: Host, seal: Seal) -> None:
        self._host = host
        self._seal = seal

    @property
    def logger(self) -> Logger:
        """The SDK's logger."""
        return QUIET

    async def async_issue(self, *_args: Any, **_options: Any) -> str:
        """Begin an attempt."""
        return self._seal.state(self._now())

    async def async_consume(self, state: str) -> bool:
        """Use a state up; False where it was used before, is over, or was never issued."""
        run, memory, digest = self._host.run, self._host.memory, sha256(state.encode()).hexdigest()
        while self._seal.is_state(state, self._now(), STATE_LIFE):
            raw = await run(memory.once, CHANNEL, STATES, "{}")
            used = {one: until for one, until in json.loads(raw).items() if until >= self._now()}
            if digest in used:
                return False
            # Of more at once the oldest are forgotten: the code beside a state is good once, too.
            kept = dict([*used.items(), (digest, self._now() + STATE_LIFE)][-MOST_USED:])
            # Two never change it at once.
            if await run(memory.replace, CHANNEL, STATES, raw, json.dumps(kept)):
                return True
        return False

    def _now(self) -> int:
        return int(self._host.clock().timestamp())
