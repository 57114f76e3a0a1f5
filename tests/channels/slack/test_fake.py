"""The fake itself: a fake that takes everything would prove nothing."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.support.fakes.slack import SlackFake, markup_in, message_problems, view_problems

Json = dict[str, Any]


def plain(text: str = "x") -> Json:
    return {"type": "plain_text", "text": text}


def actions(*buttons: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(buttons)} | more


def button(**more: Any) -> Json:
    return {"type": "button", "action_id": "a", "text": plain()} | more


def option(value: str = "v", label: str = "x") -> Json:
    return {"text": plain(label), "value": value}


def menu(kind: str, *options: Json, **more: Any) -> Json:
    return {"type": kind, "action_id": "m", "options": list(options)} | more


OPTIONS = [option(str(number)) for number in range(101)]
CELL = {"type": "raw_text", "text": "x"}
SECTION = {"type": "section", "text": plain()}


@pytest.mark.parametrize(
    "blocks",
    [
        "no list",
        [{"type": "table", "rows": []}],
        [{"type": "table", "rows": [[{"type": "raw_text", "text": ""}]]}],
        [{"type": "table", "rows": [[CELL], [CELL, CELL]]}],
        [{"type": "table", "rows": [[CELL] * 21]}],
        [{"type": "table", "rows": [[CELL]] * 101}],
        [{"type": "table", "rows": [[CELL]], "column_settings": [{"align": "middle"}]}],
        [{"type": "table", "rows": [[CELL]]}] * 2,
        [{"type": "table", "rows": [[CELL]]}, {"type": "markdown", "text": "| a |\n|---|"}],
        [{"type": "image", "image_url": "vpn.png", "alt_text": "x"}],
        [{"type": "image", "image_url": "https://a.example/a.png", "alt_text": ""}],
        [SECTION] * 51,
        [{"type": "section", "text": plain("")}],
        [{"type": "section", "text": plain("x" * 3001)}],
        [{"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}}],
        [{"type": "section"}],
        [{"type": "header", "text": plain("x" * 151)}],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        [SECTION | {"block_id": "b"}] * 2,
        [SECTION | {"surprise": 1}],
        [{"type": "novelty"}],
        [{"type": "input", "label": plain(), "element": {"type": "plain_text_input", "action_id": "a"}}],
        [actions()],
        [actions(button(), button())],
        [actions(button(text={"type": "mrkdwn", "text": "x"}))],
        [actions(button(text=plain("x" * 76)))],
        [actions(button(style="green"))],
        [actions(button(value="x" * 2001))],
        [actions(*(button(action_id=str(n)) for n in range(26)))],
        [{"type": "markdown", "text": "x" * 7000}] * 2,
        [{"type": "rich_text", "elements": []}],
        [{"type": "section", "text": plain("\ud800")}],
        [actions(menu("overflow", *OPTIONS[:1]))],
        [actions(menu("overflow", *OPTIONS[:6]))],
        [actions(menu("overflow", option("1", ""), option("2")))],
        [actions(menu("overflow", option("1", "x" * 76), option("2")))],
        [actions(menu("overflow", option("x" * 151), option("2")))],
        [actions(menu("overflow", option(""), option("2")))],
        [actions(menu("overflow", option("1"), option("1")))],
        [actions(menu("overflow", *OPTIONS[:2], placeholder=plain()))],
        [actions(menu("overflow", *OPTIONS[:2]), menu("overflow", *OPTIONS[:2]))],
        [actions(menu("static_select"))],
        [actions(menu("static_select", *OPTIONS))],
        [actions(menu("static_select", option(), placeholder=plain("x" * 151)))],
        [actions(menu("static_select", option(), initial_option=option("other")))],
        [actions(menu("static_select", option(), initial_option=option("v", "other label")))],
    ],
)
def test_blocks_that_slack_refuses(blocks: Any) -> None:
    assert message_problems(blocks)


MODAL = {"type": "modal", "title": plain(), "blocks": [SECTION]}
INPUT: Json = {"type": "input", "label": plain(), "element": {"type": "plain_text_input", "action_id": "a"}}


@pytest.mark.parametrize(
    "view",
    [
        {"type": "modal", "blocks": [SECTION]},
        MODAL | {"title": plain("x" * 25)},
        MODAL | {"blocks": [INPUT]},
        MODAL | {"blocks": []},
        MODAL | {"blocks": [SECTION] * 101},
        MODAL | {"private_metadata": "x" * 3001},
        MODAL | {"blocks": [{"type": "markdown", "text": "x"}]},
        {"type": "home", "blocks": [SECTION], "title": plain()},
        MODAL | {"blocks": [INPUT | {"element": menu("overflow", *OPTIONS[:2])}], "submit": plain()},
        MODAL | {"blocks": [INPUT | {"element": menu("static_select")}], "submit": plain()},
        MODAL
        | {
            "blocks": [INPUT | {"element": INPUT["element"] | {"initial_value": "x" * 3001}}],
            "submit": plain(),
        },
    ],
)
def test_views_that_slack_refuses(view: Json) -> None:
    assert view_problems(view)


def test_what_is_fine_is_taken() -> None:
    assert message_problems([SECTION, {"type": "markdown", "text": "*x*"}, actions(button())]) == []
    assert view_problems(MODAL | {"blocks": [INPUT], "submit": plain()}) == []
    assert message_problems([actions(button(), menu("overflow", *OPTIONS[:5]))]) == []
    picked = menu("static_select", *OPTIONS[:100], initial_option=OPTIONS[3])
    assert view_problems(MODAL | {"blocks": [INPUT | {"element": picked}], "submit": plain()}) == []


@pytest.mark.parametrize("text", ["<!channel>", "<@U1>", "<https://a|b>", "*bold*", "`x`", "> x"])
def test_markup_is_seen(text: str) -> None:
    assert markup_in({"text": text})
    assert markup_in([{"type": "section", "text": {"type": "mrkdwn", "text": text}}])


@pytest.fixture
async def fake() -> AsyncIterator[SlackFake]:
    async with SlackFake() as made:
        made.workspace.add_person("U1", "Ana")
        made.workspace.add_channel("C1", members=("U1",))
        made.workspace.add_channel("CNOT", bot=False)
        yield made


def client(fake: SlackFake, token: str | None = None) -> AsyncWebClient:
    return AsyncWebClient(
        token=fake.token if token is None else token, base_url=fake.api_url, retry_handlers=[]
    )


@pytest.mark.parametrize(
    ("method", "args", "code"),
    [
        ("chat.postMessage", {"channel": "C9", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "CNOT", "text": "x"}, "not_in_channel"),
        ("chat.postMessage", {"channel": "C1"}, "no_text"),
        ("chat.postMessage", {"channel": "C1", "blocks": [{"type": "x"}]}, "invalid_blocks"),
        ("chat.postMessage", {"channel": "C1", "text": "x" * 40_001}, "msg_too_long"),
        ("chat.postMessage", {"channel": "C1", "text": "x", "thread_ts": "1.1"}, "thread_not_found"),
        ("chat.postMessage", {"channel": "C1", "text": "x", "metadata": {}}, "invalid_metadata_format"),
        ("chat.update", {"channel": "C1", "ts": "1.1", "text": "x"}, "message_not_found"),
        ("chat.postEphemeral", {"channel": "C1", "user": "U2", "text": "x"}, "user_not_in_channel"),
        ("views.open", {"trigger_id": "no", "view": MODAL}, "invalid_trigger_id"),
        ("views.publish", {"user_id": "U1", "view": MODAL}, "invalid_arguments"),
        ("conversations.open", {"users": "U9"}, "user_not_found"),
        ("conversations.replies", {"channel": "C1", "ts": "1.1"}, "thread_not_found"),
        ("users.info", {"user": "U9"}, "user_not_found"),
        ("no.such", {}, "unknown_method"),
    ],
)
async def test_the_api_refuses(fake: SlackFake, method: str, args: Json, code: str) -> None:
    with pytest.raises(SlackApiError) as refused:
        await client(fake).api_call(method, json=args)
    assert refused.value.response["error"] == code


async def test_tokens_are_checked(fake: SlackFake) -> None:
    for token, code in (
        ("", "not_authed"),
        ("xoxb-wrong", "invalid_auth"),
        (fake.app_token, "not_allowed_token_type"),
    ):
        with pytest.raises(SlackApiError) as refused:
            await client(fake, token).auth_test()
        assert refused.value.response["error"] == code


async def test_a_trigger_lives_once_and_three_seconds(fake: SlackFake) -> None:
    used, late = fake.workspace.trigger("U1"), fake.workspace.trigger("U1")
    await client(fake).views_open(trigger_id=used, view=MODAL)
    fake.workspace.advance(3.1)
    for trigger, code in ((used, "exchanged_trigger_id"), (late, "expired_trigger_id")):
        with pytest.raises(SlackApiError) as refused:
            await client(fake).views_open(trigger_id=trigger, view=MODAL)
        assert refused.value.response["error"] == code


async def test_metadata_is_shown_only_when_asked_for(fake: SlackFake) -> None:
    metadata = {"event_type": "e", "event_payload": {"n": 1}}
    await client(fake).chat_postMessage(channel="C1", text="x", metadata=metadata)
    for wanted in (False, True):
        answer = await client(fake).conversations_history(channel="C1", include_all_metadata=wanted)
        assert ("metadata" in answer["messages"][0]) is wanted


async def test_only_our_own_messages_can_be_changed(fake: SlackFake) -> None:
    event = fake.written("C1", "U1", "mine")
    with pytest.raises(SlackApiError, match="cant_update_message"):
        await client(fake).chat_update(channel="C1", ts=event["ts"], text="x")
