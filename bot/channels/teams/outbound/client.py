"""Calls the Bot Framework's connector API; the only module that imports its SDK."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import structlog
from botbuilder.schema import Activity, Attachment, ChannelAccount, ConversationParameters
from botbuilder.schema.teams import TeamsChannelAccount
from botframework.connector.aio import ConnectorClient
from botframework.connector.auth import MicrosoftAppCredentials
from msrest.exceptions import ClientException
from msrest.pipeline import Response
from msrest.pipeline.async_abc import AsyncHTTPSender, AsyncPipeline
from msrest.pipeline.universal import RawDeserializer
from msrest.universal_http.aiohttp import AioHttpClientResponse

from bot.channels.teams.credentials import Credentials
from bot.channels.teams.outbound.messages import Message
from bot.desk.ports.clock import Clock
from bot.domain.errors import DeliveryFailed
from bot.domain.secrets.masking import clean

log = structlog.get_logger()

SECONDS = 15.0
PAGE = 500
MOST_PAGES = 100
LONGEST_WAIT = 3_600.0
# A bad request or too long a message stays so; of everything else the service may think better later.
_PERMANENT = frozenset({400, 413})


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a team, channel or chat; `principal` is the name with which they sign in."""

    id: str
    object_id: str
    tenant: str
    role: str
    name: str = ""
    principal: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Created:
    """A conversation that was made; `activity` is its first post's id, where there is one."""

    conversation: str
    activity: str


class _Answer(AioHttpClientResponse):
    def body(self) -> bytes:
        # The SDK takes an empty body for one that was not read; an edit may be answered with none.
        return self._body or b"{}"


class _Sender(AsyncHTTPSender[Any, Any]):
    """Sends the SDK's requests over our session, with our token and a time limit.

    The SDK's own sender runs blocking calls in threads, without a limit.
    """

    def __init__(
        self, session: Callable[[], aiohttp.ClientSession], credentials: Credentials, clock: Clock
    ) -> None:
        self._session = session
        self._credentials = credentials
        self._clock = clock

    async def __aexit__(self, *exc_details: object) -> None:
        """The session belongs to the channel."""

    async def send(self, request: Any, **config: Any) -> Any:
        """Send one request and read its answer."""
        wire = request.http_request
        url = f"{wire.url}?isTargetedActivity=true" if config.get("targeted") else wire.url
        headers = dict(wire.headers)
        token = await self._credentials.token()
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        async with (
            asyncio.timeout(SECONDS),
            self._session().request(
                wire.method, url, data=wire.data, headers=headers, allow_redirects=False
            ) as answer,
        ):
            response = _Answer(wire, answer)
            await response.load_body()
            body = await answer.read()
        if answer.status == 401:
            self._credentials.forget()
        if not 200 <= answer.status < 300:
            # The SDK's own errors differ from call to call, and lose the code.
            raise _failure(answer.status, body, answer.headers, self._clock())
        return Response(request, response)


class TeamsClient:
    """Posts, edits, deletes and lists members, at any service URL that the caller trusts."""

    def __init__(
        self,
        session: Callable[[], aiohttp.ClientSession],
        credentials: Credentials,
        clock: Clock,
        bot_id: str,
    ) -> None:
        self._sender = _Sender(session, credentials, clock)
        self._bot_id = bot_id
        self._clients: dict[str, Any] = {}

    async def post(self, service_url: str, conversation: str, message: Message) -> str:
        """Post into a conversation; return the message's id."""
        operations = self._operations(service_url)
        answer = await self._call(operations.send_to_conversation(conversation, _activity(message)))
        return _answered(answer, "id")

    async def post_targeted(self, service_url: str, conversation: str, message: Message, account: str) -> str:
        """Post into a conversation so that one member of it alone sees the message; return its id."""
        activity = _activity(message)
        activity.recipient = ChannelAccount(id=account)
        operations = self._operations(service_url)
        answer = await self._call(operations.send_to_conversation(conversation, activity, targeted=True))
        return _answered(answer, "id")

    async def edit(
        self,
        service_url: str,
        conversation: str,
        message_id: str,
        message: Message,
        *,
        targeted: bool = False,
    ) -> str:
        """Change a message of ours; who sees it stays as it is."""
        activity = _activity(message)
        activity.id = message_id
        operations, config = self._operations(service_url), {"targeted": True} if targeted else {}
        answer = await self._call(operations.update_activity(conversation, message_id, activity, **config))
        return str(getattr(answer, "id", None) or message_id)

    async def delete(
        self, service_url: str, conversation: str, message: str, *, targeted: bool = False
    ) -> None:
        """Delete a message of ours."""
        config = {"targeted": True} if targeted else {}
        await self._call(self._operations(service_url).delete_activity(conversation, message, **config))

    async def begin_thread(self, service_url: str, channel: str, tenant: str, message: Message) -> Created:
        """Post at the top level of a channel."""
        return await self._create(
            service_url,
            ConversationParameters(
                is_group=True,
                bot=self._bot(),
                channel_data={"channel": {"id": channel}} | ({"tenant": {"id": tenant}} if tenant else {}),
                tenant_id=tenant or None,
                activity=_activity(message),
            ),
        )

    async def begin_chat(self, service_url: str, account: str, tenant: str) -> Created:
        """Find or make the personal chat with somebody; nothing is posted."""
        return await self._create(
            service_url,
            ConversationParameters(
                is_group=False,
                bot=self._bot(),
                members=[ChannelAccount(id=account)],
                channel_data={"tenant": {"id": tenant}} if tenant else None,
                tenant_id=tenant or None,
            ),
        )

    async def members(self, service_url: str, conversation: str) -> tuple[Member, ...]:
        """Everybody in a team or in a channel, page by page.

        A private or shared channel has members of its own; by a standard one's id the team's are listed.
        """
        found: list[Member] = []
        token: str | None = None
        for _ in range(MOST_PAGES):
            operations = self._operations(service_url)
            page = await self._call(
                operations.get_teams_conversation_paged_members(conversation, PAGE, token)
            )
            found += [_member(member) for member in getattr(page, "members", None) or ()]
            token = getattr(page, "continuation_token", None)
            if not token:
                return tuple(found)
        raise DeliveryFailed("roster_endless")

    async def member(self, service_url: str, conversation: str, account: str) -> Member:
        """Somebody in a conversation."""
        answer = await self._call(
            self._operations(service_url).get_conversation_member(conversation, account, raw=True)
        )
        # The SDK's type for this call leaves out what Teams says more than other channels.
        return _member(await self._call(_read_member(answer.response)))

    async def _create(self, service_url: str, parameters: ConversationParameters) -> Created:
        answer = await self._call(self._operations(service_url).create_conversation(parameters))
        return Created(_answered(answer, "id"), str(getattr(answer, "activity_id", None) or ""))

    def _bot(self) -> Any:
        return ChannelAccount(id=self._bot_id) if self._bot_id else None

    def _operations(self, service_url: str) -> Any:
        client = self._clients.get(service_url)
        if client is None:
            client = ConnectorClient(
                MicrosoftAppCredentials.empty(),
                service_url,
                pipeline_type=lambda _: AsyncPipeline([RawDeserializer()], self._sender),
            )
            self._clients[service_url] = client
        return client.conversations

    async def _call(self, request: Any) -> Any:
        try:
            return await request
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DeliveryFailed(f"network_{type(error).__name__}") from error
        except (ClientException, ValueError, TypeError, AttributeError, KeyError) as error:
            # The SDK trips over answers that are not what it expects: what became of the post is not known.
            raise DeliveryFailed(f"answer_{type(error).__name__}") from error


def _failure(status: int, body: bytes, headers: Mapping[str, str], now: datetime) -> DeliveryFailed:
    code = f"{status}_{_code(body)}".rstrip("_")
    log.warning(
        "teams_connector_refused",
        status=status,
        code=code,
        next_step="none, unless it goes on: see `firstline docs teams`",
    )
    retry_after = _retry_after(headers.get("Retry-After", ""), now)
    return DeliveryFailed(code, retry_after=retry_after, permanent=status in _PERMANENT)


def _code(body: bytes) -> str:
    """The service's own code for what is wrong."""
    try:
        code = json.loads(body)["error"]["code"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""
    return re.sub(r"\W", "", str(code))[:60]


def _retry_after(value: str, now: datetime) -> float | None:
    try:
        return max(0.0, min(float(value), LONGEST_WAIT))
    except ValueError:
        pass
    try:
        return max(0.0, min((parsedate_to_datetime(value) - now).total_seconds(), LONGEST_WAIT))
    except (ValueError, TypeError):
        return None


async def _read_member(answer: aiohttp.ClientResponse) -> Any:
    return TeamsChannelAccount.deserialize(await answer.json(content_type=None))


def _member(account: Any) -> Member:
    return Member(
        account.id or "",
        account.aad_object_id or "",
        account.tenant_id or "",
        (account.user_role or "").lower(),
        clean(" ".join((account.name or "").split()))[:200],
        account.user_principal_name or "",
        account.email or "",
    )


def _activity(message: Message) -> Any:
    shown = message.attachment
    return Activity(
        type="message",
        summary=message.summary,
        text=message.text or None,
        text_format="markdown" if message.marked else "plain",
        # Custom: a press comes to us at once, and opens a dialog of ours.
        channel_data={"feedbackLoop": {"type": "custom"}} if message.thumbs else None,
        attachments=[
            Attachment(
                content_type=shown["contentType"],
                content=shown.get("content"),
                content_url=shown.get("contentUrl"),
                name=shown.get("name"),
            )
        ],
    )


def _answered(answer: Any, name: str) -> str:
    value = getattr(answer, name, None)
    if not value:
        raise DeliveryFailed("answer_without_id")
    return str(value)
