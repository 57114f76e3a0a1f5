"""Teams' own thumbs take a button's place where the client has them, and nothing is lost where it has not."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.channels.teams.inbound.activities import Activity, read
from bot.channels.teams.inbound.feedback import FETCH, NOTHING, SUBMIT, pressed
from bot.channels.teams.outbound.features import Features
from bot.domain.conversations.messages import Button, Click, Line, Outcome, OutcomeKind, Reply
from bot.domain.people import Identity
from tests.support.channels.recording_host import delivery
from tests.support.channels.teams_stage import Stage
from tests.support.e2e.microsoft import titles
from tests.support.fakes.teams import TENANT, Failure

ALL = tuple(Button(action, action, "t") for action in ("solved", "not_helpful", "person"))
ANSWER = Reply((Line("The steps"),), ALL, summary="The steps")
UNDER_THUMBS, ALONE = ["solved", "person"], ["solved", "not_helpful", "person"]


async def posted(stage: Stage, reply: Reply = ANSWER, **more: Any) -> tuple[list[str], bool]:
    """The buttons of what was posted, and whether the thumbs are below it."""
    await stage.teams.says("ana", "hello")
    await stage.channel.deliver(replace(delivery(stage.desk.last.conversation, reply), **more))
    message = stage.teams.store.messages[-1]
    return titles(message.card), "feedbackLoop" in message.activity.get("channelData", {})


async def test_the_thumbs_take_a_buttons_place(stage: Stage) -> None:
    assert await posted(stage) == (UNDER_THUMBS, True)
    assert stage.teams.problems == []


async def test_where_teams_refuses_them_the_buttons_are_all_there(stage: Stage) -> None:
    stage.teams.thumbless = True
    assert await posted(stage) == (ALONE, False)
    assert len(stage.teams.store.messages) == 1


async def test_what_is_refused_with_both_is_refused(stage: Stage) -> None:
    await stage.teams.says("ana", "hello")
    stage.teams.failures = [Failure(400, "BadSyntax"), Failure(400, "BadSyntax")]
    with pytest.raises(Exception, match="400_BadSyntax"):
        await stage.channel.deliver(delivery(stage.desk.last.conversation, ANSWER))


@pytest.mark.parametrize("left_out", ["solved", "not_helpful"])
async def test_what_asks_for_no_verdict_has_none(stage: Stage, left_out: str) -> None:
    shown = tuple(button for button in ALL if button.action != left_out)
    labels = [button.label for button in shown]
    assert await posted(stage, replace(ANSWER, buttons=shown)) == (labels, False)


async def test_what_one_person_sees_in_a_channel_has_buttons(stage: Stage) -> None:
    await stage.teams.mentions("ana", "hello")
    ref = stage.desk.last.conversation
    ana = Identity("teams", TENANT, "aad-ana")
    await stage.channel.deliver(delivery(ref, ANSWER, private_to=ana))
    (message,) = stage.teams.store.messages
    assert (titles(message.card), message.only_for) == (ALONE, "29:1-ana")
    assert stage.teams.problems == []


def test_a_client_that_has_no_thumbs_or_tells_not_where_they_were_pressed_has_buttons() -> None:
    features = Features(anonymous=False)
    assert not Features(anonymous=True).thumbs("http://127.0.0.1:56150/")
    assert features.thumbs("https://smba.trafficmanager.net/emea/")
    assert not features.thumbs("https://webchat.botframework.azure.cn/")


async def test_what_a_response_shows_again_has_no_fourth_control(stage: Stage) -> None:
    stage.desk.outcome = Outcome(OutcomeKind.DONE, card=ANSWER)
    await posted(stage, replace(ANSWER, buttons=ALL[:1]))
    message = stage.teams.store.messages[-1]
    status, body = await stage.teams.clicks("ana", message, "solved")
    assert (status, titles(body["value"])) == (200, UNDER_THUMBS)


# --- what is read ---------------------------------------------------------------------------------------


def invoked(name: str, value: object, reply_to: str = "17") -> Activity:
    data = {"tenant": {"id": TENANT}}
    return read(
        {
            "type": "invoke",
            "id": "f:1",
            "name": name,
            "serviceUrl": "https://smba.trafficmanager.net/emea/",
            "conversation": {"id": "a:1", "conversationType": "personal"},
            "from": {"id": "29:1"},
            "channelData": data,
            "replyToId": reply_to,
            "value": value,
        }
    )


def said(reaction: object, **more: object) -> dict[str, object]:
    return {"actionName": "feedback", "actionValue": {"reaction": reaction, **more}}


@pytest.mark.parametrize(
    ("name", "value", "click"),
    [
        (FETCH, said("like"), Click("solved", "", message="17")),
        (FETCH, {"data": said("dislike")}, Click("not_helpful", "", message="17")),
        (
            SUBMIT,
            said("dislike", feedback=json.dumps({"feedbackText": "x"})),
            Click("not_helpful", "", message="17"),
        ),
        (
            SUBMIT,
            said("dislike", feedback={"firstline": True, "reason": "r"}),
            Click("reason", "", "r", message="17"),
        ),
        (SUBMIT, said("dislike", feedback='{"firstline": true}'), NOTHING),
        (SUBMIT, said("like", feedback="{" * 5_000), Click("solved", "", message="17")),
        (FETCH, said("shrug"), None),
        (FETCH, said(["like"]), None),
        (FETCH, {"actionName": "other", "actionValue": {"reaction": "like"}}, None),
        (FETCH, {"actionName": "feedback", "actionValue": "like"}, None),
        (FETCH, "feedback", None),
        (FETCH, None, None),
    ],
)
def test_what_a_thumb_says(name: str, value: object, click: Click | None) -> None:
    assert pressed(invoked(name, value)) == click


def test_a_thumb_says_nothing_of_no_message() -> None:
    assert pressed(invoked(FETCH, said("like"), reply_to="")) is None
    assert pressed(invoked(FETCH, said("like") | {"replyToId": "18"}, reply_to="")) == Click(
        "solved", "", message="18"
    )


@pytest.mark.parametrize("name", [FETCH, SUBMIT])
async def test_what_is_no_press_is_refused_and_changes_nothing(stage: Stage, name: str) -> None:
    base = stage.teams.personal("ana", "") | {"type": "invoke", "name": name, "value": None}
    _, body = await stage.teams.send(base)
    assert body["statusCode"] == 400
    assert stage.desk.heard == []
