"""An employee and an engineer write to each other: over Slack, over Teams, on the page, and across them."""

from typing import Any

from tests.support.e2e import microsoft
from tests.support.e2e.databases import on_sqlite
from tests.support.e2e.running import delivered, until
from tests.support.e2e.slack import button, posted, words
from tests.support.e2e.three_channels import Stage, three_cards, under, with_file
from tests.support.unknown import UNKNOWN

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 50


def relayed(stage: Stage, channel: str, text: str) -> list[dict[str, Any]]:
    return [m for m in stage.slack.posts(channel) if text in words(m)]


def reactions(stage: Stage, channel: str, ts: str) -> set[str]:
    message = stage.slack.workspace.channels[channel].message(ts)
    return {name for name, users in (message or {}).get("reactions", {}).items() if users}


async def gone(stage: Stage, channel: str, text: str) -> None:
    await until(lambda: not relayed(stage, channel, text), f"{text!r} gone from {channel}")


async def claimed_in_slack(stage: Stage) -> tuple[str, str]:
    """Ana asks in Slack, Eva claims there; Ana's thread and the card's."""
    question = await stage.slack.say("DUANA", "UANA", UNKNOWN)
    card = await posted(stage.slack, "CROOM", UNKNOWN)
    await stage.slack.click("UEVA", "CROOM", card["ts"], button(card, "claim"))
    await posted(stage.slack, "DUANA", "You can write to Eva right here")
    await microsoft.shown(stage.teams, microsoft.ROOM, UNKNOWN)
    await delivered(stage.app.url)  # who writes under a card is heard once its post has its receipt
    return question["ts"], card["ts"]


async def test_slack_to_slack_with_edits_notes_and_deletions(stage: Stage) -> None:
    thread, card = await claimed_in_slack(stage)
    said = await stage.slack.say("CROOM", "UEVA", "which <!channel> colour?", thread_ts=card)
    told = await posted(stage.slack, "DUANA", "colour?")
    assert told["thread_ts"] == thread
    assert "Eva (HELP-1001)" in words(told)
    await until(lambda: reactions(stage, "CROOM", said["ts"]) == {"white_check_mark"}, "the mark")
    await stage.slack.unfurl(said)
    await stage.slack.edit(said, "which colour is it?")
    await posted(stage.slack, "DUANA", "which colour is it?")
    await delivered(stage.app.url)
    assert len(relayed(stage, "DUANA", "colour")) == 1
    await stage.slack.edit(said, "// which colour is it, she is slow")
    await gone(stage, "DUANA", "colour")
    await until(
        lambda: reactions(stage, "CROOM", said["ts"]) == {"leftwards_arrow_with_hook"}, "the other mark"
    )
    note = await stage.slack.say("CROOM", "UEVA", "// she is angry", thread_ts=card)
    await until(lambda: reactions(stage, "CROOM", note["ts"]) == {"memo"}, "the note's mark")
    await stage.slack.edit(note, "she is angry")
    await until(lambda: stage.slack.workspace.ephemerals, "the private line")
    assert "stays one" in words(stage.slack.workspace.ephemerals[-1])
    answer = await stage.slack.say("DUANA", "UANA", "purpel", thread_ts=thread)
    await posted(stage.slack, "CROOM", "purpel")
    await stage.slack.edit(answer, "purple")
    await posted(stage.slack, "CROOM", "purple")
    await stage.slack.delete(answer)
    await gone(stage, "CROOM", "purple")
    sent = await stage.slack.say("CROOM", "UEVA", "one moment", thread_ts=card)
    await posted(stage.slack, "DUANA", "one moment")
    await stage.slack.delete(sent)
    await gone(stage, "DUANA", "one moment")
    await stage.slack.say("CROOM", "UERIC", "only for us", thread_ts=card)
    await microsoft.shown(stage.teams, microsoft.ROOM, "only for us")
    await delivered(stage.app.url)
    for secret in ("angry", "slow", "only for us"):
        assert relayed(stage, "DUANA", secret) == []


async def test_an_employee_in_slack_is_helped_from_teams(stage: Stage) -> None:
    question = await stage.slack.say("DUANA", "UANA", UNKNOWN)
    card = await microsoft.shown(stage.teams, microsoft.ROOM, UNKNOWN)
    await stage.teams.clicks("eva", card, "Claim")
    await posted(stage.slack, "DUANA", "You can write to Eva Engineer right here")
    await delivered(stage.app.url)
    written = under(stage, card, "eva", "which colour?")
    assert (await stage.teams.send(written))[0] == 200
    told = await posted(stage.slack, "DUANA", "which colour?")
    assert told["thread_ts"] == question["ts"]
    mark = await microsoft.shown(stage.teams, microsoft.ROOM, "Sent to ")
    assert mark.conversation == card.conversation
    await posted(stage.slack, "CROOM", "which colour?")
    assert "which colour?" in await stage.page.room()
    await stage.slack.say("DUANA", "UANA", "it is green", thread_ts=question["ts"])
    answer = await microsoft.shown(stage.teams, microsoft.ROOM, "it is green")
    assert answer.conversation == card.conversation
    await stage.teams.edits(written, "which colour is it?")
    await posted(stage.slack, "DUANA", "which colour is it?")
    await stage.teams.edits(written, "ok\n// which colour is it?")
    await gone(stage, "DUANA", "which colour")
    await until(lambda: "↩ Removed: " in microsoft.words(mark), "the changed mark")
    await posted(stage.slack, "CROOM", "Internal note by Eva Engineer")
    other = under(stage, card, "eva", "please wait")
    await stage.teams.send(other)
    await posted(stage.slack, "DUANA", "please wait")
    await stage.teams.deletes(other)
    await gone(stage, "DUANA", "please wait")
    await stage.teams.deletes(other, undo=True)
    told_why = await microsoft.shown(stage.teams, microsoft.ROOM, "stays deleted")
    assert told_why.only_for == "29:1-eva"
    await delivered(stage.app.url)
    assert relayed(stage, "DUANA", "please wait") == []


async def test_an_employee_in_teams_is_helped_from_slack(stage: Stage) -> None:
    await stage.teams.says("ana", UNKNOWN)
    card = await posted(stage.slack, "CROOM", UNKNOWN)
    await stage.slack.click("UEVA", "CROOM", card["ts"], button(card, "claim"))
    chat = microsoft.chat("ana")
    await microsoft.shown(stage.teams, chat, "You can write to")
    await delivered(stage.app.url)
    said = await stage.slack.say("CROOM", "UEVA", "which colour?", thread_ts=card["ts"])
    told = await microsoft.shown(stage.teams, chat, "which colour?")
    await stage.slack.edit(said, "what colour?")
    await until(lambda: "what colour?" in microsoft.words(told), "the edit")
    answer = stage.teams.personal("ana", "I forgot the name of it")
    await stage.teams.send(answer)
    relay = await posted(stage.slack, "CROOM", "I forgot the name of it")
    assert relay["thread_ts"] == card["ts"]
    await stage.teams.edits(answer, "I forgot the colour")
    await posted(stage.slack, "CROOM", "I forgot the colour")
    await stage.teams.deletes(answer)
    await gone(stage, "CROOM", "I forgot")
    await stage.slack.delete(said)
    await until(lambda: told not in stage.teams.store.messages, "the deletion")
    stage.teams.undeletable = True
    kept = await stage.slack.say("CROOM", "UEVA", "too much", thread_ts=card["ts"])
    shown = await microsoft.shown(stage.teams, chat, "too much")
    await stage.slack.edit(kept, "// too much")
    await until(lambda: "has removed this message" in microsoft.words(shown), "the sentence instead")
    assert "too much" not in microsoft.words(shown)


async def test_the_page_and_slack(stage: Stage) -> None:
    await stage.page.post("/web/ask", "ina", pane="ask", text=UNKNOWN)
    await three_cards(stage, UNKNOWN)
    await stage.page.click("claim")
    await until(lambda: has(stage, "conversation", "ina", "You can write to wes right here"), "the claim")
    token = await ticket_token(stage)
    status, _ = await stage.page.post(
        "/web/ask", "wes", pane="room", under=token, text="hello ina", key="k" * 10
    )
    assert status == 200
    await until(lambda: has(stage, "conversation", "ina", "hello ina"), "the words")
    assert "sent to ina" in await stage.page.room()
    await posted(stage.slack, "CROOM", "hello ina")
    await stage.page.post("/web/ask", "wes", pane="room", under=token, text="// hush")
    await posted(stage.slack, "CROOM", "hush")
    status, answer = await stage.page.post("/web/ask", "ina", pane="ask", text="hello wes", key="a" * 10)
    assert (status, answer["kind"]) == (200, "added")
    await posted(stage.slack, "CROOM", "hello wes")
    change = {"pane": "ask", "message": "a" * 10, "change": "edited", "text": "hello again"}
    await stage.page.post("/web/change", "ina", **change)
    await posted(stage.slack, "CROOM", "hello again")
    stolen = {"pane": "room", "under": token, "message": "a" * 10, "change": "edited", "text": "stolen"}
    await stage.page.post("/web/change", "wes", **stolen)
    change = {"pane": "room", "under": token, "message": "k" * 10, "change": "edited", "text": "// hello"}
    await stage.page.post("/web/change", "wes", **change)
    conversation = await stage.page.conversation("ina")
    assert "hello ina" not in conversation
    assert "hush" not in conversation
    assert "stolen" not in conversation + await stage.page.room()
    await stage.page.post("/web/change", "ina", pane="ask", message="a" * 10, change="deleted")
    await gone(stage, "CROOM", "hello again")


async def test_notes_only_from_each_channels_menu(stage: Stage) -> None:
    thread, ts = await claimed_in_slack(stage)
    in_slack = stage.slack.workspace.channels["CROOM"]
    await until(lambda: "Notes only" in words(in_slack.message(ts) or {}), "the menu in Slack")
    await microsoft.shown(stage.teams, microsoft.ROOM, "Notes only")
    token = await ticket_token(stage)
    status, _ = await stage.page.press_token("notes", token, argument="on")
    assert status == 200
    await posted(stage.slack, "CROOM", "has turned on “Notes only”")
    said = await stage.slack.say("CROOM", "UEVA", "not for her", thread_ts=ts)
    await until(lambda: reactions(stage, "CROOM", said["ts"]) == {"memo"}, "the note's mark")
    await stage.page.press_token("notes", token, argument="off")
    await posted(stage.slack, "CROOM", "has turned off “Notes only”")
    await stage.slack.say("CROOM", "UEVA", "for her", thread_ts=ts)
    await posted(stage.slack, "DUANA", "for her")
    await delivered(stage.app.url)
    assert relayed(stage, "DUANA", "not for her") == []
    assert thread


async def test_a_retry_of_an_event_sends_nothing_twice(stage: Stage) -> None:
    thread, card = await claimed_in_slack(stage)
    event = stage.slack.written("CROOM", "UEVA", "only once", thread_ts=card)
    for retry in range(3):
        await stage.slack.event(event, "Ev1", retry)
    await stage.slack.event(event)
    stage.slack.fail("chat.postMessage", status=500, times=1, after=True)
    other = await stage.slack.say("CROOM", "UEVA", "and once more", thread_ts=card)
    await posted(stage.slack, "DUANA", "and once more")
    await until(lambda: reactions(stage, "CROOM", other["ts"]), "the mark")
    await delivered(stage.app.url)
    assert len(relayed(stage, "DUANA", "only once")) == 1
    assert len(relayed(stage, "DUANA", "and once more")) == 1
    assert thread


@on_sqlite
async def test_an_app_without_the_new_scope_says_it_in_words(stage: Stage) -> None:
    stage.slack.workspace.scopes.discard("reactions:write")
    _, card = await claimed_in_slack(stage)
    said = await stage.slack.say("CROOM", "UEVA", "hello", thread_ts=card)
    mark = await posted(stage.slack, "CROOM", "Sent to ")
    assert mark["thread_ts"] == card
    await stage.slack.edit(said, "// hello")
    await posted(stage.slack, "CROOM", "↩ Removed: ")
    await gone(stage, "CROOM", "Sent to ")


@on_sqlite
async def test_files_go_both_ways_over_slack(stage: Stage) -> None:
    thread, card = await claimed_in_slack(stage)
    picture = stage.slack.workspace.add_file("UEVA", "valve.png", PNG)
    said = await stage.slack.say(
        "CROOM", "UEVA", "look here", thread_ts=card, files=[picture], subtype="file_share"
    )
    shared = await until(lambda: with_file(stage, "DUANA", "valve.png"), "the picture")
    assert shared["thread_ts"] == thread
    assert stage.slack.workspace.files[shared["files"][0]["id"]]["body"] == PNG
    screenshot = stage.slack.workspace.add_file("UANA", "goo.png", PNG)
    await stage.slack.say("DUANA", "UANA", "", thread_ts=thread, files=[screenshot], subtype="file_share")
    back = await until(lambda: with_file(stage, "CROOM", "goo.png"), "the screenshot")
    assert back["thread_ts"] == card
    await stage.slack.delete(said)
    await until(lambda: with_file(stage, "DUANA", "valve.png") is None, "no picture")
    huge = stage.slack.workspace.add_file("UEVA", "huge.iso", b"x") | {"size": 50 * 1024**2}
    await stage.slack.say("CROOM", "UEVA", "this too", thread_ts=card, files=[huge], subtype="file_share")
    await until(lambda: stage.slack.workspace.ephemerals, "the private line")
    assert "larger than 10 MB" in words(stage.slack.workspace.ephemerals[-1])


@on_sqlite
async def test_a_lost_answer_to_an_upload_doubles_nothing(stage: Stage) -> None:
    _, card = await claimed_in_slack(stage)
    picture = stage.slack.workspace.add_file("UEVA", "valve.png", PNG)
    stage.slack.fail("files.completeUploadExternal", status=500, times=1, after=True)
    await stage.slack.say("CROOM", "UEVA", "look", thread_ts=card, files=[picture], subtype="file_share")
    await until(lambda: len(stage.slack.called("files.info")) >= 2, "a look at the upload")
    await stage.slack.say("CROOM", "UEVA", "seen?", thread_ts=card)
    await posted(stage.slack, "DUANA", "seen?")
    await delivered(stage.app.url)
    found = [m for m in stage.slack.posts("DUANA") if "valve.png" in words(m)]
    assert len(found) == 1


async def has(stage: Stage, part: str, person: str, text: str) -> bool:
    return text in await getattr(stage.page, part)(person)


async def ticket_token(stage: Stage) -> str:
    room = await stage.page.room()
    return room.partition('name="under" value="')[2].partition('"')[0]
