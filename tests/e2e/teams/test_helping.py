"""Helping to the end over signed requests: one breath, canned responses, details, the report, how it went."""

import json
from typing import Any

from tests.support.e2e import microsoft
from tests.support.e2e.databases import on_sqlite
from tests.support.e2e.microsoft import asked
from tests.support.e2e.running import delivered, until
from tests.support.e2e.slack import button, buttons, posted, words
from tests.support.fakes.slack import SlackFake
from tests.support.fakes.teams import TeamsFake
from tests.support.unknown import UNKNOWN

Json = dict[str, Any]


async def menu(slack: SlackFake, user: str, card: Json, label: str) -> None:
    """Pick something in a card's menu."""
    answer = await slack.click(user, "CROOM", card["ts"], slack.menu_option(card, label))
    assert answer.status == 200


async def view(slack: SlackFake, title: str) -> Json:
    """The modal with this title."""
    found: Json = await until(
        lambda: next((v for v in slack.workspace.views.values() if title in v["title"]["text"]), None),
        f"a modal {title!r}",
    )
    return found


def initial(view: Json, field: str) -> str:
    """What is in a modal's field already."""
    block = next(b for b in view["blocks"] if b.get("block_id") == f"field:{field}")
    return str(block["element"].get("initial_value", ""))


def standing(slack: SlackFake) -> list[str]:
    """What Ana could press before the end of her ticket and no more after it."""
    labels = [found["text"]["text"] for message in slack.posts("DUANA") for found in buttons(message)]
    return [label for label in labels if label in ("Cancel HELP-1001", "Answer")]


async def card_with(slack: SlackFake, text: str) -> Json:
    """The card in the room, once it shows this."""
    return await posted(slack, "CROOM", text)


async def test_slack_from_the_first_breath_to_the_last_word(slack: SlackFake) -> None:
    for line in ("hi", "my flurbostat", "is fizzing green goo"):
        await slack.say("DUANA", "UANA", line)
    card = await card_with(slack, "my flurbostat\\nis fizzing green goo")
    await posted(slack, "DUANA", "HELP-1001")
    await delivered(slack.target)
    assert len([m for m in slack.posts("CROOM") if "thread_ts" not in m]) == 1
    await slack.click("UEVA", "CROOM", card["ts"], button(card, "claim"))
    card = await card_with(slack, "Claimed")

    await menu(slack, "UEVA", card, "Canned responses")
    pick = await view(slack, "Reply to HELP-1001")
    await slack.submit("UEVA", pick, search="reinicia")
    text = await view(slack, "Reply to HELP-1001")
    assert "restart your computer" in initial(text, "text")
    await slack.submit("UEVA", text, text=initial(text, "text") + " <!here>")
    told = await posted(slack, "DUANA", "Eva (HELP-1001):")
    assert "restart your computer" in words(told)

    card = await card_with(slack, "Claimed")
    await menu(slack, "UEVA", card, "Ask for details")
    request = await posted(slack, "DUANA", "needs a few details")
    await slack.click("UANA", "DUANA", request["ts"], button(request, "details"))
    form = await view(slack, "Details for HELP-1001")
    await slack.submit("UANA", form, ask0="FL-2000", ask3="open it")
    await posted(slack, "CROOM", "Eva, Ana has sent details")
    card = await card_with(slack, "FL-2000")

    await menu(slack, "UERIC", card, "Copy for developers")
    report = await until(lambda: next(iter(slack.workspace.ephemerals), None), "the report")
    assert report["user"] == "UERIC"
    assert "# HELP-1001: my flurbostat" in json.dumps(report)

    await delivered(slack.target)
    assert standing(slack) == ["Cancel HELP-1001", "Answer"]
    await slack.click("UEVA", "CROOM", card["ts"], button(card, "resolve"))
    note = await view(slack, "Resolve HELP-1001")
    await slack.submit("UEVA", note, note="Tightened the valve")
    resolved = await posted(slack, "DUANA", "Eva has resolved HELP-1001")
    marks = [b["text"]["text"] for b in buttons(resolved)]
    assert marks == ["1", "2", "3", "4", "5", "Still not working"]
    await until(lambda: not standing(slack), "the buttons of before to go")
    two = next(b for b in buttons(resolved) if b["text"]["text"] == "2")
    await slack.click("UTOM", "DUANA", resolved["ts"], two)
    await slack.click("UANA", "DUANA", resolved["ts"], two)
    await posted(slack, "CROOM", "Ana gave HELP-1001 a rating of 2 out of 5")
    rated = await posted(slack, "DUANA", "You gave it 2 of 5")
    await slack.click("UANA", "DUANA", rated["ts"], button(rated, "comment"))
    why = await view(slack, "Feedback on HELP-1001")
    await slack.submit("UANA", why, comment="It still drips")
    card = await card_with(slack, "It still drips")
    await slack.click("UERIC", "CROOM", card["ts"], button(card, "reopen"))
    await posted(slack, "CROOM", "Eric has reopened HELP-1001: Eva has it again")
    await posted(slack, "DUANA", "and Eva is working on it")
    await delivered(slack.target)
    assert buttons(await posted(slack, "DUANA", "Eva has resolved HELP-1001")) == []


async def test_slack_it_came_back_in_a_new_message(slack: SlackFake) -> None:
    await slack.say("DUANA", "UANA", UNKNOWN)
    card = await card_with(slack, "HELP-1001")
    await slack.click("UEVA", "CROOM", card["ts"], button(card, "claim"))
    card = await card_with(slack, "Claimed")
    await slack.click("UEVA", "CROOM", card["ts"], button(card, "resolve"))
    await slack.submit("UEVA", await view(slack, "Resolve HELP-1001"), note="Done")
    await posted(slack, "DUANA", "Eva has resolved HELP-1001")
    await slack.say("DUANA", "UANA", "thanks!")
    await posted(slack, "DUANA", "You're welcome")
    await slack.say("DUANA", "UANA", "oh no, it came back")
    await posted(slack, "CROOM", "Ana has reopened HELP-1001: Eva has it again")
    await card_with(slack, "Claimed")


@on_sqlite
async def test_teams_from_the_checklist_to_the_mark(teams: TeamsFake) -> None:
    card = await asked(teams)
    acknowledged = await microsoft.shown(teams, microsoft.chat("ana"), "Cancel HELP-1001")
    await teams.clicks("eva", card, "Claim")
    await until(lambda: "Claimed" in microsoft.words(card), "the claimed card")

    status, body = await teams.clicks("eva", card, "Canned responses")
    assert (status, body["type"]) == (200, microsoft.CARD)
    picked = {"field.reply": "restart-please"}
    status, body = await teams.clicks("eva", card, "Next", picked, card=body["value"])
    assert "restart your computer" in microsoft.words(body["value"])
    written = {"field.text": "Please restart *it*"}
    status, body = await teams.clicks("eva", card, "Send", written, card=body["value"])
    assert body["type"] == microsoft.CARD
    assert "Claimed" in microsoft.words(body["value"])
    told = await microsoft.shown(teams, microsoft.chat("ana"), "Eva Engineer (HELP-1001):")
    assert "Please restart *it*" in microsoft.words(told)

    await teams.clicks("eva", card, "Ask for details")
    request = await microsoft.shown(teams, microsoft.chat("ana"), "needs a few details")
    status, body = await teams.clicks("ana", request, "Answer", {"field.ask0": "FL-2000"})
    assert (status, body["type"]) == (200, microsoft.CARD)
    assert "Thank you" in microsoft.words(body["value"])
    await until(lambda: "FL-2000" in microsoft.words(card), "the answer on the card")

    status, body = await teams.clicks("eric", card, "Copy for developers")
    assert "# HELP-1001: my flurbostat" in microsoft.words(body["value"])

    await teams.clicks("eva", card, "Resolve", {"field.note": "Tightened"})
    resolved = await microsoft.shown(teams, microsoft.chat("ana"), "has resolved HELP-1001")
    assert microsoft.titles(resolved.card) == ["1", "2", "3", "4", "5", "Still not working"]
    await until(lambda: not microsoft.titles(acknowledged.card), "“Cancel” to go")
    await until(lambda: not microsoft.titles(request.card), "“Answer” to go")
    status, body = await teams.clicks("ana", resolved, "5")
    assert "You gave it 5 of 5" in microsoft.words(body["value"])
    await until(lambda: "5 of 5" in microsoft.words(resolved), "the mark")
    status, body = await teams.clicks("ana", resolved, "Add a comment", {"field.comment": "Quick"})
    assert "I have passed your comment on to the engineers" in microsoft.words(body["value"])
    await until(lambda: "Quick" in microsoft.words(card), "the sentence on the card")
    await teams.says("ana", "it came back")
    await microsoft.shown(teams, microsoft.ROOM, "Eva Engineer has it again")
