"""Activities become utterances; outcomes become the answers that Teams expects inside the response."""

from typing import Any

import pytest

from bot.domain.conversations.messages import (
    Addressed,
    Behalf,
    Button,
    Click,
    ConversationRef,
    Field,
    Line,
    Outcome,
    OutcomeKind,
    Prose,
    Reply,
)
from bot.domain.people import Identity
from tests.support.channels.recording_host import delivery
from tests.support.channels.slack_stage import until
from tests.support.channels.teams_stage import Open, Stage
from tests.support.fakes.teams import TENANT, Message, Person, card_problems
from tests.support.fakes.teams.cards import button
from tests.support.fakes.teams.store import BOT, GENERAL, HELP, ROOM


def teams(person: str) -> Identity:
    return Identity("teams", TENANT, f"aad-{person}")


async def test_a_message_in_a_personal_chat(stage: Stage) -> None:
    await stage.teams.says("ana", "my vpn&nbsp;is &lt;broken&gt; &amp; slow", id="m1", locale="es-ES")
    heard = stage.desk.last
    assert heard.keys == (f"teams:{TENANT}:a:chat-ana:m1",)
    assert (heard.sender, heard.sender_name) == (teams("ana"), "Ana Ruiz")
    assert heard.conversation == ConversationRef("teams", TENANT, "a:chat-ana", "", private=True)
    assert (heard.addressed, heard.text) == (Addressed.DIRECT, "my vpn is <broken> & slow")
    assert (heard.locale, heard.inline, heard.link, heard.stranger) == ("es-ES", False, "", False)


async def test_a_mention_in_a_channel(stage: Stage) -> None:
    other = {"type": "mention", "text": "<at>Bob Stone</at>", "mentioned": {"id": "29:1-bob"}}
    await stage.teams.mentions("ana", "ask <at>Bob Stone</at> too", id="77", entities=[other])
    heard = stage.desk.last
    assert (heard.addressed, heard.text, heard.to_others) == (Addressed.MENTION, "ask @Bob Stone too", False)
    assert heard.conversation.space == GENERAL
    assert not heard.conversation.private
    assert heard.link == (
        "https://teams.microsoft.com/l/message/19%3Ageneral%40thread.tacv2/77"
        f"?tenantId={TENANT}&groupId=group-1&parentMessageId={heard.conversation.thread}"
    )


async def test_the_thread_of_a_channel_is_the_id_of_its_first_message(stage: Stage) -> None:
    await stage.teams.mentions("ana", "first")
    root = stage.desk.last.conversation
    await stage.teams.mentions("bob", "second", thread=root.thread)
    assert stage.desk.last.conversation == root
    assert stage.desk.heard[0].keys != stage.desk.heard[1].keys


async def test_what_is_overheard(stage: Stage) -> None:
    await stage.teams.posts("ana", "printer?", channel=HELP)
    root = stage.desk.last
    await stage.teams.posts("bob", "same here", channel=HELP, thread=root.conversation.thread)
    await stage.teams.posts("bob", "lunch?", channel=GENERAL)
    kinds = [utterance.addressed for utterance in stage.desk.heard]
    assert kinds == [Addressed.HELP, Addressed.THREAD, Addressed.THREAD]


async def test_a_message_that_mentions_only_others_is_to_them(stage: Stage) -> None:
    activity = stage.teams.in_channel("ana", "<at>Bob Stone</at> hi", HELP, "")
    activity["entities"] = [
        {"type": "mention", "text": "<at>Bob Stone</at>", "mentioned": {"id": "29:1-bob"}}
    ]
    await stage.teams.send(activity)
    assert (stage.desk.last.to_others, stage.desk.last.text) == (True, "@Bob Stone hi")


async def test_a_group_chat_has_no_threads_and_is_not_private(stage: Stage) -> None:
    conversation = {"conversationType": "groupChat", "isGroup": True, "id": "19:group@thread.v2"}
    await stage.teams.mentions("ana", "hello", conversation=conversation)
    ref = stage.desk.last.conversation
    assert ref == ConversationRef("teams", TENANT, "19:group@thread.v2", "", private=False)
    assert (stage.desk.last.addressed, stage.desk.last.link) == (Addressed.MENTION, "")


async def test_html_and_files(stage: Stage) -> None:
    html = "<div>My <b>screen</b> is<br>black<script>x()</script> <at id=0>Bob</at><img alt='🙂'></div>"
    attachments = [
        {"contentType": "image/png", "contentUrl": "https://example.com/a.png"},
        {"contentType": "application/vnd.microsoft.teams.file.download.info", "name": "log.txt"},
        {"contentType": "text/html", "content": html},
    ]
    await stage.teams.says("ana", "", attachments=attachments)
    assert (stage.desk.last.text, stage.desk.last.files) == ("My screen is\nblack @Bob🙂", 2)


@pytest.mark.parametrize("word", ["for", "Para"])
async def test_an_engineer_asks_for_somebody(stage: Stage, word: str) -> None:
    await stage.teams.says("bob", "hello")  # so that Bob's directory id is known
    bob = {"id": "29:1-bob", "name": "Bob Stone"}
    mention = {"type": "mention", "text": "<at>Bob Stone</at>", "mentioned": bob}
    await stage.teams.mentions("eva", f"{word} <at>Bob Stone</at>: no sound", entities=[mention])
    heard = stage.desk.last
    place = ConversationRef("teams", TENANT, "@29:1-bob")
    assert heard.behalf == Behalf(teams("bob"), "Bob Stone", place)
    assert (heard.text, heard.sender) == ("no sound", teams("eva"))


@pytest.mark.parametrize(
    "change",
    [
        {"type": "messageReaction", "reactionsAdded": [{"type": "like"}]},
        {"type": "typing"},
        {"type": "endOfConversation"},
        {"type": "messageUpdate", "from": {"id": BOT, "name": "Firstline"}},
        {"type": "messageDelete", "from": {"id": BOT, "name": "Firstline"}},
        {"type": "event", "name": "tokens/response"},
        {"type": "conversationUpdate", "membersAdded": [{"id": BOT}]},
        {"type": "installationUpdate", "action": "add-upgrade"},
        {"type": "whatever"},
        {"from": {"id": BOT, "name": "Firstline"}},
        {"from": {"id": "28:another-bot", "name": "Bot"}},
        {"from": {"id": "29:x", "role": "bot"}},
    ],
)
async def test_what_nobody_says_is_taken_and_left(stage: Stage, change: dict[str, Any]) -> None:
    assert await stage.teams.says("ana", "hello", **change) == (200, None)
    assert stage.desk.heard == []


GUESTS: dict[str, dict[str, Any]] = {
    "role": {"role": "guest"},
    "role in capitals": {"role": "Guest"},
    "sign-in name": {"principal": "gus_example.org#EXT#@ours.onmicrosoft.com"},
    "tenant": {"tenant": "another-tenant"},
}
FOREIGN: dict[str, dict[str, Any]] = {
    "another tenant": {"channelData": {"tenant": {"id": "another-tenant"}}},
    "another tenant's conversation": {
        "conversation": {"id": "a:chat-ana", "conversationType": "personal", "tenantId": "another-tenant"}
    },
    "no tenant": {"channelData": {}, "conversation": {"id": "a:chat-ana", "conversationType": "personal"}},
    "an empty tenant": {
        "channelData": {"tenant": {"id": " "}},
        "conversation": {"id": "a:chat-ana", "conversationType": "personal", "tenantId": ""},
    },
    "no id of the directory": {"from": {"id": "29:9-new", "name": "Nobody"}},
    "a guest by their own account": {
        "from": {"id": "29:1-ana", "aadObjectId": "aad-ana", "userRole": "guest"}
    },
    "a guest by their sign-in name": {
        "from": {"id": "29:1-ana", "aadObjectId": "aad-ana", "userPrincipalName": "ana_x.org#ext#@ours.com"}
    },
    "an account of another tenant": {
        "from": {"id": "29:1-ana", "aadObjectId": "aad-ana", "tenantId": "another-tenant"}
    },
}


@pytest.mark.parametrize("shape", sorted(FOREIGN))
async def test_whoever_is_not_ours_is_a_stranger(stage: Stage, shape: str) -> None:
    await stage.teams.says("ana", "hi", **FOREIGN[shape])
    assert stage.desk.last.stranger


@pytest.mark.parametrize("shape", sorted(GUESTS))
async def test_a_guest_is_known_after_their_first_message(stage: Stage, shape: str) -> None:
    stage.teams.store.people["gus"] = Person("gus", "Gus", **GUESTS[shape])
    await stage.teams.says("gus", "hi")
    await until(lambda: "gus" in stage.teams.looked_up)
    await until(lambda: _is_guest(stage, "gus"))
    await stage.teams.says("gus", "hi")
    assert [utterance.stranger for utterance in stage.desk.heard] == [False, True]
    await stage.teams.says("gus", "hi", type="messageDelete")
    assert stage.teams.looked_up == ["gus"]


def _is_guest(stage: Stage, key: str) -> bool:
    kept = stage.desk.memory.kept
    return [kept[name] for name in kept if name[1].endswith(f"standing:{TENANT}:aad-{key}")] == ["guest"]


async def test_a_guest_of_the_room_s_team_is_known_at_once(stage: Stage) -> None:
    stage.teams.store.people["gus"] = Person("gus", "Gus Guest", role="guest")
    await stage.teams.installs(ROOM)
    await stage.channel.members(stage.channel.find_room(ROOM))
    await stage.teams.says("gus", "hi")
    assert stage.desk.last.stranger


async def test_guests_are_served_where_that_is_wanted(open_stage: Open) -> None:
    stage = await open_stage(allow_guests=True)
    for shape in ("another tenant", "a guest by their own account", "no tenant", "no id of the directory"):
        await stage.teams.says("ana", "hi", **FOREIGN[shape])
    assert [utterance.stranger for utterance in stage.desk.heard] == [False, False, True, True]
    stage.teams.store.people["gus"] = Person("gus", "Gus Guest", role="guest")
    await stage.teams.installs(ROOM)
    room = stage.channel.find_room(ROOM)
    assert "Gus Guest" not in (await stage.channel.members(room)).values()


async def test_who_is_known_by_one_id_is_known_by_the_other(stage: Stage) -> None:
    await stage.teams.says("ana", "hi")
    await stage.teams.says("ana", "", type="messageDelete", **{"from": {"id": "29:1-ana"}})
    assert (stage.desk.last.sender, stage.desk.last.stranger) == (teams("ana"), False)


async def test_who_comes_and_goes_has_the_roster_read_again(stage: Stage) -> None:
    await stage.teams.installs(ROOM)
    for event in ("teamMemberRemoved", "channelMemberAdded", "teamRenamed"):
        activity = stage.teams.in_channel("eva", "", ROOM, "")
        data = activity["channelData"] | {"eventType": event}
        await stage.teams.send(activity | {"type": "conversationUpdate", "channelData": data})
    assert stage.desk.refreshed == ["teams"] * 3


async def test_a_tenant_is_the_same_in_either_case(open_stage: Open) -> None:
    stage = await open_stage(tenant_id="ABC-Def")
    await stage.teams.says("ana", "hi", channelData={"tenant": {"id": "abc-DEF"}}, conversation={"id": "c"})
    assert (stage.desk.last.stranger, stage.desk.last.sender.tenant) == (False, "abc-def")


async def test_what_must_not_be_forgotten_is_remembered_once(stage: Stage) -> None:
    await stage.teams.installs(ROOM)
    assert stage.desk.refreshed == ["teams"]
    writes = stage.desk.memory.writes
    await stage.teams.installs(ROOM)
    assert (stage.desk.memory.writes, stage.desk.refreshed) == (writes, ["teams"])
    assert set(stage.desk.memory.kept.values()) == {stage.teams.service_url, GENERAL}


# --- buttons ------------------------------------------------------------------------------------------


async def shown(stage: Stage, reply: Reply) -> Message:
    """A card that stands in Ana's chat."""
    await stage.teams.says("ana", "hello")
    await stage.channel.deliver(delivery(stage.desk.last.conversation, reply))
    assert stage.teams.problems == []
    return stage.teams.store.messages[-1]


CARD = Reply(
    (Line("HELP-1"),),
    (
        Button("claim", "Claim", "t1"),
        Button("choose", "Second", "t2", "1"),
        Button("resolve", "Resolve", "t3", with_fields=True),
    ),
    (Field("note", "Note"),),
    "HELP-1",
)


async def test_a_button_carries_its_words_unchanged(stage: Stage) -> None:
    message = await shown(stage, CARD)
    await stage.teams.clicks("ana", message, "Second", {"field.note": "not sent"}, id="i1")
    heard = stage.desk.last
    assert heard.click == Click("choose", "t2", "1")
    assert (heard.addressed, heard.inline, heard.text) == (Addressed.CLICK, True, "")
    assert heard.keys == (f"teams:{TENANT}:a:chat-ana:i1",)


async def test_a_button_with_fields_brings_what_was_written(stage: Stage) -> None:
    message = await shown(stage, CARD)
    await stage.teams.clicks("ana", message, "Resolve", {"field.note": "New cable"})
    assert stage.desk.last.click == Click("resolve", "t3", "", {"note": "New cable"})


async def test_a_submit_of_an_older_client_is_a_press(stage: Stage) -> None:
    message = await shown(stage, CARD)
    submit = button(message.card, "Resolve")["fallback"]
    await stage.teams.says("ana", "", value=submit["data"] | {"field.note": "Done"})
    heard = stage.desk.last
    assert heard.click == Click("resolve", "t3", "", {"note": "Done"})
    assert not heard.inline


async def test_the_new_card_is_returned_to_the_presser(stage: Stage) -> None:
    message = await shown(stage, CARD)
    stage.desk.outcome = Outcome(OutcomeKind.DONE, card=CARD)
    status, body = await stage.teams.clicks("ana", message, "Claim")
    assert (status, body["statusCode"], body["type"]) == (200, 200, "application/vnd.microsoft.card.adaptive")
    assert card_problems(body["value"]) == []


async def test_a_notice_is_returned_as_text(stage: Stage) -> None:
    message = await shown(stage, CARD)
    notice = Reply((Line("Eva has it."), Prose("Ask **her**.")))
    stage.desk.outcome = Outcome(OutcomeKind.REFUSED, notice=notice)
    expected = {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": "Eva has it.\nAsk her.",
    }
    assert await stage.teams.clicks("ana", message, "Claim") == (200, expected)


async def test_a_form_is_returned_as_a_card_with_inputs(stage: Stage) -> None:
    message = await shown(stage, Reply((Line("HELP-1"),), (Button("resolve", "Resolve", "t3"),)))
    stage.desk.outcome = Outcome(OutcomeKind.FORM, card=CARD)
    _, body = await stage.teams.clicks("ana", message, "Resolve")
    assert "field.note" in [element.get("id") for element in body["value"]["body"]]


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        {},
        {"action": None},
        {"action": {"verb": "claim"}},
        {"action": {"verb": "", "data": {"token": "t"}}},
        {"action": {"verb": "claim", "data": "{"}},
        {"action": {"verb": "claim", "data": {"token": 5}}},
    ],
)
async def test_a_press_that_means_nothing_is_answered_in_the_protocols_way(
    stage: Stage, value: object
) -> None:
    status, body = await stage.teams.says("ana", "", type="invoke", name="adaptiveCard/action", value=value)
    assert (status, body["statusCode"], body["type"]) == (200, 400, "application/vnd.microsoft.error")
    assert body["value"]["code"] == "BadRequest"
    assert stage.desk.heard == []


async def test_an_invoke_that_we_do_not_know_gets_501(stage: Stage) -> None:
    assert await stage.teams.says("ana", "", type="invoke", name="composeExtension/query") == (501, None)


async def test_a_press_that_the_desk_could_not_keep_gets_500(stage: Stage) -> None:
    message = await shown(stage, CARD)
    stage.desk.failure = RuntimeError("the database is gone")
    assert (await stage.teams.clicks("ana", message, "Claim"))[0] == 500


async def test_the_demo_uses_a_tenant_only_where_one_is_set(open_stage: Open) -> None:
    stage = await open_stage(anonymous=True, tenant_id=TENANT)
    await stage.teams.says("ana", "hello")
    assert stage.desk.last.sender == teams("ana")


async def test_the_addresses_of_members_and_of_who_writes_are_told_and_a_guests_never(stage: Stage) -> None:
    stage.teams.store.people["gus"] = Person("gus", "Gus Guest", role="guest")
    await stage.teams.installs(ROOM)
    await stage.channel.members(stage.channel.find_room(ROOM))
    told = dict(stage.desk.addresses)
    assert told[teams("ana")] == ("ana@example.com", "ana@example.com")
    assert teams("gus") not in told


async def test_the_senders_time_zone_comes_with_the_message(stage: Stage) -> None:
    await stage.teams.says("ana", "hi", localTimezone="Europe/Madrid")
    assert stage.desk.last.zone == "Europe/Madrid"
