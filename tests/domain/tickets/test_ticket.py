"""Numbers of tickets, what may be done to one, and priorities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conversations.commands import parse_command
from bot.domain.tickets.ticket import (
    RULES,
    Priority,
    Status,
    TicketAction,
    as_written_here,
    find_references,
    format_reference,
    parse_ticket_id,
)


@given(st.integers(min_value=1, max_value=10**9))
def test_numbers_are_read_as_they_are_written(ticket_id: int) -> None:
    assert ticket_id == parse_ticket_id(format_reference(ticket_id))


@pytest.mark.parametrize("hyphen", ["\u2010", "\u2011", "\u2012", "\u2013", "\u2212"])
def test_a_number_is_read_with_the_hyphens_of_word_processors(hyphen: str) -> None:
    written = f"help{hyphen}1042"
    assert parse_ticket_id(written) == parse_ticket_id("HELP-1042")
    assert [as_written_here(found[0]) for found in find_references(f"see {written}, please")] == ["HELP-1042"]
    command = parse_command(f"cancel {written}")
    assert command is not None
    assert command.ticket_id == parse_ticket_id("HELP-1042")


@given(st.text(max_size=40))
def test_anything_may_be_read_as_a_number(text: str) -> None:
    found = parse_ticket_id(text)
    assert found is None or found > 0


def test_every_move_leads_somewhere_else() -> None:
    assert set(TicketAction) == set(RULES)
    # These two may stay where they are: who comes first is known by the assignee or queue that they saw.
    for move in set(TicketAction) - {TicketAction.ASSIGN, TicketAction.TRANSFER}:
        assert RULES[move].target not in RULES[move].sources
    assert {Status.OPEN} == set(RULES[TicketAction.CLAIM].sources)


def test_priorities_rise_to_urgent_and_no_further() -> None:
    assert Priority.NORMAL.raised() == Priority.HIGH
    assert Priority.URGENT.raised() == Priority.URGENT
    assert Priority.parse(None) == Priority.NORMAL
