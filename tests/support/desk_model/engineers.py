"""What engineers do, at random: claim, resolve, hand over, merge, write, edit, delete, and come and go."""

from hypothesis import strategies as st

from bot.domain.conversations.messages import Change, OutcomeKind
from tests.support.desk_model.ground import NAMES, SECRET, Written, act, done
from tests.support.desk_model.model import sentence
from tests.support.desk_model.stage import OFTEN, SELDOM, BesideItsModel
from tests.support.desk_model.ticket import Ticket

engineers = st.sampled_from(sorted(NAMES))


class Permissions(BesideItsModel):
    """Two engineers, of whom one may leave and come back."""

    def written(self) -> list[Written]:
        return [one for one in self.under_cards if not one.gone]

    def open_ones(self) -> list[Ticket]:
        return [one for one in self.model.tickets if one.status == "open" and one.card]

    def mine(self) -> list[Ticket]:
        """What somebody has who is still here."""
        return [
            one
            for one in self.model.tickets
            if one.status == "claimed" and one.assignee in self.model.team and one.card
        ]

    # --- moves -------------------------------------------------------------------------------------------

    @act(
        9,
        when=lambda self: self.open_ones(),
        who=engineers,
        how=st.sampled_from(["alone", "alone", "twice", "together"]),
    )
    def claim(self, who: str, how: str) -> None:
        """Alone, in two windows at the same moment, or both engineers at the same moment."""
        ticket, who = self.one_of(self.open_ones()), self.here(who)
        both = sorted(self.model.team) if how == "together" else [who, who] if how == "twice" else [who]
        clicks = [self.pressing(one, ticket, "claim") for one in both]
        outcomes = self.at_the_same_moment(*clicks)
        winners = [one for one, outcome in zip(both, outcomes, strict=True) if done(outcome)]
        assert len(winners) == 1
        assert self.model.claim(ticket, winners[0])
        if winners != [who]:  # what follows must not depend on who was faster
            self.give(ticket, who, by=winners[0])

    def give(self, ticket: Ticket, to: str, by: str) -> None:
        expected = self.model.assign(ticket, to, by)
        assert self.pressed(by, ticket, "assign", engineer=NAMES[to]) == expected

    @act(7, when=lambda self: self.mine(), twice=SELDOM)
    def resolve(self, twice: bool) -> None:
        ticket = self.one_of(self.mine())
        who = ticket.assignee
        clicks = [
            self.pressing(who, ticket, "resolve", note="Tightened it") for _ in range(2 if twice else 1)
        ]
        assert [done(one) for one in self.at_the_same_moment(*clicks)].count(True) == 1
        assert self.model.resolve(ticket, who)

    @act(
        4,
        when=lambda self: any(one.card for one in self.model.tickets),
        who=engineers,
        action=st.sampled_from(["claim", "release", "resolve"]),
    )
    def press_what_may_be_stale(self, who: str, action: str) -> None:
        ticket = self.some(cards=True)
        inputs = {"note": "Tightened it"} if action == "resolve" else {}
        expected: bool = getattr(self.model, action)(ticket, who)
        assert self.pressed(who, ticket, action, **inputs) == expected

    @act(4, when=lambda self: any(one.card for one in self.model.tickets), who=engineers, to=engineers)
    def assign(self, who: str, to: str) -> None:
        self.give(self.some(cards=True), to, by=who)

    @act(6, when=lambda self: any(one.card and one.live for one in self.model.tickets), who=engineers)
    def merge(self, who: str) -> None:
        ticket = self.some(cards=True)
        live = [one for one in self.model.tickets if one.live and one is not ticket]
        other = self.pick(live if live and self.chance.random() < OFTEN else self.model.tickets)
        expected = self.model.merge(ticket, other, who)
        assert self.pressed(who, ticket, "merge", ticket=other.ref) == expected
        self.focus = other

    def low(self) -> list[Ticket]:
        return [one for one in self.model.tickets if one.low and one.card]

    @act(5, when=lambda self: self.low(), who=engineers)
    def reopen(self, who: str) -> None:
        ticket, who = self.one_of(self.low()), self.here(who)
        assert self.pressed(who, ticket, "reopen")
        self.model.again(ticket, by=who)

    @act(4, when=lambda self: any(one.asked_at for one in self.mine()), goes_on=st.booleans())
    def answer_the_question(self, goes_on: bool) -> None:
        """Still on it, or not."""
        ticket = self.one_of([one for one in self.mine() if one.asked_at])
        who = ticket.assignee
        assert self.pressed(who, ticket, "keep" if goes_on else "let_go")
        if goes_on:
            ticket.record("kept", self.clock(), who)
        else:
            self.model.release(ticket, who)

    # --- words -------------------------------------------------------------------------------------------

    @act(2, when=lambda self: self.mine())
    def ask_for_details(self) -> None:
        ticket = self.one_of(self.mine())
        who = ticket.assignee
        assert self.pressed(who, ticket, "ask_details")
        ticket.record("asked_details", self.clock(), who)
        ticket.asked_details = True
        self.model.tell(ticket, "details.ask", name=who.title())

    @act(8, when=lambda self: self.mine(), way=st.sampled_from(["canned", "write", "write"]), hidden=SELDOM)
    def help(self, way: str, hidden: bool) -> None:
        """The assignee writes to the employee; what is marked as a note reaches nobody."""
        ticket = self.one_of(self.mine())
        who = ticket.assignee
        hides = hidden or ticket.notes_only
        words = f"{SECRET if hides else 'word-'}{self.number()}"
        text = f"// {words}" if hidden else words
        if way == "canned":
            assert self.pressed(who, ticket, "canned", "send", text=text) != hides
            if not hides:
                self.ready.add(words)
        else:
            said = self.writes(who, ticket, text)
            self.under_cards.append(Written(who, ticket, said, "note" if hides else "sent", words))
        if not hides:
            ticket.record("sent", self.clock(), who)
            self.model.told[ticket.thread][sentence("", text=f"{who.title()}: {words}")] += 1
        elif way == "write":
            ticket.record("noted", self.clock(), who)

    @act(2, when=lambda self: any(one.card for one in self.model.tickets), who=engineers)
    def remark(self, who: str) -> None:
        """Whoever has not got it writes for the room; whoever has left writes for nobody."""
        ticket = self.some(cards=True)
        if ticket.held_by(who):
            return
        words = f"{SECRET}{self.number()}"
        said = self.writes(who, ticket, words)
        if who in self.model.team:
            course = "note" if ticket.notes_only else "room"
            ticket.record("noted" if ticket.notes_only else "said", self.clock(), who)
            self.under_cards.append(Written(who, ticket, said, course, words))

    @act(
        10,
        when=lambda self: self.written(),
        how=st.sampled_from(["words", "words", "note", "note", "deleted"]),
    )
    def edit(self, how: str) -> None:
        """What was written is edited, into a note or into words, or deleted, wherever it went.

        Whoever has left changes nothing.
        """
        one = self.pick(self.written()[-4:])
        if one.by not in self.model.team:
            change = Change.DELETED if how == "deleted" else Change.EDITED
            outcome = self.desk.changes(one.utterance, change, f"{SECRET}{self.number()}")
            assert outcome.kind is OutcomeKind.REFUSED
            return
        if how == "deleted":
            one.gone = True
            assert self.desk.deletes(one.utterance).kind is OutcomeKind.DONE
            one.ticket.record("deleted", self.clock(), one.by)
            return
        becomes_note = how == "note" or one.ticket.notes_only
        stays = one.course == "sent" and not becomes_note
        one.words = f"{'word-' if stays else SECRET}{self.number()}"
        if becomes_note and one.course == "sent":
            one.ticket.events["taken_back"] += 1
        one.course = "note" if becomes_note else one.course
        text = f"// {one.words}" if how == "note" else one.words
        assert self.desk.edits(one.utterance, text).kind is OutcomeKind.DONE
        one.ticket.record("edited", self.clock(), one.by)

    @act(3, when=lambda self: self.mine(), who=engineers)
    def notes_only(self, who: str) -> None:
        ticket, who = self.one_of(self.mine()), self.here(who)
        ticket.notes_only = not ticket.notes_only
        assert self.pressed(who, ticket, "notes", "on" if ticket.notes_only else "off")
        ticket.record("notes_only", self.clock(), who)

    # --- people ------------------------------------------------------------------------------------------

    @act(3)
    def leave_or_come_back(self) -> None:
        """Another replica goes on, from whose settings Eric is gone, or is in again."""
        self.model.team ^= {"eric"}
        self.start()
