"""Random sequences of everything that happens under a card: no note ever leaves the rooms."""

import itertools
import json
import random
from dataclasses import dataclass, field, replace
from datetime import timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import Change, Click, ConversationRef, Utterance
from bot.domain.errors import DeliveryFailed
from bot.domain.tickets.relay import is_note
from bot.storage import Database
from bot.storage.schema.messages import outbox
from bot.storage.schema.tables import texts
from tests.support.clock import Clock
from tests.support.desk.helpdesk import CHANNELS, OTHER_ROOM, ROOM, Helpdesk, text_of
from tests.support.unknown import UNKNOWN

WORDS = ("{0}", "ok\n{0}", "https://x.example/{0}")
NOTES = ("// {0}", "fine\n//{0}", "\u200b//{0}", "> // {0}", "／／{0}")
FORMS = st.one_of(st.sampled_from(WORDS), st.sampled_from(WORDS + NOTES))
OFTEN = st.sampled_from([True, True, True, False])
SELDOM = st.sampled_from([False, False, False, False, True])
NUMBERS = itertools.count(1)


@dataclass
class Written:
    """A message as the model knows it."""

    utterance: Utterance
    versions: list[str]
    note: bool  # now or ever
    sent: bool  # whether it may be with the employee at all
    gone: bool = False
    events: list[Utterance] = field(default_factory=list)


class UnderACard(RuleBasedStateMachine):
    """Engineers write, edit, delete and toggle; events repeat and come late; posts fail and get lost."""

    desk: Helpdesk

    def __init__(self) -> None:
        super().__init__()
        self.desk.failing.clear()
        self.desk.screen.clear()
        self.desk.posts.clear()
        self.person = f"p{next(NUMBERS)}"
        self.home = f"D{self.person}"
        opened = self.desk.say(self.person, UNKNOWN, thread="1.0")
        self.ticket = str(opened.ticket)
        self.card = self.desk.under_card(self.ticket)
        self.token = self.desk.button(self.desk.card(self.ticket), "claim").token
        self.written: list[Written] = []
        self.forbidden: set[str] = set()
        self.assignee = ""
        self.notes_only = False
        self.click("claim", "eva")
        self.assignee = "eva"

    def click(self, action: str, by: str, argument: str = "") -> None:
        click = Click(action, self.token, argument)
        self.desk.say(by, "", click=click, conversation=ROOM)

    def receive(self, utterance: Utterance) -> None:
        self.desk.desk.intake.receive(utterance)

    # --- what people do -------------------------------------------------------------------------------

    @rule(assigned=OFTEN, form=FORMS, lost=SELDOM)
    def write(self, assigned: bool, form: str, lost: bool) -> None:
        by = self.assignee if assigned else "tina"
        version = f"v{next(NUMBERS)}x"
        text = form.format(version)
        note = is_note(text) or self.notes_only
        channel = "teams" if by == "tina" else "slack"
        utterance = self.desk.written(by, text, self.ticket, conversation=self.card, channel=channel)
        sent = not note and by == self.assignee
        written = Written(utterance, [version], note, sent, events=[utterance])
        if not sent:
            self.forbidden.add(version)
        if not lost:  # else an edit, or a repeat, comes first
            self.receive(utterance)
            self.written.append(written)
            return
        written.sent, written.note = False, True
        self.forbidden.add(version)
        edit = replace(
            utterance,
            keys=(f"e{next(NUMBERS)}",),
            change=Change.EDITED,
            text=f"{text} again",
            at=self.desk.clock(),
        )
        self.receive(edit)
        written.events.append(edit)
        self.written.append(written)

    @precondition(lambda self: self.written)
    @rule(data=st.data(), form=FORMS, late=SELDOM)
    def edit(self, data: st.DataObject, form: str, late: bool) -> None:
        message = data.draw(st.sampled_from(self.written))
        version = f"v{next(NUMBERS)}x"
        text = form.format(version)
        self.desk.clock.move(seconds=1)
        event = replace(
            message.utterance,
            keys=(f"e{next(NUMBERS)}",),
            change=Change.EDITED,
            text=text,
            at=message.utterance.at - timedelta(seconds=1) if late else self.desk.clock(),
        )
        self.receive(event)
        message.events.append(event)
        if message.gone:
            self.forbidden.add(version)
            return
        if is_note(text) or self.notes_only:
            message.note = True
        if message.note or not message.sent:
            self.forbidden.add(version)
        if not late:
            message.versions.append(version)

    @precondition(lambda self: self.written)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        message = data.draw(st.sampled_from(self.written))
        self.desk.clock.move(seconds=1)
        event = replace(
            message.utterance,
            keys=(f"d{next(NUMBERS)}",),
            change=Change.DELETED,
            text="",
            at=self.desk.clock(),
        )
        self.receive(event)
        message.events.append(event)
        message.gone = True

    @precondition(lambda self: self.written)
    @rule(data=st.data(), same=st.booleans())
    def replay(self, data: st.DataObject, same: bool) -> None:
        """The platform sends an event again, under its own key or as if it were another one."""
        message = data.draw(st.sampled_from(self.written))
        event = data.draw(st.sampled_from(message.events))
        if not same and event.change is not Change.NEW:
            return  # an edit under another key is an edit of its own
        self.receive(event if same else replace(event, keys=(f"r{next(NUMBERS)}",)))

    @rule(really=SELDOM)
    def toggle_notes_only(self, really: bool) -> None:
        if not (really or self.notes_only):
            return
        self.notes_only = not self.notes_only
        self.click("notes", "eric", "on" if self.notes_only else "off")

    @rule(to=st.sampled_from(["eva", "eric"]), really=SELDOM)
    def hand_over(self, to: str, really: bool) -> None:
        if not really:
            return
        self.click("release", self.assignee)
        self.click("claim", to)
        self.assignee = to

    # --- what happens to posts ------------------------------------------------------------------------

    @rule()
    def deliver(self) -> None:
        self.desk.deliver()

    @rule(lost=st.booleans())
    def crash(self, lost: bool) -> None:
        """A replica leases posts and dies: before it posted them, or before it stored the receipts."""
        for delivery in self.desk.desk.dispatcher.exchange([], 4, CHANNELS).next:
            if lost:
                self.desk._post(delivery)
        self.desk.clock.move(seconds=31)

    @rule(way=st.sampled_from(["internal_error", "", ""]))
    def fail(self, way: str) -> None:
        self.desk.failing.pop(self.home, None)
        if way:
            self.desk.failing[self.home] = DeliveryFailed(way)

    @rule()
    def wait(self) -> None:
        self.desk.clock.move(seconds=60)
        self.desk.deliver()

    # --- what always holds ----------------------------------------------------------------------------

    @invariant()
    def no_note_is_on_its_way_to_the_employee(self) -> None:
        posted = [
            text_of(d.reply) + d.reply.summary for d in self.desk.posts if d.conversation.space == self.home
        ]
        for text in (*posted, *self.in_the_outbox()):
            assert not [version for version in self.forbidden if version in text]

    def in_the_outbox(self) -> list[str]:
        with self.desk.begin() as work:
            mine = work.conversations.find(ConversationRef("slack", "T1", self.home, "1.0"))
        with self.desk.database.engine.connect() as connection:
            query = select(texts.c.body).join(outbox, outbox.c.text_id == texts.c.id)
            bodies = connection.execute(query.where(outbox.c.conversation_id == mine)).scalars()
            return [json.dumps(json.loads(body), ensure_ascii=False) for body in bodies]

    def teardown(self) -> None:
        """In the end each side shows exactly what it should, in order."""
        self.desk.failing.clear()
        for _ in range(60):
            self.desk.clock.move(seconds=10)
            self.desk.deliver()
        shown = " ".join(self.desk.texts_in(self.home))
        expected = [m for m in self.written if m.sent and not m.note and not m.gone]
        for message in self.written:
            if message not in expected:
                assert not [version for version in message.versions if version in shown]
        places = [shown.find(message.versions[-1]) for message in expected]
        assert places == sorted(places)
        assert -1 not in places
        with self.desk.begin() as work:
            assert work.deliveries.listed(("waiting",), 10) == ()


def test_no_note_ever_leaves_the_rooms(database: Database, library: Library, clock: Clock) -> None:
    random.seed(7)  # the courier's jitter

    class Played(UnderACard):
        desk = Helpdesk(database, library, clock, rooms=(ROOM, OTHER_ROOM))

    run_state_machine_as_test(
        Played,
        settings=settings(
            max_examples=15,
            stateful_step_count=40,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
