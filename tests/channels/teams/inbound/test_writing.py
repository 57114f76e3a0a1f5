"""What Teams sends of a message, as its writer's own words and those of others."""

import json
from typing import Any

import pytest

from bot.domain.conversations.messages import Quotation
from tests.support.channels.teams_stage import Stage
from tests.support.fakes.teams.store import BOT, HELP

SKYPE = "http://schema.skype.com"
SPRITE = "https://statics.teams.example/emoticons/laugh/20_f.png"


def html(content: str) -> dict[str, Any]:
    return {"contentType": "text/html", "content": content}


def reply(author: str, preview: str, own: str) -> str:
    """A quoted reply as a client writes it."""
    head = f'<strong itemprop="mri" itemid="8:x">{author}</strong><span itemprop="time" itemid="17"></span>'
    body = f'<p itemprop="preview">{preview}</p>'
    return f'<blockquote itemscope="" itemtype="{SKYPE}/Reply" itemid="17">{head}{body}</blockquote>{own}'


def reference(kind: str, content: object) -> dict[str, Any]:
    return {"contentType": kind, "id": "r1", "content": content}


QUOTED = {
    "messageId": "17",
    "messagePreview": "Is the lamp red?",
    "messageSender": {"application": None, "user": {"displayName": "Eva"}},
}


# --- quoted replies -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        {"attachments": [html(reply("Eva", "Is the lamp red?", "<p>yes &amp; it hums</p>"))]},
        {"attachments": [html(reply("<b>Eva</b>", "Is the<br>lamp red?", "yes &amp; it hums"))]},
        {"attachments": [reference("messageReference", json.dumps(QUOTED))]},
        {"attachments": [reference("messageReference", QUOTED), html('<attachment id="r1"></attachment>')]},
        {"entities": [{"type": "quotedReply", "senderName": "Eva", "preview": "Is the lamp red?"}]},
    ],
)
async def test_a_quoted_reply_has_its_writers_words_alone(stage: Stage, sent: dict[str, Any]) -> None:
    await stage.teams.says("ana", "EvaIs the lamp red?\r\nyes &amp; it hums", **sent)
    heard = stage.desk.last
    assert (heard.text, heard.files) == ("yes & it hums", 0)
    (quotation,) = heard.quotations
    assert (quotation.author, quotation.text.split(), quotation.forwarded) == (
        "Eva",
        ["Is", "the", "lamp", "red?"],
        False,
    )


async def test_what_a_quotation_quotes_is_nobodys_here(stage: Stage) -> None:
    body = reply("Eva", reply("Kim", "inner", "outer"), "<p>mine</p>")
    await stage.teams.says("ana", "x", attachments=[html(body)])
    assert (stage.desk.last.text, stage.desk.last.quotations) == ("mine", (Quotation("Eva", "outer", False),))


async def test_a_text_that_only_resembles_a_quotation_stays_whole(stage: Stage) -> None:
    attachment = reference("messageReference", QUOTED)
    await stage.teams.says("ana", "Is the lamp blue? no", attachments=[attachment])
    assert stage.desk.last.text == "Is the lamp blue? no"


async def test_what_a_person_sets_apart_stays_with_their_words(stage: Stage) -> None:
    body = "<p>it says</p><blockquote>no<br>paper</blockquote><p>why?</p>"
    await stage.teams.says("ana", "it says no paper why?", attachments=[html(body)])
    assert (stage.desk.last.text, stage.desk.last.quotations) == ("it says\n\n> no\n> paper\n\nwhy?", ())


async def test_an_edited_reply_is_read_alike(stage: Stage) -> None:
    written = stage.teams.personal("ana", "")
    await stage.teams.edits(written, "x", attachments=[html(reply("Eva", "red?", "<p>no, <b>blue</b></p>"))])
    assert (stage.desk.last.text, stage.desk.last.quotations[0].author) == ("no, blue", "Eva")


async def test_a_quotation_in_a_channel_is_no_hidden_file(stage: Stage) -> None:
    body = html('<attachment id="r1"></attachment><p>yes</p>')
    activity = stage.teams.in_channel("ana", "yes", HELP, "")
    await stage.teams.send(activity | {"attachments": [reference("messageReference", QUOTED), body]})
    assert (stage.desk.last.files, stage.desk.last.text) == (0, "yes")


# --- forwarded messages -------------------------------------------------------------------------------


@pytest.mark.parametrize("own", ["", "see this"])
async def test_a_forwarded_message_stands_apart(stage: Stage, own: str) -> None:
    body = (
        f'<p>{own}</p><blockquote itemtype="{SKYPE}/Forward"><p>it hums</p><p>&amp; blinks</p></blockquote>'
    )
    await stage.teams.says("ana", f"{own}\r\n\r\nit hums & blinks", attachments=[html(body)])
    assert (stage.desk.last.text, stage.desk.last.quotations) == (
        own,
        (Quotation("", "it hums\n\n& blinks"),),
    )


async def test_a_forward_that_is_told_beside_the_text(stage: Stage) -> None:
    told = {
        "originalMessageContent": "<p>it hums</p>",
        "originalMessageSender": {"user": None, "application": {"displayName": "Monitor"}},
    }
    attachment = reference("forwardedMessageReference", json.dumps(told))
    await stage.teams.says("ana", "see this\r\nit  hums", attachments=[attachment])
    assert (stage.desk.last.text, stage.desk.last.quotations) == (
        "see this",
        (Quotation("Monitor", "it hums"),),
    )


@pytest.mark.parametrize(
    "content", [None, 5, "{", "[]", {}, {"messagePreview": 5}, {"messagePreview": "a", "messageSender": "x"}]
)
async def test_references_of_any_shape_do_no_harm(stage: Stage, content: object) -> None:
    assert (await stage.teams.says("ana", "hello", attachments=[reference("messageReference", content)]))[
        0
    ] == 200
    assert stage.desk.last.text == "hello"


# --- signs and mentions -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sign", "shown"),
    [
        (f'<img itemtype="{SKYPE}/Emoji" itemid="laugh" alt="😆" src="{SPRITE}">', "😆"),
        (f'<emoji id="laugh" alt="😆" title="Laugh" src="{SPRITE}"></emoji>', "😆"),
        (f'<img itemtype="{SKYPE}/Emoji" alt="Our Parrot" src="{SPRITE}">', ":our-parrot:"),
        (f'<img itemtype="{SKYPE}/Emoji" itemid="laugh" src="{SPRITE}">', ":laugh:"),
    ],
)
async def test_a_sprite_is_a_sign_and_no_file(stage: Stage, sign: str, shown: str) -> None:
    picture = {"contentType": "image/*", "contentUrl": SPRITE}
    await stage.teams.says("ana", "it hums ", attachments=[picture, html(f"<p>it hums&nbsp;{sign}</p>")])
    assert (stage.desk.last.text, stage.desk.last.files) == (f"it hums {shown}", 0)


async def test_a_picture_is_a_file_and_says_nothing(stage: Stage) -> None:
    picture = stage.teams.pasted("shot.png", b"x")
    await stage.teams.says("ana", "", attachments=[picture, html('<p>look</p><img alt="image" src="x">')])
    assert (stage.desk.last.text, stage.desk.last.files) == ("look", 1)


async def test_mentions_in_a_body_are_names_and_ours_is_left_out(stage: Stage) -> None:
    body = (
        f'<p><span itemscope itemtype="{SKYPE}/Mention" itemid="0">Firstline</span> ask '
        f'<span itemtype="{SKYPE}/Mention" itemid="1">Bob &amp; Co</span></p>'
        f'<blockquote itemtype="{SKYPE}/Forward">it hums</blockquote>'
    )
    entities = [
        {"type": "mention", "text": "<at>Firstline</at>", "mentioned": {"id": BOT}},
        {"type": "mention", "text": "<at>Bob &amp; Co</at>", "mentioned": {"id": "29:1-bob"}},
    ]
    activity = stage.teams.in_channel("ana", "<at>Firstline</at> ask <at>Bob &amp; Co</at> it hums", HELP, "")
    await stage.teams.send(activity | {"entities": entities, "attachments": [html(body)]})
    assert (stage.desk.last.text, stage.desk.last.quotations) == (
        "ask @Bob & Co",
        (Quotation("", "it hums"),),
    )


@pytest.mark.parametrize(
    "body",
    [
        "<blockquote>" * 50 + "deep",
        f'<blockquote itemtype="{SKYPE}/Reply"><strong itemprop="mri">never closed',
        "</blockquote></p></span>a < b > c <",
        "<!-- x --><script>y()</script><img><emoji><at>",
    ],
)
async def test_a_body_of_any_shape_does_no_harm(stage: Stage, body: str) -> None:
    assert (await stage.teams.says("ana", "hello", attachments=[html(body)]))[0] == 200


# --- for somebody else --------------------------------------------------------------------------------


async def test_a_typed_name_is_nobodys(stage: Stage) -> None:
    await stage.teams.mentions("eva", "for @carla her VPN drops")
    behalf = stage.desk.last.behalf
    assert behalf is not None
    assert (behalf.name, behalf.identity.external_id) == ("carla", "")
    await stage.teams.posts("eva", "for @carla her VPN drops")
    assert stage.desk.last.behalf is None
