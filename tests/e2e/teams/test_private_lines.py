"""What is private in a channel of Teams: lines for one person, and what somebody writes behind a slash."""

import pytest

from tests.support.e2e import microsoft
from tests.support.e2e.microsoft import asked, words
from tests.support.e2e.running import delivered
from tests.support.fakes.teams import Message, TeamsFake
from tests.support.fakes.teams.store import GENERAL
from tests.support.unknown import UNKNOWN


def read_by_all(teams: TeamsFake) -> list[Message]:
    """What the bot said where everybody reads it, but for the cards in the room."""
    public = [m for m in teams.store.messages if not m.only_for and not m.conversation.startswith("a:")]
    return [m for m in public if not m.conversation.startswith(microsoft.ROOM)]


async def test_ones_own_tickets_are_listed_in_place_for_them_alone(teams: TeamsFake) -> None:
    await asked(teams, "ana")
    await teams.mentions("ana", "my tickets")
    await delivered(teams.bot_url)
    (listed,) = [m for m in teams.store.messages if m.only_for]
    assert (listed.only_for, listed.conversation.startswith(GENERAL)) == ("29:1-ana", True)
    assert "HELP-1" in words(listed)
    assert read_by_all(teams) == []
    assert teams.problems == []


async def test_where_teams_refuses_it_the_list_comes_in_the_chat(teams: TeamsFake) -> None:
    await asked(teams, "ana")
    teams.refuses_targeted = "403 Forbidden"
    await teams.mentions("ana", "my tickets")
    await delivered(teams.bot_url)
    await microsoft.shown(teams, microsoft.chat("ana"), "Your tickets")
    assert [m for m in teams.store.messages if m.only_for] == read_by_all(teams) == []


@pytest.mark.parametrize("known", [True, False], ids=["a chat that is known", "no chat yet"])
async def test_what_is_asked_behind_a_slash_is_answered_in_the_chat(teams: TeamsFake, known: bool) -> None:
    if known:
        await teams.says("ana", "hello")
    await teams.asks_privately("ana", UNKNOWN)
    await delivered(teams.bot_url)
    card = await microsoft.shown(teams, microsoft.ROOM, UNKNOWN)
    assert "Open the conversation" not in words(card), "nobody else could open it"
    await microsoft.shown(teams, microsoft.chat("ana"), "HELP-1")
    (line,) = [m for m in teams.store.messages if m.only_for]
    assert (line.only_for, "personal chat" in words(line)) == ("29:1-ana", True)
    assert read_by_all(teams) == []
    await teams.says("ana", "it began this morning")
    await delivered(teams.bot_url)
    assert len(microsoft.messages(teams, microsoft.ROOM)) == 1 + 1, "the ticket goes on in the chat"
    assert teams.problems == []


async def test_a_command_behind_a_slash_is_carried_out(teams: TeamsFake) -> None:
    await asked(teams, "ana")
    await teams.asks_privately("ana", "my tickets", locale="es-ES")
    await delivered(teams.bot_url)
    (line,) = [m for m in teams.store.messages if m.only_for]
    assert "chat personal" in words(line)
    assert read_by_all(teams) == []
