"""What Slack sends of a message, as its writer's own words and those of others."""

from typing import Any

import pytest

from bot.domain.conversations.messages import Addressed, Quotation
from tests.support.channels.slack_stage import Stage, Starter

PERMALINK = "https://acme.slack.com/archives/C1/p1760000000000100?thread_ts=1.2&cid=C1"


def rich(*elements: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}]


def run(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def shared(text: str, **more: Any) -> dict[str, Any]:
    """A forwarded message as Slack attaches it."""
    return {
        "is_share": True,
        "is_msg_unfurl": True,
        "from_url": PERMALINK,
        "text": text,
        "fallback": "no",
    } | more


# --- forwarded messages -------------------------------------------------------------------------------


@pytest.mark.parametrize("comment", ["", "any idea?"])
async def test_a_forwarded_message_stands_apart(stage: Stage, comment: str) -> None:
    forwarded = shared("the &lt;lift&gt; hums", author_name="Kim Lee", author_id="U2")
    await stage.slack.say("DU1", "U1", comment, attachments=[forwarded])
    said = stage.host.last
    assert (said.text, said.quotations) == (comment, (Quotation("Kim Lee", "the <lift> hums"),))


async def test_a_forwarded_message_is_read_whole_from_its_blocks(stage: Stage) -> None:
    blocks = rich(
        run("ask "),
        {"type": "user", "user_id": "U9"},
        run(" & see "),
        {"type": "link", "url": "https://a.example", "text": "this"},
        run(" "),
        {"type": "emoji", "name": "melting_face", "unicode": "1fae0"},
    )
    more = {"message_blocks": [{"message": {"blocks": blocks}}], "files": [{"id": "F1"}]}
    await stage.slack.say("DU1", "U1", "", attachments=[shared("ask …", author_name="Kim", **more)])
    said = stage.host.last
    assert said.quotations == (Quotation("Kim", "ask @U9 & see this (https://a.example) 🫠"),)
    assert said.files == 1


async def test_the_author_of_a_forward_is_looked_up(stage: Stage) -> None:
    await stage.slack.say("DU1", "U1", "", attachments=[shared("one", author_id="U2")])
    await stage.looked_up()
    await stage.slack.say("DU1", "U1", "", attachments=[shared("two", author_id="U2")])
    assert [u.quotations[0].author for u in stage.host.utterances] == ["@U2", "Bob"]


@pytest.mark.parametrize(
    "preview",
    [
        {"from_url": "https://kb.example/7", "title": "A page", "text": "reset your password"},
        {"is_msg_unfurl": True, "from_url": PERMALINK, "author_name": "Kim", "text": "my vpn is down"},
        {"service_name": "A shop", "original_url": "https://kb.example/7", "text": "buy a battery"},
    ],
)
async def test_the_preview_of_a_link_does_not_count(stage: Stage, preview: dict[str, Any]) -> None:
    text = f"see <{PERMALINK.replace('&', '&amp;')}> and <https://kb.example/7>"
    await stage.slack.say("DU1", "U1", text, attachments=[preview])
    assert (stage.host.last.text, stage.host.last.quotations) == (
        f"see {PERMALINK} and https://kb.example/7",
        (),
    )


async def test_an_edit_keeps_what_is_forwarded(stage: Stage) -> None:
    written = await stage.slack.say("DU1", "U1", "look", attachments=[shared("it hums", author_name="Kim")])
    await stage.slack.edit(written, "look :eyes: please")
    said = stage.host.last
    assert (said.text, said.quotations) == ("look :eyes: please", (Quotation("Kim", "it hums"),))
    heard = len(stage.host.utterances)
    await stage.slack.unfurl(written)
    assert len(stage.host.utterances) == heard


@pytest.mark.parametrize(
    "attachments",
    [None, "x", [None, 7], [{"is_share": True}], [shared("", fallback="", message_blocks=[{"message": 5}])]],
)
async def test_attachments_of_any_shape_do_no_harm(stage: Stage, attachments: object) -> None:
    await stage.slack.say("DU1", "U1", "hello", attachments=attachments, blocks=[[], None, {"elements": 7}])
    assert stage.host.last.text == "hello"
    assert not any(quotation.text for quotation in stage.host.last.quotations)


# --- signs --------------------------------------------------------------------------------------------


async def test_signs_are_those_that_the_blocks_tell(stage: Stage) -> None:
    toned = {"type": "emoji", "name": "wave", "unicode": "1f44b-1f3fd", "skin_tone": 4}
    newest = {"type": "emoji", "name": "sign_of_tomorrow", "unicode": "1f6dd"}
    own = {"type": "emoji", "name": "our_parrot"}
    text = "hi:wave::skin-tone-4: it went:sign_of_tomorrow: :our_parrot:"
    await stage.slack.say("DU1", "U1", text, blocks=rich(run("hi"), toned, run(" it went"), newest, own))
    assert stage.host.last.text == "hi👋🏽 it went🛝 :our_parrot:"


# --- names --------------------------------------------------------------------------------------------


async def test_a_mentioned_person_is_asked_for_and_known_after_a_restart(
    stage: Stage, start: Starter
) -> None:
    await stage.slack.say("CHELP", "U1", "<@U2> look")
    await stage.looked_up()
    again: Stage = await start(memory=stage.memory)
    await again.slack.say("CHELP", "U1", "<@U2> look again")
    assert [stage.host.last.text, again.host.last.text] == ["@U2 look", "@Bob look again"]


async def test_what_has_no_name_is_never_shown_by_its_id(stage: Stage) -> None:
    await stage.slack.say("CHELP", "U1", "<#C1> and <#C1|> and <!subteam^S1> and <!subteam^S1|@desk>")
    assert stage.host.last.text == "#… and #… and @… and @desk"


async def test_the_desk_hears_a_name_that_comes_late(stage: Stage) -> None:
    await stage.slack.say("DU1", "U1", "ask <@U2>")
    await stage.looked_up()
    assert {("slack", "U1", "Ana"), ("slack", "U2", "Bob")} <= set(stage.host.named)
    await stage.slack.say("DU1", "U1", "again")  # the names may have come before the desk had the message
    heard = len(stage.host.named)
    await stage.slack.say("DU1", "U1", "ask <@U2>")
    await stage.slack.say("DU1", "U1", "and again")
    assert len(stage.host.named) == heard


# --- what somebody points at --------------------------------------------------------------------------


BLOCKS = [
    {"type": "header", "text": {"type": "plain_text", "text": "New request"}},
    {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "From <@U2>: the *lift* hums &amp; blinks"},
        "fields": [{"type": "mrkdwn", "text": "Floor: 3"}, {"type": "mrkdwn", "text": "Since: today"}],
    },
    {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "A lift"},
    {"type": "divider"},
    {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Done"}}]},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "Form 7"}]},
    *rich(run("1 < 2 "), {"type": "broadcast", "range": "here"}),
]
READ = "New request\nFrom @Bob: the *lift* hums & blinks\nFloor: 3\nSince: today\nA lift\nForm 7\n1 < 2 @here"


async def test_a_bots_message_is_read_from_its_blocks(stage: Stage) -> None:
    await stage.slack.say("DU2", "U2", "hello")
    await stage.looked_up()
    event = stage.slack.written("C1", "UBOT7", "This content cannot be shown", bot_id="B7", blocks=BLOCKS)
    event |= {"subtype": "bot_message", "username": "Facilities form"}
    await stage.slack.message_shortcut("U1", event)
    said = stage.host.last
    assert (said.text, said.quotations) == ("", (Quotation("Facilities form", READ),))


async def test_a_bots_older_message_is_read_from_its_attachments(stage: Stage) -> None:
    fields = [{"title": "Host", "value": "db7"}, {"title": "", "value": "disk"}, {"value": 5}]
    attachment = {"pretext": "Alarm", "title": "Disk", "text": "95 %", "fields": fields, "fallback": "no"}
    event = stage.slack.written("C1", "UBOT7", "", bot_id="B7", attachments=[attachment])
    await stage.slack.message_shortcut("U1", event | {"bot_profile": {"name": "Monitor"}})
    assert stage.host.last.quotations == (Quotation("Monitor", "Alarm\nDisk\n95 %\nHost: db7\ndisk"),)


async def test_anothers_message_is_theirs_and_ones_own_is_ones_own(stage: Stage) -> None:
    event = stage.slack.written("C1", "U2", "it hums", user_profile={"display_name": "Bobby"})
    await stage.slack.message_shortcut("U1", event)
    assert (stage.host.last.text, stage.host.last.quotations) == ("", (Quotation("Bobby", "it hums"),))
    await stage.slack.message_shortcut("U2", event)
    assert (stage.host.last.text, stage.host.last.quotations) == ("it hums", ())


async def test_a_mention_under_a_workflows_post_brings_it_along(stage: Stage) -> None:
    posted = stage.slack.written("C1", "UBOT7", "", bot_id="B7", blocks=BLOCKS[:1], subtype="bot_message")
    await stage.slack.event(posted | {"username": "Facilities form"})
    assert stage.host.utterances == []
    await stage.slack.say("C1", "U1", "<@UBOT> can you?", thread_ts=posted["ts"])
    said = stage.host.last
    assert (said.addressed, said.text) == (Addressed.MENTION, "can you?")
    assert said.quotations == (Quotation("Facilities form", "New request"),)
    await stage.slack.say("C1", "U1", "<@UBOT> elsewhere")
    assert stage.host.last.quotations == ()


async def test_ones_own_post_is_no_other_bots(stage: Stage) -> None:
    posted = stage.slack.written("C1", "", "A card", bot_id="BBOT", subtype="bot_message")
    await stage.slack.event(posted)
    await stage.slack.say("C1", "U1", "<@UBOT> and now?", thread_ts=posted["ts"])
    assert (stage.host.last.text, stage.host.last.quotations) == ("and now?", ())


# --- commands -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["for @carla her VPN drops", "para @carla: her VPN drops", "For @carla her VPN drops"]
)
async def test_a_typed_name_is_nobodys(stage: Stage, text: str) -> None:
    await stage.slack.command("UENG", text)
    said = stage.host.last
    assert said.behalf is not None
    assert (said.behalf.name, said.behalf.identity.external_id) == ("carla", "")
    assert said.text == "her VPN drops"
