"""Who is erased here is to be forgotten in the other system, too, as far as it was mirrored."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import select

from bot import wording
from bot.backends import zendesk
from bot.desk.knowledge.library import Library
from bot.desk.ports.backends import BackendHost, InternalComment, NewRemoteTicket, OutgoingFile, PublicComment
from bot.domain.tickets.mirror import LIVE, NOBODY, MirrorField
from bot.storage import Database
from bot.storage.personal.erasure import Erasure
from bot.storage.personal.search import search
from bot.storage.schema.messages import outbox
from bot.storage.schema.mirrors import mirrors
from bot.storage.schema.tables import identities, ticket_events
from tests.support.clock import Clock
from tests.support.desk.card_menu import do
from tests.support.desk.helpdesk import ROOM
from tests.support.fakes.jira.in_play import in_jira
from tests.support.fakes.mirrors.desk import MirroredDesk
from tests.support.fakes.mirrors.zendesk import ANA, ANN, BOB, OURS, FakeZendesk
from tests.support.fakes.mirrors.zendesk_desk import in_zendesk, settings_at
from tests.support.unknown import UNKNOWN

Started = Callable[..., AbstractAsyncContextManager[tuple[MirroredDesk, Any]]]
each_system = pytest.mark.parametrize("started", [in_jira, in_zendesk], ids=["jira", "zendesk"])
FIELDS = {MirrorField.STATUS: LIVE, MirrorField.ASSIGNEE: NOBODY, MirrorField.PRIORITY: "high"}


async def erase(desk: MirroredDesk, account: str) -> None:
    """Erase somebody to the end, with a server beside it."""
    helpdesk = desk.helpdesk
    erasure = Erasure(helpdesk.database, helpdesk.clock)
    with helpdesk.database.transaction(reading=True) as db:
        (found,) = search(db, account)
    (number,) = erasure.begin(found.id, "operator")
    for _ in range(200):
        step = erasure.step(number)
        if step.finished:
            return
        if step.waits:
            helpdesk.clock.move(minutes=1)
            await desk.deliver()
    raise AssertionError(f"it does not end: {step}")


def all_texts(there: Any) -> str:
    """Everything that stands in the other system about tickets."""
    said = [text for one in there.tickets for text in (*there.public_texts(one), *there.internal_texts(one))]
    return json.dumps([said, list(there.tickets.values())], default=str)


@each_system
async def test_no_word_of_the_requester_is_left_there(
    database: Database, library: Library, clock: Clock, started: Started
) -> None:
    async with started(database, library, clock) as (desk, there):
        helpdesk = desk.helpdesk
        helpdesk.claimed(text=f"{UNKNOWN} planted")
        await desk.deliver()
        await desk.read()
        helpdesk.say("ana", "planted, too", thread="1.0")
        helpdesk.writes("eva", "Is it planted?")
        helpdesk.writes("eva", "// she said planted")
        await desk.deliver()
        assert all_texts(there).count("planted") >= 4
        await erase(desk, "slack:T1/ana")
        clock.move(hours=1)
        await desk.deliver()
        assert "planted" not in all_texts(there)
        assert UNKNOWN not in all_texts(there)
        with database.transaction(reading=True) as db:
            of_mirror = select(outbox.c.status).where(outbox.c.status == "dead")
            assert db.execute(of_mirror).all() == []


@each_system
async def test_no_account_of_an_agent_is_kept(
    database: Database, library: Library, clock: Clock, started: Started
) -> None:
    async with started(database, library, clock) as (desk, there):
        desk.helpdesk.say("ana", UNKNOWN)
        await desk.deliver()
        await desk.read()
        number = int(desk.remote_id(1))
        clock.move(minutes=1)
        there.update(ANN, number, assignee_id=ANN)
        await desk.hear(str(number))
        clock.move(minutes=1)
        # Both sides change it, so that the history tells of a conflict.
        do(desk.helpdesk, "eva", "assign", engineer="slack:T1/eva")
        there.update(ANN, number, assignee_id=BOB)
        await desk.hear(str(number))
        assert "mirror_conflict" in kinds(database)
        clock.move(minutes=1)
        there.update(ANN, number, assignee_id=ANN)
        await desk.hear(str(number))
        assert str(ANN) in kept(database)
        there.update(BOB, number, assignee_id=BOB)  # whoever works on it there is met again
        await erase(desk, f"{desk.channel}:/{ANN}")
        assert str(ANN) not in kept(database)
        # It goes on: no account is written there that leads to nobody.
        clock.move(hours=1)
        press(desk, "eric", "prioritize", {"priority": "4"})
        await desk.deliver()
        await desk.hear(str(number))
        assert str(ANN) not in kept(database)
        assert there.tickets[number]["assignee_id"] in (None, BOB, str(BOB))
        assert there.tickets[number]["priority"] == "urgent"


def press(desk: MirroredDesk, who: str, action: str, inputs: dict[str, str] | None = None) -> None:
    helpdesk = desk.helpdesk
    button = helpdesk.button(helpdesk.card("HELP-1001"), action)
    helpdesk.click(who, button, conversation=ROOM, inputs=inputs or {})


def kinds(database: Database) -> list[str]:
    with database.transaction(reading=True) as db:
        return list(db.execute(select(ticket_events.c.kind)).scalars())


def kept(database: Database) -> str:
    """Where the accounts of other systems' people could be."""
    with database.transaction(reading=True) as db:
        found = [
            db.execute(select(mirrors.c.agreed)).scalars().all(),
            db.execute(select(ticket_events.c.detail)).scalars().all(),
            db.execute(select(identities.c.external_id)).scalars().all(),
        ]
    return json.dumps(found)


# --- Zendesk, where more is the requester's than Firstline wrote ------------------------------------------


@asynccontextmanager
async def played(clock: Clock) -> AsyncIterator[tuple[Any, FakeZendesk]]:
    there = FakeZendesk(clock)
    async with there.served() as url:
        host = BackendHost(wording.load(), clock, "en", "")
        backend = zendesk.build(settings_at(url, zendesk_match_addresses=True), host)
        yield backend, there
        await backend.stop()


async def test_what_the_requester_wrote_and_sent_in_zendesk_goes_and_others_words_stay(clock: Clock) -> None:
    async with played(clock) as (backend, there):
        new = NewRemoteTicket("HELP-1", "My desk is on fire", "Ana", FIELDS, "ana@acme.example")
        made = await backend.create(new, "key", again=False)
        number = int(made.id)
        assert there.tickets[number]["requester_id"] == ANA
        file = OutgoingFile("planted.png", "image/png", b"planted")
        await backend.say(made.id, PublicComment("Ana", "planted 1\nplanted 2", (file,)), "1", again=False)
        await backend.say(made.id, InternalComment("Eva", "planted 3"), "2", again=False)
        there.update(ANA, number, comment={"body": "planted 4", "public": True})
        there.update(ANN, number, comment={"body": "An agent's own word.", "public": False})
        await backend.forget(made.id)
        requests = len(there.requests)
        await backend.forget(made.id)
        assert "planted" not in all_texts(there)
        assert "fire" not in all_texts(there)
        assert "planted" not in json.dumps(there.comments)
        assert b"planted" not in [one["content"] for one in there.files.values()]
        assert there.tickets[number]["requester_id"] == OURS
        assert "An agent's own word." in there.internal_texts(number)
        again = [path for method, path, _ in there.requests[requests:] if method == "PUT"]
        assert again == [f"/api/v2/tickets/{number}"]
