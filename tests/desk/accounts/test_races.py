"""Two joins, a join and a ticket, a separation and a claim at the same moment: one winner each."""

from bot.domain.conversations.messages import Addressed, Click, OutcomeKind
from bot.domain.people import Identity, JoinHow
from bot.domain.tickets.ticket import Status
from tests.support.desk.engineers import claim
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, Helpdesk
from tests.support.desk.records import ticket
from tests.support.desk.simultaneous import all_at_once, press_of
from tests.support.unknown import UNKNOWN


def numbers(helpdesk: Helpdesk, *identities: Identity) -> list[int]:
    """Our numbers of these accounts."""
    with helpdesk.begin() as work:
        found = [work.people.known(identity) for identity in identities]
    return [person.id for person in found if person is not None]


def test_two_joins_of_one_account_at_once_give_it_one_account_in_each_channel(helpdesk: Helpdesk) -> None:
    identities = (
        Identity("slack", "T1", "ana"),
        Identity("teams", "tenant", "one"),
        Identity("teams", "tenant", "two"),
    )
    for identity in identities:
        helpdesk.say(identity.external_id, "hello", channel=identity.channel)
    ana, one, two = numbers(helpdesk, *identities)

    def join(other: int) -> None:
        with helpdesk.begin() as work:
            work.joins.join(ana, other, JoinHow.CONFIRMED, helpdesk.clock())

    all_at_once([lambda: join(one), lambda: join(two)])
    with helpdesk.begin() as work:
        person = work.people.known(identities[0])
        assert person is not None
        assert len(work.people.identities(person)) == 2


def test_a_ticket_that_opens_while_its_requester_is_joined_is_in_the_list(helpdesk: Helpdesk) -> None:
    for person, channel in (("ana", "slack"), ("ana.t", "teams")):
        helpdesk.say(person, "hello", channel=channel)
    ana, other = numbers(helpdesk, Identity("slack", "T1", "ana"), Identity("teams", "tenant", "ana.t"))

    def join() -> None:
        with helpdesk.begin() as work:
            work.joins.join(ana, other, JoinHow.CONFIRMED, helpdesk.clock())

    asks = helpdesk.utterance("ana", UNKNOWN)
    all_at_once([join, lambda: helpdesk.desk.intake.receive(asks)])
    with helpdesk.begin() as work:
        known = work.people.known(Identity("teams", "tenant", "ana.t"))
        assert known is not None
        assert [one.reference for one in work.tickets.of(known, 5)] == ["HELP-1001"]


def test_a_separation_during_a_resolution_has_one_winner(helpdesk: Helpdesk) -> None:
    helpdesk.rooms = (ROOM, OTHER_ROOM)
    identities = (Identity("slack", "T1", "eva"), Identity("teams", "tenant", "eva.t"))
    for identity in identities:
        helpdesk.say(identity.external_id, "hello", channel=identity.channel)
    eva, other = numbers(helpdesk, *identities)
    with helpdesk.begin() as work:
        work.joins.join(eva, other, JoinHow.CONFIRMED, helpdesk.clock())
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    click: Click = press_of(helpdesk.button(helpdesk.card("HELP-1001"), "resolve"), note="Done")
    resolves = helpdesk.utterance(
        "eva.t", click=click, addressed=Addressed.CLICK, channel="teams", conversation=OTHER_ROOM
    )
    outcomes = []
    separates = helpdesk.utterance("eva", "separate my accounts")
    all_at_once(
        [
            lambda: outcomes.append(helpdesk.desk.intake.receive(resolves)),
            lambda: helpdesk.desk.intake.receive(separates),
        ]
    )
    [outcome] = outcomes
    done = outcome.kind is OutcomeKind.DONE
    assert ticket(helpdesk).status is (Status.RESOLVED if done else Status.CLAIMED)
    with helpdesk.begin() as work:
        resolved = [event for event in work.tickets.events(1) if event.kind == "resolved"]
    assert len(resolved) == int(done)
