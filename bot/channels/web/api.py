"""Receives questions, changes and clicks from the page."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import structlog
from aiohttp import web

from bot.channels.web import responses
from bot.channels.web.access.accounts import CHANNEL, ROOM, Participant, Role, Visitor
from bot.channels.web.access.auth import Authenticator, check_origin
from bot.channels.web.access.limits import AGAIN, Limits
from bot.channels.web.access.refusal import Refusal
from bot.channels.web.access.request_body import BodyReader, text_of
from bot.channels.web.live.events import PageEvents
from bot.channels.web.view import View
from bot.desk.ports.channels import Host
from bot.domain.conversations.messages import (
    Addressed,
    Attachment,
    Behalf,
    Change,
    Click,
    ConversationRef,
    Outcome,
    OutcomeKind,
    Utterance,
)
from bot.domain.errors import Overloaded, details
from bot.domain.secrets.masking import LONGEST_TEXT, clean
from bot.domain.tickets.relay import NOTE_SIGN, is_note

log = structlog.get_logger()

CHANGES = {"edited": Change.EDITED, "deleted": Change.DELETED}
MOST_INPUTS = 20
LONGEST_ZONE = 64  # characters of the name of a time zone
KEY = re.compile(r"[0-9A-Za-z_-]{8,64}")


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """One POST of somebody who was admitted."""

    body: Mapping[str, Any]
    key: str
    sender: Participant
    conversation: ConversationRef
    files: tuple[Attachment, ...] = ()


class Api:
    """Turns requests into utterances, and their outcomes into responses."""

    def __init__(
        self,
        host: Host,
        authenticator: Authenticator,
        view: View,
        events: PageEvents,
        limits: Limits,
        body_reader: BodyReader,
    ) -> None:
        self._host = host
        self._authenticator = authenticator
        self._view = view
        self._events = events
        self._limits = limits
        self._bodies = body_reader

    async def ask(self, request: web.Request) -> web.Response:
        """Take in a question, or the ticket that an engineer opens for somebody else."""
        async with self._reading(request) as parsed:
            behalf = await self._behalf(parsed) if parsed.conversation == ROOM else None
            text = _message(parsed.body)
            if text_of(parsed.body, "kind") == "note" and not is_note(text):
                text = f"{NOTE_SIGN} {text}"
            return await self._receive(request, parsed, _addressed(parsed), text=text, behalf=behalf)

    async def change(self, request: web.Request) -> web.Response:
        """Take in an edit or a deletion; the desk knows whether the message is theirs."""
        async with self._reading(request) as parsed:
            change = CHANGES.get(text_of(parsed.body, "change"))
            message = text_of(parsed.body, "message")
            if change is None or not message:
                raise Refusal(400, "web.error.request")
            text = _message(parsed.body) if change is Change.EDITED else ""
            return await self._receive(
                request, parsed, _addressed(parsed), text=text, change=change, message=clean(message)
            )

    async def click(self, request: web.Request) -> web.Response:
        """Take in a click or a form."""
        async with self._reading(request) as parsed:
            click = Click(
                action=clean(text_of(parsed.body, "action")),
                token=clean(text_of(parsed.body, "token")),
                argument=clean(text_of(parsed.body, "argument")),
                inputs=_inputs(parsed.body),
            )
            return await self._receive(request, parsed, Addressed.CLICK, click=click)

    @asynccontextmanager
    async def _reading(self, request: web.Request) -> AsyncIterator[ParsedRequest]:
        """Read a POST; its files are in memory as long as the block lasts, and count as long."""
        # Before anything is read, and held in memory: a form may bring many megabytes of files.
        sender = (await self._authenticator.admit(request, {})).asker
        check_origin(request, self._host.public_url)
        self._limits.message(sender)
        async with self._bodies.reading(request, sender) as (body, files):
            visitor = await self._authenticator.admit(
                request, {name: text_of(body, name) for name in ("as", "desk")}
            )
            key = text_of(body, "key")
            if not KEY.fullmatch(key):
                raise Refusal(400, "web.error.request")
            speaker, conversation = _sender_in(visitor, text_of(body, "pane"), text_of(body, "under"))
            yield ParsedRequest(body, key, speaker, conversation, files)

    async def _behalf(self, parsed: ParsedRequest) -> Behalf:
        name = text_of(parsed.body, "behalf")
        for person in await self._authenticator.everybody():
            if person.id == name and person.role is not Role.ENGINEER:
                return Behalf(person.identity, person.name, person.conversation)
        raise Refusal(400, "web.error.persona")

    async def _receive(
        self,
        request: web.Request,
        parsed: ParsedRequest,
        addressed: Addressed,
        *,
        text: str = "",
        click: Click | None = None,
        behalf: Behalf | None = None,
        change: Change = Change.NEW,
        message: str = "",
    ) -> web.Response:
        utterance = Utterance(
            keys=(f"web:{parsed.key}",),
            sender=parsed.sender.identity,
            sender_name=parsed.sender.name,
            conversation=parsed.conversation,
            at=self._host.clock(),
            addressed=addressed,
            text=text,
            locale=self._view.language(request),
            zone=clean(text_of(parsed.body, "zone"))[:LONGEST_ZONE],
            click=click,
            behalf=behalf,
            inline=True,
            change=change,
            message=message or parsed.key,
            files=len(parsed.files),
            attachments=parsed.files,
        )
        outcome = await self._take_in(parsed, utterance)
        self._events.wake()
        leads = parsed.conversation.place == ROOM.place
        return responses.answer(self._shown(request, outcome, leads=leads))

    async def _take_in(self, parsed: ParsedRequest, utterance: Utterance) -> Outcome:
        try:
            async with self._host.turn(CHANNEL, parsed.sender.id):
                return await self._host.receive(utterance)
        except Overloaded as error:
            raise Refusal(503, "web.error.failed", AGAIN) from error
        except Exception as error:
            # Whatever the core raised, the person must read so; the same key makes sending again safe.
            log.error("web_receive_failed", **details(error), next_step="see the cause; it can be sent again")
            raise Refusal(503, "web.error.failed") from error

    def _shown(self, request: web.Request, outcome: Outcome, *, leads: bool) -> dict[str, object]:
        """What becomes of it; with `leads`, numbers of tickets lead to them."""
        notice = form = ""
        if outcome.notice is not None:
            context = {"reply": outcome.notice, "leads": leads}
            notice = self._view.render(request, "notice.html", context)
        if outcome.kind is OutcomeKind.FORM and outcome.card is not None and outcome.card.buttons:
            form = self._view.render(request, "form.html", {"reply": outcome.card})
        return {"kind": str(outcome.kind), "ticket": outcome.ticket, "notice": notice, "form": form}


def _addressed(parsed: ParsedRequest) -> Addressed:
    return Addressed.THREAD if parsed.conversation.thread else Addressed.DIRECT


def _sender_in(visitor: Visitor, pane: str, under: str) -> tuple[Participant, ConversationRef]:
    """Who speaks in this pane, and where."""
    if pane == "ask":
        return visitor.asker, visitor.asker.conversation
    if pane != "room":
        raise Refusal(400, "web.error.request")
    if visitor.engineer is None:
        raise Refusal(403, "web.error.engineers")
    # Under a card: its thread is named after the ticket from the beginning.
    return visitor.engineer, replace(ROOM, thread=f"new:{clean(under)}") if under else ROOM


def _message(body: Mapping[str, Any]) -> str:
    """What somebody wrote, whole: what is too long is refused, so that they can shorten it themselves."""
    text = text_of(body, "text")
    if len(text) > LONGEST_TEXT:
        raise Refusal(413, "web.error.large")
    return clean(text)


def _inputs(body: Mapping[str, Any]) -> Mapping[str, str] | None:
    value = body.get("inputs")
    if value is None:
        return None
    if not isinstance(value, dict) or len(value) > MOST_INPUTS:
        raise Refusal(400, "web.error.request")
    if not all(isinstance(text, str) for text in value.values()):
        raise Refusal(400, "web.error.request")
    return {clean(name): clean(text) for name, text in value.items()}
