"""Reads requests of Slack before anything in them is believed: their signature, their body, their sender."""

import hmac
from collections.abc import Mapping
from time import time
from typing import Any
from urllib.parse import parse_qsl

import structlog
from aiohttp import web
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_internals import build_async_context
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.channels.slack.inbound import edits
from bot.domain.errors import BodyTooSlow

log = structlog.get_logger()

LONGEST_MOMENT = 12  # digits of a timestamp
LAST_RETRY = 3  # Slack sends an event at once, and three times more: soon, after a minute and after five
ATTEMPT, FIRST = "x-slack-retry-num", "0"  # the first comes without the header
_NOT_THE_LAST = frozenset(map(str, range(LAST_RETRY)))
MOMENT, SIGNATURE = "x-slack-request-timestamp", "x-slack-signature"

Body = Mapping[str, Any]


def refusal(secret: str, headers: Mapping[str, str], body: str) -> str:
    """Say why a request is not believed: `age` where only its time, or our clock, is wrong."""
    moment = headers[MOMENT]
    verifier = SignatureVerifier(secret)
    if verifier.is_valid(body, moment, headers[SIGNATURE]):
        return ""
    expected = verifier.generate_signature(timestamp=moment, body=body) or ""
    signed = hmac.compare_digest(expected, headers[SIGNATURE])
    seconds = round(time() - float(moment))
    if signed:
        log.error(
            "slack_request_refused", reason="age", seconds=seconds, next_step="set this machine's clock"
        )
    else:
        log.error("slack_request_refused", reason="signature", next_step="compare SLACK_SIGNING_SECRET")
    return "age" if signed else "signature"


def comes_again(attempt: str = FIRST) -> bool:
    """Whether Slack sends an event again where this attempt fails."""
    return attempt in _NOT_THE_LAST


def sender_in(body: Body) -> str:
    """The id of who caused an event, a click or a command; "" where it names nobody."""
    event = body.get("event")
    if isinstance(event, Mapping):
        found = _writer_in(event)
    else:
        named = body.get("user") or body.get("user_id")
        found = named.get("id") if isinstance(named, Mapping) else named
    return found if isinstance(found, str) else ""


def _writer_in(event: Body) -> object:
    """Whose an event is; of an edit or a deletion the message's writer, who stands in the message alone."""
    if event.get("subtype") not in edits.SUBTYPES:
        return event.get("user")
    changed = edits.read(event)
    return changed.message.get("user") if changed is not None else ""


def busy() -> BoltResponse:
    """Ask Slack to send it again."""
    return BoltResponse(status=503, headers={"Retry-After": "1"})


def no_request() -> web.Response:
    """Refuse what is no request of Slack."""
    return web.Response(status=400, text="This is no request of Slack.")


def may_be_signed(request: web.Request) -> bool:
    """Tell whether a request has a signature that can be checked."""
    # The SDK's verification fails over a timestamp that is no usual number and a signature that is not ASCII.
    moment = request.headers.get(MOMENT, "")
    signature = request.headers.get(SIGNATURE, "")
    return (
        moment.isascii()
        and moment.isdigit()
        and len(moment) <= LONGEST_MOMENT
        and bool(signature)
        and signature.isascii()
    )


async def read_body(request: web.Request) -> str:
    """Read a body as text; raise `HTTPBadRequest` where it is none."""
    try:
        return (await request.read()).decode("utf-8")
    except (web.HTTPException, ConnectionError, BodyTooSlow):
        raise
    except Exception as error:  # aiohttp has many for a body that it cannot decode
        raise web.HTTPBadRequest(text="This body cannot be read.") from error


def mended(request: AsyncBoltRequest) -> AsyncBoltRequest:
    """Read a form that Bolt gave up on: it takes any body with the word "payload" in it for an interaction,
    so that `/firstline what is a payload` came out empty, and was acknowledged and lost.
    """
    if not request.body and request.raw_body and request.mode == "http":
        request.body = dict(parse_qsl(request.raw_body, keep_blank_values=True))
        request.context = build_async_context(AsyncBoltContext({}), request.body)
    return request
