"""What a message holds, through each door of Slack: a question, a reply, a note, an edit."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.domain.conversations.messages import Change, Quotation, Utterance
from bot.domain.conversations.own_words import said
from tests.support.channels.slack_stage import Stage

LINK = "https://acme.slack.com/archives/C9/p1760000000000200"


@dataclass(frozen=True)
class Kind:
    """What Slack sends, and what it is read as."""

    text: str
    read: str
    more: dict[str, Any] = field(default_factory=dict)
    quotations: tuple[Quotation, ...] = ()


def shared(text: str, **more: Any) -> dict[str, Any]:
    return {"is_share": True, "is_msg_unfurl": True, "from_url": LINK, "text": text, "fallback": "no"} | more


def blocks(*elements: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}]


FORM = [
    {"type": "header", "text": {"type": "plain_text", "text": "Lift form"}},
    {"type": "section", "fields": [{"type": "mrkdwn", "text": "Floor: 2 &amp; 3"}]},
]
KINDS = {
    "a quotation that they typed": Kind("it says\n&gt; no paper\nwhy?", "it says\n> no paper\nwhy?"),
    "a forwarded message": Kind(
        "see this",
        "see this\n\n> ↪ Kim Lee:\n> the lift\n> hums",
        {"attachments": [shared("the lift\nhums", author_name="Kim Lee")]},
        (Quotation("Kim Lee", "the lift\nhums"),),
    ),
    "two forwarded messages": Kind(
        "",
        "> ↪ Kim:\n> one\n\n> ↪ Lea:\n> two",
        {"attachments": [shared("one", author_name="Kim"), shared("two", author_name="Lea")]},
        (Quotation("Kim", "one"), Quotation("Lea", "two")),
    ),
    "a sign": Kind("it hums :scream::skin-tone-2: 🎉", "it hums 😱🏻 🎉"),
    "a sign of the workspace's own": Kind("it hums :our_parrot:", "it hums :our_parrot:"),
    "a sign that only the blocks tell": Kind(
        "it:sign_of_tomorrow:",
        "it🛝",
        {
            "blocks": blocks(
                {"type": "text", "text": "it"},
                {"type": "emoji", "name": "sign_of_tomorrow", "unicode": "1f6dd"},
            )
        },
    ),
    "a mention of people, a channel and everybody": Kind(
        "<@U2|bob> in <#C1|general> and <!here>", "@bob in #general and @here"
    ),
    "a bot's blocks": Kind(
        "can you?",
        "can you?\n\n> ↪ Facilities:\n> Lift form\n> Floor: 2 & 3",
        {
            "attachments": [
                shared("no", author_name="Facilities", message_blocks=[{"message": {"blocks": FORM}}])
            ]
        },
        (Quotation("Facilities", "Lift form\nFloor: 2 & 3"),),
    ),
    "a link with its preview": Kind(
        "see <https://kb.example/7|the page>",
        "see the page (https://kb.example/7)",
        {"attachments": [{"from_url": "https://kb.example/7", "title": "A page", "text": "reset it"}]},
    ),
    "a preview of a message that the text links": Kind(
        f"see <{LINK}>",
        f"see {LINK}",
        {"attachments": [{"is_msg_unfurl": True, "from_url": LINK, "author_name": "Kim", "text": "my vpn"}]},
    ),
    "a signature": Kind("it hums\n-- \nAna Ruiz\nSales &amp; more", "it hums\n-- \nAna Ruiz\nSales & more"),
    "a thanks at the end": Kind("it hums\nthanks :pray:", "it hums\nthanks 🙏"),
    "a thanks in the middle": Kind(
        "the chair came\nthanks!\nbut it hums", "the chair came\nthanks!\nbut it hums"
    ),
}
DOORS = ("question", "reply", "note", "edit")


async def through(stage: Stage, door: str, text: str, more: dict[str, Any]) -> Utterance:
    """Have a message come in through a door; what the desk hears of it."""
    if door == "question":
        await stage.slack.say("DU1", "U1", text, **more)
    elif door == "reply":
        first = await stage.slack.say("DU1", "U1", "hello")
        await stage.slack.say("DU1", "U1", text, thread_ts=first["ts"], **more)
    elif door == "note":
        card = stage.slack.written("CROOM", "UBOT", "a card")
        await stage.slack.say("CROOM", "UENG", f"// {text}", thread_ts=card["ts"], **more)
    else:
        written = await stage.slack.say("DU1", "U1", "before")
        changed = stage.slack.edited(written, text)
        changed["message"] |= more
        await stage.slack.event_until_taken(changed)
    heard = stage.host.last
    assert (heard.change is Change.EDITED) == (door == "edit")
    return heard


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", KINDS)
async def test_each_kind_is_read_alike_through_each_door(stage: Stage, name: str, door: str) -> None:
    kind = KINDS[name]
    heard = await through(stage, door, kind.text, kind.more)
    assert heard.quotations == kind.quotations
    mark = "// " if door == "note" else ""
    own = said(heard)
    assert own == (f"{mark}{kind.read}" if kind.text else f"{mark.strip()}\n\n{kind.read}".strip())
    assert heard.files == 0


@pytest.mark.parametrize("door", DOORS)
async def test_a_name_that_comes_late_is_asked_for_through_each_door(stage: Stage, door: str) -> None:
    heard = await through(stage, door, "ask <@U2>", {})
    assert "ask @" in said(heard)
    await stage.looked_up()
    assert ("slack", "U2", "Bob") in stage.host.named
    assert "ask @Bob" in said(await through(stage, door, "ask <@U2>", {}))
