"""Posts each ticket as JSON to one URL; the service there may turn it into anything else."""

import hashlib
import hmac
import json
from typing import Any

import aiohttp

from bot.backends.webhook.settings import Settings
from bot.desk.ports.backends import BackendHost, Mirrored, TicketRecord
from bot.domain.conversations.messages import Line, Quote, Reply
from bot.domain.errors import DeliveryFailed
from bot.runtime.network.outgoing import open_session

TIMEOUT = 15.0  # seconds for one request
LARGEST_ANSWER = 64 * 1024  # bytes
SIGNATURE = "Firstline-Signature"


class WebhookBackend:
    """Posts the whole ticket at every change, and each comment of the requester or the team."""

    name = "webhook"

    def __init__(self, settings: Settings, host: BackendHost) -> None:
        self._url = settings.mirror_url
        self._secret = settings.mirror_secret.get_secret_value().encode()
        self._clock = host.clock
        self._session: aiohttp.ClientSession | None = None
        self._trouble: str | None = None

    async def start(self) -> None:
        """Open the connection pool."""
        self._open()

    async def stop(self) -> None:
        """Close the connection pool."""
        if self._session is not None:
            await self._session.close()

    def trouble(self) -> str | None:
        """The failure of the last request; None once one succeeds."""
        return self._trouble

    async def mirror(self, record: TicketRecord, known: str, key: str) -> Mirrored:
        """Send the ticket as it stands; the answer may give its id and address there."""
        ticket = record.ticket
        data = {
            "ticket": ticket.reference,
            "status": ticket.status.value,
            "priority": ticket.priority.name.lower(),
            "queue": ticket.queue,
            "language": ticket.language,
            "channel": ticket.channel,
            "requester": ticket.requester.name,
            "assignee": ticket.assignee.name if ticket.assignee else None,
            "question": record.question,
            "note": record.note,
            "opened_at": ticket.opened_at.isoformat(),
            "closed_at": ticket.closed_at.isoformat() if ticket.closed_at else None,
            **({"erased": True} if record.erased else {}),
        }
        answer = await self._post({"type": "ticket", "key": key, "id": known or None, **data})
        found = answer.get("id")
        url = answer.get("url")
        safe = isinstance(url, str) and url.startswith(("https://", "http://"))
        return Mirrored(str(found) if found else known or ticket.reference, str(url) if safe else "")

    async def comment(self, mirror_id: str, reply: Reply, key: str) -> None:
        """Send a comment on a ticket."""
        text = "\n".join(block.text for block in reply.blocks if isinstance(block, Line | Quote))
        await self._post({"type": "comment", "key": key, "id": mirror_id, "text": text})

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = open_session(TIMEOUT)
        return self._session

    async def _post(self, data: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps(data, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", SIGNATURE: self._signature(body)}
        try:
            async with self._open().post(
                self._url, data=body, headers=headers, allow_redirects=False
            ) as response:
                answer = await _read_body(response)
                failed = _failure(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failed = DeliveryFailed(f"unreachable_{type(error).__name__}")
        if failed is not None:
            self._trouble = f"The webhook of tickets answers with an error: {failed.code}."
            raise failed
        self._trouble = None
        try:
            parsed = json.loads(answer or b"{}")
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}

    def _signature(self, body: bytes) -> str:
        moment = str(int(self._clock().timestamp()))
        signed = hmac.new(self._secret, moment.encode() + b"." + body, hashlib.sha256).hexdigest()
        return f"t={moment},v1={signed}"


async def _read_body(response: aiohttp.ClientResponse) -> bytes:
    # One read gives what has arrived, which may be the half of it.
    answer = bytearray()
    async for chunk in response.content.iter_chunked(LARGEST_ANSWER):
        answer += chunk
        if len(answer) > LARGEST_ANSWER:
            return b""
    return bytes(answer)


def _failure(response: aiohttp.ClientResponse) -> DeliveryFailed | None:
    status = response.status
    if status < 300:
        return None
    wait = response.headers.get("Retry-After", "")
    limited = status in (429, 503) and wait.isascii() and wait.isdigit()
    # A wrong address or secret can be mended by the operator: the ticket waits for it.
    permanent = status in (400, 413, 415, 422)
    return DeliveryFailed(
        f"http_{status}", retry_after=min(float(wait), 3600.0) if limited else None, permanent=permanent
    )
