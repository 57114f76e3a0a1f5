"""What employees do, at random: ask, write, withdraw, rate, fill in, and say that it came back."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from bot.domain.conversations.messages import OutcomeKind
from tests.support.desk.helpdesk import text_of
from tests.support.desk_model.ground import TOPICS, act, press_of
from tests.support.desk_model.model import sentence
from tests.support.desk_model.stage import SELDOM, BesideItsModel
from tests.support.desk_model.ticket import Ticket

people, topics = st.sampled_from(["ana", "tom", "carmen"]), st.sampled_from(TOPICS)
MOST_LIVE = 4  # more of them, and less happens to each


class Employees(BesideItsModel):
    """Three employees."""

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        """Two have asked, and one of them is being helped."""
        self.chance.seed(seed)
        for person, topic in (("ana", TOPICS[0]), ("tom", TOPICS[1])):
            self.ask(person, topic)
        first = self.model.tickets[0]
        assert self.model.claim(first, "eva")
        assert self.pressed("eva", first, "claim")

    @act(
        6,
        when=lambda self: self.at_work() < MOST_LIVE,
        person=people,
        topic=topics,
    )
    def ask(self, person: str, topic: str) -> None:
        self.threads += 1
        thread = f"9{self.threads}.0"
        known = self.model.known(topic)
        outcome = self.at_home(person, thread, topic)
        if known is None:
            assert outcome.kind == OutcomeKind.TICKET
            self.focus = self.model.open(person, topic, thread)
            return
        assert outcome.kind == OutcomeKind.ANSWERED
        self.model.told[thread][sentence("", title=known.title)] += 1
        self.notices[thread] = person, topic, known

    def lasting(self) -> list[str]:
        return [one.topic for one in self.model.outages if one.live]

    @act(12, when=lambda self: self.lasting() and len(self.notices) < MOST_LIVE, person=people)
    def ask_what_others_ask(self, person: str) -> None:
        self.ask(person, self.pick(self.lasting()))

    @act(24, when=lambda self: self.notices, other=SELDOM)
    def answer_the_notice(self, other: bool) -> None:
        thread = self.pick(sorted(self.notices))
        person, topic, outage = self.notices.pop(thread)
        button = self.shown(person, thread, "other" if other else "joined")
        assert button is not None
        self.at_home(person, thread, click=press_of(button))
        if other:
            self.model.open(person, topic, thread)
        elif outage.live:
            ticket = self.model.open(person, topic, thread, outage=outage)
            wish = self.shown(person, thread, "person")
            assert wish is not None
            self.wishes[ticket.id] = press_of(wish)
        else:
            self.model.told[thread][sentence("outage.over", title=outage.title)] += 1
            self.over[thread] = person, topic

    @act(3, when=lambda self: self.over)
    def get_a_person(self) -> None:
        thread = self.pick(sorted(self.over))
        person, topic = self.over.pop(thread)
        button = self.shown(person, thread, "person")
        assert button is not None
        self.at_home(person, thread, click=press_of(button))
        self.model.open(person, topic, thread, key="opened_person")

    @act(2, when=lambda self: any(one.joined for one in self.model.tickets))
    def leave_the_outage(self) -> None:
        ticket = self.one_of([one for one in self.model.tickets if one.joined])
        self.at_home(ticket.person, ticket.thread, click=self.wishes[ticket.id])
        self.model.leave_outage(ticket)

    @act(7, when=lambda self: self.model.tickets, thanks=SELDOM)
    def write(self, thanks: bool) -> None:
        ticket = self.one_of(self.newest())
        if ticket.goes_on is not None:
            self.at_home(ticket.person, ticket.thread, f"it has the number ZX{self.number()}")
            self.model.write(ticket)
        elif thanks:
            self.at_home(ticket.person, ticket.thread, "thanks")
            self.model.told[ticket.thread][sentence("talk.thanks")] += 1
        else:
            self.at_home(ticket.person, ticket.thread, "it came back")
            self.model.came_back(ticket)

    @act(2, when=lambda self: self.model.tickets, really=SELDOM)
    def withdraw(self, really: bool) -> None:
        ticket = self.some()
        if ticket.live and not really and not self.model.merged_into(ticket):
            return
        self.clicks(ticket, "cancel")
        self.model.withdraw(ticket)

    def at_work(self) -> int:
        return sum(one.live and one.outage is None for one in self.model.tickets)

    def rateable(self) -> list[Ticket]:
        return [one for one in self.model.tickets if one.was_asked_how]

    @act(5, when=lambda self: self.rateable(), mark=st.sampled_from([1, 2, 2, 4, 5]), words=st.booleans())
    def rate(self, mark: int, words: bool) -> None:
        ticket = self.one_of(self.rateable())
        if not ticket.asked_how or ticket.commented:
            assert self.clicks(ticket, "rate", str(mark)).kind == OutcomeKind.REFUSED
            self.model.told[ticket.thread][sentence("rate.late")] += 1
            return
        assert self.clicks(ticket, "rate", str(mark)).kind == OutcomeKind.DONE
        self.model.rate(ticket, mark)
        if words:
            assert self.clicks(ticket, "comment", comment="It took long").kind == OutcomeKind.DONE
            ticket.events["commented"] += 1
            ticket.commented = True

    def with_a_way_back(self) -> list[Ticket]:
        return [one for one in self.model.tickets if one.way_back]

    @act(5, when=lambda self: self.with_a_way_back(), twice=SELDOM)
    def press_it_came_back(self, twice: bool) -> None:
        """Sometimes in two windows at the same moment."""
        ticket = self.one_of(self.with_a_way_back())
        if twice:
            clicks = [self.pressing(ticket.person, ticket, "came_back") for _ in range(2)]
            self.at_the_same_moment(*clicks)
            self.model.came_back(ticket)
        else:
            self.clicks(ticket, "came_back")
        self.model.came_back(ticket)

    @act(2, when=lambda self: self.model.tickets)
    def fill_in(self) -> None:
        ticket = self.some()
        answer = f"FL-{self.number()}"
        outcome = self.clicks(ticket, "details", ask0=answer)
        if not ticket.live:
            self.model.tell(ticket, "ticket.closed")
        elif not ticket.asked_details:
            self.model.told[ticket.thread][sentence("press.gone")] += 1
        else:
            assert outcome.kind == OutcomeKind.DONE
            ticket.record("details", self.clock(), ticket.person)
            assert all(answer in text_of(card) for card in self.cards(ticket).values())
