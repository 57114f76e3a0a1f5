"""Sends the desk's events to Splunk's HTTP Event Collector, and waits until they are indexed."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from typing import Any

import aiohttp

from bot.desk.ports.tickets import DeskEvent
from bot.domain.errors import DeliveryFailed
from bot.runtime.network.fetching import body_of
from bot.runtime.network.outgoing import open_session

SECONDS = 30.0  # for one request
ACK_LOOKS, ACK_SECONDS = 60, 2.0  # how often, and how far apart, it is asked whether they are indexed
NO_DATA = "status_400_code_5"
LARGEST_ANSWER = 64 * 1024  # bytes


class HecSink:
    """Collector of Splunk; with `acknowledged` events count as sent once it says that they are indexed."""

    name = "splunk"

    def __init__(
        self,
        url: str,
        token: str,
        *,
        acknowledged: bool,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.address = url.rstrip("/")
        self._acknowledged = acknowledged
        self._pause = pause
        # Splunk keeps what is to be acknowledged apart by channel: each process has its own.
        channel = str(uuid.uuid4())
        self._headers = {"Authorization": f"Splunk {token}", "X-Splunk-Request-Channel": channel}

    async def take(self, events: Sequence[DeskEvent]) -> None:
        """Send events and wait for their acknowledgement; raise `DeliveryFailed`."""
        body = "\n".join(json.dumps(_event(event)) for event in events)
        async with open_session(SECONDS) as session:
            answer = await self._post(session, "/services/collector/event", body)
            if not self._acknowledged:
                return
            ack = answer.get("ackId")
            if not isinstance(ack, int):
                raise DeliveryFailed("no_acknowledgement_for_this_token")
            for _ in range(ACK_LOOKS):
                asked = json.dumps({"acks": [ack]})
                acks = (await self._post(session, "/services/collector/ack", asked)).get("acks")
                if isinstance(acks, dict) and acks.get(str(ack)) is True:
                    return
                await self._pause(ACK_SECONDS)
        raise DeliveryFailed("not_acknowledged")

    async def probe(self) -> None:
        """See whether the collector takes our token, without an event; raise `DeliveryFailed`."""
        async with open_session(SECONDS) as session:
            try:
                await self._post(session, "/services/collector/event", "")
            except DeliveryFailed as failure:
                if failure.code != NO_DATA:  # what it says of an empty request whose token is right
                    raise

    async def _post(self, session: aiohttp.ClientSession, path: str, body: str) -> dict[str, Any]:
        headers = {**self._headers, "Content-Type": "application/json"}
        try:
            async with session.post(
                f"{self.address}{path}", data=body.encode(), headers=headers, allow_redirects=False
            ) as response:
                text = (await body_of(response, LARGEST_ANSWER)).decode("utf-8", "replace")
                if response.status != 200:
                    raise DeliveryFailed(_code(response.status, text), retry_after=retry_after(response))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DeliveryFailed(f"unreachable_{type(error).__name__}") from error
        return _parsed(text)


def _event(event: DeskEvent) -> dict[str, Any]:
    fields = {**asdict(event), "at": event.at.isoformat()}
    return {
        "time": round(event.at.timestamp(), 3),
        "source": "firstline",
        "sourcetype": "firstline:event",
        "event": fields,
    }


def _code(status: int, text: str) -> str:
    code = _parsed(text).get("code")
    return f"status_{status}_code_{code}" if isinstance(code, int) else f"status_{status}"


def _parsed(text: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def retry_after(response: aiohttp.ClientResponse) -> float | None:
    """How many seconds the system asks us to wait; None where it names none."""
    told = response.headers.get("Retry-After", "")
    return float(told) if told.isascii() and told.isdigit() and len(told) < 6 else None
