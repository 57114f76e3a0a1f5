"""A desk beside its model: what a random act needs, and what must hold after each."""

import itertools
import re
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TypeVar

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import text

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import (
    Addressed,
    Button,
    Byline,
    Click,
    Line,
    Outcome,
    Reply,
    Utterance,
)
from bot.domain.tickets.queues import Queues
from bot.storage import Database
from tests.support.clock import START, Clock
from tests.support.desk.engineers import TINA
from tests.support.desk.helpdesk import ROOM, buttons_of, text_of
from tests.support.desk_model.ground import (
    HOMES,
    NAMES,
    QUEUE,
    REMINDERS,
    SECRET,
    Act,
    Remembering,
    Written,
    done,
    empty,
    offered,
    words,
)
from tests.support.desk_model.model import Model, sentence
from tests.support.desk_model.ticket import Outage, Ticket

T = TypeVar("T")
SELDOM = st.sampled_from([False, False, False, True])
OFTEN = 0.6
NUMBER = re.compile(r" · (HELP-\d+)(?: · |$)")  # in what a notification says of a card
TICKETS = """SELECT t.id, t.status, t.merged_into_id, t.outage_id, p.name FROM tickets t
    LEFT JOIN people p ON p.id = t.assignee_id ORDER BY t.id"""
EVENTS = """SELECT ticket_id, kind, count(*) FROM ticket_events WHERE kind <> 'refused'
    GROUP BY ticket_id, kind"""


def sentence_of(reply: Reply) -> str:
    """What a reply tells in one sentence, without the begin of a quotation that a notification shows."""
    first = next((block.text for block in reply.blocks if isinstance(block, Line)), "")
    return first if first and reply.summary.startswith(f"{first} ") else reply.summary


class BesideItsModel(RuleBasedStateMachine):
    """The desk, and what it should be."""

    database: Database
    library: Library
    clock: Clock

    def __init__(self) -> None:
        super().__init__()
        self.clock.now = START
        empty(self.database)
        self.numbers = itertools.count(1)
        self.chance = Random()  # noqa: S311  # dice, not keys
        self.model = Model(self.clock, set(NAMES))
        self.desk = self.made()
        for who in NAMES:
            self.desk.say(who, "hello")
        self.desk.posts.clear()
        self.desk.made.clear()
        self.notices: dict[
            str, tuple[str, str, Outage]
        ] = {}  # by thread: who asks, about what, what they read
        self.over: dict[str, tuple[str, str]] = {}  # by thread: who was told that it is over, about what
        self.tokens: list[str] = []  # of the outages
        self.alerts: dict[str, str] = {}  # their tokens, by topic
        self.wishes: dict[int, Click] = {}  # “Get a person”, of those who joined an outage
        self.under_cards: list[Written] = []
        self.ready: set[str] = set()  # words of canned responses that were sent
        self.focus: Ticket | None = None  # what somebody has just worked on
        self.known_tokens: dict[int, str] = {}
        self.read = 0  # posts that are counted already
        self.told: dict[str, Counter[str]] = {}
        self.posted: Counter[str] = Counter()
        self.threads = 0
        self.said = 0

    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        """Somebody does something; by weights of our own, for Hypothesis likes the first of a list best."""
        possible = [one for one in self.acts() if one.when(self)]
        [one] = self.chance.choices(possible, [one.weight for one in possible])
        given = {name: data.draw(strategy, f"{one.name}: {name}") for name, strategy in one.given.items()}
        note(one.name)
        getattr(self, one.name)(**given)

    @classmethod
    def acts(cls) -> list[Act]:
        """All that can be done, in an order that never changes."""
        methods = (getattr(cls, name) for name in dir(cls))
        return [method.act for method in methods if hasattr(method, "act")]

    # --- what the test needs -----------------------------------------------------------------------------

    def made(self) -> Remembering:
        """A replica over the same database, with the engineers who are in the team now."""
        here = " ".join([*(NAMES[who] for who in sorted(self.model.team)), TINA])
        queues, first = Queues({"it": QUEUE}, "it"), next(self.numbers) * 1_000_000
        return Remembering(
            self.database, self.library, self.clock, engineers=here, queues=queues, first_key=first
        )

    def start(self) -> None:
        """Another replica goes on, with what the platforms show and may send again."""
        before, self.desk = self.desk, self.made()
        self.desk.screen, self.desk.posts, self.desk.made = before.screen, before.posts, before.made

    def pick(self, those: Sequence[T]) -> T:
        """One of these, any as likely."""
        return self.chance.choice(those)

    def one_of(self, those: Sequence[Ticket]) -> Ticket:
        """One of these tickets, more often what was just worked on: so that much happens to each."""
        if self.focus is None or self.focus not in those or self.chance.random() > OFTEN:
            self.focus = self.pick(those)
        note(f"of {self.focus}")
        return self.focus

    def some(self, *, cards: bool = False) -> Ticket:
        """One of the tickets, more often a live one."""
        those = [one for one in self.model.tickets if one.card or not cards]
        live = [one for one in those if one.live]
        return self.one_of(live if live and self.chance.random() < OFTEN else those)

    def here(self, who: str) -> str:
        """This engineer, or the one who stands in for them."""
        return who if who in self.model.team else "eva"

    def token(self, ticket: Ticket) -> str:
        if ticket.id not in self.known_tokens:
            with self.desk.begin() as work:
                found = work.tickets.get(ticket.id)
            assert found is not None
            self.known_tokens[ticket.id] = found.token
        return self.known_tokens[ticket.id]

    def pressing(self, who: str, of: Ticket, action: str, argument: str = "", /, **inputs: str) -> Utterance:
        """A press of an engineer on a card, or of the requester in their thread."""
        click = Click(action, self.token(of), argument, inputs or None)
        place = ROOM if who in NAMES else self.desk.direct(who, thread=of.thread)
        return self.desk.utterance(who, click=click, addressed=Addressed.CLICK, conversation=place)

    def pressed(self, who: str, of: Ticket, action: str, argument: str = "", /, **inputs: str) -> bool:
        """An engineer presses on a card; whether it was done."""
        [outcome] = self.at_the_same_moment(self.pressing(who, of, action, argument, **inputs))
        return done(outcome)

    def clicks(self, ticket: Ticket, action: str, argument: str = "", **inputs: str) -> Outcome:
        """The requester presses in their thread."""
        pressing = self.pressing(ticket.person, ticket, action, argument, **inputs)
        [outcome] = self.at_the_same_moment(pressing)
        return outcome

    def at_the_same_moment(self, *utterances: Utterance) -> list[Outcome]:
        """All of these arrive at once; what follows is delivered."""
        receive = self.desk.desk.intake.receive
        outcomes: dict[int, Outcome] = {}
        start = threading.Barrier(len(utterances))

        def arrive(index: int) -> None:
            start.wait()
            outcomes[index] = receive(utterances[index])

        threads = [threading.Thread(target=arrive, args=(index,)) for index in range(1, len(utterances))]
        for thread in threads:
            thread.start()
        arrive(0)
        for thread in threads:
            thread.join()
        self.desk.deliver()
        return [outcomes[index] for index in range(len(utterances))]

    def at_home(self, person: str, thread: str, words: str = "", *, click: Click | None = None) -> Outcome:
        addressed = Addressed.DIRECT if click is None else Addressed.CLICK
        place = self.desk.direct(person, thread=thread)
        return self.desk.say(person, words, click=click, addressed=addressed, conversation=place)

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
        return self.all_cards().get(ticket.ref, {})

    def all_cards(self) -> dict[str, dict[str, Reply]]:
        """The cards in the room, by what people call the ticket."""
        found: dict[str, dict[str, Reply]] = {}
        for message, shown in self.desk.screen.items():
            number = NUMBER.search(shown.reply.summary)
            is_card = any(isinstance(block, Byline) for block in shown.reply.blocks)
            if shown.conversation.space == ROOM.space and is_card and number:
                found.setdefault(number[1], {})[message] = shown.reply
        return found

    def writes(self, who: str, ticket: Ticket, words: str) -> Utterance:
        """An engineer writes under a card."""
        [anchor] = self.cards(ticket)
        place = replace(ROOM, thread=anchor)
        said = self.desk.utterance(who, words, conversation=place, addressed=Addressed.THREAD, message=words)
        self.desk.desk.intake.receive(said)
        self.desk.deliver()
        return said

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
        with self.database.transaction() as connection:
            found = connection.execute(text(TICKETS)).all()
            events = connection.execute(text(EVENTS)).all()
        kinds: dict[int, Counter[str]] = {wanted.id: Counter() for wanted in self.model.tickets}
        for ticket_id, kind, times in events:
            kinds[ticket_id][kind] = times
        for wanted, (number, status, into, outage, name) in zip(self.model.tickets, found, strict=True):
            assert (wanted.id, wanted.status) == (number, status), wanted.ref
            assert wanted.status != "claimed" or wanted.assignee == name.casefold(), wanted.ref
            assert (wanted.into.id if wanted.into else None) == into, wanted.ref
            assert not wanted.live or (wanted.outage is None) == (outage is None), wanted.ref
            assert +wanted.events == kinds[wanted.id], wanted.ref

    @invariant()
    def everybody_was_told_once(self) -> None:
        for post in self.desk.posts[self.read :]:
            if post.conversation.space in HOMES:
                assert SECRET not in text_of(post.reply) + post.reply.summary
            if post.edit:
                continue
            told = sentence_of(post.reply)
            self.posted[told] += 1
            if post.conversation.space in HOMES:
                self.told.setdefault(post.conversation.thread, Counter())[told] += 1
        self.read = len(self.desk.posts)
        wanted = {
            thread: Counter({words(one): times for one, times in sentences.items()})
            for thread, sentences in self.model.told.items()
        }
        assert wanted == self.told

    @invariant()
    def the_room_was_told_once(self) -> None:
        for ticket in self.model.tickets:
            for key in REMINDERS:
                wanted = sentence(key, ticket=ticket.ref)
                assert self.model.room[wanted] == self.posted[words(wanted)], (key, ticket.ref)
        for wanted, times in self.model.room.items():
            assert times == self.posted[words(wanted)], wanted

    @invariant()
    def what_engineers_wrote_stands_as_it_is_now(self) -> None:
        wanted = {one.words for one in self.under_cards if one.course == "sent" and not one.gone}
        shown = " ".join(
            text_of(shown.reply) for shown in self.desk.screen.values() if shown.conversation.space in HOMES
        )
        assert wanted | self.ready == set(re.findall(r"word-\d+", shown))
        assert SECRET not in shown

    @invariant()
    def cards_offer_what_may_be_done(self) -> None:
        found = self.all_cards()
        for ticket in self.model.tickets:
            cards = found.get(ticket.ref, {})
            assert len(cards) == ticket.card, ticket.ref
            for card in cards.values():
                assert offered(ticket) == buttons_of(card), ticket.ref
                groups = "group" in [button.action for button in card.menu]
                assert groups == (ticket.live and ticket.outage is None), ticket.ref
