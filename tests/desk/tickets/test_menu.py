"""A card's menu: assign, transfer, set the priority; one winner, and every loser is told."""

from dataclasses import replace

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import Addressed, Click, ConversationRef, OutcomeKind
from bot.domain.knowledge.content import Content
from bot.domain.people import Identity
from bot.domain.tickets.queues import Queue, Queues
from bot.domain.tickets.ticket import Priority, Status
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.card_menu import asked, do, menu, sent
from tests.support.desk.engineers import ENGINEERS, ERIC, EVA, TINA
from tests.support.desk.helpdesk import ROOM, Helpdesk, buttons_of, is_card, text_of, with_queues
from tests.support.desk.outcomes import notice
from tests.support.desk.records import kinds, ticket
from tests.support.desk.simultaneous import at_once, press_of
from tests.support.unknown import UNKNOWN

NETWORK = replace(ROOM, space="CNETWORK")


class WithQueues:
    """The repository's content where two intents name a queue."""

    name = "with queues"

    def __init__(self, content: Content) -> None:
        queues = {"wifi": "network", "printer": "devices"}
        intents = {name: replace(intent, queue=queues.get(name)) for name, intent in content.intents.items()}
        self._content = replace(content, intents=intents)

    def load(self) -> Content:
        return self._content

    async def changes(self) -> None:
        raise NotImplementedError


@pytest.fixture
def queued(database: Database, library: Library, clock: Clock) -> Helpdesk:
    snapshot = library.snapshot
    named = Library(WithQueues(snapshot.content), lambda *_: snapshot.matcher)
    assert named.load()
    rooms: dict[str, tuple[ConversationRef, ...]] = {"network": (NETWORK,)}
    return Helpdesk(database, named, clock, engineers=ENGINEERS, queue_rooms=rooms)


@pytest.fixture
def desk(database: Database, library: Library, clock: Clock) -> Helpdesk:
    return Helpdesk(database, library, clock, engineers=ENGINEERS)


# --- the menu -----------------------------------------------------------------------------------------


def test_a_lasting_control_has_its_card_shown_anew_there_and_no_other(desk: Helpdesk) -> None:
    desk.claimed()
    button = desk.button(desk.card("HELP-1001"), "prioritize")
    for lasting, shown in ((True, 1), (False, 0)):
        before = len(desk.posts)
        click = Click(button.action, button.token, button.argument, lasting=lasting)
        said = desk.say("eva", "", click=click, conversation=ROOM, addressed=Addressed.CLICK)
        assert said.kind is OutcomeKind.FORM
        assert [post.conversation.space for post in desk.posts[before:] if post.card] == ["CROOM"] * shown


def test_the_menu_holds_what_somebody_may_do_now(database: Database, library: Library, clock: Clock) -> None:
    only = with_queues(library, Queues({"it": Queue("it")}, "it"))
    desk = Helpdesk(database, only, clock, engineers=ENGINEERS)
    desk.say("ana", UNKNOWN)
    assert menu(desk.card("HELP-1001")) == ["assign", "prioritize", "merge", "relate", "group"]
    desk.say("ana", "cancel HELP-1001")
    assert menu(desk.card("HELP-1001")) == []


def test_a_transfer_is_offered_where_there_is_another_queue(queued: Helpdesk) -> None:
    queued.say("ana", UNKNOWN)
    card = queued.card("HELP-1001")
    assert menu(card) == ["assign", "transfer", "prioritize", "merge", "relate", "group"]


@pytest.mark.parametrize("action", ["assign", "prioritize", "merge", "relate"])
def test_only_engineers_see_the_forms(desk: Helpdesk, action: str) -> None:
    desk.say("ana", UNKNOWN)
    button = desk.button(desk.card("HELP-1001"), action)
    assert "Only engineers" in notice(desk.click("mallory", button, conversation=ROOM))
    assert kinds(desk) == ["opened", "refused"]


def test_a_form_asked_for_again_is_shown_again(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    button = desk.button(desk.card("HELP-1001"), "prioritize")
    click = Click(button.action, button.token)
    event = desk.utterance("eva", click=click, addressed=Addressed.CLICK, conversation=ROOM, inline=True)
    first, second = desk.desk.intake.receive(event), desk.desk.intake.receive(event)
    assert second.repeated
    assert first.card == second.card


# --- assign -------------------------------------------------------------------------------------------


def test_an_engineer_gives_a_ticket_to_another_who_is_named_and_told(desk: Helpdesk) -> None:
    desk.say("eric", "hello")  # we have met Eric; of Tina we know the id only
    desk.say("ana", UNKNOWN)
    form = desk.click("eva", desk.button(desk.card("HELP-1001"), "assign"), conversation=ROOM)
    assert form.card is not None
    options = [(option.value, option.label) for option in form.card.fields[0].options]
    assert options == [(ERIC, "Eric"), (EVA, "Eva"), (TINA, "tina")]
    done = sent(desk, "eva", form.card.buttons[0], engineer=ERIC)
    assert done.kind == OutcomeKind.DONE
    assert text_of(desk.last("ana")) == "Eric is now working on HELP-1001."
    assert "Eric: Eva has assigned HELP-1001 to you." in [text_of(r) for r in desk.in_space("CROOM")]
    card = desk.card("HELP-1001")
    assert "Assignee: Eric" in text_of(card)
    assert buttons_of(card) == ["resolve"]
    assert kinds(desk) == ["opened", "assigned"]
    resolved = desk.click("eric", desk.button(card, "resolve"), conversation=ROOM, inputs={"note": "done"})
    assert resolved.kind == OutcomeKind.DONE


def test_whoever_takes_a_ticket_over_is_named_to_who_had_it(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    before = len(desk.in_space("CROOM"))
    do(desk, "eva", "assign", engineer=EVA)  # an open one: it is on the card alone, as after a claim
    assert len(desk.in_space("CROOM")) == before
    assert "Assignee: Eva" in text_of(desk.card("HELP-1001"))
    do(desk, "eric", "assign", engineer=ERIC)
    assert [text_of(reply) for reply in desk.in_space("CROOM")[before:]] == [
        "Eric has taken over HELP-1001 from Eva."
    ]


def test_an_assigned_ticket_goes_on_to_somebody_in_another_channel(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    do(desk, "eva", "assign", engineer=ERIC)
    done = do(desk, "eva", "assign", engineer="tina")  # written instead of chosen
    assert done.kind == OutcomeKind.DONE
    now = ticket(desk)
    assert now.assignee is not None
    assert (now.status, now.assignee.name) == (Status.CLAIMED, "tina")
    with desk.begin() as work:
        identities = work.people.identities(now.assignee)
    assert identities == (Identity("teams", "tenant", "tina"),)


def test_names_come_from_the_roster(database: Database, library: Library, clock: Clock) -> None:
    desk = Helpdesk(database, library, clock, engineers="")
    eva, eric = Identity.parse(EVA), Identity.parse(ERIC)
    with desk.begin() as work:
        work.rosters.replace(ROOM, [eva, eric], clock(), {eric: "Eric Ek"})
    desk.say("ana", UNKNOWN)
    form = desk.click("eva", desk.button(desk.card("HELP-1001"), "assign"), conversation=ROOM)
    assert form.card is not None
    assert [option.label for option in form.card.fields[0].options] == ["Eric Ek", "Eva"]
    sent(desk, "eva", form.card.buttons[0], engineer=ERIC)
    assert "Eric Ek" in text_of(desk.last("ana"))


@pytest.mark.parametrize("written", ["", "nobody", "slack:T1/mallory"])
def test_only_an_engineer_gets_a_ticket(desk: Helpdesk, written: str) -> None:
    desk.say("ana", UNKNOWN)
    assert "not sure which engineer" in notice(do(desk, "eva", "assign", engineer=written))
    assert ticket(desk).assignee is None


def test_who_assigns_from_an_old_form_is_told_who_has_it(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    old = asked(desk, "eva", "assign")
    desk.click("eric", desk.button(desk.card("HELP-1001"), "claim"), conversation=ROOM)
    assert "HELP-1001 is assigned to Eric" in notice(sent(desk, "eva", old, engineer=TINA))
    assert kinds(desk)[-1] == "refused"


def test_of_many_who_assign_and_claim_at_the_same_moment_one_wins(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    card = desk.card("HELP-1001")
    form, claim = asked(desk, "eva", "assign"), desk.button(card, "claim")
    clicks = [("eva", press_of(form, engineer=ERIC)), ("eric", press_of(form, engineer=EVA))] * 3
    clicks += [("eva", Click(claim.action, claim.token)), ("eric", Click(claim.action, claim.token))]
    outcomes = at_once(desk, clicks)
    assert [outcome.kind for outcome in outcomes].count(OutcomeKind.DONE) == 1
    assert all(outcome.notice for outcome in outcomes if outcome.kind is OutcomeKind.REFUSED)
    now = ticket(desk)
    assert now.assignee is not None
    assert now.assignee.name in text_of(desk.card("HELP-1001"))
    assert len([kind for kind in kinds(desk) if kind in ("assigned", "claimed")]) == 1
    told = [text_of(reply) for reply in desk.in_space("Dana") if "working on" in text_of(reply)]
    assert [words.split()[0].casefold() for words in told] == [now.assignee.name.casefold()]


# --- transfer -----------------------------------------------------------------------------------------


def test_a_transfer_moves_the_card_and_opens_the_ticket_again(queued: Helpdesk) -> None:
    queued.say("ana", UNKNOWN)
    queued.click("eva", queued.button(queued.card("HELP-1001"), "claim"), conversation=ROOM)
    done = do(queued, "eric", "transfer", queue="network")
    assert done.kind == OutcomeKind.DONE
    assert "with the team “network”" in text_of(queued.last("ana"))
    old = queued.card("HELP-1001")
    assert "Transferred to network" in old.summary
    assert (old.buttons, old.menu) == ((), ())
    new = queued.card("HELP-1001", NETWORK)
    assert buttons_of(new) == ["claim"]
    assert "Queue: network" in text_of(new)
    assert "Eric has transferred" in text_of(queued.in_space("CNETWORK")[-1])
    now = ticket(queued)
    assert (now.status, now.assignee, now.queue) == (Status.OPEN, None, "network")
    queued.click("eric", queued.button(new, "claim"), conversation=NETWORK)
    assert "Transferred to network" in queued.card("HELP-1001").summary
    assert kinds(queued) == ["opened", "claimed", "transferred", "claimed"]


def test_a_ticket_that_comes_back_gets_a_new_card(queued: Helpdesk) -> None:
    queued.say("ana", UNKNOWN)
    do(queued, "eric", "transfer", queue="network")
    for queue in ("-", "network", "-"):
        room = NETWORK if queue == "-" else ROOM
        card = [r for r in queued.in_space(room.space) if "HELP-1001" in r.summary and r.menu][-1]
        form = queued.click("eva", queued.button(card, "transfer"), conversation=room)
        assert form.card is not None
        sent(queued, "eva", form.card.buttons[0], queue=queue)
    cards = [r for r in queued.in_space("CROOM") if is_card(r)]
    assert [bool(card.buttons) for card in cards] == [False, False, True]
    assert not any(r.buttons for r in queued.in_space("CNETWORK"))


def test_a_queue_without_a_room_of_its_own_keeps_the_card(queued: Helpdesk) -> None:
    queued.say("ana", UNKNOWN)
    do(queued, "eva", "transfer", queue="devices")
    assert "Queue: devices" in text_of(queued.card("HELP-1001"))
    assert buttons_of(queued.card("HELP-1001")) == ["claim"]


def test_of_two_transfers_at_the_same_moment_one_wins(queued: Helpdesk) -> None:
    queued.say("ana", UNKNOWN)
    form = asked(queued, "eva", "transfer")
    outcomes = at_once(
        queued, [("eva", press_of(form, queue="network")), ("eric", press_of(form, queue="devices"))] * 2
    )
    assert [outcome.kind for outcome in outcomes].count(OutcomeKind.DONE) == 1
    assert kinds(queued).count("transferred") == 1
    loser = next(outcome for outcome in outcomes if outcome.kind is OutcomeKind.REFUSED)
    assert f"already in “{ticket(queued).queue}”" in notice(loser)


# --- priority -----------------------------------------------------------------------------------------


def test_an_engineer_sets_the_priority(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    form = desk.click("eva", desk.button(desk.card("HELP-1001"), "prioritize"), conversation=ROOM)
    assert form.card is not None
    assert form.card.fields[0].initial == str(int(Priority.NORMAL))
    sent(desk, "eva", form.card.buttons[0], priority=str(int(Priority.URGENT)))
    assert "Priority: Urgent (set by an engineer)" in text_of(desk.card("HELP-1001"))
    assert "already has the priority “Urgent”" in notice(
        sent(desk, "eric", form.card.buttons[0], priority=str(int(Priority.LOW)))
    )
    assert kinds(desk) == ["opened", "prioritized", "refused"]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (UNKNOWN, "Priority: Normal"),
        (f"{UNKNOWN} and I can't work", "Priority: High (cannot work)"),
        (f"{UNKNOWN}, the whole team is blocked, deadline today", "Priority: Urgent"),
        ("mi flurbostato burbujea y no puedo trabajar", "Priority: High (cannot work)"),
    ],
)
def test_the_priority_starts_from_the_words(desk: Helpdesk, words: str, shown: str) -> None:
    desk.say("ana", words)
    assert shown in text_of(desk.card("HELP-1001"))


def test_several_who_ask_the_same_raise_it(desk: Helpdesk) -> None:
    people = ("ana", "tom", "carmen")
    for person in people:
        desk.say(person, "the printer shows a paper jam error again")
        answer = next(reply for reply in desk.in_space(f"D{person}") if reply.buttons)
        desk.click(person, desk.button(answer, "person"), conversation=desk.direct(person))
    assert [ticket(desk, number).why for number in (1, 2, 3)] == [(), (), ("alike",)]
    assert "several ask the same" in text_of(desk.card("HELP-1003"))


def test_that_many_want_a_person_is_no_sign_that_something_is_broken(desk: Helpdesk) -> None:
    for person in ("ana", "tom", "carmen"):
        desk.say(person, "I want to talk to a person")
    assert [ticket(desk, number).why for number in (1, 2, 3)] == [(), (), ()]
