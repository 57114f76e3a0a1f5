"""Receives what Slack sends through the Bolt app, and acknowledges it only when the desk has it."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import cache, partial
from typing import Any, cast

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError

from bot.channels.slack.client import ERRORS, QUIET, TRIGGER_GONE, code_of, make_client
from bot.channels.slack.directory import CHANNEL
from bot.channels.slack.inbound.requests import (
    ATTEMPT,
    FIRST,
    busy,
    comes_again,
    may_be_signed,
    mended,
    no_request,
    read_body,
    refusal,
    sender_in,
)
from bot.channels.slack.inbound.workspaces import NotInstalled, Parts, Served, Workspaces
from bot.channels.slack.manifest import ASK, COMMAND, ENDINGS, GET_HELP
from bot.channels.slack.outbound import modals
from bot.channels.slack.outbound.blocks import render
from bot.channels.slack.outbound.elements import Json
from bot.channels.slack.payloads import Kind, PayloadMalformed, decoded, is_event, is_for_us
from bot.channels.slack.settings import Settings
from bot.channels.slack.text import escaped
from bot.desk.ports.channels import Host
from bot.domain.conversations.messages import (
    Addressed,
    Change,
    Details,
    Outcome,
    OutcomeKind,
    Reply,
    Utterance,
)
from bot.domain.errors import Overloaded, StorageBusy, StorageUnavailable, details
from bot.runtime.network.proof import PROVED

log = structlog.get_logger()

MODAL_TIME = 2.5  # seconds: a trigger lives for 3, and so does Slack's patience
_ANY = re.compile(".*", re.DOTALL)

Body = Mapping[str, Any]


class SlackEndpoint:
    """Bolt's listeners; each awaits `host.receive` before Slack hears anything."""

    def __init__(
        self,
        settings: Settings,
        host: Host,
        workspaces: Workspaces,
    ) -> None:
        self._settings = settings
        self._host = host
        self._workspaces = workspaces
        self._behind: set[asyncio.Future[None]] = set()
        self.app = self._make_app()

    async def route(self, request: web.Request) -> web.Response:
        """The one URL for events, interactivity and commands."""
        if not may_be_signed(request):
            self._host.checked(CHANNEL, "no_signature")
            return web.Response(status=401, text="This request has no signature of Slack.")
        body = await read_body(request)
        # Nothing is read in a body before it is known to be Slack's.
        refused = refusal(self._settings.signing_secret.get_secret_value(), request.headers, body)
        request[PROVED] = not refused
        self._host.checked(CHANNEL, refused)
        if refused:
            return web.Response(status=401, text="This request is not signed by Slack, or too old.")
        read = cache(partial(decoded, body, request.content_type))
        kind = self.look_at(read)
        if kind is not Kind.OURS:
            return no_request() if kind is Kind.MALFORMED else web.Response()
        try:
            # Whose it is was read here: Bolt, which is asked only at their turn, misses some commands.
            async with self.turn(payload := cast(Body, read())):
                if is_event(payload):
                    return web.Response(status=await self._status_of(payload, request.headers))
                received = AsyncBoltRequest(
                    body=body, query=request.query_string, headers=dict(request.headers)
                )
                response = await self.app.async_dispatch(mended(received))
        except Overloaded:
            response = busy()
        return await to_aiohttp_response(response)

    async def _status_of(self, event: Body, headers: Mapping[str, str]) -> int:
        """Take in an event, and say what Slack hears.

        Bolt would find the same listener; its way there costs more than ours from there to the desk.
        """
        try:
            await self._take_in(event, comes_again(headers.get(ATTEMPT, FIRST)))
        except Overloaded:
            raise
        except Exception as error:  # noqa: BLE001  # told by `_failed`; Slack sends the event again
            response = await self._failed(error)
            return response.status if response is not None else 500
        return 200

    def turn(self, body: Body) -> AbstractAsyncContextManager[None]:
        """What is entered before an event costs anything: it waits for its sender's earlier ones."""
        return self._host.turn(CHANNEL, sender_in(body))

    def look_at(self, decode: Callable[[], object]) -> Kind:
        """Say what Slack sends; what is malformed is counted, and told to the operator."""
        try:
            kind = Kind.OURS if is_for_us(decode()) else Kind.OTHER
        except PayloadMalformed as malformed:
            self._host.checked(CHANNEL, "payload")
            log.error(
                "slack_request_malformed",
                part=str(malformed),
                next_step="report it, with what people did: Slack sends something that is not documented",
            )
            return Kind.MALFORMED
        if kind is Kind.OTHER:  # acknowledged, or Slack would repeat it, and end all events at last
            log.debug("slack_request_ignored")
        return kind

    # --- wiring ---------------------------------------------------------------------------------------

    def _make_app(self) -> AsyncApp:
        # No method: Bolt reads the names of the arguments, and takes `self` for one of its own.
        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            return await self._workspaces.authorized(enterprise_id, team_id)

        app = AsyncApp(
            name="firstline",
            logger=QUIET,
            # A token here would make Bolt ignore `authorize`; our own client makes the calls.
            client=make_client("", self._settings.api_url),
            authorize=authorize,
            request_verification_enabled=False,  # `route` has seen to it; a socket's envelopes have none
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
        if isinstance(error, NotInstalled):
            # Acknowledged: sent again it would be no more ours, and Slack ends events that fail.
            log.warning(
                "slack_not_installed_there",
                next_step="install the app there, or take it out of the app's page if that is not meant",
            )
            return BoltResponse(status=200)
        if isinstance(error, StorageBusy | StorageUnavailable):
            log.warning("slack_request_not_kept", cause=str(error), next_step="Slack sends it again")
            return BoltResponse(status=503)
        if isinstance(error, Overloaded):
            return busy()
        # The SDK's errors print the whole request, people's words included.
        details = {"code": code_of(error)} if isinstance(error, SlackClientError) else {"exc_info": error}
        log.error(
            "slack_request_failed",
            error=type(error).__name__,
            **details,
            next_step="report it if it goes on; Slack sends the event again",
        )
        return None

    # --- listeners ------------------------------------------------------------------------------------

    async def _event(self, body: Body, request: AsyncBoltRequest) -> None:
        """Take in an event that came over the socket."""
        await self._take_in(body, comes_again(*request.headers.get(ATTEMPT, ())[:1]))

    async def _take_in(self, body: Body, repeats: bool) -> None:
        """Take in an event; `repeats`: whether Slack sends it again where this fails."""
        event: Body = body.get("event") or {}
        if event.get("type") in ENDINGS:
            self._start(self._workspaces.changed(body))
            return
        served = await self._workspaces.find(body)
        if not served.installation.serves(body):
            # Acknowledged: sent again it would be no more ours, and Slack ends events that fail.
            log.warning(
                "slack_foreign_workspace",
                next_step="none, unless the app is meant to be in one workspace alone",
            )
            return
        match event.get("type"):
            case "message" | "app_mention":
                utterance = await served.reader.message(body, served.installation)
            case "app_home_opened":
                shown = {"home": served.reader.home, "messages": served.reader.opened}
                read = shown.get(event.get("tab", "home"))
                utterance = await read(body, served.installation) if read is not None else None
            case "member_joined_channel" | "member_left_channel":
                self._refresh_roster(served, str(event.get("channel")))
                return
            case _:
                return
        if utterance is not None:
            outcome = await self._receive(served, replace(utterance, comes_again=repeats))
            self._look_after(served, utterance, outcome)

    def _refresh_roster(self, served: Served[Parts], channel: str) -> None:
        names = {channel, f"{served.installation.team}/{channel}"}
        if names & {self._settings.room, *self._host.rooms(CHANNEL)}:
            self._host.refresh_roster(CHANNEL)

    def _look_after(self, served: Served[Parts], utterance: Utterance, outcome: Outcome) -> None:
        """Let the extras begin that no event waits for."""
        language = self._language(utterance.locale)
        if utterance.addressed is Addressed.OPENED:
            if not utterance.stranger:
                served.workspace.agent_view.opened(utterance.conversation, language)
        elif utterance.change is Change.NEW:
            served.workspace.agent_view.asked(utterance.conversation, outcome, language)

    async def _command(self, body: Body, ack: AsyncAck) -> None:
        served = await self._workspaces.find(body)
        utterance = await served.reader.command(body, served.installation)
        outcome = await self._receive(served, utterance)
        if await self._form(served, body, utterance, outcome):
            await ack()
        elif outcome.notice is not None:
            shown = render(outcome.notice)
            await ack(text=shown.text, blocks=shown.blocks, response_type="ephemeral")
        else:
            await ack(text=self._elsewhere(utterance), response_type="ephemeral")

    async def _shortcut(self, body: Body, ack: AsyncAck) -> None:
        served = await self._workspaces.find(body)
        utterance = await served.reader.shortcut(body, served.installation)
        outcome = await self._receive(served, utterance)
        await self._form(served, body, utterance, outcome)
        await ack()

    async def _ask(self, body: Body, ack: AsyncAck) -> None:
        served = await self._workspaces.find(body)
        sender = await served.reader.senders.who_clicked(body, served.installation)
        await self._open(
            served, body, modals.question_view(self._language(sender.locale), self._host.wording)
        )
        await ack()

    async def _action(self, body: Body, ack: AsyncAck) -> None:
        served = await self._workspaces.find(body)
        utterance = await served.reader.click(body, served.installation)
        if utterance is not None:
            outcome = await self._receive(served, utterance)
            if not await self._form(served, body, utterance, outcome) and utterance.inline:
                await self._show(served, body, utterance, outcome)
        await ack()

    async def _question(self, body: Body, ack: AsyncAck) -> None:
        served = await self._workspaces.find(body)
        utterance = await served.reader.question(body, served.installation)
        outcome = await self._receive(served, utterance)
        await self._close(ack, body, utterance, outcome)

    async def _submission(self, body: Body, ack: AsyncAck) -> None:
        served = await self._workspaces.find(body)
        utterance = await served.reader.submission(body, served.installation)
        if utterance is None:
            await ack()
            return
        outcome = await self._receive(served, utterance)
        await self._close(ack, body, utterance, outcome)

    async def _receive(self, served: Served[Parts], utterance: Utterance) -> Outcome:
        outcome = await self._host.receive(utterance)
        await served.reader.correct_names(utterance)
        return outcome

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """Go on behind the acknowledgement."""
        task = asyncio.ensure_future(work)
        self._behind.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Future[None]) -> None:
        self._behind.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("slack_work_failed", **details(error), next_step="report it if it goes on")

    async def settled(self) -> None:
        """Return when nothing goes on behind an acknowledgement."""
        await asyncio.gather(*self._behind, return_exceptions=True)

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

    async def _show(self, served: Served[Parts], body: Body, utterance: Utterance, outcome: Outcome) -> None:
        """Show in a modal what was asked for: an article, why not, or what the clicked card folds away."""
        notice = outcome.notice
        if notice is None and outcome.shows is not None:
            card = await self._host.redraw(outcome)
            folded = [block for block in card.blocks if isinstance(block, Details)] if card else []
            notice = Reply(folded[0].blocks, summary=folded[0].label) if folded else None
        if notice is not None:
            language = self._language(utterance.locale)
            await self._open(served, body, modals.notice_view(notice, language, self._host.wording))

    async def _form(self, served: Served[Parts], body: Body, utterance: Utterance, outcome: Outcome) -> bool:
        if outcome.kind is not OutcomeKind.FORM or outcome.card is None:
            return False
        await self._open(
            served, body, modals.form_view(outcome.card, utterance.conversation, self._host.wording)
        )
        return True

    async def _open(self, served: Served[Parts], body: Body, view: Json) -> None:
        """Open a modal, the one call that comes before the acknowledgement: its trigger lives 3 s."""
        try:
            async with asyncio.timeout(MODAL_TIME):
                await served.workspace.client().views_open(
                    trigger_id=str(body.get("trigger_id") or ""), view=view
                )
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
