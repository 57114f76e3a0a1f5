"""Sends the desk's events to New Relic as logs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import aiohttp

from bot.desk.ports.tickets import DeskEvent
from bot.domain.errors import DeliveryFailed
from bot.runtime.network.outgoing import open_session

SECONDS = 30.0  # for one request
ACCEPTED = 202


class LogSink:
    """The Log API of New Relic; 202 is its word that it keeps what was sent."""

    name = "new_relic"

    def __init__(self, url: str, key: str) -> None:
        self.address = url
        self._headers = {"Api-Key": key, "Content-Type": "application/json"}

    async def take(self, events: Sequence[DeskEvent]) -> None:
        """Send events; raise `DeliveryFailed`."""
        common = {"attributes": {"logtype": "firstline", "service.name": "firstline"}}
        await self._post(json.dumps([{"common": common, "logs": [_log(event) for event in events]}]))

    async def probe(self) -> None:
        """See whether our key is taken, without a log; raise `DeliveryFailed`."""
        await self._post("[]")

    async def _post(self, body: str) -> None:
        try:
            async with (
                open_session(SECONDS) as session,
                session.post(
                    self.address, data=body.encode(), headers=self._headers, allow_redirects=False
                ) as response,
            ):
                if response.status != ACCEPTED:
                    told = response.headers.get("Retry-After", "")
                    seconds = float(told) if told.isascii() and told.isdigit() and len(told) < 6 else None
                    raise DeliveryFailed(f"status_{response.status}", retry_after=seconds)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DeliveryFailed(f"unreachable_{type(error).__name__}") from error


def _log(event: DeskEvent) -> dict[str, Any]:
    fields = {name: value for name, value in asdict(event).items() if value is not None}
    fields |= {"at": event.at.isoformat(), "id": str(event.id)}
    return {
        "timestamp": int(event.at.timestamp() * 1000),
        "message": f"{event.ticket} {event.kind}",
        "attributes": {f"firstline.{name}": value for name, value in fields.items()},
    }
