"""Random work of a whole desk against a plain model of it, on both databases."""

import os
import random
from datetime import timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.desk.library import Library
from bot.domain.conversation import Addressed, OutcomeKind, Press
from bot.domain.outage import Alert, AlertState
from bot.storage import Database
from tests.conftest import Clock
from tests.desk.helpdesk import ROOM, text_of
from tests.desk.model import sentence
from tests.desk.model_stage import NAMES, SECRET, TOPICS, BesideItsModel, done, pick, press_of
from tests.desk.model_ticket import (
    AHEAD,
    CLOSE,
    RESOLUTION,
    SILENT,
    UNCLAIMED,
    Outage,
    Ticket,
)

SHORT, LONG = [timedelta(minutes=20), UNCLAIMED, UNCLAIMED, SILENT], [RESOLUTION * AHEAD, CLOSE, CLOSE * 5]
JUMPS = st.one_of(st.sampled_from(SHORT), st.sampled_from(SHORT + LONG))
people, topics = st.sampled_from(["ana", "tom", "carmen"]), st.sampled_from(TOPICS)
engineers = st.sampled_from(sorted(NAMES))
choices = st.data()
SELDOM = st.sampled_from([False, False, False, True])
MOST_LIVE = 4  # more of them, and less happens to each


class AtWork(BesideItsModel):
    """Three employees, two engineers and a monitoring system; each act takes three minutes."""

    # --- employees ---------------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        """Two have asked, and one of them is being helped."""
        for person, topic in (("ana", TOPICS[0]), ("tom", TOPICS[1])):
            self.ask(person, topic)
        first = self.model.tickets[0]
        assert self.model.claim(first, "eva")
        assert self.pressed("eva", first, "claim")

    @precondition(lambda self: sum(one.live for one in self.model.tickets) < MOST_LIVE)
    @rule(person=people, topic=topics)
    def ask(self, person: str, topic: str) -> None:
        self.threads += 1
        thread = f"9{self.threads}.0"
        known = self.model.known(topic)
        outcome = self.at_home(person, thread, topic)
        if known is None:
            assert outcome.kind == OutcomeKind.TICKET
            self.model.open(person, topic, thread)
            return
        assert outcome.kind == OutcomeKind.ANSWERED
        self.model.told[thread][sentence("", title=known.title)] += 1
        self.notices[thread] = person, topic, known

    @precondition(lambda self: self.notices)
    @rule(data=choices, joins=st.booleans())
    def answer_the_notice(self, data: st.DataObject, joins: bool) -> None:
        thread = pick(data, sorted(self.notices))
        person, topic, outage = self.notices.pop(thread)
        button = self.shown(person, thread, "joined" if joins else "other")
        assert button is not None
        self.at_home(person, thread, press=press_of(button))
        if not joins:
            self.model.open(person, topic, thread)
        elif outage.live:
            ticket = self.model.open(person, topic, thread, outage=outage)
            wish = self.shown(person, thread, "person")
            assert wish is not None
            self.wishes[ticket.id] = press_of(wish)
        else:
            self.model.told[thread][sentence("outage.over", title=outage.title)] += 1
            self.over[thread] = person, topic

    @precondition(lambda self: self.over)
    @rule(data=choices)
    def get_a_person(self, data: st.DataObject) -> None:
        thread = pick(data, sorted(self.over))
        person, topic = self.over.pop(thread)
        button = self.shown(person, thread, "person")
        assert button is not None
        self.at_home(person, thread, press=press_of(button))
        self.model.open(person, topic, thread, key="opened_person")

    @precondition(lambda self: any(one.joined for one in self.model.tickets))
    @rule(data=choices)
    def leave_the_outage(self, data: st.DataObject) -> None:
        ticket = pick(data, [one for one in self.model.tickets if one.joined])
        self.at_home(ticket.person, ticket.thread, press=self.wishes[ticket.id])
        self.model.leave_outage(ticket)

    @precondition(lambda self: self.model.tickets)
    @rule(data=choices)
    def write(self, data: st.DataObject) -> None:
        ticket = pick(data, self.newest())
        if ticket.goes_on is not None:
            self.at_home(ticket.person, ticket.thread, f"it has the number ZX{self.number()}")
            self.model.write(ticket)
        elif data.draw(st.booleans()):
            self.at_home(ticket.person, ticket.thread, "thanks")
            self.model.told[ticket.thread][sentence("talk.thanks")] += 1
        else:
            self.at_home(ticket.person, ticket.thread, "it came back")
            self.model.came_back(ticket)

    @precondition(lambda self: self.model.tickets)
    @rule(data=choices, really=SELDOM)
    def withdraw(self, data: st.DataObject, really: bool) -> None:
        ticket = self.some(data)
        if ticket.live and not really:
            return
        self.presses(ticket, "cancel")
        self.model.withdraw(ticket)

    def rateable(self) -> list[Ticket]:
        return [one for one in self.model.tickets if one.asked_how]

    @precondition(lambda self: self.rateable())
    @rule(data=choices, mark=st.integers(1, 5), words=st.booleans())
    def rate(self, data: st.DataObject, mark: int, words: bool) -> None:
        ticket = pick(data, self.rateable())
        if ticket.status != "resolved" or ticket.commented:
            assert self.presses(ticket, "rate", str(mark)).kind == OutcomeKind.REFUSED
            self.model.told[ticket.thread][sentence("rate.late")] += 1
            return
        assert self.presses(ticket, "rate", str(mark)).kind == OutcomeKind.DONE
        self.model.rate(ticket, mark)
        if words:
            assert self.presses(ticket, "comment", comment="It took long").kind == OutcomeKind.DONE
            ticket.events["commented"] += 1
            ticket.commented = True

    def with_a_way_back(self) -> list[Ticket]:
        return [one for one in self.model.tickets if one.way_back]

    @precondition(lambda self: self.with_a_way_back())
    @rule(data=choices)
    def press_it_came_back(self, data: st.DataObject) -> None:
        ticket = pick(data, self.with_a_way_back())
        self.presses(ticket, "came_back")
        self.model.came_back(ticket)

    @precondition(lambda self: self.model.tickets)
    @rule(data=choices)
    def fill_in(self, data: st.DataObject) -> None:
        ticket = self.some(data)
        answer = f"FL-{self.number()}"
        outcome = self.presses(ticket, "details", ask0=answer)
        if not ticket.live:
            self.model.tell(ticket, "ticket.closed")
        elif not ticket.asked_details:
            self.model.told[ticket.thread][sentence("press.gone")] += 1
        else:
            assert outcome.kind == OutcomeKind.DONE
            ticket.record("details", self.clock(), ticket.person)
            assert all(answer in text_of(card) for card in self.cards(ticket).values())

    # --- engineers ---------------------------------------------------------------------------------------

    @precondition(lambda self: any(one.status == "open" and one.card for one in self.model.tickets))
    @rule(data=choices, who=engineers)
    def claim(self, data: st.DataObject, who: str) -> None:
        ticket = pick(data, [one for one in self.model.tickets if one.status == "open" and one.card])
        assert self.model.claim(ticket, who)
        assert self.pressed(who, ticket, "claim")

    @precondition(lambda self: self.mine())
    @rule(data=choices)
    def resolve(self, data: st.DataObject) -> None:
        ticket = pick(data, self.mine())
        assert self.pressed(ticket.assignee, ticket, "resolve", note="Tightened it")
        assert self.model.resolve(ticket, ticket.assignee)

    @precondition(lambda self: any(one.card for one in self.model.tickets))
    @rule(data=choices, who=engineers, action=st.sampled_from(["claim", "release", "resolve"]))
    def press_what_may_be_stale(self, data: st.DataObject, who: str, action: str) -> None:
        ticket = self.some(data, cards=True)
        inputs = {"note": "Tightened it"} if action == "resolve" else {}
        expected: bool = getattr(self.model, action)(ticket, who)
        assert self.pressed(who, ticket, action, **inputs) == expected

    @precondition(lambda self: any(one.card for one in self.model.tickets))
    @rule(data=choices, who=engineers, to=engineers)
    def assign(self, data: st.DataObject, who: str, to: str) -> None:
        ticket = self.some(data, cards=True)
        expected = self.model.assign(ticket, to, who)
        assert self.pressed(who, ticket, "assign", engineer=NAMES[to]) == expected

    @precondition(lambda self: any(one.card for one in self.model.tickets))
    @rule(data=choices, who=engineers)
    def merge(self, data: st.DataObject, who: str) -> None:
        ticket, other = self.some(data, cards=True), self.some(data)
        expected = self.model.merge(ticket, other, who)
        assert self.pressed(who, ticket, "merge", ticket=other.ref) == expected

    def mine(self) -> list[Ticket]:
        return [one for one in self.model.tickets if one.status == "claimed" and one.card]

    @precondition(lambda self: self.mine())
    @rule(data=choices)
    def ask_for_details(self, data: st.DataObject) -> None:
        ticket = pick(data, self.mine())
        who = ticket.assignee
        assert self.pressed(who, ticket, "ask_details")
        ticket.record("asked_details", self.clock(), who)
        ticket.asked_details = True
        self.model.tell(ticket, "details.ask", name=who.title())

    @precondition(lambda self: self.mine())
    @rule(data=choices, way=st.sampled_from(["canned", "write"]), hidden=SELDOM)
    def help(self, data: st.DataObject, way: str, hidden: bool) -> None:
        """The assignee writes to the employee; what is marked as a note reaches nobody."""
        ticket = pick(data, self.mine())
        who = ticket.assignee
        hides = hidden or ticket.notes_only
        words = f"{SECRET if hides else 'word-'}{self.number()}"
        written = f"// {words}" if hidden else words
        if way == "canned":
            assert self.pressed(who, ticket, "canned", "send", text=written) != hides
        else:
            self.writes(who, ticket, written)
        if not hides:
            ticket.record("sent", self.clock(), who)
            self.model.told[ticket.thread][sentence("", text=f"{who.title()}: {words}")] += 1
        elif way == "write":
            ticket.record("noted", self.clock(), who)

    @precondition(lambda self: any(one.card for one in self.model.tickets))
    @rule(data=choices, who=engineers)
    def remark(self, data: st.DataObject, who: str) -> None:
        """Whoever has not got it writes for the room."""
        ticket = self.some(data, cards=True)
        if ticket.held_by(who):
            return
        self.writes(who, ticket, f"{SECRET}{self.number()}")
        ticket.record("noted" if ticket.notes_only else "said", self.clock(), who)

    @precondition(lambda self: self.mine())
    @rule(data=choices, who=engineers, really=SELDOM)
    def notes_only(self, data: st.DataObject, who: str, really: bool) -> None:
        ticket = pick(data, self.mine())
        if not (really or ticket.notes_only):
            return
        ticket.notes_only = not ticket.notes_only
        assert self.pressed(who, ticket, "notes", "on" if ticket.notes_only else "off")
        ticket.record("notes_only", self.clock(), who)

    @precondition(lambda self: any(one.asked_at and one.live for one in self.model.tickets))
    @rule(data=choices, goes_on=st.booleans())
    def answer_the_question(self, data: st.DataObject, goes_on: bool) -> None:
        """Still on it, or not."""
        asked = [one for one in self.model.tickets if one.asked_at and one.status == "claimed"]
        if not asked:
            return
        ticket = pick(data, asked)
        who = ticket.assignee
        assert self.pressed(who, ticket, "keep" if goes_on else "let_go")
        if goes_on:
            ticket.record("kept", self.clock(), who)
        else:
            self.model.release(ticket, who)

    def low(self) -> list[Ticket]:
        return [one for one in self.model.tickets if one.low]

    @precondition(lambda self: self.low())
    @rule(data=choices, who=engineers)
    def reopen(self, data: st.DataObject, who: str) -> None:
        ticket = pick(data, self.low())
        assert self.pressed(who, ticket, "reopen")
        self.model.again(ticket, by=who)

    # --- outages -----------------------------------------------------------------------------------------

    @precondition(lambda self: any(one.card for one in self.model.tickets))
    @rule(data=choices, who=engineers)
    def group(self, data: st.DataObject, who: str) -> None:
        ticket = self.some(data, cards=True)
        title = f"Outage of {ticket.topic}"
        expected = self.model.group(ticket, who)
        assert self.pressed(who, ticket, "group", title=title, notice_en="We are on it.") == expected
        self.note_outage()

    @precondition(lambda self: self.model.outages)
    @rule(data=choices, who=engineers)
    def end(self, data: st.DataObject, who: str) -> None:
        outage = pick(data, self.model.outages)
        press = Press("outage_end", self.tokens[self.model.outages.index(outage)], "", {"note": "Lit again."})
        outcome = self.desk.say(who, "", press=press, addressed=Addressed.PRESS, conversation=ROOM)
        assert done(outcome) == self.model.end(outage)
        self.settle()

    def note_outage(self) -> None:
        """Keep the token of an outage that has just begun."""
        if len(self.tokens) < len(self.model.outages):
            with self.desk.begin() as work:
                self.tokens.append(work.outages.live(1)[0].token)

    def settle(self) -> None:
        while self.desk.desk.outages.go_on():
            pass
        self.desk.deliver()

    @precondition(lambda self: len(self.notices) + len(self.over) < MOST_LIVE)
    @rule(topic=topics, began=st.booleans())
    def alert(self, topic: str, began: bool) -> None:
        state = AlertState.BEGAN if began else AlertState.ENDED
        alert = Alert(topic, topic, state, self.clock())
        lasts = topic in self.model.alerts
        assert self.desk.desk.alerts.alerted("mon", alert) == (lasts is not began)
        if began:
            self.model.alerts.setdefault(topic, None)
            with self.desk.begin() as work:
                self.alerts |= {one.title: one.token for one in work.outages.lasting_alerts(9)}
        elif lasts and (outage := self.model.alerts.pop(topic)) is not None:
            self.model.end(outage)
        self.settle()

    @precondition(lambda self: self.model.alerts)
    @rule(data=choices, who=engineers)
    def tell_of_an_alert(self, data: st.DataObject, who: str) -> None:
        topic = pick(data, sorted(self.model.alerts))
        press = Press("outage_start", self.alerts[topic], "", {"title": topic, "notice_en": "We see it."})
        outcome = self.desk.say(who, "", press=press, addressed=Addressed.PRESS, conversation=ROOM)
        assert done(outcome) == (self.model.alerts[topic] is None)
        if self.model.alerts[topic] is None:
            outage = self.model.alerts[topic] = Outage(topic, topic)
            self.model.outages.append(outage)
            self.note_outage()

    # --- time --------------------------------------------------------------------------------------------

    @precondition(lambda self: self.model.tickets)
    @rule(jump=JUMPS)
    def pass_time(self, jump: timedelta) -> None:
        self.clock.now += jump
        while self.desk.desk.timekeeper.round():
            pass
        self.desk.deliver()
        self.model.look()


def test_the_desk_is_as_the_model_says(database: Database, library: Library, clock: Clock) -> None:
    random.seed(7)  # the courier's jitter
    more = os.environ.get("EXAMPLES")  # so many, and other ones each time

    class Played(AtWork):
        pass

    Played.database, Played.library, Played.clock = database, library, clock
    run_state_machine_as_test(
        Played,
        settings=settings(
            max_examples=int(more or 25),
            derandomize=more is None,
            stateful_step_count=50,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
