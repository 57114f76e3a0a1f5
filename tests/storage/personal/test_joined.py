"""Whoever is exported, erased or looked for is meant with all accounts that are joined."""

from typing import Any

from sqlalchemy import select

from bot.domain.people import Identity, JoinHow
from bot.storage import Database
from bot.storage.personal.erasure import Erasure
from bot.storage.personal.export import gather_joined
from bot.storage.personal.search import listed, search
from bot.storage.schema.accounts import join_log, joined_people
from tests.support.desk.helpdesk import Helpdesk
from tests.support.unknown import UNKNOWN

ACCOUNTS = (Identity("slack", "T1", "ana"), Identity("teams", "tenant", "ana.t"))


def joined(helpdesk: Helpdesk) -> tuple[int, ...]:
    """Two joined accounts with a ticket each; our numbers of them."""
    for identity in ACCOUNTS:
        helpdesk.say(identity.external_id, f"{UNKNOWN} {identity.channel}", channel=identity.channel)
    with helpdesk.begin() as work:
        people = [person for one in ACCOUNTS if (person := work.people.known(one)) is not None]
        work.joins.join(people[0].id, people[1].id, JoinHow.OPERATOR, helpdesk.clock(), "root")
    return tuple(person.id for person in people)


def test_a_search_finds_one_person_with_all_accounts(helpdesk: Helpdesk, database: Database) -> None:
    numbers = joined(helpdesk)
    with database.transaction(reading=True) as db:
        for sought in ("Ana", "ana.t", "slack:T1/ana", f"person:{numbers[1]}"):
            [found] = search(db, sought)
            assert (found.accounts, found.people, found.tickets) == (ACCOUNTS, numbers, 2)
        assert [one.people for one in listed(db, 10)] == [numbers]


def test_an_export_holds_the_tickets_of_all_accounts(helpdesk: Helpdesk, database: Database) -> None:
    numbers = joined(helpdesk)
    with database.transaction(reading=True) as db:
        gathered = gather_joined(db, numbers)
    own, [other] = gathered["tickets"], gathered["joined_accounts"]
    assert [one["ticket"] for one in (*own, *other["tickets"])] == ["HELP-1001", "HELP-1002"]
    assert [entry["how"] for entry in other["joining"]] == ["operator"]


def test_an_erasure_takes_every_account_and_stops_at_the_log(helpdesk: Helpdesk, database: Database) -> None:
    numbers = joined(helpdesk)
    erasure = Erasure(database, helpdesk.clock)
    begun = erasure.begin(numbers[1], "root")
    assert len(begun) == 2
    for number in begun:
        while not erasure.step(number).finished:
            helpdesk.clock.move(minutes=1)
            helpdesk.deliver()
    with helpdesk.begin() as work:
        assert [work.people.known(one) for one in ACCOUNTS] == [None, None]
    with database.transaction(reading=True) as db:
        assert db.execute(select(joined_people)).all() == []
        kinds: list[Any] = list(db.execute(select(join_log.c.kind, join_log.c.how, join_log.c.by)))
    assert kinds == [("joined", "operator", "root"), ("separated", "erased", "root")]
