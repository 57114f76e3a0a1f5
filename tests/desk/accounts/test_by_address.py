"""The same verified address joins accounts of several channels where that is allowed; it gives no rights."""

from collections.abc import Callable

import pytest

from bot.desk.conversations.accounts.by_address import AddressJoining, AddressRule
from bot.domain.conversations.messages import OutcomeKind
from bot.domain.people import Identity
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, Helpdesk
from tests.support.desk.simultaneous import all_at_once
from tests.support.unknown import UNKNOWN

SLACK, TEAMS = Identity("slack", "T1", "ana"), Identity("teams", "tenant", "ana.t")
OTHER = Identity("slack", "T1", "anna")
ADDRESS = "ana@example.com"
Make = Callable[..., AddressJoining]


@pytest.fixture
def make(helpdesk: Helpdesk) -> Make:
    def joining(domains: str = "example.com") -> AddressJoining:
        for person, channel in (("ana", "slack"), ("anna", "slack"), ("ana.t", "teams")):
            helpdesk.say(person, "hello", channel=channel)
        return AddressJoining(helpdesk.begin, helpdesk.clock, AddressRule(frozenset(domains.split()), "key"))

    return joining


def accounts(helpdesk: Helpdesk, identity: Identity = SLACK) -> set[Identity]:
    """All accounts that are one person's with this one."""
    with helpdesk.begin() as work:
        person = work.people.known(identity)
        assert person is not None
        return set(work.people.identities(person))


def test_the_same_address_joins(helpdesk: Helpdesk, make: Make) -> None:
    joining = make()
    joining.tell(SLACK, (ADDRESS,))
    assert joining.round() == 0
    joining.tell(TEAMS, ("ana@corp.onmicrosoft.com", "Ana@Example.com "))
    assert joining.round() == 1
    assert accounts(helpdesk) == {SLACK, TEAMS}


@pytest.mark.parametrize(
    ("domains", "address"),
    [
        ("", ADDRESS),
        ("other.com", ADDRESS),
        ("example.com", "ana@sub.example.com"),
        ("example.com", "ana@notexample.com"),
        ("example.com", "a@b@example.com"),
        ("example.com", "@example.com"),
        ("ss.example", "ana@ß.example"),
        ("desk.example", "ana@des\u212a.example"),
        ("file.example", "ana@\ufb01le.example"),
        ("example.com", ""),
    ],
)
def test_an_address_that_does_not_count_joins_nothing(
    helpdesk: Helpdesk, make: Make, domains: str, address: str
) -> None:
    joining = make(domains)
    for identity in (SLACK, TEAMS):
        joining.tell(identity, (address,))
    assert joining.round() == 0
    assert accounts(helpdesk) == {SLACK}


@pytest.mark.parametrize("order", [(SLACK, OTHER, TEAMS), (TEAMS, SLACK, OTHER)])
def test_an_address_that_two_of_one_channel_have_joins_nothing(
    helpdesk: Helpdesk, make: Make, order: tuple[Identity, ...]
) -> None:
    joining = make()
    for identity in order:
        joining.tell(identity, (ADDRESS,))
    assert joining.round() == 0
    assert accounts(helpdesk) == {SLACK}


def test_who_writes_later_is_joined_then(helpdesk: Helpdesk, make: Make) -> None:
    joining, page = make(), Identity("web", "", "anapage")
    joining.tell(page, (ADDRESS,))
    joining.tell(SLACK, (ADDRESS,))
    assert joining.round() == 0
    helpdesk.say("anapage", "hello", channel="web")
    assert joining.round() == 1
    assert accounts(helpdesk) == {SLACK, page}


def test_a_changed_address_is_told_and_undoes_nothing(helpdesk: Helpdesk, make: Make) -> None:
    joining = make()
    assert [joining.tell(one, (ADDRESS,)) for one in (SLACK, TEAMS)] == [False, False]
    joining.round()
    assert joining.tell(TEAMS, ("other@example.com",)) is True
    joining.round()
    assert accounts(helpdesk) == {SLACK, TEAMS}


def test_letters_that_fold_alike_are_not_the_same(helpdesk: Helpdesk, make: Make) -> None:
    joining = make()
    joining.tell(SLACK, ("kim@example.com",))
    joining.tell(TEAMS, ("\u212aim@example.com",))
    assert joining.round() == 0
    joining.tell(TEAMS, ("KIM@EXAMPLE.COM",))
    assert joining.round() == 1


def test_who_has_an_address_no_longer_is_not_joined_with_who_has_it_now(
    helpdesk: Helpdesk, make: Make
) -> None:
    """It is somebody else's by now; and those who have none are not alike."""
    joining = make()
    joining.tell(SLACK, (ADDRESS,))
    assert joining.tell(SLACK, ()) is True
    assert joining.tell(SLACK, ()) is False
    joining.tell(TEAMS, (ADDRESS,))
    assert joining.round() == 0
    assert joining.tell(TEAMS, ("ana@elsewhere.example",)) is True
    assert joining.round() == 0
    assert accounts(helpdesk) == {SLACK}


def test_what_was_separated_is_not_joined_by_an_address_again(helpdesk: Helpdesk, make: Make) -> None:
    joining = make()
    for identity in (SLACK, TEAMS):
        joining.tell(identity, (ADDRESS,))
    joining.round()
    helpdesk.say("ana", "separate my accounts")
    for address in ("a2@example.com", ADDRESS):
        for identity in (SLACK, TEAMS):
            joining.tell(identity, (address,))
        joining.round()
    assert accounts(helpdesk) == {SLACK}


def test_an_address_alone_gives_nobody_an_engineers_rights(helpdesk: Helpdesk, make: Make) -> None:
    helpdesk.rooms = (ROOM, OTHER_ROOM)
    joining, eva = make(), Identity("slack", "T1", "eva")
    helpdesk.say("eva", "hello")
    joining.tell(eva, (ADDRESS,))
    joining.tell(TEAMS, (ADDRESS,))
    assert joining.round() == 1
    helpdesk.say("leo", UNKNOWN)
    claim = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
    refused = helpdesk.click("ana.t", claim, channel="teams", conversation=OTHER_ROOM)
    assert refused.kind is OutcomeKind.REFUSED


def test_both_sides_at_the_same_moment_are_joined_once(helpdesk: Helpdesk, make: Make) -> None:
    first, second = make(), make()
    all_at_once([lambda: first.tell(SLACK, (ADDRESS,)), lambda: second.tell(TEAMS, (ADDRESS,))])
    all_at_once(
        [first.round, second.round, lambda: helpdesk.desk.intake.receive(helpdesk.utterance("ana", "hi"))]
    )
    assert accounts(helpdesk) == {SLACK, TEAMS}
    with helpdesk.database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM join_log").scalar() == 1
