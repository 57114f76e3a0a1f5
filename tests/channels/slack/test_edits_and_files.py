"""Edits, deletions, marks and files, as Slack has them."""

from typing import Any

import pytest

from bot.desk.ports.channels import Receipt
from bot.desk.ports.page import File
from bot.domain.conversations.messages import Attachment, Change
from bot.domain.errors import DeliveryFailed
from bot.domain.tickets.relay import Mark
from tests.support.channels.slack_stage import Stage, delivery

PNG = b"\x89PNG picture"


async def test_an_edit_names_its_message(stage: Stage) -> None:
    written = await stage.slack.say("C1", "U1", "<@UBOT> one")
    answer = await stage.slack.edit(written, "two &amp; <https://x.example|three>")
    assert answer == [200]
    heard = stage.host.last
    assert (heard.change, heard.message, heard.text) == (
        Change.EDITED,
        written["ts"],
        "two & three (https://x.example)",
    )
    assert stage.host.utterances[0].message == heard.message
    assert heard.sender == stage.host.utterances[0].sender
    assert heard.conversation == stage.host.utterances[0].conversation


async def test_each_edit_is_an_event_of_its_own_and_its_repeat_is_not(stage: Stage) -> None:
    written = await stage.slack.say("DU1", "U1", "one")
    first = stage.slack.edited(written, "two")
    for event_id in ("Ev1", "Ev1", "Ev2"):
        await stage.slack.event(first, event_id)
    await stage.slack.edit(written, "three")
    assert [u.text for u in stage.host.utterances] == ["one", "two", "three"]


async def test_a_deletion_names_its_message_and_writer(stage: Stage) -> None:
    written = await stage.slack.say("DU1", "U1", "one")
    await stage.slack.delete(written)
    heard = stage.host.last
    assert (heard.change, heard.message) == (Change.DELETED, written["ts"])
    assert heard.sender == stage.host.utterances[0].sender


async def test_the_deletion_of_a_thread_s_root_comes_as_a_tombstone(stage: Stage) -> None:
    written = await stage.slack.say("DU1", "U1", "one")
    tombstone = {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "ts": written["ts"]}
    change = stage.slack.edited(written, "x") | {
        "message": tombstone,
        "previous_message": {"type": "message", "user": "U1", "text": "one", "ts": written["ts"]},
    }
    await stage.slack.event(change)
    assert (stage.host.last.change, stage.host.last.message) == (Change.DELETED, written["ts"])


async def test_what_nobody_edited_is_no_edit(stage: Stage) -> None:
    written = await stage.slack.say("DU1", "U1", "see https://x.example")
    await stage.slack.edit(written, "see https://y.example")
    await stage.slack.unfurl(written)
    before = {"type": "message", "user": "U1", "text": "root", "ts": "1.1"}
    replied = {"message": before | {"reply_count": 2}, "previous_message": before | {"reply_count": 1}}
    await stage.slack.event(stage.slack.edited(written, "see https://y.example") | replied)
    ours = {"user": "UBOT", "bot_id": "BBOT", "text": "new", "ts": "1.2"}
    changed = {"message": ours, "previous_message": ours | {"text": "old"}}
    await stage.slack.event(stage.slack.edited(written, "see https://y.example") | changed)
    assert [u.change for u in stage.host.utterances] == [Change.NEW, Change.EDITED]


async def test_files_are_named_by_their_ids(stage: Stage) -> None:
    file = stage.slack.workspace.add_file("U1", "goo.png", PNG)
    files = [
        file,
        {"id": "F9", "name": "doc", "mode": "external"},
        {"id": "F8", "name": "old", "mode": "tombstone"},
    ]
    await stage.slack.say("DU1", "U1", "", files=files, subtype="file_share")
    assert stage.host.last.attachments == (
        Attachment("goo.png", "image/png", len(PNG), file["id"]),
        Attachment("doc"),
        Attachment("old"),
    )


async def test_a_message_is_deleted_once_and_then_it_is_gone(stage: Stage) -> None:
    posted = await stage.channel.deliver(delivery())
    for attempt in (1, 2):
        away = delivery(id=8, edit=posted.message, delete=True, revises=7, attempt=attempt)
        assert await stage.channel.deliver(away) == Receipt("")
    assert stage.slack.posts("C1") == []


async def test_a_post_whose_receipt_was_lost_is_found_and_deleted(stage: Stage) -> None:
    await stage.channel.deliver(delivery())
    assert await stage.channel.deliver(delivery(attempt=2, delete=True)) == Receipt("")
    await stage.channel.deliver(delivery(id=9))
    await stage.channel.deliver(delivery(id=10, delete=True, revises=9))
    assert stage.slack.posts("C1") == []
    assert await stage.channel.deliver(delivery(id=11, delete=True)) == Receipt("")


async def test_what_cannot_be_deleted_says_that_it_was_withdrawn(stage: Stage) -> None:
    posted = await stage.channel.deliver(delivery())
    stage.slack.fail("chat.delete", error="cant_delete_message")
    await stage.channel.deliver(delivery(id=8, edit=posted.message, delete=True, revises=7))
    assert stage.slack.posts("C1")[0]["edited"]
    stage.slack.fail("chat.delete", error="cant_delete_message")
    stage.slack.fail("chat.update", error="edit_window_closed")
    with pytest.raises(DeliveryFailed, match="cant_delete_message") as caught:
        await stage.channel.deliver(delivery(id=8, edit=posted.message, delete=True, revises=7))
    assert caught.value.permanent


def reactions(stage: Stage, ts: str) -> list[str]:
    message = stage.slack.workspace.channels["C1"].message(ts)
    assert message is not None
    return [name for name, users in message.get("reactions", {}).items() if users]


async def test_a_mark_is_there_once_and_gives_way_to_the_next(stage: Stage) -> None:
    event = stage.slack.written("C1", "U1", "hello")
    for attempt in (1, 2):
        marked = delivery(mark=Mark.SENT, mark_of=event["ts"], attempt=attempt)
        receipt = await stage.channel.deliver(marked)
    assert reactions(stage, event["ts"]) == ["white_check_mark"]
    for _ in range(2):
        again = delivery(id=8, mark=Mark.TAKEN_BACK, mark_of=event["ts"], edit=receipt.message, revises=7)
        await stage.channel.deliver(again)
    assert reactions(stage, event["ts"]) == ["leftwards_arrow_with_hook"]
    assert await stage.channel.deliver(delivery(id=9, edit=receipt.message, delete=True)) == Receipt("")
    await stage.channel.deliver(delivery(mark=Mark.SENT, mark_of="1.99"))  # deleted meanwhile
    assert stage.slack.posts("C1") == []


def file(**more: Any) -> File:
    return File(3, "goo.png", "image/png", len(PNG), "slack", "F1", **more)


async def test_a_file_is_uploaded_once_and_deleted(stage: Stage) -> None:
    event = stage.slack.written("C1", "U1", "root")
    sent = delivery(thread=event["ts"], file=file(content=PNG))
    stage.slack.fail("files.completeUploadExternal", status=500, after=True)
    with pytest.raises(DeliveryFailed):
        await stage.channel.deliver(sent)
    receipt = await stage.channel.deliver(delivery(thread=event["ts"], file=file(content=PNG), attempt=2))
    (post,) = stage.slack.posts("C1")
    assert [f["name"] for f in post["files"]] == ["goo.png"]
    assert post["thread_ts"] == event["ts"]
    assert post["text"] == "Restart &lt;it&gt;"
    (kept,) = stage.slack.workspace.files.values()
    assert kept["alt_txt"] == "Restart <it>"
    for _ in range(2):
        await stage.channel.deliver(delivery(id=8, edit=receipt.message, delete=True, revises=7))
    assert stage.slack.posts("C1") == []


async def test_without_the_scope_a_file_becomes_what_stands_for_it(stage: Stage) -> None:
    stage.slack.workspace.scopes -= {"files:read", "files:write"}
    event = stage.slack.written("C1", "U1", "see this")
    receipt = await stage.channel.deliver(delivery(thread=event["ts"], file=file(content=PNG)))
    (post,) = stage.slack.posts("C1")
    assert (post["ts"], post["thread_ts"]) == (receipt.message, event["ts"])
    assert "files" not in post
    assert "Restart" in post["text"]


async def test_a_file_is_fetched_with_the_bots_token_up_to_a_size(stage: Stage) -> None:
    kept = stage.slack.workspace.add_file("U1", "goo.png", PNG)
    asked = File(3, "goo.png", "image/png", len(PNG), "slack", kept["id"])
    assert await stage.channel.fetch(asked, 100) == PNG
    with pytest.raises(DeliveryFailed, match="file_too_large"):
        await stage.channel.fetch(asked, 3)
    with pytest.raises(DeliveryFailed, match="file_not_found"):
        await stage.channel.fetch(file(), 100)
    stage.slack.workspace.address = "https://evil.example"
    with pytest.raises(DeliveryFailed, match="file_not_at_slack"):
        await stage.channel.fetch(asked, 100)
