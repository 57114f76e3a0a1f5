"""Receives what Slack sends through the Bolt app, and acknowledges it only when the desk has it."""

import asyncio
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from json import JSONDecodeError
from time import time
from typing import Any
from urllib.parse import parse_qsl

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.request.async_internals import build_async_context
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.client import ERRORS, QUIET, TRIGGER_GONE, code_of, make_client
from bot.channels.slack.connection import Authority
from bot.channels.slack.directory import CHANNEL
from bot.channels.slack.inbound.events import EventReader
from bot.channels.slack.installation import Installation
from bot.channels.slack.manifest import ASK, COMMAND, GET_HELP
from bot.channels.slack.outbound import modals
from bot.channels.slack.outbound.blocks import render
from bot.channels.slack.outbound.elements import Json
from bot.channels.slack.settings import Settings
from bot.channels.slack.text import escaped
from bot.desk.ports.channels import Host
from bot.domain.conversations.messages import Outcome, OutcomeKind, Reply, Utterance
from bot.domain.errors import FirstlineError, Overloaded, StorageBusy, StorageUnavailable

log = structlog.get_logger()

MODAL_TIME = 2.5  # seconds: a trigger lives for 3, and so does Slack's patience
LAST_RETRY = 3  # Slack sends an event at once, and three times more: soon, after a minute and after five
_ANY = re.compile(".*", re.DOTALL)

Body = Mapping[str, Any]


class WorkspaceUnknown(FirstlineError):
    """Slack has not said yet which workspace this app is installed in."""


class SlackEndpoint:
    """Bolt's listeners; each awaits `host.receive` before Slack hears anything."""

    def __init__(
        self,
        settings: Settings,
        host: Host,
        authority: Authority,
        event_reader: EventReader,
        client: Callable[[], AsyncWebClient],
    ) -> None:
        self._settings = settings
        self._host = host
        self._authority = authority
        self._event_reader = event_reader
        self._client = client
        self.app = self._make_app()

    async def route(self, request: web.Request) -> web.Response:
        """The one URL for events, interactivity and commands."""
        if not _may_be_signed(request):
            self._host.checked(CHANNEL, "no_signature")
            return web.Response(status=401, text="This request has no signature of Slack.")
        try:
            received = await to_bolt_request(request)
        except (JSONDecodeError, UnicodeError, TypeError, AttributeError, ValueError):
            return _no_request()
        try:
            response = await self.app.async_dispatch(_mended(received))
        except (KeyError, TypeError, AttributeError) as error:
            # What a listener raises is a 500 by now: this is Bolt, stumbling over a body of another shape.
            log.warning(
                "slack_request_malformed",
                error=type(error).__name__,
                next_step="none: nothing of Slack's looks so",
            )
            return _no_request()
        self._host.checked(CHANNEL, self._refusal(received) if response.status == 401 else "")
        return await to_aiohttp_response(response)

    def _refusal(self, request: AsyncBoltRequest) -> str:
        """Say why Bolt did not believe a request: `age` where only its time is wrong, or our clock."""
        moment = str(request.headers["x-slack-request-timestamp"][0])
        verifier = SignatureVerifier(self._settings.signing_secret.get_secret_value())
        expected = verifier.generate_signature(timestamp=moment, body=request.raw_body) or ""
        signed = hmac.compare_digest(expected, str(request.headers["x-slack-signature"][0]))
        seconds = round(time() - float(moment))
        if signed:
            log.error(
                "slack_request_refused", reason="age", seconds=seconds, next_step="set this machine's clock"
            )
        else:
            log.error("slack_request_refused", reason="signature", next_step="compare SLACK_SIGNING_SECRET")
        return "age" if signed else "signature"

    # --- wiring ---------------------------------------------------------------------------------------

    def _make_app(self) -> AsyncApp:
        # No method: Bolt reads the names of the arguments, and takes `self` for one of its own.
        async def authorize(team_id: str | None) -> AuthorizeResult:
            return self._authority.authorized(team_id)

        app = AsyncApp(
            name="firstline",
            logger=QUIET,
            # A token here would make Bolt ignore `authorize`; our own client makes the calls.
            client=make_client("", self._settings.api_url),
            signing_secret=self._settings.signing_secret.get_secret_value(),
            authorize=authorize,
            process_before_response=True,
            raise_error_for_unhandled_request=True,
        )
        app.error(self._failed)
        app.event(_ANY)(self._event)
        app.command(COMMAND)(self._command)
        app.shortcut(GET_HELP)(self._shortcut)
        app.shortcut(ASK)(self._ask)
        app.action(_ANY)(self._action)
        app.view(modals.ASK_CALLBACK)(self._question)
        app.view(_ANY)(self._submission)
        return app

    async def _failed(self, error: Exception) -> BoltResponse | None:
        """Unknown events are acknowledged, or Slack would repeat them; a failure is a 500 or a 503."""
        if isinstance(error, BoltUnhandledRequestError):
            log.debug("slack_request_ignored")
            return BoltResponse(status=200)
        if isinstance(error, StorageBusy | StorageUnavailable):
            log.warning("slack_request_not_kept", cause=str(error), next_step="Slack sends it again")
            return BoltResponse(status=503)
        if isinstance(error, Overloaded):
            return BoltResponse(status=503, headers={"Retry-After": "1"})
        # The SDK's errors print the whole request, people's words included.
        details = {"code": code_of(error)} if isinstance(error, SlackClientError) else {"exc_info": error}
        log.error(
            "slack_request_failed",
            error=type(error).__name__,
            **details,
            next_step="report it if it goes on; Slack sends the event again",
        )
        return None

    def _installation(self, body: Body) -> Installation:
        installation = self._authority.installation or Installation.from_request(body)
        if not installation.team:
            raise WorkspaceUnknown
        return installation

    # --- listeners ------------------------------------------------------------------------------------

    async def _event(self, body: Body, request: AsyncBoltRequest) -> None:
        event: Body = body.get("event") or {}
        match event.get("type"):
            case "message" | "app_mention":
                utterance = await self._event_reader.message(body, self._installation(body))
            case "app_home_opened":
                utterance = await self._event_reader.home(body, self._installation(body))
            case "member_joined_channel" | "member_left_channel":
                if event.get("channel") in {self._settings.room, *self._host.rooms("slack")}:
                    self._host.refresh_roster("slack")
                return
            case _:
                return
        if utterance is not None:
            await self._receive(replace(utterance, comes_again=_comes_again(request)))

    async def _command(self, body: Body, ack: AsyncAck) -> None:
        utterance = await self._event_reader.command(body, self._installation(body))
        outcome = await self._receive(utterance)
        if await self._form(body, utterance, outcome):
            await ack()
        elif outcome.notice is not None:
            shown = render(outcome.notice)
            await ack(text=shown.text, blocks=shown.blocks, response_type="ephemeral")
        else:
            await ack(text=self._elsewhere(utterance), response_type="ephemeral")

    async def _shortcut(self, body: Body, ack: AsyncAck) -> None:
        utterance = await self._event_reader.shortcut(body, self._installation(body))
        outcome = await self._receive(utterance)
        await self._form(body, utterance, outcome)
        await ack()

    async def _ask(self, body: Body, ack: AsyncAck) -> None:
        sender = await self._event_reader.senders.who_clicked(body, self._installation(body))
        await self._open(body, modals.question_view(self._language(sender.locale), self._host.wording))
        await ack()

    async def _action(self, body: Body, ack: AsyncAck) -> None:
        utterance = await self._event_reader.click(body, self._installation(body))
        if utterance is not None:
            outcome = await self._receive(utterance)
            if not await self._form(body, utterance, outcome) and utterance.inline and outcome.notice:
                language = self._language(utterance.locale)
                await self._open(body, modals.notice_view(outcome.notice, language, self._host.wording))
        await ack()

    async def _question(self, body: Body, ack: AsyncAck) -> None:
        utterance = await self._event_reader.question(body, self._installation(body))
        outcome = await self._receive(utterance)
        await self._close(ack, body, utterance, outcome)

    async def _submission(self, body: Body, ack: AsyncAck) -> None:
        utterance = await self._event_reader.submission(body, self._installation(body))
        if utterance is None:
            await ack()
            return
        outcome = await self._receive(utterance)
        await self._close(ack, body, utterance, outcome)

    async def _receive(self, utterance: Utterance) -> Outcome:
        outcome = await self._host.receive(utterance)
        await self._event_reader.correct_names(utterance)
        return outcome

    # --- answers in the response itself ---------------------------------------------------------------

    async def _close(self, ack: AsyncAck, body: Body, utterance: Utterance, outcome: Outcome) -> None:
        """Close the modal, go on in it, or say in it why it is not as it was wished."""
        language = self._language(utterance.locale)
        sent = body.get("view") or {}
        if (
            outcome.kind is OutcomeKind.FORM
            and outcome.card is not None
            and not modals.same(sent, outcome.card)
        ):
            view = modals.form_view(outcome.card, utterance.conversation, self._host.wording)
            await ack(response_action="update", view=view)
        elif outcome.kind is OutcomeKind.FORM and not outcome.repeated:
            # The form is asked for again: something in it is not right yet, and can be corrected.
            notice = outcome.notice or Reply((), language=language)
            said = notice.summary or self._host.wording.say(language, "slack.form.again")
            await ack(response_action="errors", errors={modals.first_field(sent): said})
        elif outcome.notice is not None:
            view = modals.notice_view(outcome.notice, language, self._host.wording)
            await ack(response_action="update", view=view)
        else:
            await ack()

    async def _form(self, body: Body, utterance: Utterance, outcome: Outcome) -> bool:
        if outcome.kind is not OutcomeKind.FORM or outcome.card is None:
            return False
        await self._open(body, modals.form_view(outcome.card, utterance.conversation, self._host.wording))
        return True

    async def _open(self, body: Body, view: Json) -> None:
        """Open a modal, the one call that comes before the acknowledgement: its trigger lives 3 s."""
        try:
            async with asyncio.timeout(MODAL_TIME):
                await self._client().views_open(trigger_id=str(body.get("trigger_id") or ""), view=view)
        except ERRORS as error:
            if code_of(error) not in TRIGGER_GONE:
                raise
            # A repeat could not open it either; the button is still there to be clicked again.
            log.warning(
                "slack_trigger_gone", code=code_of(error), next_step="none: the button can be clicked again"
            )

    def _elsewhere(self, utterance: Utterance) -> str:
        say, language = self._host.wording.say, self._language(utterance.locale)
        if utterance.behalf is not None:
            return escaped(say(language, "slack.command.behalf", name=utterance.behalf.name))
        return escaped(say(language, "slack.command.dm"))

    def _language(self, locale: str | None) -> str:
        short = re.split(r"[-_]", locale or "")[0].lower()
        return short if short in self._host.wording.languages else self._host.language


def _comes_again(request: AsyncBoltRequest) -> bool:
    """Whether Slack sends an event again where this attempt fails."""
    attempts = request.headers.get("x-slack-retry-num") or ("0",)
    return attempts[0].isdigit() and int(attempts[0]) < LAST_RETRY


def _no_request() -> web.Response:
    return web.Response(status=400, text="This is no request of Slack.")


def _may_be_signed(request: web.Request) -> bool:
    # Bolt's verification answers 500 to a timestamp that is no number and a signature that is not ASCII.
    moment = request.headers.get("X-Slack-Request-Timestamp", "")
    signature = request.headers.get("X-Slack-Signature", "")
    return moment.isascii() and moment.isdigit() and bool(signature) and signature.isascii()


def _mended(request: AsyncBoltRequest) -> AsyncBoltRequest:
    """Read a form that Bolt gave up on: it takes any body with the word "payload" in it for an interaction,
    so that `/firstline what is a payload` came out empty, and was acknowledged and lost.
    """
    if not request.body and request.raw_body and request.mode == "http":
        request.body = dict(parse_qsl(request.raw_body, keep_blank_values=True))
        request.context = build_async_context(AsyncBoltContext({}), request.body)
    return request
