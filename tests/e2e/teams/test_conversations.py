"""How a conversation in Teams goes on, over signed requests: assent, new questions, offers, mentions."""

from tests.support.e2e.microsoft import HELP, ROOM, chat, messages, shown, titles, words
from tests.support.e2e.running import delivered, until
from tests.support.fakes.teams import TeamsFake
from tests.support.unknown import UNKNOWN


async def test_assent_opens_nothing_and_a_complaint_does(teams: TeamsFake) -> None:
    await teams.says("ana", "my account is locked")
    await shown(teams, chat("ana"), "locked")
    for said in ("👍", "ok", "vale, lo pruebo"):
        await teams.says("ana", said)
    await delivered(teams.bot_url)
    assert messages(teams, ROOM) == []
    await teams.says("ana", "same error")
    assert "my account is locked" in words(await shown(teams, ROOM, "HELP-1001"))


async def test_a_new_question_beside_a_claimed_ticket_and_back(teams: TeamsFake) -> None:
    await teams.says("ana", UNKNOWN)
    card = await shown(teams, ROOM, UNKNOWN)
    await teams.clicks("eva", card, "Claim")
    await teams.says("ana", "how do I set up out of office?")
    apart = await shown(teams, chat("ana"), "apart from HELP-1001")
    await shown(teams, ROOM, "answered it apart from HELP-1001")
    await teams.clicks("ana", apart, "It belongs to HELP-1001")
    await until(lambda: "✓ It belongs to HELP-1001." in words(apart), "the line under the button")
    assert titles(apart.card) == []


async def test_a_ticket_is_offered_to_the_author_alone(teams: TeamsFake) -> None:
    await teams.posts("ana", UNKNOWN, channel=HELP)
    line = await shown(teams, HELP, "Shall I open a ticket?")
    assert (UNKNOWN in words(line), line.only_for) == (True, "29:1-ana")
    assert messages(teams, HELP) == [line]
    await teams.clicks("ana", line, "Yes, open a ticket")
    await shown(teams, ROOM, UNKNOWN)
    await shown(teams, HELP, "HELP-1001")


async def test_whoever_mentions_the_bot_under_their_card_writes_to_the_employee(teams: TeamsFake) -> None:
    await teams.says("ana", UNKNOWN)
    card = await shown(teams, ROOM, UNKNOWN)
    await teams.clicks("eva", card, "Claim")
    await shown(teams, chat("ana"), "working on HELP-1001")
    await teams.mentions("eva", "which colour is it?", channel=ROOM, thread=card.id)
    assert "which colour is it?" in words(await shown(teams, chat("ana"), "which colour"))
