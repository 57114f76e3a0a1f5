"""What a message holds, through each door of Teams: a question, a reply, a note, an edit."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from bot.domain.conversations.messages import Change, Quotation, Utterance
from bot.domain.conversations.own_words import replied_to, said
from tests.support.channels.teams_stage import Stage
from tests.support.fakes.teams.store import HELP, ROOM

SKYPE = "http://schema.skype.com"
SPRITE = "https://statics.teams.example/emoticons/laugh/20_f.png"
REPLY = (
    f'<blockquote itemtype="{SKYPE}/Reply"><strong itemprop="mri">Eva</strong><p itemprop="preview">red?</p>'
)


@dataclass(frozen=True)
class Kind:
    """What Teams sends, and what it is read as; `mark` stands for what an engineer begins a note with."""

    text: str
    read: str
    attachments: tuple[dict[str, Any], ...] = ()
    entities: tuple[dict[str, Any], ...] = ()
    quotations: tuple[Quotation, ...] = ()
    above: str = ""


def html(content: str) -> dict[str, Any]:
    return {"contentType": "text/html", "content": content}


def reference(kind: str, content: object) -> dict[str, Any]:
    return {"contentType": kind, "id": "r1", "content": json.dumps(content)}


QUOTED = {"messageId": "17", "messagePreview": "red?", "messageSender": {"user": {"displayName": "Eva"}}}
FORWARD = {
    "originalMessageContent": "<p>it <b>hums</b></p>",
    "originalMessageSender": {"application": {"displayName": "Monitor"}},
}
KINDS = {
    "a quoted reply in its body": Kind(
        "Evared?\r\n{mark}no, blue",
        "no, blue",
        (html(f"{REPLY}</blockquote><p>{{mark}}no, <i>blue</i></p>"),),
        quotations=(Quotation("Eva", "red?", forwarded=False),),
        above="> Eva:\n> red?",
    ),
    "a quoted reply beside the text": Kind(
        "red?\r\n{mark}no, blue",
        "no, blue",
        (reference("messageReference", QUOTED),),
        quotations=(Quotation("Eva", "red?", forwarded=False),),
        above="> Eva:\n> red?",
    ),
    "a forwarded message in its body": Kind(
        "{mark}look\r\n\r\nit hums",
        "look\n\n> ↪\n> it hums",
        (html(f'<p>{{mark}}look</p><blockquote itemtype="{SKYPE}/Forward"><p>it hums</p></blockquote>'),),
        quotations=(Quotation("", "it hums"),),
    ),
    "a forwarded message of a bot": Kind(
        "{mark}look\r\nit hums",
        "look\n\n> ↪ Monitor:\n> it hums",
        (reference("forwardedMessageReference", FORWARD),),
        quotations=(Quotation("Monitor", "it hums"),),
    ),
    "a sign": Kind("{mark}it hums 😱", "it hums 😱"),
    "a code": Kind("{mark}it hums :scream:", "it hums 😱"),
    "a sprite": Kind(
        "{mark}it hums ",
        "it hums 😆",
        (
            {"contentType": "image/*", "contentUrl": SPRITE},
            html(f'<p>{{mark}}it hums <img itemtype="{SKYPE}/Emoji" alt="😆" src="{SPRITE}"></p>'),
        ),
    ),
    "a mention": Kind(
        "{mark}<at>Bob Stone</at> saw it",
        "@Bob Stone saw it",
        entities=({"type": "mention", "text": "<at>Bob Stone</at>", "mentioned": {"id": "29:1-bob"}},),
    ),
    "a link with its preview": Kind(
        "{mark}see https://kb.example/7",
        "see https://kb.example/7",
        (
            html('<p>{mark}see <a href="https://kb.example/7">https://kb.example/7</a></p>'),
            {
                "contentType": "application/vnd.microsoft.card.thumbnail",
                "content": {"title": "A page", "text": "reset your password", "tap": {}},
            },
        ),
    ),
    "a signature": Kind("{mark}it hums\r\n-- \r\nAna Ruiz", "it hums\n--\nAna Ruiz"),
    "a thanks at the end": Kind("{mark}it hums\r\nthanks!", "it hums\nthanks!"),
    "a thanks in the middle": Kind(
        "{mark}it came\r\nthanks!\r\nbut it hums", "it came\nthanks!\nbut it hums"
    ),
}
DOORS = ("question", "reply", "note", "edit")


async def through(stage: Stage, door: str, kind: Kind) -> Utterance:
    """Have a message come in through a door; what the desk hears of it."""
    mark = "// " if door == "note" else ""
    text = kind.text.replace("{mark}", mark)
    attachments = json.loads(json.dumps(kind.attachments).replace("{mark}", mark))
    more = {"attachments": attachments} if attachments else {}
    entities = {"entities": list(kind.entities)} if kind.entities else {}
    if door == "question":
        await stage.teams.says("ana", text, **more, **entities)
    elif door == "reply":
        await stage.teams.posts("ana", "printer?", channel=HELP)
        root = stage.desk.last.conversation.thread
        await stage.teams.send(stage.teams.in_channel("ana", text, HELP, root) | more | entities)
    elif door == "note":
        await stage.teams.send(stage.teams.in_channel("eva", text, ROOM, "1700000000001") | more | entities)
    else:
        written = stage.teams.personal("ana", "before")
        await stage.teams.edits(written, text, **more, **entities)
    heard = stage.desk.last
    assert (heard.change is Change.EDITED) == (door == "edit")
    return heard


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", KINDS)
async def test_each_kind_is_read_alike_through_each_door(stage: Stage, name: str, door: str) -> None:
    kind = KINDS[name]
    heard = await through(stage, door, kind)
    assert heard.quotations == kind.quotations
    assert said(heard) == ("// " if door == "note" else "") + kind.read
    assert replied_to(heard) == kind.above
    assert heard.files == 0
