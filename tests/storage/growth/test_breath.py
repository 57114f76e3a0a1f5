"""What one person sends in one breath is stored by its length, and all of it reaches the engineers."""

from typing import Any

import pytest
from sqlalchemy import JSON, LargeBinary, String, Text, cast, func, select

from bot.desk.conversations import message_grouping
from bot.domain.tickets.ticket import Status
from bot.storage import Database
from bot.storage.schema.columns import metadata
from tests.support.desk.helpdesk import ROOM, Helpdesk
from tests.support.unknown import UNKNOWN

LONG = 2_000  # characters of a message


def stored(database: Database) -> int:
    """How many characters and bytes people and the bot wrote, in all tables together."""
    kinds = (String, LargeBinary, JSON)
    with database.engine.connect() as connection:
        columns = [
            one for table in metadata.sorted_tables for one in table.columns if isinstance(one.type, kinds)
        ]
        found = [connection.execute(select(func.sum(func.length(_as_text(one))))).scalar() for one in columns]
    return sum(int(length or 0) for length in found)


def _as_text(column: Any) -> Any:
    return cast(column, Text) if isinstance(column.type, JSON) else column


def sends(helpdesk: Helpdesk, number: int, length: int, person: str = "ana") -> list[str]:
    """Somebody sends so many messages, a second apart; their texts."""
    texts = [f"line {at} of {UNKNOWN} ".ljust(length, "x") for at in range(number)]
    for text in texts:
        helpdesk.say(person, text, channel="web")
        helpdesk.clock.move(seconds=1)
    return texts


def shown_to_engineers(helpdesk: Helpdesk) -> str:
    """Everything that the engineers' room shows."""
    return "\n".join(helpdesk.texts_in(ROOM.space))


@pytest.mark.parametrize("length", [30, LONG])
def test_twice_as_many_messages_take_twice_the_place(helpdesk: Helpdesk, length: int) -> None:
    few = takes(helpdesk, "ana", 12, length)
    many = takes(helpdesk, "bob", 24, length)
    assert many <= 2 * few


def takes(helpdesk: Helpdesk, person: str, number: int, length: int) -> int:
    """How much is stored of so many messages of somebody."""
    before = stored(helpdesk.database)
    sends(helpdesk, number, length, person)
    return stored(helpdesk.database) - before


@pytest.mark.parametrize(("number", "length"), [(message_grouping.MOST_MESSAGES + 5, 60), (6, 15_000)])
def test_what_does_not_fit_into_the_question_is_shown_under_its_card(
    helpdesk: Helpdesk, number: int, length: int
) -> None:
    texts = sends(helpdesk, number, length)
    shown = shown_to_engineers(helpdesk)
    with helpdesk.begin() as work:
        (ticket,) = work.tickets.listed(tuple(Status), 50)
        question = work.texts.get(ticket.question_id)
    assert len(question) <= message_grouping.LONGEST_QUESTION
    assert [text for text in texts if text not in shown and text not in question] == []
    assert texts[-1] not in question
    assert texts[-1] in shown


def test_what_does_not_fit_into_a_question_without_a_ticket_is_a_question_of_its_own(
    helpdesk: Helpdesk,
) -> None:
    helpdesk.say("ana", "it does not work", channel="web")  # the bot asks back
    texts = sends(helpdesk, 3, message_grouping.LONGEST_QUESTION - 100)
    assert [text for text in texts if text not in shown_to_engineers(helpdesk)] == []
