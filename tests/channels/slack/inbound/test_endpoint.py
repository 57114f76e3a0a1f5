"""Verification, acknowledgement and repeats, over HTTP and over the socket."""

import asyncio
import json
import logging
import time
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace

import aiohttp
import pytest

from bot.channels.slack.client import TIMEOUT
from bot.domain.conversations.messages import Outcome, OutcomeKind
from bot.domain.errors import Overloaded
from tests.support.channels.empty_host import Memory
from tests.support.channels.slack_stage import Stage, Starter, until
from tests.support.fakes.slack import SlackFake

SECRET_WORDS = "the-words-of-a-person"


async def test_an_unsigned_request_is_refused(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = json.dumps(stage.slack.envelope(stage.slack.written("DU1", "U1", SECRET_WORDS)))
    wrong = stage.slack.signature(body, secret="another secret")
    old = stage.slack.signature(body, at=time.time() - 400)
    other = stage.slack.signature(body + " ")
    none = {"X-Slack-Signature": "", "X-Slack-Request-Timestamp": ""}
    odd = [wrong | {"X-Slack-Request-Timestamp": value} for value in ("junk", "²", "-1", "9" * 400)]
    for signature in (wrong, old, other, none, *odd, wrong | {"X-Slack-Signature": "v0=ñ"}):
        assert (await stage.slack.post(body, "application/json", **signature)).status == 401, signature
    assert stage.host.utterances == []
    assert SECRET_WORDS not in caplog.text


@pytest.mark.parametrize("body", ["{", "[1]", "7", "{}", "payload=", "payload=%7B", '"text"', ""])
async def test_junk_is_no_server_error(stage: Stage, body: str) -> None:
    for content_type in ("application/json", "application/x-www-form-urlencoded"):
        answer = await stage.slack.post(body, content_type)
        assert answer.status in (200, 400, 401), (content_type, answer)
    assert stage.host.utterances == []


ODD_BODIES = (
    "[" * 100_000,
    '{"type": "event_callback", "authorizations": [7]}',
    '{"type": "event_callback", "authorizations": "x", "team": []}',
    '{"type": "event_callback", "event": {"type": ["message"]}, "event_id": "E1"}',
    '{"type": {"a": 1}}',
    '{"type": "block_actions", "user": "U1", "actions": {}}',
    '{"type": "view_submission", "user": {"id": NaN}, "view": null}',
    '{"n": ' + "9" * 5_000 + "}",
    "payload=" + "%5B" * 10_000,
    "payload=null",
    "ssl_check[]=&type=",
)


@pytest.mark.parametrize("body", ODD_BODIES, ids=range(len(ODD_BODIES)))
async def test_nothing_is_read_before_it_is_signed_and_odd_bodies_are_refused_then(
    stage: Stage, body: str
) -> None:
    unsigned = stage.slack.signature(body, secret="another secret")
    for content_type in ("application/json", "application/x-www-form-urlencoded", "text/x; charset=none"):
        assert (await stage.slack.post(body, content_type, **unsigned)).status == 401
        assert (await stage.slack.post(body, content_type)).status == 400
    assert stage.host.utterances == []


@pytest.mark.parametrize("retry", ["²", "-1", "9" * 5_000, "", "1e3"])
async def test_an_odd_number_of_a_retry_is_none(stage: Stage, retry: str) -> None:
    envelope = stage.slack.envelope(stage.slack.written("DU1", "U1", "hello"))
    assert (await stage.slack.send_json(envelope, X_Slack_Retry_Num=retry)).status == 200
    assert not stage.host.last.comes_again


async def test_a_message_without_a_writer_is_refused_and_counted(stage: Stage) -> None:
    event = stage.slack.written("DU1", "U1", "hello")
    refused: list[str] = []
    stage.channel._endpoint._host = replace(
        stage.channel._endpoint._host, checked=lambda _, why: refused.append(why)
    )
    assert (await stage.slack.event(event | {"user": None})).status == 400
    assert refused == ["", "payload"]


async def test_an_edit_waits_for_its_writers_turn_and_what_nobody_wrote_for_none(stage: Stage) -> None:
    turns: list[str] = []

    def turn(_channel: str, person: str) -> AbstractAsyncContextManager[None]:
        turns.append(person)
        return nullcontext()

    stage.channel._endpoint._host = replace(stage.channel._endpoint._host, turn=turn)
    written = [await stage.slack.say("C1", user, "hello") for user in ("U1", "U2")]
    await stage.slack.edit(written[0], "hello!")
    await stage.slack.unfurl(written[0])
    await stage.slack.delete(written[1])
    posted = stage.slack.written("C1", "U1", "down") | {
        "subtype": "bot_message",
        "bot_id": "B1",
        "user": None,
    }
    assert (await stage.slack.event(posted)).status == 200
    assert turns == ["U1", "U2", "U1", "", "U2", ""]


async def test_a_command_waits_for_its_senders_turn_whatever_its_words(stage: Stage) -> None:
    turns: list[str] = []

    def turn(_channel: str, person: str) -> AbstractAsyncContextManager[None]:
        turns.append(person)
        return nullcontext()

    stage.channel._endpoint._host = replace(stage.channel._endpoint._host, turn=turn)
    for words in ("the VPN is down", "what is a payload?"):
        assert (await stage.slack.command("U1", words)).status == 200
    assert turns == ["U1", "U1"]


async def test_an_empty_object_that_slack_writes_as_a_list_is_no_fault(stage: Stage) -> None:
    event = stage.slack.written("DU1", "U1", "hello")
    assert (await stage.slack.event(event | {"user_profile": [], "edited": []})).status == 200
    assert stage.host.last.text == "hello"
    view = {"id": "V1", "type": "modal", "callback_id": "another", "state": {"values": []}}
    sent = stage.slack.interaction("view_submission", "U1") | {"view": view}
    assert (await stage.slack.send_interaction(sent)).status == 200


async def test_bytes_that_are_no_text_are_refused(stage: Stage) -> None:
    headers = stage.slack.signature("x") | {"Content-Type": "application/json"}
    body = b"\xff\xfe\xfa"
    async with (
        aiohttp.ClientSession() as http,
        http.post(stage.slack.target, data=body, headers=headers) as answer,
    ):
        assert answer.status == 400


async def test_the_url_is_verified(stage: Stage) -> None:
    answer = await stage.slack.send_json({"type": "url_verification", "challenge": "abc", "token": "t"})
    assert (answer.status, answer.json) == (200, {"challenge": "abc"})


@pytest.mark.parametrize("kind", ["reaction_added", "team_join", "something_of_next_year"])
async def test_unknown_events_are_acknowledged(stage: Stage, kind: str) -> None:
    assert (await stage.slack.event({"type": kind, "user": "U1"})).status == 200


async def test_unknown_interactions_and_commands_are_acknowledged(stage: Stage) -> None:
    for kind in ("view_closed", "block_suggestion", "something_of_next_year"):
        answer = await stage.slack.send_interaction(stage.slack.interaction(kind, "U1"))
        assert answer.status == 200
    assert (await stage.slack.global_shortcut("U1", callback="unknown")).status == 200
    answer = await stage.slack.send_form({"command": "/other", "team_id": "T1", "user_id": "U1", "text": ""})
    assert answer.status == 200
    assert stage.host.utterances == []


async def test_a_failure_is_repeated_until_it_is_received(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    stage.host.answers += [RuntimeError("database gone"), RuntimeError("database gone")]
    statuses = await stage.slack.event_until_taken(stage.slack.written("DU1", "U1", SECRET_WORDS))
    assert statuses == [500, 500, 200]
    assert len(stage.host.utterances) == 1
    assert SECRET_WORDS not in caplog.text


async def test_a_failure_of_a_command_or_button_is_no_success(stage: Stage) -> None:
    stage.host.answers += [RuntimeError("x"), RuntimeError("x"), RuntimeError("x")]
    button = {"type": "button", "action_id": "firstline:claim:0", "value": '["claim","t",""]'}
    assert (await stage.slack.command("U1", "vpn")).status == 500
    assert (await stage.slack.click("U1", "CROOM", "1.1", button)).status == 500
    assert (await stage.slack.message_shortcut("U1", stage.slack.written("C1", "U2", "x"))).status == 500


async def test_too_much_to_do_is_told_as_such_and_what_slack_sends_again_is_known(stage: Stage) -> None:
    event = stage.slack.written("DU1", "U1", "hello")
    known = []
    for retry in range(4):
        stage.host.answers += [Overloaded()]
        answer = await stage.slack.event(event, "Ev1", retry)
        assert answer.status == 503
        known.append(stage.host.refused[-1].comes_again)
    assert known == [True, True, True, False]
    stage.host.answers += [Overloaded()]
    assert (await stage.slack.command("U1", "vpn")).status == 503
    assert not stage.host.refused[-1].comes_again


async def test_a_repeated_event_has_the_same_keys(stage: Stage) -> None:
    event = stage.slack.written("DU1", "U1", "hello")
    for retry in range(4):
        assert (await stage.slack.event(event, "Ev1", retry)).status == 200
    assert len(stage.host.utterances) == 1
    assert stage.host.last.keys == (f"slack:T1:message:DU1:{event['ts']}", "slack:T1:event:Ev1")


async def test_no_call_comes_before_the_acknowledgement(stage: Stage) -> None:
    before = len(stage.slack.workspace.calls)
    stage.slack.fail("users.info", hang=True)
    event = stage.slack.written("C1", "U1", "<@UBOT> hi")
    async with asyncio.timeout(TIMEOUT - 1):  # the call itself would give up later
        assert (await stage.slack.event(event)).status == 200
        assert (await stage.slack.command("U2", "vpn")).status == 200
    # At most the one look-up behind it, which hangs.
    assert [name for name, _ in stage.slack.workspace.calls[before:]] in ([], ["users.info"])


# --- auth.test ----------------------------------------------------------------------------------------


async def test_a_wrong_token_is_told_and_tried_again(slack: SlackFake, start: Starter) -> None:
    slack.fail("auth.test", error="invalid_auth", times=2)
    stage: Stage = await start(wait=False)
    await until(lambda: "invalid_auth" in (stage.channel.trouble() or ""))
    assert "SLACK_BOT_TOKEN" in (stage.channel.trouble() or "")
    await until(lambda: stage.channel.trouble() is None)
    assert len(slack.called("auth.test")) == 3


@pytest.mark.parametrize(
    "failure",
    [
        {"status": 500},
        {"status": 429, "retry_after": 0},
        {"error": "ratelimited", "retry_after": 0},
        {"status": 503},
    ],
)
async def test_slack_may_be_down_at_the_start(
    slack: SlackFake, start: Starter, failure: dict[str, int]
) -> None:
    slack.fail("auth.test", **failure)
    stage: Stage = await start(wait=False)
    assert stage.channel.trouble()
    await until(lambda: stage.channel.trouble() is None)
    assert stage.host.refreshed == ["slack"]


async def test_events_before_auth_test_are_not_lost(slack: SlackFake, start: Starter) -> None:
    slack.fail("auth.test", status=500, times=1000)
    stage: Stage = await start(wait=False)
    await slack.say("C1", "U1", "<@UBOT> vpn")
    assert (stage.host.last.text, stage.host.last.conversation.tenant) == ("vpn", "T1")
    assert stage.channel.trouble()


async def test_who_we_are_is_remembered(slack: SlackFake, start: Starter) -> None:
    memory = Memory()
    await start(memory=memory)
    slack.fail("auth.test", status=500, times=1000)
    stage: Stage = await start(wait=False, memory=memory)
    await until(lambda: stage.channel.room and stage.channel.room.tenant == "T1")
    await slack.say("C1", "U1", "<@UBOT> vpn")
    assert stage.host.last.link.startswith("https://acme.slack.com/")


# --- Socket Mode --------------------------------------------------------------------------------------


async def test_socket_mode_acknowledges_what_was_received(slack: SlackFake, start: Starter) -> None:
    stage: Stage = await start(without=("SLACK_SIGNING_SECRET",), SLACK_APP_TOKEN=slack.app_token)
    payload = slack.envelope(slack.written("DU1", "U1", "over the socket"))
    name = await slack.send_envelope("events_api", payload)
    await slack.acknowledgement(name)
    assert stage.host.last.text == "over the socket"
    # Nothing verifies HTTP requests then, so there is no route for them.
    assert (await slack.send_json(payload)).status == 404


async def test_socket_mode_does_not_acknowledge_a_failure(slack: SlackFake, start: Starter) -> None:
    stage: Stage = await start(SLACK_APP_TOKEN=slack.app_token)
    stage.host.answers.append(RuntimeError("database gone"))
    payload = slack.envelope(slack.written("DU1", "U1", "again"))
    failed = await slack.send_envelope("events_api", payload)
    await until(lambda: not stage.host.answers)
    repeated = await slack.send_envelope("events_api", payload)
    await slack.acknowledgement(repeated)
    assert [a["envelope_id"] for a in slack.acknowledged] == [repeated]
    assert failed not in repeated


async def test_socket_mode_answers_a_command_in_the_acknowledgement(slack: SlackFake, start: Starter) -> None:
    stage: Stage = await start(SLACK_APP_TOKEN=slack.app_token)
    command = {"command": "/firstline", "text": "vpn", "user_id": "U1", "team_id": "T1", "trigger_id": "t.1"}
    name = await slack.send_envelope("slash_commands", command)
    answer = await slack.acknowledgement(name)
    assert "direct message" in answer["payload"]["text"]
    assert stage.host.last.text == "vpn"


async def test_a_wrong_app_token_is_told(slack: SlackFake, start: Starter) -> None:
    stage: Stage = await start(wait=False, SLACK_APP_TOKEN="xapp-wrong")
    await until(lambda: "SLACK_APP_TOKEN" in (stage.channel.trouble() or ""))
    assert "invalid_auth" in (stage.channel.trouble() or "")
    # HTTP goes on beside it.
    await slack.say("DU1", "U1", "hello")
    assert stage.host.last.text == "hello"


async def test_an_outcome_repeated_is_acknowledged(stage: Stage) -> None:
    stage.host.answers.append(Outcome(OutcomeKind.IGNORED, repeated=True))
    assert await stage.slack.event_until_taken(stage.slack.written("DU1", "U1", "x")) == [200]
