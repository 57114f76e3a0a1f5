"""Posts: sent, edited, whispered, published, repeated, and refused."""

from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from bot.channels.slack import warnings
from bot.channels.slack.channel import SlackChannel
from bot.channels.slack.outbound.blocks import render
from bot.desk.ports.channels import Receipt
from bot.domain.conversations.messages import Button, ConversationRef, Line, More, Prose, Reply
from bot.domain.errors import DeliveryFailed, RosterUnavailable
from bot.domain.people import Identity
from bot.wording import load
from tests.support.channels.empty_host import Memory
from tests.support.channels.slack_stage import (
    REPLY,
    Recorder,
    Stage,
    Starter,
    delivery,
    make_host,
    settings_from,
)
from tests.support.fakes.slack import SlackFake, message_problems, pressable

ANA = Identity("slack", "T1", "U1")


async def test_a_post_at_the_top_level(stage: Stage) -> None:
    receipt = await stage.channel.deliver(delivery())
    (post,) = stage.slack.posts("C1")
    assert receipt == Receipt(post["ts"])
    assert post["text"] == "Restart &lt;it&gt;"
    assert post["metadata"]["event_type"] == "firstline_post"
    assert post["metadata"]["event_payload"]["outbox_id"] == 7
    (call,) = stage.slack.called("chat.postMessage")
    assert (call["unfurl_links"], call["unfurl_media"], call["mrkdwn"]) == (False, False, False)
    assert (call["parse"], call["link_names"]) == ("none", False)


async def test_a_post_in_a_thread(stage: Stage) -> None:
    event = stage.slack.written("C1", "U1", "vpn?")
    await stage.channel.deliver(delivery(thread=event["ts"]))
    assert stage.slack.posts("C1")[0]["thread_ts"] == event["ts"]


async def test_a_new_thread_is_named_by_its_first_post(stage: Stage) -> None:
    receipt = await stage.channel.deliver(delivery(thread="new:1"))
    assert receipt.anchor == receipt.message == stage.slack.posts("C1")[0]["ts"]
    second = await stage.channel.deliver(delivery(thread="new:1", anchor=receipt.anchor, id=8))
    assert second.anchor == ""
    assert stage.slack.posts("C1")[1]["thread_ts"] == receipt.message


async def test_a_persons_dm_is_opened_once(stage: Stage) -> None:
    first = await stage.channel.deliver(delivery("@U1", "new:t.1"))
    await stage.channel.deliver(delivery("@U1", "new:t.2", id=8, private_to=ANA))
    assert (first.space, first.anchor) == ("DU1", first.message)
    assert len(stage.slack.called("conversations.open")) == 1
    assert len(stage.slack.posts("DU1")) == 2
    assert stage.slack.workspace.ephemerals == []


async def test_an_edit_and_its_second_life(stage: Stage) -> None:
    first = await stage.channel.deliver(delivery())
    changed = Reply((Line("Claimed"),), summary="Claimed")
    edited = await stage.channel.deliver(delivery(id=8, edit=first.message, reply=changed))
    assert edited.message == first.message
    assert stage.slack.posts("C1")[0]["text"] == "Claimed"
    stage.slack.workspace.channels["C1"].messages.clear()
    anew = await stage.channel.deliver(delivery(id=9, edit=first.message))
    assert anew.message == stage.slack.posts("C1")[0]["ts"] != first.message
    again = await stage.channel.deliver(delivery(id=9, edit=first.message, attempt=2))
    assert again.message == anew.message


async def test_a_message_that_may_not_be_changed_is_posted_anew(stage: Stage) -> None:
    for code in ("cant_update_message", "edit_window_closed"):
        stage.slack.fail("chat.update", error=code)
        await stage.channel.deliver(delivery(edit="17.1"))
    assert len(stage.slack.posts("C1")) == 2


async def test_a_private_line_in_a_channel(stage: Stage) -> None:
    receipt = await stage.channel.deliver(delivery(private_to=ANA))
    (line,) = stage.slack.workspace.ephemerals
    assert (line["user"], line["channel"], line.get("thread_ts")) == ("U1", "C1", None)
    assert receipt.message == line["ts"]
    assert stage.slack.posts("C1") == []


async def test_a_private_line_goes_to_a_thread_only_where_it_is_seen(stage: Stage) -> None:
    event = stage.slack.written("C1", "U1", "vpn?")
    await stage.channel.deliver(delivery(thread=event["ts"], private_to=ANA))
    await stage.channel.deliver(delivery(thread=event["ts"], id=8))
    await stage.channel.deliver(delivery(thread=event["ts"], id=9, private_to=ANA))
    assert [line.get("thread_ts") for line in stage.slack.workspace.ephemerals] == [None, event["ts"]]


async def test_a_private_line_for_somebody_who_has_not_joined_comes_as_a_dm(stage: Stage) -> None:
    await stage.channel.deliver(delivery("CROOM", private_to=ANA))
    assert stage.slack.posts("CROOM") == []
    assert len(stage.slack.posts(f"D{ANA.external_id}")) == 1


async def test_the_home_tab_is_published(stage: Stage) -> None:
    reply = Reply((Prose("# Tickets\n**one** [x](https://x.example)"), Line("none")), summary="Home")
    receipt = await stage.channel.deliver(delivery("home:U1", home=True, private_to=ANA, reply=reply))
    await stage.channel.deliver(delivery("home:U1", home=True, reply=reply))
    home = stage.slack.workspace.homes["U1"]
    assert home["blocks"][0]["text"]["text"] == "*Tickets*\n*one* <https://x.example|x>"
    assert receipt == Receipt("VU1")


async def test_what_is_said_to_the_home_tab_goes_to_the_dm(stage: Stage) -> None:
    receipt = await stage.channel.deliver(delivery("home:U1"))
    assert receipt == Receipt(stage.slack.posts("DU1")[0]["ts"])


# --- repeats ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("thread", [False, True])
async def test_a_lost_receipt_makes_no_second_post(stage: Stage, thread: bool) -> None:
    root = stage.slack.written("C1", "U1", "vpn?")["ts"] if thread else ""
    stage.slack.fail("chat.postMessage", status=502, after=True)
    with pytest.raises(DeliveryFailed) as failed:
        await stage.channel.deliver(delivery(thread=root))
    assert (failed.value.code, failed.value.permanent) == ("http_502", False)
    receipt = await stage.channel.deliver(delivery(thread=root, attempt=2))
    (post,) = stage.slack.posts("C1")
    assert receipt.message == post["ts"]


async def test_a_repeat_posts_where_nothing_arrived(stage: Stage) -> None:
    await stage.channel.deliver(delivery(id=6))
    await stage.channel.deliver(delivery(id=7, attempt=2))
    assert len(stage.slack.posts("C1")) == 2


async def test_a_post_of_another_database_is_not_taken_for_ours(stage: Stage, start: Starter) -> None:
    await stage.channel.deliver(delivery())
    other: Stage = await start(memory=Memory())
    await other.channel.deliver(delivery(attempt=2))
    assert len(stage.slack.posts("C1")) == 2


async def test_a_limited_look_up_waits_instead_of_doubling(stage: Stage) -> None:
    stage.slack.fail("conversations.history", status=429, retry_after=60)
    with pytest.raises(DeliveryFailed) as failed:
        await stage.channel.deliver(delivery(attempt=2))
    assert failed.value.retry_after == 60
    assert stage.slack.posts("C1") == []


async def test_where_nothing_can_be_looked_up_twice_is_better_than_never(stage: Stage) -> None:
    stage.slack.fail("conversations.history", error="missing_scope")
    await stage.channel.deliver(delivery(attempt=2))
    assert len(stage.slack.posts("C1")) == 1


# --- refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "code", "retry_after", "permanent"),
    [
        ({"status": 429, "retry_after": 17}, "http_429", 17.0, False),
        ({"status": 429, "error": "ratelimited", "retry_after": 3}, "ratelimited", 3.0, False),
        ({"status": 500}, "http_500", None, False),
        ({"error": "internal_error"}, "internal_error", None, False),
        ({"error": "invalid_auth"}, "invalid_auth", None, False),
        ({"error": "is_archived"}, "is_archived", None, False),
        ({"error": "msg_too_long", "times": 2}, "msg_too_long", None, True),
        ({"error": "user_not_found"}, "user_not_found", None, True),
    ],
)
async def test_errors_in_our_words(
    stage: Stage, failure: dict[str, Any], code: str, retry_after: float | None, permanent: bool
) -> None:
    stage.slack.fail("chat.postMessage", **failure)
    with pytest.raises(DeliveryFailed) as failed:
        await stage.channel.deliver(delivery())
    seen = (failed.value.code, failed.value.retry_after, failed.value.permanent)
    assert seen == (code, retry_after, permanent)


async def test_a_room_that_is_not_there_yet_is_tried_again(stage: Stage) -> None:
    stage.slack.workspace.add_channel("CNEW", bot=False)
    for space, code in (("CLATER", "channel_not_found"), ("CNEW", "not_in_channel")):
        with pytest.raises(DeliveryFailed) as failed:
            await stage.channel.deliver(delivery(space))
        assert (failed.value.code, failed.value.permanent) == (code, False)


async def test_refused_blocks_are_sent_plainly(stage: Stage) -> None:
    reply = replace(REPLY, buttons=(Button("claim", "Claim", "t"),))
    stage.slack.fail("chat.postMessage", error="invalid_blocks")
    await stage.channel.deliver(delivery(reply=reply))
    (post,) = stage.slack.posts("C1")
    assert [block["type"] for block in post["blocks"]] == ["section", "actions"]


THUMBS = tuple(Button(action, action, "t") for action in ("solved", "not_helpful", "person"))


async def test_where_thumbs_are_refused_there_are_buttons(stage: Stage) -> None:
    reply = replace(REPLY, buttons=THUMBS)
    await stage.channel.deliver(delivery(reply=reply))
    stage.slack.fail("chat.postMessage", error="invalid_blocks")
    await stage.channel.deliver(delivery(reply=reply))
    native, refused = stage.slack.posts("C1")
    assert [block["type"] for block in native["blocks"]][-2:] == ["actions", "context_actions"]
    assert [one["text"]["text"] for one in pressable(native)] == ["person", "solved", "not_helpful"]
    assert [block["type"] for block in refused["blocks"]][-1] == "actions"
    assert [one["text"]["text"] for one in pressable(refused)] == [one.label for one in THUMBS]


async def test_a_thumb_is_heard_like_its_button(stage: Stage) -> None:
    await stage.channel.deliver(delivery(reply=replace(REPLY, buttons=THUMBS)))
    (post,) = stage.slack.posts("C1")
    for thumb in pressable(post)[1:]:
        assert thumb["type"] == "feedback_buttons"
        assert (await stage.slack.click("U1", "C1", post["ts"], thumb)).status == 200
    clicks = [one.click for one in stage.host.utterances]
    assert [(one.action, one.token) for one in clicks if one] == [("solved", "t"), ("not_helpful", "t")]


def test_there_are_three_controls_at_most_under_an_answer() -> None:
    more = More("More", "The rest.", "t", "article")
    before = render(Reply((Line("x"), more), THUMBS)).blocks
    reasons = tuple(Button("reason", reason, "t", reason) for reason in ("one", "two"))
    after = render(Reply((Line("x"), more), (THUMBS[0], THUMBS[2]), menu=reasons, menu_label="Why?")).blocks
    for blocks in (before, after):
        assert message_problems(blocks) == []
        elements = [
            e
            for block in blocks
            if block["type"] in ("actions", "context_actions")
            for e in block["elements"]
        ]
        assert len(elements) == 3
    (menu,) = [e for block in after for e in block.get("elements", []) if "options" in e]
    assert menu["placeholder"]["text"] == "Why?"
    assert [option["text"]["text"] for option in menu["options"]] == ["More", "one", "two"]


async def test_blocks_refused_twice_can_never_be_posted(stage: Stage) -> None:
    stage.slack.fail("chat.postMessage", error="invalid_blocks", times=2)
    with pytest.raises(DeliveryFailed) as failed:
        await stage.channel.deliver(delivery())
    assert failed.value.permanent


async def test_a_slack_that_cannot_be_reached(slack: SlackFake) -> None:
    settings = settings_from({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_API_URL": "http://127.0.0.1:1/api"})
    channel = SlackChannel(settings, make_host(Recorder(), Memory()), first_wait=0.02)
    with pytest.raises(DeliveryFailed, match="not_started"):
        await channel.deliver(delivery())
    await channel.start()
    with pytest.raises(DeliveryFailed, match="connection"):
        await channel.deliver(delivery())
    assert channel.trouble()
    await channel.stop()


async def test_an_answer_that_never_comes_is_a_timeout(stage: Stage) -> None:
    assert stage.channel._session is not None
    stage.channel._session._timeout = aiohttp.ClientTimeout(total=0.1)
    stage.slack.fail("chat.postMessage", hang=True)
    with pytest.raises(DeliveryFailed, match="timeout"):
        await stage.channel.deliver(delivery())


async def test_a_token_that_is_revoked_later_is_told(stage: Stage) -> None:
    stage.slack.fail("chat.postMessage", error="token_revoked")
    with pytest.raises(DeliveryFailed):
        await stage.channel.deliver(delivery())
    assert "SLACK_BOT_TOKEN" in (stage.channel.trouble() or "")
    await stage.channel.deliver(delivery())
    assert stage.channel.trouble() is None


ROOM = ConversationRef("slack", "T1", "CROOM", private=False)

# --- the room -----------------------------------------------------------------------------------------


async def test_the_members_of_the_room(stage: Stage) -> None:
    people = tuple(stage.slack.workspace.add_person(f"UE{n}", f"E{n}") for n in range(450))
    stage.slack.workspace.channels["CROOM"].members.extend(people)
    found = await stage.channel.members(ROOM)
    assert set(found) == {Identity("slack", "T1", user) for user in (*people, "UENG")}
    assert len(stage.slack.called("conversations.members")) == 3


async def test_the_members_have_names_once_they_were_looked_up(stage: Stage) -> None:
    stage.slack.workspace.add_person("UE1", "Edda")
    stage.slack.workspace.channels["CROOM"].members.append("UE1")
    identity = Identity("slack", "T1", "UE1")
    assert (await stage.channel.members(ROOM))[identity] == ""
    await stage.looked_up()
    assert (await stage.channel.members(ROOM))[identity] == "Edda"


@pytest.mark.parametrize("kind", ["is_restricted", "is_ultra_restricted"])
async def test_a_guest_in_the_room_is_no_engineer_unless_guests_are_allowed(
    kind: str, stage: Stage, start: Starter
) -> None:
    stage.slack.workspace.add_person("UE1", "Edda")
    stage.slack.workspace.users["UE1"] |= {kind: True}
    stage.slack.workspace.channels["CROOM"].members.append("UE1")
    guest = Identity("slack", "T1", "UE1")
    await stage.channel.members(ROOM)
    await stage.looked_up()
    assert guest not in await stage.channel.members(ROOM)
    allowing: Stage = await start(FIRSTLINE_SLACK_ALLOW_GUESTS="true")
    assert guest in await allowing.channel.members(ROOM)


async def test_a_strange_member_of_the_room_keeps_their_workspace(stage: Stage) -> None:
    stage.slack.workspace.add_person("UX", "Xan", team="T2")
    stage.slack.workspace.channels["CROOM"].members.append("UX")
    await stage.channel.members(ROOM)
    await stage.looked_up()
    assert Identity("slack", "T2", "UX") in await stage.channel.members(ROOM)


async def test_a_roster_that_cannot_be_read(stage: Stage, start: Starter) -> None:
    stage.slack.fail("conversations.members", status=500)
    with pytest.raises(RosterUnavailable, match="http_500"):
        await stage.channel.members(ROOM)
    roomless: Stage = await start(FIRSTLINE_SLACK_ROOM="")
    assert roomless.channel.room is None


async def test_a_queue_names_a_room_of_its_own(stage: Stage) -> None:
    stage.slack.workspace.channels["C1"].members[:] = ["UENG"]
    room = stage.channel.find_room("C1")
    assert room == ConversationRef("slack", "T1", "C1", private=False)
    assert set(await stage.channel.members(room)) == {Identity("slack", "T1", "UENG")}


async def test_a_public_room_is_warned_of(stage: Stage) -> None:
    async def said(room: str, *rooms: str) -> str:
        values = stage.slack.environment(FIRSTLINE_SLACK_ROOM=room)
        return "\n".join(await warnings(settings_from(values), load(), "en", rooms))

    assert await said("CROOM") == ""
    assert "public channel" in await said("C1")
    assert "public channel" in await said("CROOM", "C1")
    assert "channel_not_found" in await said("CNONE")


async def test_the_room_is_a_place_without_a_thread(stage: Stage) -> None:
    assert stage.channel.room == ConversationRef("slack", "T1", "CROOM", "", private=False)
