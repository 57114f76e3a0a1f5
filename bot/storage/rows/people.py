"""Names and languages of the people whom rows name."""

from typing import Any

from sqlalchemy import Column, Label, select

from bot.storage.schema.tables import people


def of_person(
    role: str, column: Column[Any], names: tuple[str, ...] = ("name", "language")
) -> list[Label[Any]]:
    """What is shown of the person whom a column names, as columns that begin with their role.

    A look-up for each, and no join: for a join PostgreSQL may read all people, to show one.
    """
    person = people.alias(role)
    return [
        select(person.c[name]).where(person.c.id == column).scalar_subquery().label(f"{role}_{name}")
        for name in names
    ]
