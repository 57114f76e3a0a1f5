"""Teams' own thumbs under an answer: one press is the verdict, and the dialog behind it asks why."""

import pytest

from tests.support.e2e import microsoft
from tests.support.e2e.microsoft import titles, words
from tests.support.e2e.running import delivered
from tests.support.fakes.teams import Message, TeamsFake
from tests.support.fakes.teams.store import GENERAL

QUESTION = "I forgot my password"


async def answered(teams: TeamsFake, place: str) -> Message:
    """An answer in the personal chat or in a channel."""
    await (teams.mentions if place == GENERAL else teams.says)("ana", QUESTION)
    answer = await microsoft.shown(teams, place, "Solved")
    await delivered(teams.bot_url)  # a press names the message by its receipt
    return answer


@pytest.mark.parametrize("place", [microsoft.chat("ana"), GENERAL])
async def test_a_thumb_down_is_the_verdict_and_its_dialog_asks_why(teams: TeamsFake, place: str) -> None:
    answer = await answered(teams, place)
    assert titles(answer.card)[-4:] == ["Solved", "Get a person", "Show all steps", "Read more"], (
        "the thumbs take one's place"
    )
    task = await teams.rates("ana", answer, "dislike")
    (asked,) = task["value"]["card"]["content"]["body"]
    assert (task["value"]["title"], asked["label"]) == ("Not helpful", "Why? (optional)")
    await delivered(teams.bot_url)
    assert "Noted: this did not help" in words(answer), "the press alone counts"
    assert "feedbackLoop" not in answer.activity.get("channelData", {}), "a menu has their place now"
    picked = asked["choices"][0]
    await teams.sends_dialog("ana", answer, {"firstline": True, "reason": picked["value"]})
    await delivered(teams.bot_url)
    assert picked["title"] in words(answer)
    assert microsoft.messages(teams, microsoft.ROOM) == [], "no ticket"


async def test_a_thumb_up_says_that_it_is_solved(teams: TeamsFake) -> None:
    await teams.says("ana", "he olvidado la contraseña", locale="es-ES")
    answer = await microsoft.shown(teams, microsoft.chat("ana"), "feedbackLoop")
    await delivered(teams.bot_url)
    assert (await teams.rates("ana", answer, "like")) == {
        "type": "message",
        "value": "Gracias, queda anotado.",
    }
    await delivered(teams.bot_url)
    assert titles(answer.card) == ["Ver todos los pasos", "Leer más"]
    await teams.sends_dialog("ana", answer, {"firstline": True})  # nothing was picked
    await delivered(teams.bot_url)
    assert "Marcado como solucionado" in words(answer)


async def test_only_whoever_asked_can_say_it(teams: TeamsFake) -> None:
    answer = await answered(teams, GENERAL)
    task = await teams.rates("bob", answer, "dislike")
    assert task["type"] == "message"
    assert "Only the person who asked" in task["value"]
    await delivered(teams.bot_url)
    assert "Noted" not in words(answer)


async def test_a_form_of_teams_own_counts_when_it_is_sent(teams: TeamsFake) -> None:
    answer = await answered(teams, microsoft.chat("ana"))
    await teams.rates("ana", answer, "dislike", {"feedbackText": "my secret words"})
    await delivered(teams.bot_url)
    assert "Noted: this did not help" in words(answer)
    assert "secret" not in words(answer)


async def test_of_a_message_that_is_no_answer_nothing_is_noted(teams: TeamsFake) -> None:
    answer = await answered(teams, microsoft.chat("ana"))
    task = await teams.rates("ana", answer, "dislike", replyToId="1")
    assert "no longer work" in task["value"]
    await delivered(teams.bot_url)
    assert "Noted" not in words(answer)
