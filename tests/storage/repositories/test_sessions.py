"""The book of sessions, on both databases: one winner each, and nothing of use in what is over."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.desk.ports.channels import ProviderSession, Session
from bot.storage import Database
from bot.storage.repositories.channel_memory import MOST_SIGNED_IN
from bot.storage.schema.tables import sessions
from bot.storage.unit_of_work import ChannelSessions, units_of_work
from tests.support.clock import START

HOUR = timedelta(hours=1)
SAID = ProviderSession("Ana", "engineer", "ana@example.com", "sealed", "sid", START + HOUR, START + 12 * HOUR)


@pytest.fixture
def book(database: Database) -> ChannelSessions:
    return ChannelSessions(units_of_work(database))


def session(person: str = "oidc:ana", at: datetime = START, sign_in: str = "", **said: Any) -> Session:
    return Session(
        person, "grant", at, at + 2 * HOUR, replace(SAID, sign_in=sign_in or f"of {person}", **said)
    )


def test_what_a_provider_said_is_kept_whole(book: ChannelSessions) -> None:
    assert book.open("a", session())
    assert book.open("t", Session("tom", "grant", START, START + HOUR))
    assert book.find("a", START) == session()
    assert book.find("t", START) == Session("tom", "grant", START, START + HOUR)
    renewed = replace(SAID, role="employee", email="", sealed="anew", look_at=START + 2 * HOUR)
    book.renew("a", renewed)
    book.extend("a", START + 3 * HOUR)
    assert book.find("a", START + 2 * HOUR) == replace(
        session(), expires_at=START + 3 * HOUR, provider=replace(renewed, sign_in="of oidc:ana")
    )


def test_one_sign_in_opens_one_session_whoever_is_faster(book: ChannelSessions) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda key: book.open(key, session(sign_in="once")), "abcd"))
    assert sorted(opened) == [False, False, False, True]
    assert sum(book.find(key, START) is not None for key in "abcd") == 1


def test_one_replica_asks_the_provider(book: ChannelSessions) -> None:
    book.open("a", session())
    due, later = START + HOUR, START + 2 * HOUR
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: book.take_look("a", due, later), range(4)))
    assert sorted(taken) == [False, False, False, True]
    assert book.take_look("a", later, later + HOUR)
    book.end("a", START)
    assert not book.take_look("a", later + HOUR, later + 2 * HOUR)


def test_what_is_over_holds_nothing_of_use(book: ChannelSessions, database: Database) -> None:
    book.open("ended", session(sign_in="1"))
    book.open("left", session("oidc:tom", sign_in="2"))
    assert book.end("ended", START) == "oidc:ana"
    book.renew("ended", SAID)  # what was on its way when it ended
    book.open("later", session("oidc:eva", START + 3 * HOUR, sign_in="3"))
    columns = sessions.c.key_hash, sessions.c.name, sessions.c.email, sessions.c.sealed, sessions.c.role
    with database.transaction(reading=True) as db:
        rows = {row.key_hash: tuple(row)[1:] for row in db.execute(select(*columns))}
    assert rows == {
        "ended": (None, None, None, "engineer"),
        "left": (None, None, None, "engineer"),
        "later": ("Ana", "ana@example.com", "sealed", "engineer"),
    }
    assert book.find("ended", START) is None


def test_a_provider_ends_one_session_or_all_of_a_person(book: ChannelSessions) -> None:
    for key, person, sid in (("a", "oidc:ana", "1"), ("b", "oidc:ana", "2"), ("c", "oidc:tom", "3")):
        book.open(key, session(person, sign_in=key, sid=sid))
    assert book.end_all("", "", START) == 0
    assert book.end_all("", "1", START) == 1
    assert [book.find(key, START) is not None for key in "abc"] == [False, True, True]
    assert book.end_all("oidc:ana", "", START) == 1
    assert [book.find(key, START) is not None for key in "abc"] == [False, False, True]


def test_of_several_sessions_the_one_that_was_asked_last_counts_and_none_in_doubt(
    book: ChannelSessions,
) -> None:
    book.open("a", session(sign_in="1", role="employee", look_at=START + 2 * HOUR))
    book.open("b", session(at=START + HOUR, sign_in="2"))  # newer, of an older word
    book.open("t", session("oidc:tom", sign_in="3"))
    now = START + HOUR

    def roles() -> dict[str, str]:
        return {one.person: one.provider.role for one in book.signed_in("grant", now) if one.provider}

    assert roles() == {"oidc:ana": "employee", "oidc:tom": "engineer"}
    book.doubt("oidc:ana")
    assert roles() == {"oidc:tom": "engineer"}
    for key in "ab":
        found = book.find(key, now)
        assert found is not None
        assert found.provider is not None
        assert found.provider.look_at < START  # the provider is asked at once
        asked = book.take_look(key, found.provider.look_at, now + HOUR)
        assert asked
    assert roles() == {"oidc:ana": "engineer", "oidc:tom": "engineer"}


def test_somebody_with_very_many_sessions_keeps_nobody_off_the_list(
    book: ChannelSessions, database: Database
) -> None:
    book.open("a", session())
    with database.transaction() as db:
        one = dict(db.execute(select(sessions)).one()._mapping)
        many = [{**one, "key_hash": f"a{number}", "sign_in_hash": None} for number in range(MOST_SIGNED_IN)]
        db.execute(insert(sessions), many)
    for person in ("oidc:tom", "oidc:eva"):
        book.open(person, session(person, at=START + HOUR))
    found = {one.person for one in book.signed_in("grant", START + HOUR)}
    assert found == {"oidc:ana", "oidc:tom", "oidc:eva"}


def test_who_is_signed_in_and_their_address(book: ChannelSessions) -> None:
    book.open("a", session(sign_in="1"))
    book.open("b", session(at=START + HOUR, sign_in="2", name="Ana Ruiz", email="ruiz@example.com"))
    book.open("c", session("oidc:tom", sign_in="3", email=""))
    book.open("d", replace(session("oidc:eva", sign_in="4"), grant="another"))
    now = START + HOUR
    found = {one.person: one.provider.name for one in book.signed_in("grant", now) if one.provider}
    assert found == {"oidc:ana": "Ana Ruiz", "oidc:tom": "Ana"}
    people = ("oidc:ana", "oidc:tom", "nobody")
    assert [book.verified_email(person, now) for person in people] == ["ruiz@example.com", "", ""]
    book.end("b", now)
    assert book.verified_email("oidc:ana", now) == "ana@example.com"
    assert book.verified_email("oidc:ana", START + 2 * HOUR) == ""
