"""Files that go out to Teams: in the message, into the reader's OneDrive, or as a link."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.teams.directory import is_microsoft_url
from bot.channels.teams.outbound.images import shown_as
from bot.desk.ports.channels import Delivery, Receipt
from bot.desk.ports.page import File
from bot.domain.conversations.messages import Click, ConversationRef, Line, Link, Reply
from bot.domain.errors import DeliveryFailed
from tests.support.channels.recording_host import delivery
from tests.support.channels.teams_stage import Open, Stage
from tests.support.fakes.pictures import gif, jpeg, png
from tests.support.fakes.teams import TENANT, Failure, Message
from tests.support.fakes.teams.files import CARD, CONSENT, INFO
from tests.support.fakes.teams.store import ROOM

CHAT = ConversationRef("teams", TENANT, "a:chat-ana")
THREAD = ConversationRef("teams", TENANT, ROOM, "1700", private=False)
LINK = "https://help.example.com/files/x"
LOG = b"line\n" * 100


def sent(content: bytes, name: str = "log.txt", *, link: str = LINK, **changes: Any) -> Delivery:
    """A file on its way to Ana."""
    blocks = (Line("A file:"), Link(name, link)) if link else (Line("A file:"),)
    base = delivery(CHAT, Reply(blocks, summary=f"Eva sends {name}"))
    return replace(base, file=File(1, name, "", len(content), "slack", "F1", content), **changes)


async def offered(stage: Stage, content: bytes = LOG, **changes: Any) -> tuple[Message, Delivery]:
    """The question in Ana's chat, and what is delivered once she has agreed."""
    await stage.teams.says("ana", "hello")
    offer = sent(content, **changes)
    receipt = await stage.channel.deliver(offer)
    taken = replace(offer, id=2, revises=offer.id, edit=receipt.message)
    return stage.teams.store.messages[-1], taken


def shown(stage: Stage) -> list[str]:
    """The kinds of messages that are there."""
    return [m.activity["attachments"][0]["contentType"] for m in stage.teams.store.messages]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (png(1024, 1024), "image/png"),
        (png(1025, 4), ""),
        (png(0, 4), ""),
        (png(4, 4, 1024**2), ""),
        (jpeg(1024, 600), "image/jpeg"),
        (jpeg(600, 1025), ""),
        (gif(4, 4), "image/gif"),
        (gif(4, 4, b"!\xff\x0bNETSCAPE2.0"), ""),
        (b"<svg/>", ""),
        (b"\x89PNG\r\n\x1a\n", ""),
        (b"\xff\xd8\xff", ""),
        (b"", ""),
    ],
)
def test_what_may_stand_in_a_message(content: bytes, media_type: str) -> None:
    assert shown_as(content) == media_type


@given(st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b""]), st.binary(max_size=200))
def test_no_bytes_break_the_look_at_a_picture(head: bytes, rest: bytes) -> None:
    assert shown_as(head + rest) in ("", "image/png", "image/jpeg", "image/gif")


@pytest.mark.parametrize("place", [CHAT, THREAD])
async def test_a_small_picture_stands_in_the_message(stage: Stage, place: ConversationRef) -> None:
    await stage.teams.says("ana", "hello")
    stage.teams.store.conversations.add(f"{ROOM};messageid=1700")
    await stage.channel.deliver(replace(sent(png(), "goo.png"), conversation=place))
    (message,) = stage.teams.store.messages
    (picture,) = message.activity["attachments"]
    assert picture["contentUrl"].startswith("data:image/png;base64,")
    assert (message.activity["text"], message.activity["textFormat"]) == ("Eva sends goo.png", "plain")
    assert stage.teams.problems == []


@pytest.mark.parametrize(("refused", "kind"), [("image/png", CONSENT), (CONSENT, CARD)])
async def test_what_an_organisation_does_not_take_goes_another_way(
    stage: Stage, refused: str, kind: str
) -> None:
    await stage.teams.says("ana", "hello")
    stage.teams.refuses = {refused}
    await stage.channel.deliver(sent(png() if refused == "image/png" else LOG))
    assert shown(stage) == [kind]


async def test_a_room_gets_a_link(stage: Stage) -> None:
    await stage.teams.says("ana", "hello")
    stage.teams.store.conversations.add(f"{ROOM};messageid=1700")
    await stage.channel.deliver(replace(sent(LOG), conversation=THREAD))
    assert shown(stage) == [CARD]
    with pytest.raises(DeliveryFailed, match="no_public_url") as caught:
        await stage.channel.deliver(replace(sent(LOG, link=""), conversation=THREAD))
    assert caught.value.permanent


async def test_an_empty_file_is_a_link_too(stage: Stage) -> None:
    await stage.teams.says("ana", "hello")
    await stage.channel.deliver(sent(b""))
    assert shown(stage) == [CARD]


async def test_a_file_is_asked_for_put_there_and_shown_in_place_of_the_question(stage: Stage) -> None:
    question, taken = await offered(stage)
    assert f"]({LINK})" in question.activity["text"]
    status, _ = await stage.teams.consents("ana", question)
    assert status == 200
    heard = stage.desk.last
    assert (heard.click, heard.conversation, heard.inline) == (Click("offer", "1", "accept"), CHAT, False)
    assert await stage.channel.deliver(taken) == Receipt(question.id)
    assert stage.teams.onedrive.files == {("ana", "log.txt"): LOG}
    assert shown(stage) == [INFO]
    assert stage.teams.store.messages[0].activity["attachments"][0]["content"]["fileType"] == "txt"
    assert "upload/session" not in str(stage.desk.memory.kept)
    assert stage.teams.problems == []


async def test_a_file_without_a_public_address_goes_all_the_same(stage: Stage) -> None:
    question, taken = await offered(stage, link="")
    assert not question.activity.get("text")
    await stage.teams.consents("ana", question)
    await stage.channel.deliver(taken)
    assert shown(stage) == [INFO]


async def test_a_large_file_goes_in_parts_and_goes_on_where_it_stopped(stage: Stage) -> None:
    content = bytes(range(256)) * 50_000  # 12.8 MB
    question, taken = await offered(stage, content)
    await stage.teams.consents("ana", question)
    stage.teams.onedrive.failures = [0, 503]
    with pytest.raises(DeliveryFailed, match="upload_503") as caught:
        await stage.channel.deliver(taken)
    assert not caught.value.permanent
    await stage.channel.deliver(replace(taken, attempt=2))
    assert stage.teams.onedrive.files == {("ana", "log.txt"): content}
    assert (stage.teams.onedrive.puts, shown(stage)) == (4, [INFO])
    assert stage.teams.problems == []


async def test_a_lost_answer_to_the_last_part_sends_nothing_twice(stage: Stage) -> None:
    question, taken = await offered(stage)
    await stage.teams.consents("ana", question)
    stage.teams.onedrive.failures = [-503]
    with pytest.raises(DeliveryFailed, match="upload_503"):
        await stage.channel.deliver(taken)
    await stage.channel.deliver(replace(taken, attempt=2))
    assert (stage.teams.onedrive.puts, shown(stage)) == (1, [INFO])


async def test_a_lost_answer_to_the_change_sends_nothing_twice(stage: Stage) -> None:
    question, taken = await offered(stage)
    await stage.teams.consents("ana", question)
    stage.teams.failures = [Failure(lost=True, status=502)]
    with pytest.raises(DeliveryFailed, match="502"):
        await stage.channel.deliver(taken)
    await stage.channel.deliver(replace(taken, attempt=2))
    assert (stage.teams.onedrive.puts, shown(stage)) == (1, [INFO])


async def test_a_question_that_cannot_be_changed_is_deleted(stage: Stage) -> None:
    question, taken = await offered(stage)
    await stage.teams.consents("ana", question)
    stage.teams.unchangeable = True
    receipt = await stage.channel.deliver(taken)
    assert shown(stage) == [INFO]
    assert receipt.message not in ("", question.id)


@pytest.mark.parametrize("status", [400, 403, 404, 507])
async def test_what_onedrive_refuses_becomes_a_link(stage: Stage, status: int) -> None:
    question, taken = await offered(stage)
    await stage.teams.consents("ana", question)
    stage.teams.onedrive.failures = [status]
    await stage.channel.deliver(taken)
    assert shown(stage) == [CARD]
    await stage.channel.deliver(replace(taken, attempt=2))
    assert (shown(stage), stage.teams.onedrive.puts) == ([CARD], 1)


async def test_without_a_link_the_question_goes_and_its_writer_is_told(stage: Stage) -> None:
    question, taken = await offered(stage, link="")
    await stage.teams.consents("ana", question)
    stage.teams.onedrive.failures = [403]
    with pytest.raises(DeliveryFailed, match="upload_403") as caught:
        await stage.channel.deliver(taken)
    assert caught.value.permanent
    assert shown(stage) == []


@pytest.mark.parametrize("key", ["uploadUrl", "contentUrl"])
@pytest.mark.parametrize("url", ["https://evil.example/put", "", "https://sharepoint.com.evil.example/x", 7])
async def test_nothing_is_put_elsewhere(stage: Stage, key: str, url: Any) -> None:
    question, taken = await offered(stage)
    status, _ = await stage.teams.consents("ana", question, **{key: url})
    assert status == 200
    await stage.channel.deliver(taken)
    assert (shown(stage), stage.teams.onedrive.puts) == ([CARD], 0)


async def test_the_first_place_counts(stage: Stage) -> None:
    question, taken = await offered(stage)
    for _ in range(2):
        await stage.teams.consents("ana", question)
    await stage.channel.deliver(taken)
    assert [session.over for session in stage.teams.onedrive.sessions.values()] == [True, False]


async def test_a_declined_file_is_told_to_the_desk(stage: Stage) -> None:
    question, _ = await offered(stage)
    assert (await stage.teams.consents("ana", question, accept=False))[0] == 200
    assert stage.desk.last.click == Click("offer", "1", "decline")
    assert stage.teams.onedrive.sessions == {}


@pytest.mark.parametrize("context", [{}, {"token": "1"}, {"token": 1}, None, "x"])
async def test_an_answer_to_no_offer_of_ours_is_refused(stage: Stage, context: Any) -> None:
    question, _ = await offered(stage)
    question.activity["attachments"][0]["content"]["acceptContext"] = context
    before = len(stage.desk.heard)
    status, body = await stage.teams.consents("ana", question)
    assert (status, body["statusCode"], len(stage.desk.heard)) == (200, 400, before)


async def test_a_question_that_is_taken_back_goes_without_a_trace(stage: Stage) -> None:
    question, taken = await offered(stage)
    await stage.teams.consents("ana", question)
    assert await stage.channel.deliver(replace(taken, delete=True)) == Receipt("")
    assert (shown(stage), stage.teams.onedrive.files) == ([], {})
    assert "upload/session" not in str(stage.desk.memory.kept)


async def test_a_copy_that_its_reader_keeps_is_said_to_be_kept(stage: Stage) -> None:
    question, taken = await offered(stage)
    await stage.teams.consents("ana", question)
    await stage.channel.deliver(taken)
    with pytest.raises(DeliveryFailed, match="copy_kept") as caught:
        await stage.channel.deliver(replace(taken, id=3, delete=True))
    assert caught.value.permanent
    assert shown(stage) == []


async def test_a_chat_that_exists_in_name_only_is_not_asked(stage: Stage) -> None:
    """Its answer would come from the real one, which the desk knows as another place."""
    await stage.teams.says("ana", "hello")
    person = stage.teams.store.people["ana"]
    await stage.channel.deliver(replace(sent(LOG), conversation=replace(CHAT, space=f"@{person.id}")))
    assert shown(stage) == [CARD]


@pytest.mark.parametrize("content", [LOG, png()])
async def test_the_demo_links_what_its_client_cannot_show(open_stage: Open, content: bytes) -> None:
    stage = await open_stage(anonymous=True)
    await stage.teams.says("ana", "hello")
    await stage.channel.deliver(replace(sent(content), conversation=replace(CHAT, tenant="")))
    assert shown(stage) == [CARD]


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://contoso-my.sharepoint.com/personal/ana/_api/upload?guid=1", True),
        ("https://contoso-my.sharepoint.com:443/x", True),
        ("https://sn3302.up.1drv.com/up/1", True),
        ("http://contoso-my.sharepoint.com/x", False),
        ("https://contoso-my.sharepoint.com:8443/x", False),
        ("https://ana:secret@contoso-my.sharepoint.com/x", False),
        ("https://contoso-my.sharepoint.com\\@evil.example/x", False),
        ("https://notsharepoint.com/x", False),
        ("https://127.0.0.1/x", False),
        ("https://[::1", False),
        ("https://x.sharepoint.com:99999/x", False),
        ("", False),
    ],
)
def test_only_microsofts_hosts_take_and_give_files(url: str, allowed: bool) -> None:
    assert is_microsoft_url(url, local=False) is allowed
