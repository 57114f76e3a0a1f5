"""The main job in Teams: signed activities on one side, the whole application on the other."""

import asyncio
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.people import Identity
from tests.support.e2e.databases import on_sqlite
from tests.support.e2e.microsoft import (
    CARD,
    GENERAL,
    HELP,
    NOTICE,
    ROOM,
    asked,
    chat,
    messages,
    shown,
    teams_tenant,
    titles,
    words,
)
from tests.support.e2e.running import Running, delivered, ready, running, until
from tests.support.fakes.teams import TENANT, Failure, Message, Person, TeamsFake
from tests.support.unknown import UNKNOWN


@on_sqlite
async def test_a_sure_question_is_answered_and_solved(teams: TeamsFake) -> None:
    assert (await teams.says("ana", "I forgot my password"))[0] == 200
    answer = await shown(teams, chat("ana"), "Solved")
    assert titles(answer.card)[-4:] == ["Solved", "Get a person", "Show all steps", "Read more"]
    status, body = await teams.clicks("ana", answer, "Solved")
    assert status == 200
    assert body["statusCode"] == 200
    await until(lambda: "Marked as solved" in words(answer), "the marked answer")
    assert "Solved" not in titles(answer.card)
    await shown(teams, chat("ana"), "Glad it works")
    await delivered(teams.bot_url)
    assert messages(teams, ROOM) == []


@on_sqlite
async def test_spanish_is_answered_in_spanish(teams: TeamsFake) -> None:
    await teams.says("ana", "he olvidado la contraseña y no puedo entrar")
    answer = await shown(teams, chat("ana"), "contraseña")
    assert answer.card["lang"] == "es"


async def test_from_the_question_to_the_resolution(teams: TeamsFake) -> None:
    card = await asked(teams)
    await shown(teams, chat("ana"), "HELP-1001")
    assert titles(card.card) == ["Claim"]
    for fact in ("HELP-1001", "Ana Ruiz", "Teams", "English", "Normal"):
        assert fact in words(card)
    status, body = await teams.clicks("eva", card, "Claim")
    assert (status, body["statusCode"], body["type"]) == (200, 200, CARD)
    assert "Claimed" in words(body["value"])
    assert titles(body["value"]) == ["Resolve"]
    await until(lambda: "Claimed" in words(card), "the card for the others")
    await shown(teams, chat("ana"), "Eva Engineer is now working on HELP-1001")

    status, body = await teams.clicks("eric", card, "Resolve", {"field.note": "mine"})
    assert (status, body["type"]) == (200, NOTICE)
    assert "HELP-1001 is assigned to Eva Engineer" in body["value"]
    status, body = await teams.clicks("eva", card, "Resolve", {"field.note": "Tightened <b>the</b> *valve*"})
    assert (status, body["type"]) == (200, CARD)
    assert titles(body["value"]) == []
    told = await shown(teams, chat("ana"), "Eva Engineer has resolved HELP-1001")
    assert "Tightened <b>the</b> *valve*" in words(told)
    await until(lambda: "Resolved" in words(card), "the last state of the card")
    assert titles(card.card) == []
    await delivered(teams.bot_url)
    assert len(messages(teams, ROOM)) == 1


async def test_of_five_presses_at_once_one_wins_and_the_others_are_told_who(teams: TeamsFake) -> None:
    card = deepcopy(await asked(teams))  # what all of them look at
    people = ["eva", "eric", "eva", "eric", "eric"]
    answers = await asyncio.gather(*(teams.clicks(person, card, "Claim") for person in people))
    assert {200} == {status for status, _ in answers}
    assert [CARD, *[NOTICE] * 4] == sorted((body["type"] for _, body in answers), reverse=True)
    winner = next(p for p, (_, body) in zip(people, answers, strict=True) if body["type"] == CARD)
    for person, (_, body) in zip(people, answers, strict=True):
        if body["type"] == NOTICE:
            expected = (
                "HELP-1001 is already assigned to you"
                if person == winner
                else f"HELP-1001 is assigned to {winner.title()} Engineer"
            )
            assert expected in body["value"]
    await shown(teams, ROOM, f"{winner.title()} Engineer")
    told = await shown(teams, chat("ana"), "is now working on")
    await delivered(teams.bot_url)
    assert [told] == [m for m in messages(teams, chat("ana")) if "is now working on" in words(m)]


async def test_a_repeated_invoke_shows_the_true_card_again(teams: TeamsFake) -> None:
    card = deepcopy(await asked(teams))  # what a client shows that has not heard of the claim yet
    for person, click in (("eva", "press-1"), ("eric", "press-2")):
        await teams.clicks(person, card, "Claim", id=click)
        _, body = await teams.clicks(person, card, "Claim", id=click)
        assert body["type"] == CARD
        assert "Eva Engineer" in words(body["value"])
    told = await shown(teams, chat("ana"), "is now working on")
    await delivered(teams.bot_url)
    assert [told] == [m for m in messages(teams, chat("ana")) if "is now working on" in words(m)]


@on_sqlite
async def test_an_employee_is_told_no_in_private(teams: TeamsFake) -> None:
    card = await asked(teams)
    _, body = await teams.clicks("bob", card, "Claim")
    assert body["type"] == NOTICE
    assert "Only engineers" in body["value"]
    await delivered(teams.bot_url)
    assert "Open" in words(card)
    assert messages(teams, chat("bob")) == []


@on_sqlite
async def test_a_resolution_without_a_note_is_asked_for(teams: TeamsFake) -> None:
    card = await asked(teams)
    await teams.clicks("eva", card, "Claim")
    await until(lambda: "Claimed" in words(card), "the claimed card")
    for inputs in ({}, {"field.note": ""}, {"field.note": " \u200b "}):
        status, body = await teams.clicks("eva", card, "Resolve", inputs)
        assert (status, body["statusCode"]) == (200, 200)
    await delivered(teams.bot_url)
    assert "Claimed" in words(card)
    assert len(messages(teams, chat("ana"))) == 2


@on_sqlite
async def test_a_mention_in_a_channel_is_answered_in_its_thread(teams: TeamsFake) -> None:
    before = set(teams.store.conversations)
    await teams.mentions("ana", "I forgot my password")
    answer = await shown(teams, GENERAL, "Solved")
    (thread,) = set(teams.store.conversations) - before
    assert thread == answer.conversation
    _, body = await teams.clicks("bob", answer, "Solved")
    assert body["type"] == NOTICE
    assert "Only the person who asked" in body["value"]
    await delivered(teams.bot_url)
    assert "Marked as solved" not in words(answer)


@on_sqlite
async def test_a_public_question_has_a_link_and_a_private_one_none(teams: TeamsFake) -> None:
    await teams.mentions("ana", UNKNOWN)
    public = await shown(teams, ROOM, "HELP-1001")
    assert "https://teams.microsoft.com/l/message/" in words(public)
    private = await asked(teams, "bob", "my zworkle hums")
    assert "https://teams.microsoft.com" not in words(private)


@on_sqlite
async def test_the_help_channel_serves_requests_and_nothing_else(teams: TeamsFake) -> None:
    await teams.posts("ana", "good morning, nice weather", channel=HELP)
    await teams.posts("eva", "I forgot my password", channel=HELP)
    await teams.posts("ana", "I forgot my password", channel=GENERAL)
    await teams.posts("bob", "how do I reset my password?", channel=HELP)
    answer = await shown(teams, HELP, "Solved")
    await delivered(teams.bot_url)
    assert [answer] == [m for m in messages(teams, HELP) if titles(m.card)]
    assert {answer.conversation} == {m.conversation for m in teams.store.messages}


async def test_my_tickets_and_cancel_by_text(teams: TeamsFake) -> None:
    card = await asked(teams)
    await teams.says("ana", "my tickets")
    await shown(teams, chat("ana"), "Your tickets")
    await teams.says("bob", "cancel HELP-1001")
    await shown(teams, chat("bob"), "cannot find a ticket of yours")
    await delivered(teams.bot_url)
    assert "Open" in words(card)
    await teams.says("ana", "cancel HELP-1001")
    await shown(teams, chat("ana"), "HELP-1001 is cancelled")
    await until(lambda: "Cancelled" in words(card), "the withdrawn card")
    assert titles(card.card) == []
    _, body = await teams.send(teams.personal("eva", "hi") | late_claim(card))
    assert body["type"] == NOTICE


def late_claim(card: Message) -> dict[str, Any]:
    """A press on a button of a ticket that is gone."""
    data = {"token": "a-card-from-last-year", "argument": ""}
    value = {"action": {"type": "Action.Execute", "verb": "claim", "data": data}}
    return {"type": "invoke", "name": "adaptiveCard/action", "value": value, "replyToId": card.id}


async def test_a_minute_of_trouble_loses_and_doubles_nothing(teams: TeamsFake) -> None:
    teams.failures += [Failure(500), Failure(429, headers=(("Retry-After", "1"),)), Failure(503)]
    card = await asked(teams)
    await shown(teams, chat("ana"), "HELP-1001")
    await delivered(teams.bot_url)
    assert [card] == messages(teams, ROOM)
    assert len(messages(teams, chat("ana"))) == 1


async def test_a_repeated_message_is_one_ticket(teams: TeamsFake) -> None:
    activity = teams.personal("ana", UNKNOWN)
    answers = await asyncio.gather(*(teams.send(activity) for _ in range(4)))
    assert {200} == {status for status, _ in answers}
    await teams.says("bob", "my zworkle hums")
    await shown(teams, ROOM, "my zworkle hums")
    await shown(teams, ROOM, UNKNOWN)
    await delivered(teams.bot_url)
    assert len(messages(teams, ROOM)) == 2
    assert len(messages(teams, chat("ana"))) == 1


@on_sqlite
async def test_members_of_the_team_are_engineers_and_its_guests_are_not(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    async with teams_tenant() as teams:
        teams.store.people["gus"] = Person("gus", "Gus Guest", role="guest")
        async with running(monkeypatch, library, database_url, teams.environment()) as app:
            teams.bot_url = app.url
            await until(lambda: ready(app.url), "the signing keys")
            await teams.installs()
            await until(lambda: knows(app, "aad-eva"), "the roster")
            card = await asked(teams)
            _, body = await teams.clicks("gus", card, "Claim")
            assert body["type"] == NOTICE
            await delivered(teams.bot_url)
            assert "Open" in words(card)
            _, body = await teams.clicks("eva", card, "Claim")
            assert body["type"] == CARD


def knows(app: Running, object_id: str) -> bool:
    long_ago = app.application.clock() - timedelta(days=1)
    with app.application.begin() as work:
        return work.rosters.holds(Identity("teams", TENANT, object_id), long_ago)
