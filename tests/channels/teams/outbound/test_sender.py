"""Deliveries become posts, edits and chats; what goes wrong becomes `DeliveryFailed`."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from bot.channels.teams.channel import TeamsChannel
from bot.channels.teams.settings import Settings
from bot.desk.ports.channels import Receipt
from bot.domain.conversations.messages import ConversationRef, Line, Reply
from bot.domain.errors import DeliveryFailed, RosterUnavailable
from bot.domain.people import Identity
from tests.support.channels.recording_host import Desk, delivery
from tests.support.channels.teams_stage import Open, Stage
from tests.support.fakes.teams import APP_SECRET, TENANT, Failure, Person, texts_in
from tests.support.fakes.teams.store import GENERAL, ROOM

ANA = Identity("teams", TENANT, "aad-ana")
ROOM_PLACE = ConversationRef("teams", TENANT, ROOM, private=False)
NEW_IN_ROOM = ConversationRef("teams", TENANT, ROOM, "new:ticket-1", private=False)


@pytest.fixture
async def chat(stage: Stage) -> ConversationRef:
    """Ana's personal chat, known to the bot."""
    await stage.teams.says("ana", "hello")
    return stage.desk.last.conversation


async def failed(stage: Stage, ref: ConversationRef, **more: str) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        await stage.channel.deliver(delivery(ref, **more))  # type: ignore[arg-type]  # names of delivery's own
    return caught.value


async def test_a_post_in_a_personal_chat(stage: Stage, chat: ConversationRef) -> None:
    receipt = await stage.channel.deliver(delivery(chat))
    (message,) = stage.teams.store.messages
    assert receipt == Receipt(message.id)
    assert (message.conversation, texts_in(message.card)) == (chat.space, ["Hello"])
    assert message.activity["summary"] == "Hello"
    assert stage.teams.problems == []


async def test_a_post_in_a_thread(stage: Stage) -> None:
    await stage.teams.mentions("ana", "hello", channel=GENERAL)
    ref = stage.desk.last.conversation
    await stage.channel.deliver(delivery(ref))
    assert stage.teams.store.messages[0].conversation == f"{GENERAL};messageid={ref.thread}"


async def test_a_new_thread_is_named_and_then_used(stage: Stage, chat: ConversationRef) -> None:
    first = await stage.channel.deliver(delivery(NEW_IN_ROOM))
    assert first.message == first.anchor
    ref = ConversationRef("teams", TENANT, ROOM, "new:ticket-1", first.anchor, private=False)
    await stage.channel.deliver(delivery(ref))
    changed = Reply((Line("Claimed"),), summary="Claimed")
    await stage.channel.deliver(delivery(ref, changed, edit=first.message))
    card, answer = stage.teams.store.messages
    assert card.conversation == answer.conversation == f"{ROOM};messageid={first.anchor}"
    assert (card.edits, texts_in(card.card)) == (1, ["Claimed"])
    assert stage.teams.problems == []


async def test_an_edit_of_a_message_that_is_gone_posts_anew(stage: Stage, chat: ConversationRef) -> None:
    receipt = await stage.channel.deliver(delivery(chat, edit="1"))
    assert receipt.message == stage.teams.store.messages[0].id


async def test_a_chat_that_is_known_is_not_made_again(stage: Stage, chat: ConversationRef) -> None:
    await stage.channel.deliver(delivery(NEW_IN_ROOM, private_to=ANA))
    assert stage.teams.calls == [("POST", chat.space)]


async def test_an_engineers_question_for_somebody_opens_their_chat(
    stage: Stage, chat: ConversationRef
) -> None:
    ref = ConversationRef("teams", TENANT, "@29:1-bob")
    receipt = await stage.channel.deliver(delivery(ref))
    assert receipt == Receipt(stage.teams.store.messages[0].id, space="a:chat-bob")
    gone = await failed(stage, ConversationRef("teams", TENANT, "@29:1-nobody"))
    assert (gone.code, gone.permanent) == ("404_NotFound", True)


async def test_what_was_learnt_is_known_after_a_restart(
    stage: Stage, chat: ConversationRef, open_stage: Open
) -> None:
    restarted = TeamsChannel(Settings(), stage.desk.host())
    try:
        await restarted.deliver(delivery(chat))
        await restarted.deliver(delivery(NEW_IN_ROOM))
    finally:
        await restarted.stop()
    assert len(stage.teams.store.messages) == 2


async def test_a_home_tab_is_nothing_here(stage: Stage, chat: ConversationRef) -> None:
    assert await stage.channel.deliver(replace(delivery(chat), home=True)) == Receipt("")
    assert stage.teams.calls == []


async def test_without_a_service_url_a_post_waits(stage: Stage) -> None:
    error = await failed(stage, NEW_IN_ROOM)
    assert (error.code, error.permanent) == ("no_service_url", False)


async def test_what_an_anonymous_request_said_is_not_used_with_an_app_id(open_stage: Open) -> None:
    desk = Desk()
    demo = await open_stage(anonymous=True, desk=desk, tenant_id=TENANT)
    await demo.teams.says("ana", "hello")
    stage = await open_stage(desk=desk)
    assert (await failed(stage, demo.desk.last.conversation)).code == "no_service_url"


@pytest.mark.parametrize(
    ("failure", "permanent", "code"),
    [
        (Failure(500), False, "500_ServiceError"),
        (Failure(502, lost=True), False, "502_ServiceError"),
        (Failure(429, "Throttled"), False, "429_Throttled"),
        (Failure(412, "PreconditionFailed"), False, "412_PreconditionFailed"),
        (Failure(400, "BadSyntax"), True, "400_BadSyntax"),
        (Failure(413, "MessageSizeTooBig"), True, "413_MessageSizeTooBig"),
        (Failure(403, "BotNotInConversationRoster"), False, "403_BotNotInConversationRoster"),
        (Failure(302, ""), False, "302"),
    ],
)
async def test_what_teams_refuses(
    stage: Stage, chat: ConversationRef, failure: Failure, permanent: bool, code: str
) -> None:
    stage.teams.failures = [failure]
    error = await failed(stage, chat)
    assert (error.permanent, error.code) == (permanent, code)
    await stage.channel.deliver(delivery(chat))


async def test_teams_says_when_to_come_back(stage: Stage, chat: ConversationRef) -> None:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    stage.desk.now = lambda: now
    later = format_datetime(now + timedelta(seconds=30), usegmt=True)
    stage.teams.failures = [
        Failure(429, headers=(("Retry-After", "7"),)),
        Failure(503, headers=(("Retry-After", later),)),
        Failure(429, headers=(("Retry-After", "soon"),)),
    ]
    assert [(await failed(stage, chat)).retry_after for _ in range(3)] == [7.0, 30.0, None]


async def test_people_who_are_gone_and_rooms_that_are_not_there_yet(
    stage: Stage, chat: ConversationRef
) -> None:
    stage.teams.store.blocked.add(chat.space)
    blocked = await failed(stage, chat)
    assert (blocked.code, blocked.permanent) == ("403_MessageWritesBlocked", True)
    stage.teams.store.channels.discard(ROOM)
    missing = await failed(stage, NEW_IN_ROOM)
    assert (missing.code, missing.permanent) == ("403_BotNotInConversationRoster", False)
    stage.teams.store.channels.add(ROOM)
    await stage.channel.deliver(delivery(NEW_IN_ROOM))


async def test_a_service_that_does_not_answer(
    stage: Stage, chat: ConversationRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.channel.deliver(delivery(chat))
    monkeypatch.setattr("bot.channels.teams.outbound.client.SECONDS", 0.05)
    stage.teams.hang = asyncio.Event()
    error = await failed(stage, chat)
    assert (error.code, error.permanent) == ("network_TimeoutError", False)


async def test_a_service_that_is_not_there(stage: Stage, chat: ConversationRef) -> None:
    dead = {"serviceUrl": "http://127.0.0.1:9/"}
    await stage.teams.says("ana", "hello", **dead)
    error = await failed(stage, chat)
    assert (error.permanent, error.code.startswith("network_")) == (False, True)


# --- the bot's own token --------------------------------------------------------------------------------


async def test_one_token_serves_many_posts(stage: Stage, chat: ConversationRef) -> None:
    await asyncio.gather(*(stage.channel.deliver(delivery(chat)) for _ in range(10)))
    assert stage.teams.issuer.grants == 1
    (form,) = stage.teams.issuer.forms
    assert (form["tenant"], form["client_secret"]) == (TENANT, APP_SECRET)


async def test_a_token_is_renewed_before_it_ends(stage: Stage, chat: ConversationRef) -> None:
    moment = [0.0]
    await stage.channel.deliver(delivery(chat))
    stage.channel._credentials._monotonic = lambda: moment[0]
    stage.channel._credentials._until = 3_300.0
    moment[0] = 3_299.0
    await stage.channel.deliver(delivery(chat))
    assert stage.teams.issuer.grants == 1
    moment[0] = 3_301.0
    await stage.channel.deliver(delivery(chat))
    assert stage.teams.issuer.grants == 2


async def test_a_token_that_the_service_refuses_is_replaced(stage: Stage, chat: ConversationRef) -> None:
    await stage.channel.deliver(delivery(chat))
    stage.teams.issuer.revoke()
    error = await failed(stage, chat)
    assert (error.code, error.permanent) == ("401_Unauthorized", False)
    await stage.channel.deliver(delivery(chat))


async def test_a_wrong_secret_is_said_and_the_post_waits(open_stage: Open) -> None:
    stage = await open_stage(app_password="wrong")
    await stage.teams.says("ana", "hello")
    error = await failed(stage, stage.desk.last.conversation)
    assert (error.code, error.permanent) == ("token_invalid_client", False)
    assert "MICROSOFT_APP_PASSWORD" in (stage.channel.trouble() or "")


async def test_an_authority_in_trouble_is_not_our_secrets_fault(open_stage: Open) -> None:
    stage = await open_stage(start=False)
    stage.teams.issuer.token_status = 503
    await stage.teams.says("ana", "hello")
    assert (await failed(stage, stage.desk.last.conversation)).code == "token_server_error"
    assert stage.channel.trouble() is None


async def test_the_demo_sends_no_token(open_stage: Open) -> None:
    stage = await open_stage(anonymous=True)
    await stage.teams.says("ana", "hello")
    await stage.channel.deliver(delivery(stage.desk.last.conversation))
    assert (stage.teams.problems, len(stage.teams.store.messages)) == ([], 1)


# --- the roster -----------------------------------------------------------------------------------------


async def test_the_members_of_the_rooms_team_page_by_page(stage: Stage) -> None:
    stage.teams.store.people["gus"] = Person("gus", "Gus Guest", role="guest")
    await stage.teams.installs(ROOM)
    people = {key: stage.teams.store.people[key].name for key in ("ana", "bob", "eva")}
    expected = {Identity("teams", TENANT, f"aad-{key}"): name for key, name in people.items()}
    assert await stage.channel.members(ROOM_PLACE) == expected
    assert stage.teams.calls == [("GET", ROOM), ("GET", ROOM)]


async def test_the_team_is_asked_for_a_channel_that_teams_calls_a_standard_one(stage: Stage) -> None:
    stage.teams.store.kinds[ROOM] = "standard"
    await stage.teams.installs(ROOM)
    assert len(await stage.channel.members(ROOM_PLACE)) == 3
    assert {place for _, place in stage.teams.calls} == {GENERAL}


@pytest.mark.parametrize("kind", ["private", "shared", ""])
async def test_a_private_and_a_shared_channel_have_members_of_their_own(stage: Stage, kind: str) -> None:
    store = stage.teams.store
    store.kinds[ROOM] = kind
    store.people["zoe"] = Person("zoe", "Zoe of another team")
    store.people["max"] = Person("max", "Max of another company", tenant="another-tenant")
    store.outside = {"zoe", "max"}
    store.members[ROOM] = {"eva", "zoe", "max"}
    await stage.teams.installs(ROOM)
    found = await stage.channel.members(ROOM_PLACE)
    assert {identity.external_id for identity in found} == {"aad-eva", "aad-zoe"}


@pytest.mark.parametrize("kind", ["private", "shared", ""])
async def test_no_team_takes_the_place_of_a_channel_that_is_refused(stage: Stage, kind: str) -> None:
    stage.teams.store.kinds[ROOM] = kind
    await stage.teams.installs(ROOM)
    for status in (400, 403, 404, 500):
        stage.teams.failures = [Failure(status)]
        with pytest.raises(RosterUnavailable):
            await stage.channel.members(ROOM_PLACE)
    assert {place for _, place in stage.teams.calls} == {ROOM}


@pytest.mark.parametrize(
    "shape",
    [
        {"role": "guest"},
        {"role": "Guest"},
        {"role": "anonymous"},
        {"principal": "gus_example.org#EXT#@ours.onmicrosoft.com"},
        {"tenant": "another-tenant"},
        {"nameless": True},
    ],
)
async def test_a_guest_of_the_room_is_no_engineer_in_any_shape(stage: Stage, shape: dict[str, Any]) -> None:
    stage.teams.store.people["gus"] = Person("gus", "Gus", **shape)
    await stage.teams.installs(ROOM)
    found = await stage.channel.members(ROOM_PLACE)
    assert sorted(found.values()) == ["Ana Ruiz", "Bob Stone", "Eva Engineer"]
    address = (shape.get("principal") or "gus@example.com").lower()
    assert not await stage.channel.has_member(ROOM_PLACE, address)
    assert await stage.channel.has_member(ROOM_PLACE, "eva@example.com")
    assert not await stage.channel.has_member(ROOM_PLACE, "nobody@example.com")


async def test_a_roster_that_cannot_be_read_is_an_error(stage: Stage) -> None:
    with pytest.raises(RosterUnavailable):
        await stage.channel.members(ROOM_PLACE)
    with pytest.raises(RosterUnavailable):
        await stage.channel.has_member(ROOM_PLACE, "eva@example.com")
    await stage.teams.installs(ROOM)
    stage.teams.failures = [Failure(500)]
    with pytest.raises(RosterUnavailable):
        await stage.channel.members(ROOM_PLACE)
