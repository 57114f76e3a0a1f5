"""Joins and separates the accounts of people: `firstline people`."""

from bot.cli import terminal
from bot.cli.data.database import opened_database
from bot.cli.data.personal import now, one_person, operator
from bot.domain.errors import NotJoined
from bot.domain.people import JoinHow, JoinResult
from bot.storage.personal.search import MOST, OWN, account_number, listed, search
from bot.storage.unit_of_work import units_of_work

_REFUSED = {
    JoinResult.SAME_CHANNEL: "both have an account in the same channel, and a person has one in each; look "
    "with `firstline people list`, and separate the wrong one first",
    JoinResult.ALREADY: "they are joined already",
}


def list_people(sought: str, *, as_json: bool) -> None:
    """Print people with their accounts."""
    database = opened_database()
    with database.transaction(reading=True) as db:
        found = search(db, sought) if sought else listed(db, MOST)
    if as_json:
        shown = [
            {
                "person": one.key,
                "name": one.name,
                "accounts": list(map(str, one.accounts)),
                "numbers": [f"{OWN}{number}" for number in one.people],
                "tickets": one.tickets,
            }
            for one in found
        ]
        terminal.print_json(shown)
        return
    if not found:
        nobody = (
            f"Nobody is known as {sought}."
            if sought
            else "No accounts are joined; name a person to see theirs."
        )
        terminal.console().tell(nobody)
        return
    table = terminal.table("person", "name", "accounts", "tickets")
    for one in found:
        table.add_row(one.key, one.name, "\n".join(map(str, one.accounts)), str(one.tickets))
    terminal.console().print(table)


def join_people(one: str, other: str) -> None:
    """Join two accounts, for an operator: they share tickets and rights from then on."""
    database = opened_database()
    first, second = one_person(database, one), one_person(database, other)
    with units_of_work(database)() as work:
        result = work.joins.join(first.id, second.id, JoinHow.OPERATOR, now(), operator())
    if result is not JoinResult.JOINED:
        raise NotJoined(f"{first.key} and {second.key} were not joined: {_REFUSED[result]}.")
    terminal.console(errors=True).tell(
        f"Joined {first.key} ({first.name}) and {second.key} ({second.name}). "
        f"`firstline people separate {second.key}` undoes it."
    )


def separate_account(account: str) -> None:
    """Take one account out of those that it is joined with."""
    database = opened_database()
    with database.transaction(reading=True) as db:
        number = account_number(db, account)
    if number is None:
        number = one_person(database, account).id
    with units_of_work(database)() as work:
        done = work.joins.separate(number, JoinHow.OPERATOR, now(), operator())
    if not done:
        raise NotJoined(f"{account} is joined with no other account; see `firstline people list`.")
    terminal.console(errors=True).tell(f"Separated {OWN}{number}: it has again what was made with it.")
