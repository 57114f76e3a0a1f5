"""Kinds of columns and indexes: ids that are never used again, aware times, references."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    TypeDecorator,
    literal_column,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware time, in UTC: SQLite drops the zone silently, so it is refused or restored here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQL, not a value: a statement that is compiled by hand must have it, too.
AT_ONCE: Any = literal_column("'2000-01-01 00:00:00.000000'")

# SQLite counts up, and never uses an id again, for INTEGER PRIMARY KEY AUTOINCREMENT only.
Id = BigInteger().with_variant(Integer, "sqlite")


def own_id() -> Column[Any]:
    """The primary key of a table whose rows are numbered."""
    return Column("id", Id, primary_key=True, autoincrement=True)


def to(table: str, name: str, *, null: bool = False) -> Column[Any]:
    """A column that names a row of a table."""
    return Column(name, Id, ForeignKey(f"{table}.id"), nullable=null)


def table(name: str, *parts: Any) -> Table:
    """A table whose ids are never used again."""
    return Table(name, metadata, *parts, sqlite_autoincrement=True)


def partial_index(where: str, name: str, *columns: str) -> Index:
    """An index of the rows for which this holds."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))
