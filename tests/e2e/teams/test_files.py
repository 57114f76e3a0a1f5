"""Files between Teams and Slack: in the message, into the reader's OneDrive, or as a link."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from tests.support.e2e import microsoft
from tests.support.e2e.running import delivered, until
from tests.support.e2e.slack import button, posted
from tests.support.e2e.three_channels import Stage, staged, under, with_file
from tests.support.fakes.pictures import png
from tests.support.fakes.teams import Message
from tests.support.fakes.teams.files import CARD, CONSENT, INFO
from tests.support.unknown import UNKNOWN

PUBLIC = "https://help.example.com"
CHAT = microsoft.chat("ana")
PNG = png(more=300)


@asynccontextmanager
async def helped_in_teams(
    monkeypatch: pytest.MonkeyPatch, library: Any, database_url: str
) -> AsyncIterator[tuple[Stage, str]]:
    """Ana in Teams is helped by Eva in Slack, with a public address; with the time stamp of Eva's card."""
    monkeypatch.setenv("FIRSTLINE_PUBLIC_URL", PUBLIC)
    async with staged(monkeypatch, library, database_url) as stage:
        await stage.teams.says("ana", UNKNOWN)
        card = await posted(stage.slack, "CROOM", UNKNOWN)
        await stage.slack.click("UEVA", "CROOM", card["ts"], button(card, "claim"))
        await microsoft.shown(stage.teams, CHAT, "You can write to")
        await delivered(stage.app.url)  # who writes under a card is heard once its post has its receipt
        yield stage, card["ts"]


async def sends(stage: Stage, card: str, name: str, body: bytes, text: str = "") -> dict[str, Any]:
    """Eva puts a file under the card in Slack."""
    file = stage.slack.workspace.add_file("UEVA", name, body)
    return await stage.slack.say("CROOM", "UEVA", text, thread_ts=card, files=[file], subtype="file_share")


async def of_kind(stage: Stage, kind: str) -> Message:
    """Wait for a message in Ana's chat whose attachment is of this kind."""
    found: Message = await until(
        lambda: next(
            (
                m
                for m in microsoft.messages(stage.teams, CHAT)
                if m.activity["attachments"][0]["contentType"] == kind
            ),
            None,
        ),
        kind,
    )
    return found


def link_in(text: str) -> str:
    """The path of the address of a file."""
    found = re.search(rf"{PUBLIC}(/files/[\w.-]+)", text)
    assert found, text
    return found[1]


async def opened(stage: Stage, path: str) -> tuple[int, bytes]:
    """What a link leads to."""
    async with stage.page.http.get(stage.app.url + path) as answer:
        return answer.status, await answer.read()


async def test_files_go_both_ways_between_teams_and_slack(
    monkeypatch: pytest.MonkeyPatch, library: Any, database_url: str
) -> None:
    async with helped_in_teams(monkeypatch, library, database_url) as (stage, card):
        for name, attachment in (
            ("log.txt", stage.teams.shared("log.txt", b"a log")),
            ("image.png", stage.teams.pasted("pasted.png", PNG) | {"contentType": "image/png"}),
        ):
            await stage.teams.says("ana", "see this", attachments=[attachment])
            shared = await until(partial(with_file, stage, "CROOM", name), name)
            assert shared["thread_ts"] == card
        await sends(stage, card, "valve.png", PNG)
        picture = await of_kind(stage, "image/png")
        assert "Eva sends “valve.png”" in picture.activity["text"]
        await sends(stage, card, "fix.log", b"do this")
        question = await of_kind(stage, CONSENT)
        await stage.slack.say("CROOM", "UEVA", "and tell me", thread_ts=card)
        assert (await stage.teams.consents("ana", question))[0] == 200
        await of_kind(stage, INFO)
        assert stage.teams.onedrive.files == {("ana", "fix.log"): b"do this"}
        await microsoft.shown(stage.teams, CHAT, "and tell me")
        await delivered(stage.app.url)
        kinds = [m.activity["attachments"][0]["contentType"] for m in microsoft.messages(stage.teams, CHAT)]
        assert kinds[-3:] == ["image/png", INFO, CARD]


async def test_who_declines_a_file_has_a_link_and_the_engineer_knows(
    monkeypatch: pytest.MonkeyPatch, library: Any, database_url: str
) -> None:
    async with helped_in_teams(monkeypatch, library, database_url) as (stage, card):
        said = await sends(stage, card, "fix.log", b"do this")
        question = await of_kind(stage, CONSENT)
        beside = link_in(question.activity["text"])
        assert await opened(stage, beside) == (200, b"do this")
        answers = [stage.teams.consents("ana", question, accept=accept) for accept in (False, True)]
        assert [(await answer)[0] for answer in answers] == [200, 200]
        told = await microsoft.shown(stage.teams, CHAT, "You declined a copy of “fix.log”")
        assert told.id == question.id
        assert link_in(microsoft.words(told)) == beside
        await posted(
            stage.slack, "CROOM", "Ana Ruiz declined a copy of “fix.log” and has a link to it instead"
        )
        await delivered(stage.app.url)
        assert stage.teams.onedrive.files == {}
        await stage.slack.delete(said)
        await until(lambda: told not in stage.teams.store.messages, "the link gone")
        assert (await opened(stage, beside))[0] == 404


async def test_a_file_that_is_taken_back_cannot_be_accepted_any_more(
    monkeypatch: pytest.MonkeyPatch, library: Any, database_url: str
) -> None:
    async with helped_in_teams(monkeypatch, library, database_url) as (stage, card):
        said = await sends(stage, card, "secret.log", b"not for her", "look")
        question = await of_kind(stage, CONSENT)
        await stage.slack.edit(said, "// look")
        await until(lambda: question not in stage.teams.store.messages, "the question gone")
        assert (await stage.teams.consents("ana", question))[0] == 200
        other = await sends(stage, card, "fix.log", b"do this", "this one")
        question = await of_kind(stage, CONSENT)
        # Somebody else's answer, whatever it carries, opens nothing.
        _, refused = await stage.teams.consents("bob", question)
        assert refused["statusCode"] == 400
        await stage.teams.consents("ana", question)
        copy = await of_kind(stage, INFO)
        await delivered(stage.app.url)
        assert stage.teams.onedrive.files == {("ana", "fix.log"): b"do this"}
        await stage.slack.delete(other)
        await until(lambda: copy not in stage.teams.store.messages, "the copy's message gone")
        await posted(stage.slack, "CROOM", "They had saved a copy of the file")


async def test_files_of_a_channel_are_told_to_their_writer(
    monkeypatch: pytest.MonkeyPatch, library: Any, database_url: str
) -> None:
    plan = {"contentType": "reference", "name": "plan.docx", "contentUrl": "https://t.sharepoint.com/p"}
    hidden = {"contentType": "text/html", "content": ""}
    async with helped_in_teams(monkeypatch, library, database_url) as (stage, _):
        card = await microsoft.shown(stage.teams, microsoft.ROOM, UNKNOWN)
        await stage.teams.send(under(stage, card, "eva", "the plan") | {"attachments": [plan]})
        told = await microsoft.shown(stage.teams, microsoft.ROOM, "does not let me read “plan.docx”")
        assert told.only_for == "29:1-eva"
        await stage.teams.send(under(stage, card, "eva", "") | {"attachments": [hidden]})
        told = await microsoft.shown(stage.teams, microsoft.ROOM, "does not let me read “📎”")
        assert told.only_for == "29:1-eva"
