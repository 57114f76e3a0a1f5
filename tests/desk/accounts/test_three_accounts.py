"""Three accounts of one person: who leaves takes along what held by them alone."""

import pytest
from sqlalchemy import select

from bot.domain.people import Identity, JoinHow, JoinResult
from bot.storage.schema.accounts import joined_people
from tests.support.desk.helpdesk import Helpdesk

CHANNELS = {"s": "slack", "t": "teams", "w": "web"}
Groups = list[set[str]]


def joined(helpdesk: Helpdesk, joins: str) -> tuple[dict[str, int], list[JoinResult]]:
    """Meet an account of each channel and join them in turn: `s=t` by clicks, `s~t` by an address."""
    numbers = {}
    with helpdesk.begin() as work:
        for name, channel in CHANNELS.items():
            numbers[name] = work.people.meet(Identity(channel, "", name), name, None, helpdesk.clock()).id
        ways = {"=": JoinHow.CONFIRMED, "~": JoinHow.EMAIL}
        results = [
            work.joins.join(numbers[pair[0]], numbers[pair[-1]], ways[pair[1]], helpdesk.clock())
            for pair in joins.split()
        ]
    return numbers, results


def groups(helpdesk: Helpdesk, numbers: dict[str, int], column: str) -> Groups:
    """Who is one person, or shares rights, by what the rows say."""
    found: dict[int, set[str]] = {}
    names = {number: name for name, number in numbers.items()}
    with helpdesk.database.engine.connect() as connection:
        for row in connection.execute(select(joined_people)):
            if row._mapping[column] is not None:
                found.setdefault(row._mapping[column], set()).add(names[row.person_id])
    return sorted(found.values(), key=sorted)


@pytest.mark.parametrize(
    ("joins", "leaves", "one_person", "share_rights"),
    [
        ("s=t t=w", "t", [], []),
        ("s=t w=t", "t", [], []),
        ("s=t t=w", "s", [{"t", "w"}], [{"t", "w"}]),
        ("s=t t=w s=w", "t", [{"s", "w"}], [{"s", "w"}]),
        ("s~t t~w s~w", "t", [{"s", "w"}], []),
        ("s=t t=w s~w", "t", [{"s", "w"}], []),
        ("s=t t~w", "t", [], []),
        ("s=t t~w", "s", [{"t", "w"}], []),
        ("s~t t=w", "s", [{"t", "w"}], [{"t", "w"}]),
        ("s=t", "s", [], []),
    ],
)
def test_the_others_stay_one_person_where_they_were_joined_without_who_left(
    helpdesk: Helpdesk, joins: str, leaves: str, one_person: Groups, share_rights: Groups
) -> None:
    numbers, _ = joined(helpdesk, joins)
    with helpdesk.begin() as work:
        assert work.joins.separate(numbers[leaves], JoinHow.CHAT, helpdesk.clock())
    assert groups(helpdesk, numbers, "joined_id") == one_person
    assert groups(helpdesk, numbers, "confirmed_id") == share_rights


def test_what_was_separated_before_holds_nobody_together(helpdesk: Helpdesk) -> None:
    numbers, _ = joined(helpdesk, "s=w")
    with helpdesk.begin() as work:
        work.joins.separate(numbers["w"], JoinHow.CHAT, helpdesk.clock())
    joined(helpdesk, "s=t t=w")
    with helpdesk.begin() as work:
        work.joins.separate(numbers["t"], JoinHow.CHAT, helpdesk.clock())
    assert groups(helpdesk, numbers, "joined_id") == []


def test_who_is_joined_through_a_third_hears_so_and_it_is_entered_once(helpdesk: Helpdesk) -> None:
    _, results = joined(helpdesk, "s=t t=w s=w s=w w=s")
    assert results == [*[JoinResult.JOINED] * 2, *[JoinResult.ALREADY] * 3]
    with helpdesk.database.engine.connect() as connection:
        assert len(connection.exec_driver_sql("SELECT id FROM join_log").all()) == 3
