"""Says in a statement from where it is to be planned, for databases that guess.

SQLite has no statistics of the rows, and PostgreSQL may plan a statement without its values: both then begin
where the words of the statement seem to say most, which may be the whole history of a room.
"""

from typing import Any

from sqlalchemy import Column, ColumnElement, literal_column


def afterwards(column: Column[Any]) -> ColumnElement[Any]:
    """A text that is compared when the row is found, and that no index leads to."""
    return column.concat("")


def by_number(column: Column[Any]) -> ColumnElement[Any]:
    """An id to sort by when the rows are found, in place of going through all in its order."""
    return column + 0


def is_status(column: Column[Any], status: str) -> ColumnElement[bool]:
    """Whether a row has a status, said as its partial index says it: a value comes after the plan."""
    if not status.isalpha():
        raise ValueError("a status is one word")
    return column == literal_column(f"'{status}'", column.type)
