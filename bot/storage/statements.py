"""Parts for statements that are built once, when their module is read.

Building one costs several times what running it costs, so whatever stands on the way of one message is a
constant of its module and takes its values as parameters.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BindParameter, Column, Connection, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite


def given(column: Column[Any], name: str = "") -> BindParameter[Any]:
    """A value to be given when the statement runs, as `p_<column>` or under this name."""
    return bindparam(name or f"p_{column.name}", type_=column.type)


def entries(table: Table) -> Mapping[str, Any]:
    """An INSERT that knows ON CONFLICT, by dialect."""
    return {"sqlite": sqlite.insert(table), "postgresql": postgresql.insert(table)}


def dialect(connection: Connection) -> str:
    """The key of a statement that differs by dialect."""
    return connection.dialect.name
