"""Reads what Slack sends by its documented shapes, at the door: behind it every part is what it should be.

Only what is used later is looked at. What Slack adds, or leaves out where it may, is no fault; a value of
another type is one. Blocks, attachments and files may have any shape: what cannot be read there is left out.
"""

import json
from collections.abc import Mapping
from enum import Enum, auto
from typing import Annotated, Any
from urllib.parse import parse_qsl

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    ValidationError,
    model_validator,
)

from bot.channels.slack.manifest import COMMAND
from bot.domain.errors import FirstlineError

# Ids and times: they become keys, parts of addresses and columns.
Id = Annotated[str, Field(pattern=r"^[\x21-\x7e]{0,255}$")] | None
Named = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,255}$")]
# What people write may hold lone surrogates: it is cleaned later.
Text = InstanceOf[str] | None
# Slack writes an object without parts as an empty list, too.
_EMPTY = BeforeValidator(lambda value: None if value == [] else value)
Parts = Annotated[dict[str, Any] | None, _EMPTY]


class Kind(Enum):
    """What a request of Slack's is."""

    OURS = auto()
    OTHER = auto()  # of a type that is not taken in
    MALFORMED = auto()


class PayloadMalformed(FirstlineError):
    """A signed request is not what Slack's documentation says; the text says which part of it."""


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)


class _Team(_Part):
    id: Id = None
    enterprise_id: Id = None


class _User(_Part):
    id: Named
    team_id: Id = None
    name: Text = None
    username: Text = None


class _Grant(_Part):
    enterprise_id: Id = None
    team_id: Id = None
    user_id: Id = None


class _Payload(_Part):
    team_id: Id = None
    enterprise_id: Id = None
    context_team_id: Id = None
    context_enterprise_id: Id = None
    team: _Team | Id = None
    enterprise: _Team | Id = None
    authorizations: list[_Grant] | None = None
    function_execution_id: Id = None
    function_data: dict[str, Any] | None = None
    response_url: Text = None
    response_urls: list[dict[str, Any]] = []


class _Message(_Part):
    ts: Id = None
    thread_ts: Id = None
    user: Id = None
    team: Id = None
    user_team: Id = None
    source_team: Id = None
    subtype: Text = None
    text: Text = None
    username: Text = None
    bot_id: Id = None
    edited: Parts = None
    user_profile: Parts = None
    bot_profile: Parts = None


class _MessageEvent(_Message):
    channel: Named
    channel_type: Id = None
    event_ts: Id = None
    deleted_ts: Id = None
    message: _Message | None = None
    previous_message: _Message | None = None

    @model_validator(mode="after")
    def _is_somebodys(self) -> "_MessageEvent":
        if not self.ts:
            raise ValueError("a message has a time")
        if not (self.user or self.subtype or self.bot_id):
            raise ValueError("a message has a writer")
        return self


class _HomeEvent(_Part):
    user: Named
    tab: Text = None
    event_ts: Id = None
    channel: Id = None


class _MemberEvent(_Part):
    user: Named
    channel: Named


class _EndEvent(_Part):
    tokens: Parts = None


class _Action(_Part):
    type: Text = None
    action_id: InstanceOf[str]
    action_ts: Id = None
    value: Text = None
    url: Text = None
    selected_option: dict[str, Any] | None = None


class _Container(_Part):
    channel_id: Id = None
    message_ts: Id = None
    thread_ts: Id = None


class _Clicked(_Payload):
    user: _User
    trigger_id: Named
    actions: Annotated[list[_Action], Field(min_length=1)]
    channel: _Team | None = None
    container: _Container | None = None
    message: _Message | None = None


class _State(_Part):
    values: Annotated[dict[str, dict[str, dict[str, Any]]] | None, _EMPTY] = None


class _View(_Part):
    id: Named
    type: Named
    hash: Id = None
    callback_id: InstanceOf[str]
    private_metadata: Text = None
    state: _State | None = None
    blocks: list[dict[str, Any]] | None = None


class _Submitted(_Payload):
    user: _User
    view: _View


class _Shortcut(_Payload):
    user: _User
    callback_id: Named
    trigger_id: Named


class _MessageShortcut(_Shortcut):
    message: _Message
    channel: _Team | None = None


class _Command(_Payload):
    command: Named
    user_id: Named
    trigger_id: Named
    user_name: Text = None
    text: Text = None
    channel_id: Id = None


class _Verification(_Part):
    challenge: str


class _Envelope(_Payload):
    event: dict[str, Any]
    event_id: Named


EVENT = "event_callback"
_KINDS: Mapping[str, type[_Part]] = {
    "block_actions": _Clicked,
    "view_submission": _Submitted,
    "shortcut": _Shortcut,
    "message_action": _MessageShortcut,
    "url_verification": _Verification,
}
_EVENTS: Mapping[str, type[_Part]] = {
    "message": _MessageEvent,
    "app_mention": _MessageEvent,
    "app_home_opened": _HomeEvent,
    "member_joined_channel": _MemberEvent,
    "member_left_channel": _MemberEvent,
    "app_uninstalled": _EndEvent,
    "tokens_revoked": _EndEvent,
}


_SHAPES: tuple[type[_Part], ...] = (
    *_KINDS.values(),
    *_EVENTS.values(),
    *(_Command, _Envelope, _View, _State, _User, _Message, _Action, _Container, _Grant, _Team),
)
# The names of our own shapes: the other keys of a payload are somebody's, and are not logged.
_NAMES = frozenset(name for shape in _SHAPES for name in shape.model_fields)


def decoded(text: str, content_type: str) -> object:
    """The body of a request, JSON or a form; raise `PayloadMalformed`."""
    try:
        if content_type == "application/json" or text.startswith("{"):
            return json.loads(text)
        form = dict(parse_qsl(text, keep_blank_values=True))
        return json.loads(form["payload"]) if "payload" in form and "command" not in form else form
    except (ValueError, RecursionError):
        raise PayloadMalformed("body") from None


def is_for_us(payload: object) -> bool:
    """Whether this is of a type that is taken in; False for any other one of Slack's.

    Raises `PayloadMalformed` where it is no type at all, or not as Slack documents its own type.
    """
    if not isinstance(payload, Mapping):
        raise PayloadMalformed("payload")
    if "ssl_check" in payload:
        return True
    kind = "command" if "command" in payload and "type" not in payload else payload.get("type")
    if not isinstance(kind, str) or not kind:
        raise PayloadMalformed("type")
    if kind == "command":
        if payload["command"] == COMMAND:
            _check(_Command, payload)
        return bool(payload["command"] == COMMAND)
    if kind == EVENT:
        return _is_event_for_us(payload)
    if kind in _KINDS:
        _check(_KINDS[kind], payload)
    return kind in _KINDS


def is_event(payload: Mapping[str, Any]) -> bool:
    """Whether what is for us is an event: neither an interaction nor Slack's look at our certificate."""
    return payload.get("type") == EVENT and "ssl_check" not in payload


def _is_event_for_us(payload: Mapping[str, Any]) -> bool:
    _check(_Envelope, payload)
    event = payload["event"]
    kind = event.get("type")
    if not isinstance(kind, str) or not kind:
        raise PayloadMalformed("event.type")
    if kind in _EVENTS:
        _check(_EVENTS[kind], event, "event.")
    return kind in _EVENTS


def _check(shape: type[_Part], payload: Mapping[str, Any], before: str = "") -> None:
    try:
        shape.model_validate(payload)
    except ValidationError as error:
        where = [str(part) for part in error.errors(include_input=False)[0]["loc"] if part in _NAMES]
        raise PayloadMalformed(before + ".".join(where)) from None
