"""Names and languages of the people whom rows name."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Label, func, or_, select

from bot.domain.people import Person
from bot.storage.schema.accounts import joined_people
from bot.storage.schema.tables import people

ERASED = "[…]"  # in the place of a name, and at the begin of an account's; the same in every language


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


def joined_of(role: str, column: Column[Any]) -> Label[Any]:
    """What joins the account that a column names to others, as a column `<role>_joined`."""
    mine = joined_people.alias(f"{role}_joined_people")
    found = select(mine.c.joined_id).where(mine.c.person_id == column)
    return found.scalar_subquery().label(f"{role}_joined")


def is_named(name: str, *, in_part: bool = False) -> ColumnElement[bool]:
    """Whether somebody has this name, or with `in_part` it is in theirs; capital letters do not matter.

    The database folds what is compared. SQLite knows the letters of English alone, so what has others is
    looked for as people write names, too.
    """
    written = dict.fromkeys((name, name.lower(), name.title(), name.upper()))
    folded = func.lower(people.c.name)
    if not in_part:
        return folded.in_([func.lower(one) for one in written])
    parts = (one.replace("/", "//").replace("%", "/%").replace("_", "/_") for one in written)
    return or_(*(folded.like(func.lower(f"%{part}%"), escape="/") for part in parts))


def is_theirs(column: Column[Any], person: Person) -> ColumnElement[bool]:
    """Whether a column names one of a person's accounts; where none are joined nothing is looked up."""
    own = column == person.id
    if person.joined is None:
        return own
    others = select(joined_people.c.person_id).where(joined_people.c.joined_id == person.joined)
    return or_(own, column.in_(others))
