"""Has people looked up whose messages came without a name, so that nobody is shown by an id for good."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

import structlog

from bot.channels.teams.directory import KEPT
from bot.channels.teams.inbound.activities import Activity
from bot.domain.errors import DeliveryFailed, StorageBusy, StorageUnavailable, details

log = structlog.get_logger()


class Named(Protocol):
    """Somebody with the name that Teams tells of them."""

    @property
    def name(self) -> str: ...


LookUp = Callable[[str, str, str], Awaitable[Named]]  # by service URL, conversation and account
Tell = Callable[[str, str], Awaitable[None]]  # the desk's id of somebody, and their name
Start = Callable[[Coroutine[Any, Any, None]], None]


class LateNames:
    """Names that are asked for when the message is kept: no network call may come before that."""

    def __init__(self, look_up: LookUp, tell: Tell, start: Start) -> None:
        """`start` runs a look-up beside the requests."""
        self._look_up = look_up
        self._tell = tell
        self._start = start
        self._asked: set[str] = set()

    def ask(self, activity: Activity) -> None:
        """Have the sender of a message looked up, unless it has their name or that was done."""
        who = activity.sender.external_id
        if activity.sender.name or who in self._asked:
            return
        if len(self._asked) >= KEPT:
            self._asked.clear()
        self._asked.add(who)
        self._start(self._ask(activity))

    async def _ask(self, activity: Activity) -> None:
        who = activity.sender.external_id
        try:
            found = await self._look_up(activity.service_url, activity.space, activity.sender.id)
            if found.name:
                await self._tell(who, found.name)
        except (DeliveryFailed, StorageBusy, StorageUnavailable) as error:
            self._asked.discard(who)  # asked again with their next message
            cause = {"code": error.code} if isinstance(error, DeliveryFailed) else details(error)
            log.warning(
                "teams_name_unknown", **cause, next_step="none, unless it goes on: see `firstline docs teams`"
            )
