"""Receives questions, changes, clicks and sign-ins from the page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog
from aiohttp import web

from bot.channels.web import request_body, responses
from bot.channels.web.access.accounts import ROOM, Participant, Role, Visitor
from bot.channels.web.access.auth import SESSION_COOKIE, Authenticator, Refusal, check_origin
from bot.channels.web.access.sessions import LIFE, Sessions
from bot.channels.web.live.events import PageEvents
from bot.channels.web.request_body import Body
from bot.channels.web.view import View
from bot.desk.ports.channels import Host
from bot.domain.conversations.masking import clean
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

log = structlog.get_logger()

CHANGES = {"edited": Change.EDITED, "deleted": Change.DELETED}
MOST_INPUTS = 20
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
        self, host: Host, authenticator: Authenticator, view: View, events: PageEvents, sessions: Sessions
    ) -> None:
        self._host = host
        self._authenticator = authenticator
        self._view = view
        self._events = events
        self._sessions = sessions

    async def ask(self, request: web.Request) -> web.Response:
        """Take in a question, or the ticket that an engineer opens for somebody else."""
        parsed = await self._read(request)
        behalf = self._behalf(parsed) if parsed.conversation == ROOM else None
        text = clean(_text(parsed.body, "text"))
        return await self._receive(request, parsed, _addressed(parsed), text=text, behalf=behalf)

    async def change(self, request: web.Request) -> web.Response:
        """Take in an edit or a deletion; the desk knows whether the message is theirs."""
        parsed = await self._read(request)
        change = CHANGES.get(_text(parsed.body, "change"))
        message = _text(parsed.body, "message")
        if change is None or not message:
            raise Refusal(400, "web.error.request")
        text = clean(_text(parsed.body, "text")) if change is Change.EDITED else ""
        return await self._receive(
            request, parsed, _addressed(parsed), text=text, change=change, message=clean(message)
        )

    async def click(self, request: web.Request) -> web.Response:
        """Take in a click or a form."""
        parsed = await self._read(request)
        click = Click(
            action=clean(_text(parsed.body, "action")),
            token=clean(_text(parsed.body, "token")),
            argument=clean(_text(parsed.body, "argument")),
            inputs=_inputs(parsed.body),
        )
        return await self._receive(request, parsed, Addressed.CLICK, click=click)

    async def sign_in(self, request: web.Request) -> web.Response:
        """Exchange a token for a session."""
        body, _ = await self._body(request)
        grant = self._sessions.bearer(_text(body, "token").strip())
        if grant is None:
            raise Refusal(403, "web.error.token")
        response = responses.answer({"kind": "signed-in"})
        response.set_cookie(
            SESSION_COOKIE,
            await self._sessions.open(grant),
            max_age=int(LIFE.total_seconds()),
            httponly=True,
            samesite="Strict",
            secure=self._host.public_url.startswith("https:"),
        )
        return response

    async def sign_out(self, request: web.Request) -> web.Response:
        """Forget the session in this browser."""
        await self._body(request)
        response = responses.answer({"kind": "signed-out"})
        response.del_cookie(SESSION_COOKIE, httponly=True, samesite="Strict")
        return response

    async def _read(self, request: web.Request) -> ParsedRequest:
        # Before anything is read, and held in memory: a form may bring many megabytes of files.
        await self._authenticator.admit(request, {})
        body, files = await self._body(request, self._host.largest_file)
        visitor = await self._authenticator.admit(
            request, {name: _text(body, name) for name in ("as", "desk")}
        )
        key = _text(body, "key")
        if not KEY.fullmatch(key):
            raise Refusal(400, "web.error.request")
        sender, conversation = _sender_in(visitor, _text(body, "pane"), _text(body, "under"))
        return ParsedRequest(body, key, sender, conversation, files)

    async def _body(self, request: web.Request, largest_file: int = 0) -> tuple[Body, tuple[Attachment, ...]]:
        check_origin(request, self._host.public_url)
        return await request_body.read(request, largest_file)

    def _behalf(self, parsed: ParsedRequest) -> Behalf:
        name = _text(parsed.body, "behalf")
        for person in self._authenticator.people:
            if person.id == name and person.role is Role.EMPLOYEE:
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
            click=click,
            behalf=behalf,
            inline=True,
            change=change,
            message=message or parsed.key,
            files=len(parsed.files),
            attachments=parsed.files,
        )
        try:
            outcome = await self._host.receive(utterance)
        except Overloaded as error:
            raise Refusal(503, "web.error.failed") from error
        except Exception as error:
            # Whatever the core raised, the person must read so; the same key makes sending again safe.
            log.error("web_receive_failed", **details(error), next_step="see the cause; it can be sent again")
            raise Refusal(503, "web.error.failed") from error
        self._events.wake()
        return responses.answer(self._shown(request, outcome))

    def _shown(self, request: web.Request, outcome: Outcome) -> dict[str, object]:
        notice = form = ""
        if outcome.notice is not None:
            notice = self._view.render(request, "notice.html", {"reply": outcome.notice})
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


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise Refusal(400, "web.error.request")
    return value


def _inputs(body: Mapping[str, Any]) -> Mapping[str, str] | None:
    value = body.get("inputs")
    if value is None:
        return None
    if not isinstance(value, dict) or len(value) > MOST_INPUTS:
        raise Refusal(400, "web.error.request")
    if not all(isinstance(text, str) for text in value.values()):
        raise Refusal(400, "web.error.request")
    return {clean(name): clean(text) for name, text in value.items()}
