"""Random work on tickets against a simple model of it, on both databases."""

from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import NullPool, create_engine, text

from bot.desk.library import Library
from bot.domain.conversation import Addressed, OutcomeKind, Press
from bot.domain.ticket import Status, reference
from bot.storage import Database
from bot.storage.tables import metadata
from tests.conftest import Clock
from tests.desk.helpdesk import ROOM, Helpdesk, text_of
from tests.desk.test_moves import ENGINEERS, EVA

PEOPLE = ("ana", "tom", "carmen")
QUESTIONS = (
    "my flurbostat is leaking green goo",
    "blubber on the stairs, bring a mop",
    "the whatsit hums in the corner",
)
NAMES = {"eva": EVA, "eric": "slack:T1/eric"}


@dataclass
class Model:
    """A ticket as it should be."""

    status: str = "open"
    assignee: str = ""
    into: int | None = None


def claim(model: dict[int, Model], one: int, who: str) -> bool:
    ticket = model[one]
    if ticket.status != "open":
        return False
    ticket.status, ticket.assignee = "claimed", who
    return True


def assign(model: dict[int, Model], one: int, to: str) -> bool:
    ticket = model[one]
    if ticket.status not in ("open", "claimed") or ticket.assignee == to:
        return False
    ticket.status, ticket.assignee = "claimed", to
    return True


def release(model: dict[int, Model], one: int, who: str) -> bool:
    ticket = model[one]
    if ticket.status != "claimed" or ticket.assignee != who:
        return False
    ticket.status, ticket.assignee = "open", ""
    return True


def resolve(model: dict[int, Model], one: int, who: str) -> bool:
    ticket = model[one]
    if ticket.status != "claimed" or ticket.assignee != who:
        return False
    ticket.status = "resolved"
    return True


def merge(model: dict[int, Model], one: int, other: int) -> bool:
    live = ("open", "claimed")
    if one == other or model[one].status not in live or model[other].status not in live:
        return False
    for ticket in model.values():
        if ticket.into == one:
            ticket.into = other
    model[one] = Model("resolved", "", other)
    return True


def withdraw(model: dict[int, Model], one: int) -> bool:
    if model[one].status not in ("open", "claimed"):
        return False
    model[one].status = "withdrawn"
    for ticket in model.values():
        if ticket.into == one:
            ticket.status, ticket.into = "open", None
    return True


numbers, engineers = st.integers(1, 3), st.sampled_from(sorted(NAMES))
steps = st.one_of(
    st.tuples(st.sampled_from(("claim", "release", "resolve")), numbers, engineers),
    st.tuples(st.just("assign"), numbers, engineers),
    st.tuples(st.just("merge"), numbers, numbers),
    st.tuples(st.just("withdraw"), numbers, st.just("")),
)


def do(desk: Helpdesk, action: str, number: int, who: str | int) -> bool:
    """Play one step; whether it was done."""
    with desk.begin() as work:
        ticket = work.tickets.get(number)
    assert ticket is not None
    inputs: dict[str, str] | None = None
    presser = "eva"
    if action == "assign":
        inputs = {"engineer": NAMES[str(who)]}
    elif action == "merge":
        inputs = {"ticket": reference(int(who))}
    elif action == "withdraw":
        action, presser = "cancel", PEOPLE[number - 1]
    else:
        presser, inputs = str(who), {"note": "done"} if action == "resolve" else None
    press = Press(action, ticket.token, "", inputs)
    outcome = desk.say(presser, "", press=press, addressed=Addressed.PRESS, conversation=ROOM)
    assert outcome.kind in (OutcomeKind.DONE, OutcomeKind.REFUSED)
    assert outcome.kind is OutcomeKind.DONE or outcome.notice is not None
    return outcome.kind is OutcomeKind.DONE


def expected(model: dict[int, Model], action: str, number: int, who: str | int) -> bool:
    if action == "withdraw":
        return withdraw(model, number)
    if action == "merge":
        return merge(model, number, int(who))
    return {"claim": claim, "assign": assign, "release": release, "resolve": resolve}[action](
        model, number, str(who)
    )


def emptied(database: Database) -> Database:
    """The same database, as it was at the first start."""
    engine = create_engine(database.engine.url, poolclass=NullPool)
    with engine.connect() as connection:
        if database.sqlite:
            connection.execute(text("PRAGMA foreign_keys=OFF"))
            connection.execute(text("DROP TRIGGER IF EXISTS ticket_events_no_delete"))
            for table in metadata.sorted_tables:
                connection.execute(table.delete())
            connection.execute(text("DELETE FROM sqlite_sequence"))
        else:
            names = ", ".join(table.name for table in metadata.sorted_tables)
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        connection.commit()
    engine.dispose()
    return database


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sequence=st.lists(steps, max_size=14))
def test_tickets_are_as_the_model_says(
    database: Database,
    library: Library,
    clock: Clock,
    sequence: list[tuple[str, int, str | int]],
) -> None:
    desk = Helpdesk(emptied(database), library, clock, engineers=ENGINEERS)
    desk.say("eva", "hello")
    desk.say("eric", "hello")
    model = {number: Model() for number in (1, 2, 3)}
    for person, question in zip(PEOPLE, QUESTIONS, strict=True):
        desk.say(person, question)
    for step in sequence:
        assert do(desk, *step) == expected(model, *step), step
    with desk.begin() as work:
        for number, wanted in model.items():
            ticket = work.tickets.get(number)
            assert ticket is not None
            name = ticket.assignee.name.casefold() if ticket.assignee else ""
            assert (ticket.status, ticket.merged_into) == (wanted.status, wanted.into)
            if wanted.status == "claimed":
                assert name == wanted.assignee
            into = work.tickets.get(ticket.merged_into) if ticket.merged_into else None
            assert into is None or into.merged_into is None
            if ticket.merged_into and into is not None and into.status is Status.RESOLVED:
                told = desk.in_space(f"D{PEOPLE[number - 1]}")
                assert any(f"resolved {into.reference}" in text_of(reply) for reply in told)
