"""The databases of the end-to-end tests: on which a test runs, and what is in them."""

from typing import Any

import pytest
from sqlalchemy import create_engine, text

# What does not depend on the database is played on one of them.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)


def rows(database_url: str, query: str) -> list[Any]:
    """What a query finds in the server's database."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found
