"""One ticket's life, in any order of what people do to it, against a model."""

import itertools
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import Addressed, Button, Click, Outcome, OutcomeKind
from bot.domain.tickets.ticket import Status
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, buttons_of, is_card
from tests.support.desk.temporary_desk import a_desk
from tests.support.unknown import UNKNOWN

numbers = itertools.count()
EMPLOYEES, ENGINEERS = ("ana", "tom"), ("eva", "eric")
SHOWN = {
    Status.OPEN: "Open",
    Status.CLAIMED: "Claimed",
    Status.RESOLVED: "Resolved",
    Status.WITHDRAWN: "Cancelled",
}


class Model:
    """What one ticket should look like."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.status = Status.OPEN
        self.assignee: str | None = None
        self.done = ["opened"]  # what must stand in the history, refusals left out


class Life(RuleBasedStateMachine):
    """Several people do things to tickets, in any order; the desk and the model must agree."""

    template: Path
    library: Library

    def __init__(self) -> None:
        super().__init__()
        self._stack = a_desk(self.template, self.library)
        self.desk = self._stack.__enter__()
        self.desk.rooms = (ROOM, OTHER_ROOM)
        self.models: dict[str, Model] = {}
        self.tokens: dict[str, str] = {}
        self.refused: dict[str, int] = {}

    def teardown(self) -> None:
        self._stack.__exit__(None, None, None)

    @rule(person=st.sampled_from(EMPLOYEES), text=st.sampled_from(["", "<!channel> *now*", "\u202e"]))
    def asks(self, person: str, text: str) -> None:
        thread = f"{next(numbers)}.5"
        self.desk.clock.move(minutes=45)
        outcome = self.desk.say(person, f"{UNKNOWN} {text}", thread=thread)
        assert outcome.kind is OutcomeKind.TICKET
        assert outcome.ticket is not None
        assert outcome.ticket not in self.models
        self.models[outcome.ticket] = Model(person)
        self.tokens[outcome.ticket] = self.desk.card(outcome.ticket).buttons[0].token

    @precondition(lambda self: self.models)
    @rule(
        data=st.data(),
        action=st.sampled_from(["claim", "release", "resolve"]),
        note=st.sampled_from(["ok", " "]),
    )
    def engineer_presses(self, data: st.DataObject, action: str, note: str) -> None:
        reference, model = self._some(data)
        person = data.draw(st.sampled_from((*ENGINEERS, "mallory")))
        outcome = self._press(person, action, reference, {"note": note} if action == "resolve" else None)
        sources = {"claim": Status.OPEN, "release": Status.CLAIMED, "resolve": Status.CLAIMED}
        allowed = person in ENGINEERS and model.status is sources[action]
        allowed = allowed and (action == "claim" or model.assignee == person)
        blank = action == "resolve" and not note.strip()
        assert (outcome.kind is OutcomeKind.DONE) == (allowed and not blank)
        if not allowed:
            self.refused[reference] = self.refused.get(reference, 0) + 1
        if allowed and not blank:
            self._did(model, action, person)

    @precondition(lambda self: self.models)
    @rule(data=st.data())
    def somebody_withdraws(self, data: st.DataObject) -> None:
        reference, model = self._some(data)
        person = data.draw(st.sampled_from(EMPLOYEES))
        if data.draw(st.booleans()):
            self.desk.say(person, f"cancel {reference}")
        else:
            self._press(person, "cancel", reference, None)
        if person == model.owner and model.status in (Status.OPEN, Status.CLAIMED):
            model.status = Status.WITHDRAWN
            model.done.append("withdrawn")

    @precondition(lambda self: self.models)
    @rule(data=st.data(), action=st.sampled_from(["claim", "cancel"]))
    def a_press_is_repeated(self, data: st.DataObject, action: str) -> None:
        reference, model = self._some(data)
        person = model.owner if action == "cancel" else "eva"
        click = Click(action, self.tokens[reference])
        utterance = self.desk.utterance(person, click=click, addressed=Addressed.CLICK, conversation=ROOM)
        first = self.desk.desk.intake.receive(utterance)
        again = self.desk.desk.intake.receive(utterance)
        self.desk.deliver()
        assert again.repeated
        assert again.kind is first.kind
        if first.kind is OutcomeKind.DONE and action == "claim":
            self._did(model, "claim", "eva")
        elif first.kind is OutcomeKind.DONE:
            model.status = Status.WITHDRAWN
            model.done.append("withdrawn")
        elif action == "claim":
            self.refused[reference] = self.refused.get(reference, 0) + 1

    @invariant()
    def the_database_is_as_the_model(self) -> None:
        for reference, model in self.models.items():
            with self.desk.begin() as work:
                ticket = work.tickets.by_token(self.tokens[reference])
                assert ticket is not None
                kinds = [event.kind for event in work.tickets.events(ticket.id)]
            assert ticket.reference == reference
            assert ticket.status is model.status
            if ticket.status is Status.CLAIMED:
                assert ticket.assignee is not None
                assert ticket.assignee.name == (model.assignee or "").title()
            assert [kind for kind in kinds if kind != "refused"] == model.done
            assert kinds.count("refused") == self.refused.get(reference, 0)

    @invariant()
    def every_card_shows_the_true_state(self) -> None:
        buttons = {Status.OPEN: ["claim"], Status.CLAIMED: ["resolve"]}
        for reference, model in self.models.items():
            for room in (ROOM, OTHER_ROOM):
                cards = [c for c in self.desk.in_space(room.space) if is_card(c, reference)]
                assert len(cards) == 1
                assert SHOWN[model.status] in cards[0].summary
                assert buttons_of(cards[0]) == buttons.get(model.status, [])
                if model.status is Status.CLAIMED:
                    assert (model.assignee or "").title() in str(cards[0].blocks)

    def _some(self, data: st.DataObject) -> tuple[str, Model]:
        reference = data.draw(st.sampled_from(sorted(self.models)))
        return reference, self.models[reference]

    def _press(self, person: str, action: str, reference: str, inputs: Any) -> Outcome:
        button = Button(action, action, self.tokens[reference])
        return self.desk.click(person, button, conversation=ROOM, inputs=inputs)

    def _did(self, model: Model, action: str, person: str) -> None:
        after = {"claim": Status.CLAIMED, "release": Status.OPEN, "resolve": Status.RESOLVED}
        past = {"claim": "claimed", "release": "released", "resolve": "resolved"}
        model.status = after[action]
        model.assignee = person if action != "release" else None
        model.done.append(past[action])


def test_any_order_of_actions_keeps_one_winner_and_true_cards(
    sqlite_template: Path, library: Library
) -> None:
    Life.template, Life.library = sqlite_template, library
    run_state_machine_as_test(
        Life, settings=settings(max_examples=12, stateful_step_count=15, deadline=None, database=None)
    )
