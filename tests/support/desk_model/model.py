"""A plain model of tickets: what becomes of them, and what is said, if everything is right.

It knows no database, no posts and no buttons: times are aware, people are names, and what is said is the key
of a sentence with its values.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tests.support.desk_model.ticket import FIRST_RESPONSE, LOW, REOPEN, RESOLUTION, Outage, Ticket, Told, due

Sentence = tuple[str, frozenset[tuple[str, str]]]


def sentence(key: str, /, **values: object) -> Sentence:
    """A sentence that can be counted."""
    return key, frozenset((name, str(value)) for name, value in values.items())


@dataclass
class Model:
    """Tickets, outages and alerts; what each thread and the room were told."""

    now: Callable[[], datetime]
    team: set[str]  # who may act
    tickets: list[Ticket] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    alerts: dict[str, Outage | None] = field(default_factory=dict)  # those that last, and what they began
    told: defaultdict[str, Counter[Sentence]] = field(default_factory=lambda: defaultdict(Counter))
    room: Counter[Sentence] = field(default_factory=Counter)

    def tell(self, about: Ticket, key: str, /, **values: object) -> None:
        """The employee is told, once, in the thread of their ticket."""
        self.told[about.thread][sentence(key, **{"ticket": about.ref, **values})] += 1

    def tell_room(self, about: Ticket, key: str, /, **values: object) -> None:
        """The room is told, once."""
        self.room[sentence(key, **{"ticket": about.ref, **values})] += 1

    def merged_into(self, ticket: Ticket) -> list[Ticket]:
        """The tickets that go on with this one, and with none of their own."""
        return [one for one in self.tickets if one.into is ticket and one.followed_by is None]

    def known(self, topic: str) -> Outage | None:
        """The outage that answers a question about this, the newest one."""
        return next((one for one in reversed(self.outages) if one.live and one.topic == topic), None)

    # --- the employee ------------------------------------------------------------------------------------

    def open(
        self, person: str, topic: str, thread: str, *, outage: Outage | None = None, key: str = "opened"
    ) -> Ticket:
        """A ticket of somebody; one that joins an outage has no card."""
        ticket = Ticket(len(self.tickets) + 1, person, topic, thread, self.now(), outage=outage)
        self.tickets.append(ticket)
        ticket.events["opened"] += 1
        ticket.card, ticket.joined = outage is None, outage is not None
        if outage is not None:
            self.tell(ticket, "outage.joined", title=outage.title)
        elif key:
            self.tell(ticket, f"ticket.{key}")
        return ticket

    def write(self, ticket: Ticket) -> None:
        """The requester writes in the thread of a ticket that lives, or lives on in another."""
        on = ticket.goes_on
        assert on is not None
        if on.status == "open":
            self.tell(ticket, "ticket.added", ticket=on.ref)
        else:
            self.tell(ticket, "ticket.passed_on", ticket=on.ref, name=on.assignee.title())
        on.record("added", self.now(), ticket.person)

    def withdraw(self, ticket: Ticket) -> None:
        """The requester needs it no more."""
        if not ticket.live:
            return self.tell(ticket, "ticket.closed")
        ticket.record("withdrawn", self.now(), ticket.person)
        ticket.status, ticket.closed_at = "withdrawn", self.now()
        self.tell(ticket, "told.withdrawn")
        for one in self.merged_into(ticket):
            self._split(one)
            self.tell(one, "told.split", target=ticket.ref)
        return None

    def _split(self, ticket: Ticket) -> None:
        ticket.status, ticket.into, ticket.closed_at, ticket.outage = "open", None, None, None
        ticket.record("split", self.now())

    def came_back(self, ticket: Ticket) -> Ticket | None:
        """The requester says so; a new ticket, if one is opened for it."""
        if ticket.live:
            self.tell(ticket, "ticket.already")
            return None
        if ticket.followed_by is not None and not self._recent(ticket):
            self.tell(ticket, "ticket.already", ticket=ticket.followed_by.ref)
            return None
        if ticket.goes_on is not None:
            self.tell(ticket, "ticket.already", ticket=ticket.goes_on.ref)
            return None
        return self.again(ticket, ticket.person)

    def _recent(self, ticket: Ticket) -> bool:
        recent = ticket.closed_at is not None and self.now() - ticket.closed_at <= REOPEN
        return recent and ticket.was_alone

    def again(self, ticket: Ticket, by: str) -> Ticket | None:
        """Open it again, or what goes on with it."""
        if self._recent(ticket):
            self._reopen(ticket, by)
            return None
        after = self.open(ticket.person, ticket.topic, ticket.thread, key="")
        self.tell(after, "told.opened_anew" if ticket.was_alone else "told.opened_alone", before=ticket.ref)
        ticket.followed_by, ticket.way_back = after, False
        after.events["follows"] += 1
        ticket.events["followed"] += 1
        return after

    def rate(self, ticket: Ticket, mark: int) -> None:
        """A mark for the last resolution; a low one is told in the room the first time."""
        was_low, ticket.mark = 0 < ticket.mark <= LOW, mark
        ticket.record("rated", self.now(), ticket.person)
        if 0 < mark <= LOW and not was_low:
            key = "room.rated_low" if ticket.card else "room.rated_low_joined"
            self.tell_room(ticket, key, name=ticket.person.title(), mark=mark, best=5)

    def leave_outage(self, ticket: Ticket) -> None:
        """The requester, who joined an outage, wants a person."""
        on = ticket.goes_on
        if on is None:
            return self.told_late(ticket)
        if on.outage is None:
            return self.tell(ticket, "ticket.already", ticket=on.ref)
        was_in_one = ticket.outage is not None
        if ticket.into is not None:
            self._split(ticket)
        if was_in_one:
            ticket.record("ungrouped", self.now(), ticket.person)
        ticket.outage, ticket.card = None, True
        return self.tell(ticket, "ticket.left_outage")

    def told_late(self, ticket: Ticket) -> None:
        """A button that no longer does anything."""
        self.told[ticket.thread][sentence("press.late")] += 1

    # --- the engineers -----------------------------------------------------------------------------------

    def claim(self, ticket: Ticket, who: str) -> bool:
        if who not in self.team or ticket.status != "open":
            return False
        self._give(ticket, who, "claimed", by=who)
        return True

    def assign(self, ticket: Ticket, to: str, by: str) -> bool:
        if not {to, by} <= self.team or not ticket.live or ticket.held_by(to):
            return False
        self._give(ticket, to, "assigned", by=by)
        return True

    def _give(self, ticket: Ticket, who: str, kind: str, *, by: str) -> None:
        ticket.status, ticket.assignee = "claimed", who
        ticket.record(kind, self.now(), by)
        self.tell(ticket, f"told.{kind}", name=who.title())
        for one in self.merged_into(ticket):
            self.tell(one, "told.claimed_merged", name=who.title(), target=ticket.ref)

    def release(self, ticket: Ticket, who: str) -> bool:
        if who not in self.team or not ticket.held_by(who):
            return False
        ticket.status, ticket.assignee = "open", ""
        ticket.record("released", self.now())
        self.tell(ticket, "told.released", name=who.title())
        self._freed(ticket)
        return True

    def _freed(self, ticket: Ticket) -> None:
        for one in self.merged_into(ticket):
            self.tell(one, "told.freed_merged", target=ticket.ref)

    def resolve(self, ticket: Ticket, who: str) -> bool:
        if who not in self.team or not ticket.held_by(who):
            return False
        self._resolved(ticket)
        self.tell(ticket, "told.resolved", name=who.title())
        for one in self.merged_into(ticket):
            self.tell(one, "told.resolved_merged", name=who.title(), target=ticket.ref)
            one.ask_how()
        return True

    def _resolved(self, ticket: Ticket) -> None:
        ticket.status, ticket.closed_at = "resolved", self.now()
        ticket.ask_how()
        ticket.events["resolved"] += 1

    def merge(self, ticket: Ticket, other: Ticket, who: str) -> bool:
        if who not in self.team or ticket is other or not ticket.live or not other.live:
            return False
        along = self.merged_into(ticket)
        for one in (ticket, *(one for one in self.tickets if one.into is ticket)):
            one.into = other
        for one in (ticket, *along):
            if other.assignee:
                self.tell(one, "told.merged_claimed", target=other.ref, name=other.assignee.title())
            else:
                self.tell(one, "told.merged", target=other.ref)
        ticket.status, ticket.assignee, ticket.closed_at = "resolved", "", self.now()
        ticket.events["merged"] += 1
        other.record("absorbed", self.now(), who)
        return True

    def _reopen(self, ticket: Ticket, by: str) -> None:
        """Again, to the same engineer while they are one."""
        before, ticket.status, ticket.assignee = ticket.assignee, "open", ""
        ticket.closed_at, ticket.asked_how, ticket.way_back = None, False, False
        ticket.record("reopened", self.now())
        before = before if before in self.team else ""
        if before:
            ticket.status, ticket.assignee = "claimed", before
            ticket.record("claimed", self.now(), before)
        key, names = ("reopened_same", {"name": before.title()}) if before else ("reopened", {})
        self.tell(ticket, f"told.{key}", **names)
        for one in self.merged_into(ticket):
            self.tell(one, "told.reopened_merged", target=ticket.ref)
            one.asked_how, one.way_back = False, False
        self.tell_room(ticket, f"room.{key}", requester=by.title(), **names)

    def group(self, ticket: Ticket, who: str) -> bool:
        """Put it under the outage of its topic, which begins if there is none."""
        if who not in self.team or not ticket.live or ticket.outage is not None:
            return False
        title = f"Outage of {ticket.topic}"
        lasting = [one for one in self.outages if one.live and one.title == title]
        if not lasting:
            lasting = [Outage(title, ticket.topic)]
            self.outages += lasting
        ticket.outage = lasting[0]
        ticket.record("grouped", self.now(), who)
        self.tell(ticket, "told.outage", title=title)
        for one in self.merged_into(ticket):
            self.tell(one, "told.outage_merged", target=ticket.ref, title=title)
        return True

    def end(self, outage: Outage) -> bool:
        """Everybody on it is told, and everybody who was joined with them."""
        if not outage.live:
            return False
        outage.live = False
        for ticket in [one for one in self.tickets if one.live and one.outage is outage]:
            self._resolved(ticket)
            self.tell(ticket, "told.outage_ended", title=outage.title)
            for one in self.merged_into(ticket):
                self.tell(one, "told.ended_merged", target=ticket.ref)
                one.ask_how()
        return True

    # --- the desk by itself ------------------------------------------------------------------------------

    def look(self) -> None:
        """Do everything that is due."""
        while acts := [
            (ticket, due(ticket, self.now())) for ticket in self.tickets if due(ticket, self.now())
        ]:
            for ticket, steps in acts:
                for at, act, target in steps:
                    self._act(ticket, at, act, target)

    def _act(self, ticket: Ticket, at: datetime, act: str, target: str) -> None:
        name = ticket.assignee.title()
        match act:
            case "reminded" | "breached":
                due_at = ticket.since + (RESOLUTION if target == "resolution" else FIRST_RESPONSE)
                ticket.told.append(Told(act, target, due_at))
                key = "remind" if act == "reminded" else "breach"
                self.tell_room(ticket, f"remind.{key}.{target}")
            case "called":
                ticket.calls, ticket.called_at = ticket.calls + 1, self.now()
            case "nudged":
                ticket.asked_at = self.now()
                self.tell_room(ticket, "remind.silent")
            case "released":
                ticket.status, ticket.assignee = "open", ""
                self.tell(ticket, "told.by_desk.released", name=name)
                self._freed(ticket)
            case "closed":
                ticket.status, ticket.closed_at, ticket.way_back = "resolved", self.now(), True
                self.tell(ticket, "told.by_desk.closed", name=name)
                for one in self.merged_into(ticket):
                    self.tell(one, "told.ended_merged", target=ticket.ref)
                    one.way_back = True
        ticket.record(act, self.now())
