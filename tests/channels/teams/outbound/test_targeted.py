"""What is for one person alone is seen by nobody else: in place, or in their personal chat."""

from dataclasses import replace
from typing import Any

import pytest

from bot.channels.teams.outbound.features import Features
from bot.desk.ports.channels import Receipt
from bot.domain.conversations.messages import ConversationRef, Line, Reply
from bot.domain.errors import DeliveryFailed
from bot.domain.people import Identity
from tests.support.channels.recording_host import delivery
from tests.support.channels.teams_stage import Open, Stage
from tests.support.fakes.teams import TENANT, Failure, Message, texts_in
from tests.support.fakes.teams.store import GENERAL, ROOM

ANA = Identity("teams", TENANT, "aad-ana")
SECRET = Reply((Line("For Ana alone"),), summary="For Ana alone")


@pytest.fixture
async def thread(stage: Stage) -> ConversationRef:
    """A thread in which Ana has written."""
    await stage.teams.mentions("ana", "hello")
    return stage.desk.last.conversation


async def say(stage: Stage, ref: ConversationRef, **more: Any) -> Receipt:
    return await stage.channel.deliver(replace(delivery(ref, SECRET, private_to=ANA), **more))


def read_by_all(stage: Stage) -> list[Message]:
    """What everybody in a channel or group chat reads."""
    return [m for m in stage.teams.store.messages if not m.only_for and not m.conversation.startswith("a:")]


async def test_a_private_line_is_seen_in_place_by_one_person(stage: Stage, thread: ConversationRef) -> None:
    receipt = await say(stage, thread)
    (message,) = stage.teams.store.messages
    assert (message.conversation, message.only_for) == (f"{GENERAL};messageid={thread.thread}", "29:1-ana")
    assert (texts_in(message.card), receipt.message.endswith(message.id)) == (["For Ana alone"], True)
    assert stage.teams.problems == []


@pytest.mark.parametrize(
    "refusal", ["400 BadArgument", "403 Forbidden", "404 NotFound", "501 NotImplemented"]
)
async def test_where_it_is_refused_it_goes_to_the_personal_chat_and_never_to_all(
    stage: Stage, thread: ConversationRef, refusal: str
) -> None:
    stage.teams.refuses_targeted = refusal
    receipt = await say(stage, thread)
    (message,) = stage.teams.store.messages
    assert (message.conversation, receipt) == ("a:chat-ana", Receipt(message.id))
    assert read_by_all(stage) == []


async def test_who_is_not_in_the_channel_is_told_in_the_personal_chat(
    stage: Stage, thread: ConversationRef
) -> None:
    stage.teams.store.outside.add("ana")
    await say(stage, thread)
    assert [message.conversation for message in stage.teams.store.messages] == ["a:chat-ana"]


@pytest.mark.parametrize(
    "failure", [Failure(429, "Throttled"), Failure(500), Failure(502, lost=True)], ids=lambda f: str(f.status)
)
async def test_what_may_have_been_posted_is_tried_again_in_place(
    stage: Stage, thread: ConversationRef, failure: Failure
) -> None:
    stage.teams.failures = [failure]
    with pytest.raises(DeliveryFailed) as caught:
        await say(stage, thread)
    assert not caught.value.permanent
    await say(stage, thread, attempt=2)
    assert {message.only_for for message in stage.teams.store.messages} == {"29:1-ana"}
    assert len(stage.teams.store.messages) == 1 + failure.lost


async def test_a_private_line_is_changed_and_deleted_in_place(stage: Stage, thread: ConversationRef) -> None:
    receipt = await say(stage, thread)
    (message,) = stage.teams.store.messages
    changed = Reply((Line("Changed"),), summary="Changed")
    again = delivery(thread, changed, private_to=ANA, edit=receipt.message)
    assert await stage.channel.deliver(again) == receipt
    assert (texts_in(message.card), message.edits, message.only_for) == (["Changed"], 1, "29:1-ana")
    await say(stage, thread, edit=receipt.message, delete=True)
    assert stage.teams.store.messages == []
    assert stage.teams.problems == []


async def test_a_line_that_has_expired_is_said_anew_to_the_same_person(
    stage: Stage, thread: ConversationRef
) -> None:
    receipt = await say(stage, thread)
    stage.teams.store.messages.clear()  # after a day
    await say(stage, thread, edit=receipt.message)
    (message,) = stage.teams.store.messages
    assert message.only_for == "29:1-ana"
    stage.teams.store.messages.clear()
    await say(stage, thread, edit=receipt.message, delete=True)
    assert (stage.teams.store.messages, stage.teams.problems) == ([], [])


async def test_a_line_that_was_told_in_the_chat_is_never_changed_in_the_channel(
    stage: Stage, thread: ConversationRef
) -> None:
    stage.teams.refuses_targeted = "403 Forbidden"
    receipt = await say(stage, thread)
    await say(stage, thread, edit=receipt.message)
    assert {message.conversation for message in stage.teams.store.messages} == {"a:chat-ana"}
    await say(stage, thread, edit=receipt.message, delete=True)
    assert read_by_all(stage) == []


async def test_before_there_is_a_thread_a_private_line_goes_to_the_chat(stage: Stage) -> None:
    await stage.teams.says("ana", "hello")
    await say(stage, ConversationRef("teams", TENANT, ROOM, "new:ticket-1", private=False))
    assert [message.conversation for message in stage.teams.store.messages] == ["a:chat-ana"]


async def test_a_client_that_knows_no_message_for_one_gets_none(open_stage: Open) -> None:
    demo = await open_stage(anonymous=True)
    await demo.teams.mentions("ana", "hello")
    ref, sender = demo.desk.last.conversation, demo.desk.last.sender
    await demo.channel.deliver(delivery(ref, SECRET, private_to=sender))
    assert [message.conversation for message in demo.teams.store.messages] == ["a:chat-ana"]


@pytest.mark.parametrize(
    ("service_url", "known"),
    [
        ("https://smba.trafficmanager.net/emea/", True),
        ("https://smba.infra.gcc.teams.microsoft.com/teams/", False),
        ("https://smba.infra.gov.teams.microsoft.us/", False),
        ("https://smba.trafficmanager.net.example.com/", False),
        ("http://127.0.0.1:3978/", False),
    ],
)
def test_a_cloud_of_which_nobody_says_that_it_keeps_them_private_gets_none(
    service_url: str, known: bool
) -> None:
    assert Features(anonymous=False).targeted(service_url) is known
    assert Features(anonymous=True, local=True).targeted(service_url) is False
