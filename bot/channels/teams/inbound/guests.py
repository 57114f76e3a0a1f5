"""Knows who is a guest of the organisation, from rosters and from look-ups that follow a first message."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

import structlog

from bot.channels.teams.directory import KEPT, Directory, standing_key
from bot.channels.teams.inbound.activities import Activity
from bot.domain.errors import DeliveryFailed, StorageBusy, StorageUnavailable, details

log = structlog.get_logger()

GUEST, OWN = "guest", "own"
AT_ONCE = 4  # look-ups
WAITING = 1_000  # look-ups that may wait; further ones come up again with the person's next message
_ROLES = ("guest", "anonymous")
_EXTERNAL = "#ext#"  # in the sign-in name of every account that another organisation keeps


class Described(Protocol):
    """Somebody as Teams describes them: in what they send, in a roster, or when they are looked up."""

    @property
    def role(self) -> str: ...
    @property
    def tenant(self) -> str: ...
    @property
    def principal(self) -> str: ...


LookUp = Callable[[str, str, str], Awaitable[Described]]  # by service URL, conversation and account
Start = Callable[[Coroutine[Any, Any, None]], None]


def is_guest(account: Described, tenant: str) -> bool:
    """Tell whether somebody is a guest by what Teams says, or of another organisation than `tenant`."""
    foreign = bool(tenant and account.tenant) and account.tenant.lower() != tenant
    return foreign or account.role.lower() in _ROLES or _EXTERNAL in account.principal.lower()


class Guests:
    """Standing of people in the organisation, as Teams said it last.

    What comes in does not tell it, and no network call may come before an acknowledgement. So whoever writes
    is looked up after their first message since the start; until Teams has ever answered they count as no
    guest, then as what it said.
    """

    def __init__(self, directory: Directory, look_up: LookUp, start: Start) -> None:
        """`start` runs a look-up beside the requests."""
        self._directory = directory
        self._look_up = look_up
        self._start = start
        self._standing: dict[str, str] = {}
        self._asked: set[str] = set()
        self._waiting = 0
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def knows(self, activity: Activity, tenant: str) -> bool:
        """Tell whether the sender is known as a guest, and have them looked up where nobody has yet."""
        key = standing_key(tenant, activity.sender.external_id)
        if key not in self._standing:
            if len(self._standing) > KEPT:
                self._standing.clear()
                self._asked.clear()
            self._standing[key] = await self._directory.recall(key) or ""
        if key not in self._asked and self._waiting < WAITING:
            self._asked.add(key)
            self._waiting += 1
            self._start(self._ask(key, activity, tenant))
        return self._standing[key] == GUEST

    async def note(self, tenant: str, standings: dict[str, bool]) -> None:
        """Remember who of these people is a guest."""
        named = {standing_key(tenant, who): GUEST if guest else OWN for who, guest in standings.items()}
        self._standing.update(named)
        self._asked.update(named)
        await self._directory.note(named)

    async def _ask(self, key: str, activity: Activity, tenant: str) -> None:
        try:
            async with self._turns:
                member = await self._look_up(activity.service_url, activity.space, activity.sender.id)
            await self.note(tenant, {activity.sender.external_id: is_guest(member, tenant)})
        except (DeliveryFailed, StorageBusy, StorageUnavailable) as error:
            self._asked.discard(key)  # asked again with their next message
            cause = {"code": error.code} if isinstance(error, DeliveryFailed) else details(error)
            log.warning(
                "teams_lookup_failed",
                **cause,
                next_step="none, unless it goes on: see `firstline docs teams`",
            )
        finally:
            self._waiting -= 1
