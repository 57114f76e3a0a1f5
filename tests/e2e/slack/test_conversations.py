"""How a conversation in Slack goes on, over signed HTTP: assent, new questions, offers, changed questions."""

from typing import Any

from tests.support.e2e.running import delivered, until
from tests.support.e2e.slack import button, buttons, posted, words
from tests.support.fakes.slack import SlackFake
from tests.support.unknown import UNKNOWN


async def line_of(slack: SlackFake, text: str) -> dict[str, Any]:
    """A line that one person alone sees."""

    def find() -> dict[str, Any] | None:
        return next((one for one in slack.workspace.ephemerals if text in words(one)), None)

    found: dict[str, Any] = await until(find, text)
    return found


async def test_assent_opens_nothing_and_a_complaint_does(slack: SlackFake) -> None:
    asked = await slack.say("DUANA", "UANA", "my account is locked")
    await posted(slack, "DUANA", "locked")
    for said in (":+1:", "ok 👍", "vale, lo pruebo"):
        await slack.say("DUANA", "UANA", said, thread_ts=asked["ts"])
    await delivered(slack.target)
    assert slack.posts("CROOM") == []
    await slack.say("DUANA", "UANA", "same error", thread_ts=asked["ts"])
    assert "my account is locked" in words(await posted(slack, "CROOM", "HELP-1001"))


async def test_a_new_question_beside_a_ticket_and_back(slack: SlackFake) -> None:
    await slack.say("DUANA", "UANA", UNKNOWN)
    await posted(slack, "DUANA", "HELP-1001")
    await slack.say("DUANA", "UANA", "my account is locked")
    apart = await posted(slack, "DUANA", "apart from HELP-1001")
    assert (await slack.click("UANA", "DUANA", apart["ts"], button(apart, "belongs"))).status == 200
    await posted(slack, "CROOM", "my account is locked")
    await until(lambda: "It belongs to HELP-1001." in words(apart), "the line under the button")
    assert buttons(apart) == []
    await slack.say("DUANA", "UANA", "and a blue lamp")
    added = await posted(slack, "DUANA", "It is something else")
    assert button(added, "separate")["text"]["text"] == "It is something else"
    await slack.click("UANA", "DUANA", added["ts"], button(added, "separate"))
    await posted(slack, "CROOM", "something else than HELP-1001")


async def test_a_ticket_is_offered_to_the_author_alone(slack: SlackFake) -> None:
    said = await slack.say("CHELP", "UANA", UNKNOWN)
    line = await line_of(slack, "Shall I open a ticket?")
    assert (line["channel"], line["user"]) == ("CHELP", "UANA")
    assert slack.posts("CROOM") == []
    assert (await slack.click_ephemeral(line, button(line, "want_ticket"))).status == 200
    ticket = await posted(slack, "CHELP", "HELP-1001")
    assert ticket["thread_ts"] == said["ts"]
    await posted(slack, "CROOM", UNKNOWN)


async def test_no_is_acknowledged_in_private(slack: SlackFake) -> None:
    await slack.say("CHELP", "UANA", UNKNOWN)
    line = await line_of(slack, "Shall I open a ticket?")
    await slack.click_ephemeral(line, button(line, "no_ticket"))
    await line_of(slack, "All right, I leave it.")
    await slack.say("CHELP", "UANA", "my quibbletron purrs")
    await delivered(slack.target)
    assert len(slack.workspace.ephemerals) == 2
    assert slack.posts("CROOM") == []


async def test_an_edited_question_is_answered_as_it_is(slack: SlackFake) -> None:
    slack.fail("chat.postMessage", status=500, times=3)
    said = await slack.say("DUANA", "UANA", "my account is locked")
    await slack.edit(said, "how do I set up out of office?")
    answer = await posted(slack, "DUANA", "utomatic repl")
    await delivered(slack.target)
    shown = [post for post in slack.posts("DUANA") if post.get("bot_id")]
    assert [post["ts"] for post in shown] == [answer["ts"]]


async def test_a_deleted_question_is_not_answered(slack: SlackFake) -> None:
    slack.fail("chat.postMessage", status=500, times=3)
    said = await slack.say("DUANA", "UANA", "my account is locked")
    await slack.delete(said)
    await delivered(slack.target)
    assert [post for post in slack.posts("DUANA") if post.get("bot_id")] == []


async def test_whoever_mentions_the_bot_under_their_card_writes_to_the_employee(slack: SlackFake) -> None:
    await slack.say("DUANA", "UANA", UNKNOWN)
    card = await posted(slack, "CROOM", UNKNOWN)
    await slack.click("UEVA", "CROOM", card["ts"], button(card, "claim"))
    await posted(slack, "DUANA", "working on HELP-1001")
    await slack.say("CROOM", "UEVA", "<@UBOT> which colour is it?", thread_ts=card["ts"])
    assert "which colour is it?" in words(await posted(slack, "DUANA", "which colour"))
