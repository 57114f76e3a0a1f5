"""A desk beside its model: what a random act needs, and what must hold after each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
)
from sqlalchemy import NullPool, create_engine, text

from bot.desk.library import Library
from bot.domain.conversation import Addressed, Button, Outcome, OutcomeKind, Press, Reply
from bot.domain.queues import Queue, Queues, Target
from bot.domain.ticket import Priority
from bot.storage import Database
from bot.storage.tables import metadata
from tests.conftest import START, Clock
from tests.desk.helpdesk import ROOM, Helpdesk, buttons_of, text_of
from tests.desk.model import Model, Sentence, sentence
from tests.desk.model_ticket import (
    AHEAD,
    CLOSE,
    FIRST_RESPONSE,
    RELEASE,
    RESOLUTION,
    SILENT,
    UNCLAIMED,
    Outage,
    Ticket,
)
from tests.desk.test_moves import ENGINEERS, EVA

TOPICS = (
    "my flurbostat is leaking green goo",
    "blubber on the stairs, bring a mop",
    "the whatsit hums in the corner",
)
NAMES = {"eva": EVA, "eric": "slack:T1/eric"}
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
T = TypeVar("T")


class BesideItsModel(RuleBasedStateMachine):
    """The desk, and what it should be."""

    database: Database
    library: Library
    clock: Clock

    def __init__(self) -> None:
        super().__init__()
        self.clock.now = START
        queues = Queues({"it": QUEUE}, "it")
        database = emptied(self.database)
        self.desk = Helpdesk(database, self.library, self.clock, engineers=ENGINEERS, queues=queues)
        for who in NAMES:
            self.desk.say(who, "hello")
        self.desk.posts.clear()
        self.model = Model(self.clock)
        self.notices: dict[
            str, tuple[str, str, Outage]
        ] = {}  # by thread: who asks, about what, what they read
        self.over: dict[str, tuple[str, str]] = {}  # by thread: who was told that it is over, about what
        self.tokens: list[str] = []  # of the outages
        self.alerts: dict[str, str] = {}  # their tokens, by topic
        self.wishes: dict[int, Press] = {}  # “Get a person”, of those who joined an outage
        self.threads = 0
        self.said = 0

    # --- what the test needs -----------------------------------------------------------------------------

    def some(self, data: st.DataObject, *, cards: bool = False) -> Ticket:
        """One of the tickets, more often a live one."""
        those = [one for one in self.model.tickets if one.card or not cards]
        live = [one for one in those if one.live]
        often: bool = data.draw(st.sampled_from([True, True, True, False]))
        return pick(data, live if live and often else those)

    def token(self, ticket: Ticket) -> str:
        with self.desk.begin() as work:
            found = work.tickets.get(ticket.id)
        assert found is not None
        return found.token

    def pressed(self, who: str, of: Ticket, action: str, argument: str = "", /, **inputs: str) -> bool:
        """An engineer presses on a card; whether it was done."""
        press = Press(action, self.token(of), argument, inputs or None)
        return done(self.desk.say(who, "", press=press, addressed=Addressed.PRESS, conversation=ROOM))

    def presses(self, ticket: Ticket, action: str, argument: str = "", **inputs: str) -> Outcome:
        """The requester presses in their thread."""
        press = Press(action, self.token(ticket), argument, inputs or None)
        return self.at_home(ticket.person, ticket.thread, press=press)

    def at_home(self, person: str, thread: str, words: str = "", *, press: Press | None = None) -> Outcome:
        addressed = Addressed.DIRECT if press is None else Addressed.PRESS
        place = self.desk.direct(person, thread=thread)
        return self.desk.say(person, words, press=press, addressed=addressed, conversation=place)

    def shown(self, person: str, thread: str, action: str) -> Button | None:
        """The newest button of this name in a thread of an employee."""
        posts = [
            shown.reply
            for shown in self.desk.screen.values()
            if (shown.conversation.space, shown.conversation.thread) == (f"D{person}", thread)
        ]
        found = [button for reply in posts for button in reply.buttons if button.action == action]
        return found[-1] if found else None

    def cards(self, ticket: Ticket) -> dict[str, Reply]:
        """Its cards in the room, by the message that each began a thread with."""
        return {
            message: shown.reply
            for message, shown in self.desk.screen.items()
            if shown.conversation.space == ROOM.space and shown.reply.summary.startswith(f"{ticket.ref} · ")
        }

    def writes(self, who: str, ticket: Ticket, words: str) -> None:
        """An engineer writes under a card."""
        [anchor] = self.cards(ticket)
        place = replace(ROOM, thread=anchor)
        said = self.desk.utterance(who, words, conversation=place, addressed=Addressed.THREAD, message=words)
        self.desk.desk.intake.receive(said)
        self.desk.deliver()

    def number(self) -> int:
        self.said += 1
        return self.said

    def newest(self) -> list[Ticket]:
        """The last ticket of each thread: what is written there is about it."""
        return list({one.thread: one for one in self.model.tickets}.values())

    # --- what always holds -------------------------------------------------------------------------------

    @invariant()
    def tickets_are_as_the_model_says(self) -> None:
        self.clock.now += timedelta(minutes=3)
        with self.desk.begin() as work:
            for wanted in self.model.tickets:
                found = work.tickets.get(wanted.id)
                assert found is not None
                name = found.assignee.name.casefold() if found.assignee else ""
                assert wanted.status == found.status, wanted.ref
                assert wanted.status != "claimed" or wanted.assignee == name, wanted.ref
                assert (wanted.into.id if wanted.into else None) == found.merged_into
                assert not wanted.live or (wanted.outage is None) == (found.outage_id is None), wanted.ref
                kinds = Counter(event.kind for event in work.tickets.events(wanted.id))
                del kinds["refused"]
                assert +wanted.events == kinds, wanted.ref
            assert work.tickets.get(len(self.model.tickets) + 1) is None

    @invariant()
    def everybody_was_told_once(self) -> None:
        told: dict[str, Counter[str]] = {}
        for post in self.desk.posts:
            space, thread = post.conversation.space, post.conversation.thread
            if space in ("Dana", "Dtom", "Dcarmen") and not post.edit:
                assert SECRET not in text_of(post.reply) + post.reply.summary
                told.setdefault(thread, Counter())[post.reply.summary] += 1
        wanted = {
            thread: Counter({self.words(one): times for one, times in sentences.items()})
            for thread, sentences in self.model.told.items()
        }
        assert wanted == told

    @invariant()
    def the_room_was_told_once(self) -> None:
        posts = Counter(post.reply.summary for post in self.desk.posts if not post.edit)
        for ticket in self.model.tickets:
            for key in REMINDERS:
                wanted = sentence(key, ticket=ticket.ref)
                assert self.model.room[wanted] == posts[self.words(wanted)], (key, ticket.ref)
        for wanted, times in self.model.room.items():
            assert times == posts[self.words(wanted)], wanted

    @invariant()
    def cards_offer_what_may_be_done(self) -> None:
        for ticket in self.model.tickets:
            cards = self.cards(ticket)
            assert len(cards) == ticket.card, ticket.ref
            for card in cards.values():
                assert offered(ticket) == buttons_of(card), ticket.ref
                groups = "group" in [button.action for button in card.menu]
                assert groups == (ticket.live and ticket.outage is None), ticket.ref

    def words(self, one: Sentence) -> str:
        """A sentence as it is read."""
        key, values = one[0], dict(one[1])
        return self.desk.words.say("en", key, **values) if key else next(iter(values.values()))


def pick(data: st.DataObject, those: Sequence[T]) -> T:
    """One of these; it is shown by its place."""
    return those[data.draw(st.integers(0, len(those) - 1))]


def offered(ticket: Ticket) -> list[str]:
    """The buttons on its card."""
    if ticket.live:
        return ["claim"] if ticket.status == "open" else ["resolve", "release"]
    return ["reopen"] if ticket.low else []


def press_of(button: Button) -> Press:
    return Press(button.action, button.token, button.argument)


def done(outcome: Outcome) -> bool:
    """Whether it was done; a refusal says why."""
    assert outcome.kind in (OutcomeKind.DONE, OutcomeKind.REFUSED)
    assert outcome.kind is OutcomeKind.DONE or outcome.notice is not None
    return outcome.kind is OutcomeKind.DONE


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
