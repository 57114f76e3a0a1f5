"""Edits, deletions and files, as Teams has them."""

from dataclasses import replace

import pytest

from bot.desk.ports.channels import Receipt
from bot.desk.ports.page import File
from bot.domain.conversations.messages import Change, ConversationRef, Line, Reply
from bot.domain.errors import DeliveryFailed
from bot.domain.tickets.relay import Mark
from tests.support.channels.recording_host import delivery
from tests.support.channels.teams_stage import Stage
from tests.support.fakes.teams import TENANT
from tests.support.fakes.teams.store import GENERAL

CHAT = ConversationRef("teams", TENANT, "a:chat-ana")
PNG = b"\x89PNG picture"


async def test_an_edit_and_a_deletion_name_their_message(stage: Stage) -> None:
    for written in (
        stage.teams.personal("ana", "one"),
        stage.teams.in_channel("ana", "one", GENERAL, ""),
        stage.teams.in_channel("ana", "one", GENERAL, "1700"),
    ):
        await stage.teams.send(written)
        await stage.teams.edits(written, "<b>two</b> &amp; three", textFormat="xml")
        await stage.teams.deletes(written)
        await stage.teams.deletes(written, undo=True)
        new, edited, deleted, undone = stage.desk.heard[-4:]
        assert {written["id"]} == {u.message for u in (new, edited, deleted, undone)}
        assert {new.conversation} == {u.conversation for u in (edited, deleted, undone)}
        assert (edited.change, edited.text) == (Change.EDITED, "two & three")
        assert (deleted.change, undone.change) == (Change.DELETED, Change.EDITED)
        assert len({u.keys for u in (new, edited, deleted, undone)}) == 4


async def test_each_edit_has_a_key_and_its_repeat_the_same(stage: Stage) -> None:
    written = stage.teams.personal("ana", "one")
    await stage.teams.send(written)
    for _ in range(2):
        await stage.teams.edits(written, "two", timestamp="2026-03-02T10:00:00Z")
    await stage.teams.edits(written, "three", timestamp="2026-03-02T10:00:01Z")
    first, repeat, other = (u.keys for u in stage.desk.heard[1:])
    assert first == repeat != other


async def test_a_message_is_deleted_once_and_then_it_is_gone(stage: Stage) -> None:
    await stage.teams.says("ana", "hello")
    posted = await stage.channel.deliver(delivery(CHAT))
    for _ in range(2):
        away = replace(delivery(CHAT, edit=posted.message), delete=True, revises=1)
        assert await stage.channel.deliver(away) == Receipt("")
    assert stage.teams.store.messages == []
    assert await stage.channel.deliver(replace(delivery(CHAT), delete=True)) == Receipt("")


async def test_a_post_that_may_be_there_is_not_called_taken_away(stage: Stage) -> None:
    await stage.teams.says("ana", "hello")
    with pytest.raises(DeliveryFailed, match="unknown_message") as caught:
        await stage.channel.deliver(replace(delivery(CHAT, attempt=2), delete=True))
    assert caught.value.permanent


async def test_what_cannot_be_deleted_says_that_it_was_withdrawn(stage: Stage) -> None:
    await stage.teams.says("ana", "hello")
    posted = await stage.channel.deliver(delivery(CHAT))
    stage.teams.undeletable = True
    instead = Reply((Line("Withdrawn."),), summary="Withdrawn.")
    await stage.channel.deliver(replace(delivery(CHAT, instead, edit=posted.message), delete=True))
    (message,) = stage.teams.store.messages
    assert "Withdrawn." in str(message.card)


async def test_a_mark_is_a_short_line(stage: Stage) -> None:
    await stage.teams.says("ana", "hello")
    marked = replace(delivery(CHAT, Reply((Line("Sent."),), summary="Sent.")), mark=Mark.SENT, mark_of="1")
    receipt = await stage.channel.deliver(marked)
    again = replace(
        delivery(CHAT, Reply((Line("Taken back."),), summary="Taken back."), edit=receipt.message),
        mark=Mark.TAKEN_BACK,
        mark_of="1",
    )
    await stage.channel.deliver(again)
    (message,) = stage.teams.store.messages
    assert "Taken back." in str(message.card)


async def test_files_that_a_bot_may_read_are_fetched(stage: Stage) -> None:
    elsewhere = {"contentType": "image/png", "contentUrl": "https://evil.example/x.png", "name": "x.png"}
    attachments = [
        stage.teams.shared("log.txt", b"a log"),
        stage.teams.pasted("a.png", PNG),
        {"contentType": "reference", "name": "plan.docx", "contentUrl": "https://t.sharepoint.com/x"},
        elsewhere,
    ]
    await stage.teams.says("ana", "see", attachments=attachments)
    heard = stage.desk.last
    assert heard.files == 4
    names = [(a.name, a.media_type, bool(a.source)) for a in heard.attachments]
    assert names == [
        ("log.txt", "text/plain", True),
        ("image.png", "image/*", True),
        ("plan.docx", "reference", False),
        ("x.png", "image/png", False),
    ]
    for attachment, content in zip(heard.attachments[:2], (b"a log", PNG), strict=True):
        file = File(1, attachment.name, "", 0, "teams", attachment.source)
        assert await stage.channel.fetch(file, 100) == content
        with pytest.raises(DeliveryFailed, match="file_too_large"):
            await stage.channel.fetch(file, 2)


HIDDEN = [
    '<div><span itemid="1" itemscope="" itemtype="http://schema.skype.com/InputExtension"></span></div>',
    '<div>the plan</div><attachment id="1"></attachment>',
    "",
]


@pytest.mark.parametrize("markup", HIDDEN)
async def test_what_teams_hides_from_bots_in_a_channel_is_noticed(stage: Stage, markup: str) -> None:
    body = {"contentType": "text/html", "content": markup}
    written = stage.teams.in_channel("ana", "", GENERAL, "1700")
    for sent, files in (
        (written, 1),
        (written | {"text": "the plan"}, int("<attachment" in markup)),
        (stage.teams.personal("ana", ""), 0),
    ):
        await stage.teams.send(sent | {"attachments": [body], "id": stage.teams.store.next_id()})
        assert [a.source for a in stage.desk.last.attachments] == [""] * files


@pytest.mark.parametrize(
    "url",
    [
        "http://x.sharepoint.com/a",
        "https://evil.example/a",
        "https://sharepoint.com.evil.example/a",
        "ftp://x",
    ],
)
async def test_nothing_is_fetched_from_elsewhere(stage: Stage, url: str) -> None:
    with pytest.raises(DeliveryFailed, match="file_elsewhere"):
        await stage.channel.fetch(File(1, "a", "", 0, "teams", f"download:{url}"), 100)
