"""What people write in Teams, over signed requests, up to the card and the answer."""

import pytest

from tests.support.e2e import microsoft
from tests.support.e2e.microsoft import asked, words
from tests.support.e2e.running import delivered, until
from tests.support.fakes.teams import TeamsFake
from tests.support.unknown import UNKNOWN

SKYPE = "http://schema.skype.com"


def html(content: str) -> dict[str, str]:
    return {"contentType": "text/html", "content": content}


async def test_a_quoted_reply_counts_by_its_own_words(teams: TeamsFake) -> None:
    quoted = (
        f'<blockquote itemtype="{SKYPE}/Reply"><strong itemprop="mri">Firstline</strong>Forgot your password?'
    )
    body = html(f"{quoted}</blockquote><p>{UNKNOWN}</p>")
    await teams.says("ana", f"FirstlineForgot your password?\r\n{UNKNOWN}", attachments=[body])
    card = await microsoft.shown(teams, microsoft.ROOM, UNKNOWN)
    assert "password" not in words(card)


async def test_a_forwarded_message_is_passed_on_apart(teams: TeamsFake) -> None:
    body = html(f'<p>any idea?</p><blockquote itemtype="{SKYPE}/Forward"><p>{UNKNOWN}</p></blockquote>')
    await teams.says("ana", f"any idea?\r\n\r\n{UNKNOWN}", attachments=[body])
    card = await microsoft.shown(teams, microsoft.ROOM, UNKNOWN)
    assert f"> {UNKNOWN}" in words(card)
    assert "any idea?" in words(card)


async def test_a_sprite_is_passed_on_as_its_sign(teams: TeamsFake) -> None:
    sprite = f'<img itemtype="{SKYPE}/Emoji" alt="😱" src="https://statics.teams.example/scream.png">'
    picture = {"contentType": "image/*", "contentUrl": "https://statics.teams.example/scream.png"}
    await teams.says("ana", f"{UNKNOWN} ", attachments=[picture, html(f"<p>{UNKNOWN} {sprite}</p>")])
    card = await microsoft.shown(teams, microsoft.ROOM, UNKNOWN)
    assert f"{UNKNOWN} 😱" in words(card)
    assert "📎" not in words(card)


async def test_a_typed_name_gets_the_advice_to_pick_it(teams: TeamsFake) -> None:
    await asked(teams, "ana")
    await teams.says("eva", "for @carla her VPN drops")
    await microsoft.shown(teams, microsoft.chat("eva"), "pick the name from the list")
    await delivered(teams.bot_url)
    assert len(microsoft.messages(teams, microsoft.ROOM)) == 1


async def test_a_name_that_comes_late_corrects_the_card(teams: TeamsFake) -> None:
    nameless = teams.personal("ana", UNKNOWN)
    del nameless["from"]["name"]
    assert (await teams.send(nameless))[0] == 200
    card = await microsoft.shown(teams, microsoft.ROOM, UNKNOWN)
    await until(lambda: "Ana Ruiz" in words(card), "her name")
    assert "aad-ana" not in words(card)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("can you look at this?", "What exactly is not working"),
        ("¿puedes mirarlo?", "Qué es exactamente lo que no funciona"),
    ],
)
async def test_a_mention_below_what_the_bot_cannot_read_is_asked_about(
    teams: TeamsFake, text: str, asked: str
) -> None:
    await teams.mentions("ana", text, channel=microsoft.HELP, thread="1700000000001")
    asked_back = await microsoft.shown(teams, microsoft.HELP, asked)
    assert asked_back.conversation.endswith("messageid=1700000000001")
