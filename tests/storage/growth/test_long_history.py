"""The long history that tests and measurements stand on is one that the desk could have made."""

import pytest
from sqlalchemy import MetaData, Table, func, inspect, select
from sqlalchemy.exc import IntegrityError

from bot.storage import Database
from bot.storage.schema.columns import metadata
from bot.storage.schema.messages import outbox
from bot.storage.schema.tables import conversations, ticket_events, tickets
from tests.support.days.history import BEYOND, EVENTS, OF_ONE, POSTS, ROWS, add_history

FEW, MORE = 2 * OF_ONE, 5 * OF_ONE  # closed tickets, made in two goes


def _dangling(database: Database, of: MetaData) -> dict[str, int]:
    """How many rows name one that is not there, by the column that names it."""
    found: dict[str, int] = {}
    with database.transaction(reading=True) as connection:
        for table in of.sorted_tables:
            for key in table.foreign_keys:
                other = key.column.table.alias()
                there = select(other).where(other.c[key.column.name] == key.parent).exists()
                lost = select(func.count()).select_from(table).where(key.parent.is_not(None), ~there)
                if count := connection.execute(lost).scalar_one():
                    found[str(key.parent)] = count
    return found


def _count(database: Database, table: Table) -> int:
    with database.transaction(reading=True) as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_every_row_of_the_history_fits_to_the_others(database: Database) -> None:
    add_history(database, FEW)
    add_history(database, MORE, FEW)
    counted = {name: _count(database, metadata.tables[name]) for name in ROWS}
    assert counted == {name: round(MORE * each) for name, (_, _, each) in ROWS.items()}
    assert _dangling(database, metadata) == {}


def test_every_ticket_of_the_history_was_worked_on_to_its_end(database: Database) -> None:
    add_history(database, MORE)
    last = select(ticket_events.c.ticket_id, ticket_events.c.kind).order_by(ticket_events.c.id)
    states = select(tickets.c.id, tickets.c.status)
    numbers = select(outbox.c.conversation_id, outbox.c.number).where(outbox.c.status == "sent")
    following = select(conversations.c.id, conversations.c.next_number)
    with database.transaction(reading=True) as connection:
        ends = {row[0]: row[1] for row in connection.execute(last)}
        assert ends == {row[0]: row[1] for row in connection.execute(states)}
        assert set(ends.values()) == {"resolved", "withdrawn"}
        posts: dict[int, list[int]] = {}
        for conversation, number in connection.execute(numbers.order_by(outbox.c.id)):
            posts.setdefault(conversation, []).append(number)
        next_numbers = {row[0]: row[1] for row in connection.execute(following)}
    assert {one: [*range(1, following)] for one, following in next_numbers.items()} == posts
    assert sum(map(len, posts.values())) == POSTS * MORE
    assert _count(database, ticket_events) == EVENTS * MORE


def test_what_comes_later_has_other_ids_and_the_rules_of_the_schema_hold_again(database: Database) -> None:
    indexes = _indexes(database)
    add_history(database, FEW)
    assert _indexes(database) == indexes
    with database.transaction() as connection:
        one = connection.execute(outbox.select().limit(1)).mappings().one()
        new = {name: value for name, value in one.items() if name != "id"} | {"number": 99}
        made = connection.execute(outbox.insert().values(**new)).inserted_primary_key
    assert made is not None
    assert made[0] > BEYOND
    with pytest.raises(IntegrityError), database.transaction() as connection:
        connection.execute(outbox.insert().values(**new | {"number": 100, "ticket_id": BEYOND}))


def _indexes(database: Database) -> dict[str, set[str | None]]:
    inspected = inspect(database.engine)
    return {name: {index["name"] for index in inspected.get_indexes(name)} for name in metadata.tables}
