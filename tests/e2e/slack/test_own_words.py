"""What people write in Slack, over signed HTTP, up to the card and the answer."""

from typing import Any

from tests.support.e2e.running import delivered, until
from tests.support.e2e.slack import button, posted, words
from tests.support.fakes.slack import SlackFake
from tests.support.unknown import UNKNOWN


def forwarded(text: str, author: str = "Kim Lee") -> dict[str, Any]:
    link = "https://acme.slack.com/archives/C7/p1"
    return {"is_share": True, "is_msg_unfurl": True, "author_name": author, "text": text, "from_url": link}


async def test_a_forwarded_question_is_answered_and_passed_on(slack: SlackFake) -> None:
    question = await slack.say("DUANA", "UANA", "", attachments=[forwarded("I forgot my password")])
    answer = await posted(slack, "DUANA", "password")
    assert answer["thread_ts"] == question["ts"]
    await slack.click("UANA", "DUANA", answer["ts"], button(answer, "person"))
    card = await posted(slack, "CROOM", "↪ Kim Lee:")
    assert "> I forgot my password" in words(card)


async def test_names_come_late_and_signs_at_once(slack: SlackFake) -> None:
    slack.workspace.add_person("UZOE", "Zoe Lamb")
    slack.workspace.add_person("UKIM", "Kim Lee")
    await slack.say("DUZOE", "UZOE", f"{UNKNOWN} :scream: <@UKIM> saw it")
    card = await posted(slack, "CROOM", "😱 @Kim Lee saw it")
    await until(lambda: "Zoe Lamb" in words(slack.posts("CROOM")[0]), "her name")
    await delivered(slack.target)
    shown = words(slack.posts("CROOM")[0])
    assert card["ts"] == slack.posts("CROOM")[0]["ts"]
    assert not any(found in shown for found in ("UZOE", "UKIM", ":scream:"))


async def test_a_sign_in_the_help_channel_is_left_alone(slack: SlackFake) -> None:
    for sign in (":tada:", "👍", ":our_parrot: :fire:"):
        await slack.say("CHELP", "UANA", sign)
    await delivered(slack.target)
    assert [message for message in slack.posts("CHELP") if message.get("bot_id")] == []


async def test_a_workflows_post_is_asked_about(slack: SlackFake) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": UNKNOWN}}]
    post = slack.written("CHELP", "UFORM", "Open this in Slack", bot_id="B7", blocks=blocks)
    await slack.event(post | {"subtype": "bot_message", "username": "Repairs"})
    await slack.say("CHELP", "UANA", "<@UBOT> can you look?", thread_ts=post["ts"])
    card = await posted(slack, "CROOM", "Repairs:")
    assert UNKNOWN in words(card)


async def test_a_typed_name_gets_the_advice_to_pick_it(slack: SlackFake) -> None:
    answer = await slack.command("UEVA", "for @carla her VPN drops")
    assert "pick the name from the list" in answer.text
    await delivered(slack.target)
    assert slack.posts("DUEVA") == []
