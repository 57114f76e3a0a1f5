"""The first day in Teams: what somebody reads who has just installed the bot."""

from typing import Any

import pytest

from tests.support.e2e import microsoft
from tests.support.e2e.microsoft import words
from tests.support.e2e.running import delivered
from tests.support.fakes.teams import Message, Person, TeamsFake, texts_in


def said(teams: TeamsFake) -> list[Message]:
    return microsoft.messages(teams, microsoft.chat("ana"))


def suggested(message: Message) -> list[str]:
    """What the buttons write for whoever presses them."""
    actions: list[dict[str, Any]] = message.card["actions"]
    return [str(action["data"]["msteams"]["value"]) for action in actions]


@pytest.mark.parametrize(
    ("locale", "greeting"), [("en-GB", "Hello! Write to me"), ("es-MX", "¡Hola! Cuéntame")]
)
async def test_whoever_installs_it_reads_what_it_does(teams: TeamsFake, locale: str, greeting: str) -> None:
    assert await teams.arrives("ana", locale=locale) == (200, None)
    await delivered(teams.bot_url)
    (welcome,) = said(teams)
    told, examples = " ".join(texts_in(welcome.card)), suggested(welcome)
    assert (greeting in told, len(examples)) == (True, 4)
    assert not any(text in told for text in examples), "what can be pressed is not told in words as well"
    await teams.says("ana", examples[0], locale=locale)
    await delivered(teams.bot_url)
    assert "feedbackLoop" in words(said(teams)[1]), "an example is answered"


async def test_the_same_event_and_a_newer_version_say_nothing_more(teams: TeamsFake) -> None:
    await teams.arrives("ana", id="install-1")
    await teams.arrives("ana", id="install-1")
    await teams.arrives("ana", action="add-upgrade")
    await teams.arrives("ana", action="remove")
    await teams.installs()
    await delivered(teams.bot_url)
    assert len(said(teams)) == len(teams.store.messages) == 1


async def test_a_stranger_is_promised_nothing(teams: TeamsFake) -> None:
    teams.store.people["ana"] = Person("ana", "Ana Ruiz", nameless=True)
    await teams.arrives("ana")
    await delivered(teams.bot_url)
    assert teams.store.messages == []


async def test_in_a_channel_help_has_nothing_that_writes_for_others(teams: TeamsFake) -> None:
    await teams.mentions("ana", "help")
    await delivered(teams.bot_url)
    (told,) = teams.store.messages
    assert "You can ask, for example" in words(told)
    assert "imBack" not in words(told)
