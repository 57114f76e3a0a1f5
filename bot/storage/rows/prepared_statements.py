"""Statements that are built and compiled once, when they are first needed.

Building one costs several times what running it costs, and so does SQLAlchemy's way from a built statement to
the driver: whatever stands on the way of one message is a `Prepared` constant of its module, takes its values
as parameters, and runs on the driver's own cursor.
"""

import json
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    String,
    Table,
    TypeDecorator,
    any_,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.visitors import replacement_traverse

Values = Mapping[str, object]
Process = Callable[[Any], Any] | None
Among = Callable[[ColumnElement[Any], str], ColumnElement[bool]]


def given(column: Column[Any], name: str = "") -> BindParameter[Any]:
    """A value to be given when the statement runs, as `p_<column>` or under this name."""
    return bindparam(name or f"p_{column.name}", type_=column.type)


class _JsonList(TypeDecorator[Any]):
    """A list as the text that SQLite takes apart."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str:  # noqa: ARG002  the signature is SQLAlchemy's
        return json.dumps(list(value))


def with_lists(build: Callable[[Among], ClauseElement]) -> Mapping[str, Any]:
    """A statement that asks whether a value is among those of a list, given as one parameter, by dialect.

    `build` makes it with a function of a column and a parameter's name.
    """

    def in_sqlite(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        given_list = func.json_each(bindparam(name, type_=_JsonList)).table_valued("value")
        return column.in_(select(given_list.c.value))

    def in_postgresql(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        return column == any_(bindparam(name, type_=ARRAY(column.type)))

    return {"sqlite": build(in_sqlite), "postgresql": build(in_postgresql)}


def entries(table: Table) -> Mapping[str, Any]:
    """An INSERT that knows ON CONFLICT, by dialect."""
    return {"sqlite": sqlite.insert(table), "postgresql": postgresql.insert(table)}


def upsert(connection: Connection, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, in the dialect of this connection."""
    return entries(table)[dialect(connection)]


def dialect(connection: Connection) -> str:
    """The key of a statement that differs by dialect."""
    return connection.dialect.name


class Prepared:
    """A statement, or one by dialect, that is compiled once for each dialect and set of names.

    Its values are converted as its types say, in both directions; lists of values are for `with_lists`, an
    expanding IN is not. Errors are the driver's own.
    """

    def __init__(self, statement: ClauseElement | Mapping[str, Any]) -> None:
        self._statement = statement
        self._compiled: dict[tuple[str, ...], _Compiled] = {}

    def all(self, connection: Connection, values: Values) -> list[Any]:
        """Every row, its columns by name."""
        compiled = self._for(connection, values)
        cursor = _cursor(connection)
        cursor.execute(compiled.text, compiled.parameters(values))
        rows = compiled.rows(cursor.fetchall())
        cursor.close()
        return rows

    def first(self, connection: Connection, values: Values) -> Any | None:
        """The first row, or None."""
        rows = self.all(connection, values)
        return rows[0] if rows else None

    def one(self, connection: Connection, values: Values) -> Any:
        """The one row that must be there; raise `LookupError`."""
        rows = self.all(connection, values)
        if len(rows) != 1:
            raise LookupError(f"one row was expected, and there are {len(rows)}")
        return rows[0]

    def number(self, connection: Connection, values: Values) -> int:
        """The first column of the one row that must be there: an id, or a count."""
        return int(self.one(connection, values)[0])

    def run(self, connection: Connection, values: Values) -> int:
        """Run what returns no rows; return how many rows it touched."""
        compiled = self._for(connection, values)
        cursor = _cursor(connection)
        cursor.execute(compiled.text, compiled.parameters(values))
        touched = int(cursor.rowcount)
        cursor.close()
        return touched

    def _for(self, connection: Connection, values: Values) -> "_Compiled":
        key = (connection.dialect.name, *values)
        found = self._compiled.get(key)
        if found is None:
            statement = self._statement
            chosen = statement[key[0]] if isinstance(statement, Mapping) else statement
            found = self._compiled[key] = _Compiled(chosen, connection, tuple(values))
        return found


class _Compiled:
    """A statement's text in one dialect, and what converts its values and its rows."""

    def __init__(self, statement: Any, connection: Connection, names: Sequence[str]) -> None:
        made = connection.dialect
        if made.name == "sqlite":
            statement = _with_its_own_texts(statement)
        # An INSERT has the columns that it is given; anything else says itself what it takes.
        compiled = statement.compile(dialect=made, column_keys=names if statement.is_insert else None)
        self.text = str(compiled)
        self._positional = bool(compiled.positional)
        self._binds = [
            (name, compiled.binds[name].type.dialect_impl(made).bind_processor(made))
            for name in (compiled.positiontup if self._positional else compiled.params)
        ]
        self._constants = {
            name: value for name, value in compiled.params.items() if not compiled.binds[name].required
        }
        columns = getattr(statement, "exported_columns", ())
        self._row: Any = namedtuple("Row", [column.key for column in columns])  # type: ignore[misc]  # its names are known only now
        self._converted = [
            (index, process)
            for index, column in enumerate(columns)
            if (process := column.type.dialect_impl(made).result_processor(made, None)) is not None
        ]

    def parameters(self, values: Values) -> Any:
        """Values as the driver takes them; raise `KeyError` where one is missing."""
        given_values = {**self._constants, **values} if self._constants else values
        if self._positional:
            return [
                process(given_values[name]) if process is not None else given_values[name]
                for name, process in self._binds
            ]
        return {
            name: process(given_values[name]) if process is not None else given_values[name]
            for name, process in self._binds
        }

    def rows(self, rows: Iterable[Sequence[Any]]) -> list[Any]:
        """The driver's rows with their columns by name."""
        if not self._converted:
            return [self._row(*row) for row in rows]
        return [self._row(*self._convert(list(row))) for row in rows]

    def _convert(self, row: list[Any]) -> list[Any]:
        for index, process in self._converted:
            row[index] = process(row[index])
        return row


def _with_its_own_texts(statement: Any) -> Any:
    """A statement for SQLite with what it always says written out, where that is text.

    SQLite looks at a parameter that is compared with a column of a partial index, or by LIKE, and then
    prepares the statement anew each time that it runs.
    """

    def written_out(part: Any, **_: object) -> Any:
        if not isinstance(part, BindParameter) or part.required or not isinstance(part.value, str):
            return None
        return literal_column("'" + part.value.replace("'", "''") + "'", part.type)

    replace: Any = written_out
    return replacement_traverse(statement, {}, replace)


def _cursor(connection: Connection) -> Any:
    return connection.connection.cursor()
