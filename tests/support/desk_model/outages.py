"""What happens to many at once: outages, alerts, time, and events that come again."""

from datetime import timedelta

from hypothesis import strategies as st

from bot.domain.conversations.messages import Addressed, Click
from bot.domain.tickets.outage import Alert, AlertState
from tests.support.desk.helpdesk import ROOM
from tests.support.desk_model.employees import MOST_LIVE, topics
from tests.support.desk_model.engineers import engineers
from tests.support.desk_model.ground import act, done
from tests.support.desk_model.stage import BesideItsModel
from tests.support.desk_model.ticket import AHEAD, CLOSE, RESOLUTION, SILENT, UNCLAIMED, Outage

SHORT, LONG = [timedelta(minutes=20), UNCLAIMED, UNCLAIMED, SILENT], [RESOLUTION * AHEAD, CLOSE, CLOSE * 5]
JUMPS = st.one_of(st.sampled_from(SHORT), st.sampled_from(SHORT + LONG))


class Outages(BesideItsModel):
    """Known outages and a monitoring system; the platforms' repeats; and the clock."""

    @act(3, when=lambda self: any(one.card and one.live for one in self.model.tickets), who=engineers)
    def group(self, who: str) -> None:
        ticket = self.some(cards=True)
        title = f"Outage of {ticket.topic}"
        expected = self.model.group(ticket, who)
        assert self.pressed(who, ticket, "group", title=title, notice_en="We are on it.") == expected
        self.note_outage()

    @act(2, when=lambda self: self.model.outages, who=engineers)
    def end(self, who: str) -> None:
        outage = self.pick(self.model.outages)
        click = Click("outage_end", self.tokens[self.model.outages.index(outage)], "", {"note": "Lit again."})
        outcome = self.desk.say(self.here(who), "", click=click, addressed=Addressed.CLICK, conversation=ROOM)
        assert done(outcome) == self.model.end(outage)
        self.settle()

    def note_outage(self) -> None:
        """Keep the token of an outage that has just begun."""
        if len(self.tokens) < len(self.model.outages):
            with self.desk.begin() as work:
                self.tokens.append(work.outages.live(1)[0].token)

    def settle(self) -> None:
        while self.desk.desk.outages.close_next_batch():
            pass
        self.desk.deliver()

    @act(
        3, when=lambda self: len(self.notices) + len(self.over) < MOST_LIVE, topic=topics, began=st.booleans()
    )
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

    @act(2, when=lambda self: self.model.alerts, who=engineers)
    def tell_of_an_alert(self, who: str) -> None:
        topic = self.pick(sorted(self.model.alerts))
        click = Click("outage_start", self.alerts[topic], "", {"title": topic, "notice_en": "We see it."})
        outcome = self.desk.say(self.here(who), "", click=click, addressed=Addressed.CLICK, conversation=ROOM)
        assert done(outcome) == (self.model.alerts[topic] is None)
        if self.model.alerts[topic] is None:
            outage = self.model.alerts[topic] = Outage(topic, topic)
            self.model.outages.append(outage)
            self.note_outage()

    @act(13, when=lambda self: self.model.tickets, jump=JUMPS)
    def pass_time(self, jump: timedelta) -> None:
        self.clock.now += jump
        while self.desk.desk.scheduler.round():
            pass
        self.desk.deliver()
        self.model.look()

    @act(3, when=lambda self: self.desk.made)
    def come_again(self) -> None:
        """A platform sends some of the newest events again: nothing comes of it."""
        for _ in range(2):
            assert self.desk.desk.intake.receive(self.pick(self.desk.made[-6:])).repeated
        self.desk.deliver()
