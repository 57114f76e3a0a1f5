"""Whatever an engineer can do is refused to who was one a moment ago, in every channel."""

from dataclasses import replace
from typing import Any

import pytest

from bot.desk.cards.forms import MENU_ACTIONS
from bot.desk.knowledge.library import Library
from bot.desk.ports import button_actions
from bot.domain.conversations.messages import (
    Addressed,
    Attachment,
    Behalf,
    Button,
    Change,
    ConversationRef,
    OutcomeKind,
    Utterance,
)
from bot.domain.people import Identity
from bot.domain.tickets.ticket import Ticket, TicketAction
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, Helpdesk
from tests.support.desk.records import kinds, ticket
from tests.support.unknown import UNKNOWN

PAGE_ROOM = ConversationRef("web", "", "room", private=True)
PLACES = {"slack": ROOM, "teams": OTHER_ROOM, "web": PAGE_ROOM}
ANSWERS = {button_actions.ACCEPT, button_actions.DECLINE}
BUTTONS = sorted(
    {value for name, value in vars(button_actions).items() if name.isupper()} - ANSWERS
    | {action.value for action in (TicketAction.CLAIM, TicketAction.RELEASE, TicketAction.RESOLVE)}
    | {str(action) for action in MENU_ACTIONS}
)
# What any form of a card asks for; each takes what it knows.
FORM = {"note": "planted", "text": "planted", "engineer": "eric", "ticket": "HELP-1002", "priority": "4"}
IN_ROOM = {
    "sent": "It is planted",
    "note": "// It is planted",
    "file": "",
}


class Day:
    """A desk whose engineers are who is in its rooms, and one who is taken out."""

    def __init__(self, helpdesk: Helpdesk, channel: str) -> None:
        self.helpdesk, self.channel, self.room = helpdesk, channel, PLACES[channel]
        self.identity = Identity(channel, self.room.tenant, "eva")
        self._read([self.identity, replace(self.identity, external_id="eric")])
        helpdesk.say("ana", UNKNOWN, thread="1.0")
        helpdesk.say("tom", "I need a person please", thread="2.0")
        self.click("claim")

    def _read(self, members: list[Identity]) -> None:
        with self.helpdesk.begin() as work:
            work.rosters.replace(self.room, members, self.helpdesk.clock())

    def leaves(self) -> None:
        """Take them out of the room; the next reading of the roster says so."""
        self._read([replace(self.identity, external_id="eric")])

    def click(self, action: str, inputs: dict[str, str] | None = None) -> OutcomeKind:
        """Click a button of the first ticket."""
        button = Button(action, "", ticket(self.helpdesk).token)
        place = {"channel": self.channel, "conversation": self.room}
        return self.helpdesk.click("eva", button, inputs=inputs, **place).kind

    def writes(self, text: str, **changes: Any) -> Utterance:
        """Write under the card."""
        return self.helpdesk.writes("eva", text, room=self.room, **changes)

    def state(self) -> tuple[Ticket, Ticket, list[str], list[str], list[str]]:
        """What others see, and what the tickets are."""
        shown = [self.helpdesk.texts_in(place) for place in ("Dana", "Dtom", self.room.space)]
        private = [one for one in self.helpdesk.screen.values() if one.private_to == self.identity]
        told = {id(one.reply) for one in private}
        room = [r for r in self.helpdesk.in_space(self.room.space) if id(r) not in told]
        return ticket(self.helpdesk), ticket(self.helpdesk, 2), shown[0], shown[1], [r.summary for r in room]


@pytest.fixture(params=sorted(PLACES))
def day(request: pytest.FixtureRequest, database: Database, library: Library, clock: Clock) -> Day:
    """A claimed ticket in one channel."""
    return Day(Helpdesk(database, library, clock, "", (PLACES[request.param],)), request.param)


def test_no_button_and_no_form_does_anything(day: Day) -> None:
    day.leaves()
    before = day.state()
    for action in BUTTONS:
        for inputs in (None, FORM):
            assert day.click(action, inputs) in (OutcomeKind.REFUSED, OutcomeKind.IGNORED), action
            assert day.state() == before, action
    assert "refused" in kinds(day.helpdesk)


@pytest.mark.parametrize("how", sorted(IN_ROOM))
def test_nothing_that_is_written_goes_anywhere(day: Day, how: str) -> None:
    day.leaves()
    before = day.state()
    for addressed in (Addressed.THREAD, Addressed.MENTION):
        files = (Attachment("planted.txt", "text/plain", 3, "F1"),) if how == "file" else ()
        day.writes(IN_ROOM[how], addressed=addressed, attachments=files, files=len(files))
        assert day.state() == before, addressed


@pytest.mark.parametrize("how", sorted(IN_ROOM))
@pytest.mark.parametrize("change", [change for change in Change if change is not Change.NEW])
def test_no_change_of_what_was_written_follows(day: Day, how: str, change: Change) -> None:
    files = (Attachment("report.txt", "text/plain", 3, "F1"),) if how == "file" else ()
    said = day.writes(IN_ROOM[how].replace("planted", "mended"), attachments=files, files=len(files))
    elsewhere = replace(day.room, thread="another")
    day.leaves()
    before = day.state()
    for place in (said.conversation, elsewhere):
        outcome = day.helpdesk.changes(said, change, "It is planted", conversation=place)
        assert outcome.kind is OutcomeKind.REFUSED
        assert day.state() == before
    assert kinds(day.helpdesk)[-1] == "refused"


@pytest.mark.parametrize("change", [change for change in Change if change is not Change.NEW])
def test_no_change_of_what_was_never_seen_follows(day: Day, change: Change) -> None:
    unseen = day.helpdesk.written("eva", "It is planted", room=day.room)
    day.leaves()
    before = day.state()
    day.helpdesk.changes(unseen, change, "It is planted")
    assert day.state() == before


def test_nothing_is_begun_for_others(day: Day) -> None:
    day.leaves()
    before = day.state()
    behalf = Behalf(Identity(day.channel, day.room.tenant, "tom"), "Tom", day.helpdesk.direct("tom"))
    place = {"channel": day.channel, "conversation": day.room}
    outcome = day.helpdesk.say("eva", "Tom needs a planted dock", behalf=behalf, **place)
    assert outcome.kind is OutcomeKind.REFUSED
    day.helpdesk.say("eva", "outage: planted", **place)
    with day.helpdesk.begin.reading() as work:
        assert work.outages.live(10) == ()
    assert day.state()[:4] == before[:4]


def test_who_comes_back_may_act_again(day: Day) -> None:
    said = day.writes("It is mended")
    day.leaves()
    day.helpdesk.edits(said, "It is planted")
    day._read([day.identity])
    day.helpdesk.edits(said, "It is mended now")
    assert "It is mended now" in day.helpdesk.texts_in("Dana")[-1]
