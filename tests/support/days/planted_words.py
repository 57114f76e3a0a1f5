"""A desk full of what is somebody's, their erasure, and where it is looked for afterwards."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, LargeBinary, String, func, select

from bot.desk.ports.channels import ProviderSession, Session
from bot.domain.conversations.messages import Addressed, Attachment, Change, Line, Reply
from bot.domain.drafts.typed_draft import TypedDraft
from bot.domain.errors import DeliveryFailed
from bot.domain.people import Identity
from bot.domain.tickets.ticket import Status
from bot.storage import Database
from bot.storage.personal.erasure import Erasure, Step
from bot.storage.personal.search import search
from bot.storage.schema.columns import metadata
from bot.storage.schema.tables import people
from tests.support.desk.card_menu import do
from tests.support.desk.helpdesk import ROOM, Helpdesk
from tests.support.desk.outcomes import form_of, send
from tests.support.unknown import OTHER, THIRD, UNKNOWN

PLANTED = "planted"  # in whatever is somebody's
MAY_SHRINK = ("outbox", "privacy_log", "channel_memory", "holds", "changed_messages", "typed_drafts")
ANA, EVA = "plantedana", "plantedeva"
LINK = f"https://chat.example.com/{PLANTED}"
FILE = Attachment(f"{PLANTED}.png", "image/png", 3, source=f"{PLANTED}-F1", content=PLANTED.encode())


def columns() -> Iterator[Any]:
    """Every column that can hold words, from the schema itself."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, String | JSON | LargeBinary):
                yield column


def holding(database: Database) -> set[str]:
    """The columns in which something planted is."""
    found = set()
    with database.transaction(reading=True) as db:
        for column in columns():
            for value in db.execute(select(column)).scalars():
                text = value.decode() if isinstance(value, bytes) else json.dumps(value, default=str)
                if PLANTED in text.lower():
                    found.add(f"{column.table.name}.{column.name}")
    return found


def counts(database: Database) -> dict[str, int]:
    """How many rows each table has, but for posts, of which there are more when some are deleted."""
    with database.transaction(reading=True) as db:
        return {
            table.name: db.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in MAY_SHRINK
        }


def figures(desk: Helpdesk) -> Any:
    """What is told of the work in numbers."""
    with desk.begin() as work:
        return (
            work.ratings.mean(desk.clock().replace(year=2020)),
            [
                (one.id, one.status, one.priority, one.opened_at, one.closed_at, one.requester.id)
                for one in work.tickets.listed(tuple(Status), 99)
            ],
        )


def erase(desk: Helpdesk, person: str) -> Step:
    """Erase somebody to the end, with a server beside it; return the last step."""
    erasure = Erasure(desk.database, desk.clock)
    with desk.database.transaction(reading=True) as db:
        (found,) = search(db, f"slack:T1/{person}")
    [number] = erasure.begin(found.id, "operator")
    assert erasure.begin(found.id, "operator") == (number,), "what was begun goes on"
    with desk.database.transaction() as db:  # as a message does that was on its way in meanwhile
        db.execute(people.update().where(people.c.id == found.id).values(name=found.name, language="es"))
    for _ in range(500):
        step = erasure.step(number)
        if step.finished:
            assert erasure.unfinished() == ()
            return step
        if step.waits:
            desk.clock.move(minutes=1)
            desk.deliver()
    raise AssertionError(f"it does not end: {step}")


def play(desk: Helpdesk) -> None:
    """Everything that leaves words: questions, a ticket with all that can be said of it, edits, an outage."""
    with desk.begin() as work:
        work.memory.remember("slack", f"profile:{ANA}", json.dumps({"name": "Plantedana"}))
        work.memory.remember("slack", f"profile:{EVA}", json.dumps({"name": "Plantedeva"}))
        work.memory.remember("slack", "installation:of-nobody", "kept")  # as there always is something
        # As they are kept where there are several workspaces.
        work.memory.remember("slack", f"T1/profile:{ANA}", json.dumps({"name": "Plantedana"}))
        now = desk.clock()
        work.joins.note_address(Identity("slack", "T1", ANA), "the hash of an address", now)
        ends = now + timedelta(days=14)
        provider = ProviderSession(
            "Plantedana", "employee", f"{PLANTED}@x.example", PLANTED, "a hash", ends, ends, "h"
        )
        work.sessions.open("a key's hash", Session(ANA, "a token's hash", now, ends, provider))
        members = [Identity("slack", "T1", one) for one in (EVA, "eric", ANA)]
        work.rosters.replace(ROOM, members, desk.clock(), {one: one.external_id for one in members})
        typed = TypedDraft(now, "a hash", f"# {PLANTED}", f"intent: {PLANTED}")
        work.typed_drafts.keep(f"slack:T1/{EVA}", "ticket:1:en", typed)
    desk.say(ANA, f"I forgot my password {PLANTED}", thread="0.planted1")
    ticket = desk.claimed(ANA, EVA, f"{UNKNOWN} {PLANTED} 0", thread="1.0", link=LINK, message="planted-m1")
    desk.say(ANA, f"it smells {PLANTED} 1", thread="1.0", message="planted-m2", attachments=(FILE,), files=1)
    said = desk.writes(
        EVA, f"which colour? {PLANTED} 2", ticket, attachments=(FILE,), files=1, message="planted-m3"
    )
    desk.edits(said, f"what colour? {PLANTED} 3")
    desk.writes(EVA, f"!note she is {PLANTED} 4", ticket)
    desk.click(EVA, desk.button(desk.card(ticket), "ask_details"), conversation=ROOM)
    details = desk.button(desk.last(ANA), "details")
    send(desk, ANA, form_of(desk.click(ANA, details)), ask0=f"{PLANTED} 5")
    send(desk, ANA, form_of(desk.click(ANA, details)), ask0=f"{PLANTED} 6")
    for number in range(4):
        desk.say(ANA, "\n".join(f"{number}-{line} {PLANTED}" for line in range(50)), thread="1.0")
    desk.click(
        EVA, desk.button(desk.card(ticket), "resolve"), inputs={"note": f"{PLANTED} 7"}, conversation=ROOM
    )
    desk.click(EVA, desk.button(desk.card(ticket), "draft"), conversation=ROOM)
    rate = desk.button(desk.last(ANA), "rate", "2")
    desk.click(ANA, rate)
    comment = desk.button(desk.last(ANA), "comment")
    send(desk, ANA, form_of(desk.click(ANA, comment)), comment=f"{PLANTED} 8")
    second = desk.say(ANA, f"{OTHER} {PLANTED} 9", thread="2.0")
    do(
        desk,
        EVA,
        "group",
        str(second.ticket),
        title="Quibbletrons",
        notice_en="We are on it.",
        notice_es="Ya.",
    )
    third = desk.say("tom", f"{UNKNOWN} again", thread="3.0")
    assert third.ticket
    desk.writes(EVA, f"tom's own {PLANTED} 10", str(third.ticket))
    unseen = desk.utterance(
        ANA, f"an edit {PLANTED} 11", thread="9.0", message="planted-m9", change=Change.EDITED
    )
    desk.desk.intake.receive(unseen)
    channel = replace(ROOM, space="Chelp", thread="5.0")
    desk.say(ANA, f"{THIRD} {PLANTED} 12", conversation=channel, addressed=Addressed.MENTION, link=LINK)
    with desk.begin() as work:
        place = work.conversations.open(channel)
        only = Identity("slack", "T1", ANA)
        work.outbox.say(place, Reply((Line(f"{PLANTED} 13"),), summary="x"), desk.clock(), private_to=only)
    desk.failing[f"D{ANA}"] = DeliveryFailed("rate_limited", retry_after=1)
    desk.say(ANA, f"thanks {PLANTED} 14", thread="1.0")
    desk.failing.clear()
    desk.clock.move(minutes=1)
    desk.deliver()


def shown(desk: Helpdesk) -> list[str]:
    """What is seen in chat with something planted in it, but for what one person alone saw for a moment."""
    texts = (str(message.reply).lower() for message in desk.screen.values() if message.private_to is None)
    return [text for text in texts if PLANTED in text]


def remains(database: Database, url: str) -> list[str]:
    """The files, or the lines of a dump, in which something planted is."""
    if database.sqlite:
        path = Path(url.removeprefix("sqlite:///"))
        return [one.name for one in path.parent.iterdir() if PLANTED.encode() in one.read_bytes().lower()]
    with database.engine.connect() as connection:
        data = connection.exec_driver_sql("SELECT setting FROM pg_settings WHERE name = 'data_directory'")
        folder = Path(str(data.scalar_one()))
        connection.commit()
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM FULL")
        connection.exec_driver_sql("CHECKPOINT")
        files = connection.exec_driver_sql(
            "SELECT relname, pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 't', 'i')"
        )
        paths = [(name, folder / path) for name, path in files if path]
    return [name for name, path in paths if PLANTED.encode() in path.read_bytes().lower()]
