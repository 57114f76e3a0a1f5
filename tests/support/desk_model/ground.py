"""What the desk and its model both know: places, people, a queue, and what is read and offered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st
from sqlalchemy import NullPool, create_engine, event, text

from bot import wording
from bot.domain.conversations.messages import Button, Click, Outcome, OutcomeKind, Utterance
from bot.domain.tickets.queues import Queue, Target
from bot.domain.tickets.ticket import Priority
from bot.storage import Database
from bot.storage.schema.columns import metadata
from tests.support.desk.engineers import ERIC, EVA
from tests.support.desk.helpdesk import Helpdesk
from tests.support.desk_model.model import Sentence
from tests.support.desk_model.ticket import (
    AHEAD,
    CLOSE,
    FIRST_RESPONSE,
    RELEASE,
    RESOLUTION,
    SILENT,
    UNCLAIMED,
    Ticket,
)
from tests.support.unknown import OTHER, THIRD, UNKNOWN

F = TypeVar("F", bound=Callable[..., None])
TOPICS = (
    UNKNOWN,
    OTHER,
    THIRD,
)
NAMES = {"eva": EVA, "eric": ERIC}
HOMES = {"Dana", "Dtom", "Dcarmen"}
SECRET = "secret-"
QUEUE = Queue(
    "it",
    {"en": "IT desk"},
    targets=dict.fromkeys(Priority, Target(FIRST_RESPONSE, RESOLUTION)),
    remind_before=1 - AHEAD,
    unclaimed_after=UNCLAIMED,
    silent_after=SILENT,
    release_after=RELEASE,
    close_after=CLOSE,
)
REMINDERS = (
    "remind.remind.first_response",
    "remind.remind.resolution",
    "remind.breach.first_response",
    "remind.breach.resolution",
    "remind.silent",
)


@dataclass
class Act:
    """Something that people do: how often beside the others, when it can be done, and with what."""

    name: str
    weight: int
    when: Callable[[Any], object]
    given: Mapping[str, st.SearchStrategy[Any]]


def act(
    weight: int, /, when: Callable[[Any], object] = bool, **given: st.SearchStrategy[Any]
) -> Callable[[F], F]:
    """Let a method be one of the acts."""

    def noted(method: F) -> F:
        vars(method)["act"] = Act(method.__name__, weight, when, given)
        return method

    return noted


@dataclass
class Remembering(Helpdesk):
    """A desk whose events a platform can send again."""

    made: list[Utterance] = field(default_factory=list)

    def utterance(self, person: str, text: str = "", **changes: Any) -> Utterance:
        self.made.append(super().utterance(person, text, **changes))
        return self.made[-1]


@dataclass
class Written:
    """What an engineer wrote under a card, as it should stand now."""

    by: str
    ticket: Ticket
    utterance: Utterance
    course: str  # sent, note or room
    words: str
    gone: bool = False


WORDS = wording.load()


@cache
def words(one: Sentence) -> str:
    """A sentence as it is read."""
    key, values = one[0], dict(one[1])
    return WORDS.say("en", key, **values) if key else next(iter(values.values()))


def offered(ticket: Ticket) -> list[str]:
    """The buttons on its card."""
    if ticket.live:
        return ["claim"] if ticket.status == "open" else ["resolve"]
    return ["reopen"] if ticket.low else []


def press_of(button: Button) -> Click:
    return Click(button.action, button.token, button.argument)


def done(outcome: Outcome) -> bool:
    """Whether it was done; a refusal says why."""
    assert outcome.kind in (OutcomeKind.DONE, OutcomeKind.REFUSED)
    assert outcome.kind is OutcomeKind.DONE or outcome.notice is not None
    return outcome.kind is OutcomeKind.DONE


def empty(database: Database) -> None:
    """Let the database be as it was at the first start."""
    engine = create_engine(database.engine.url, poolclass=NullPool)
    with engine.connect() as connection:
        if database.sqlite:
            connection.execute(text("PRAGMA synchronous=OFF"))
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


def without_waiting_for_the_disk(database: Database) -> None:
    """The machine does not lose its power while we play: SQLite need not wait until everything is safe."""
    if database.sqlite:
        event.listen(database.engine, "connect", lambda made, _record: made.execute("PRAGMA synchronous=OFF"))
        database.engine.dispose()
