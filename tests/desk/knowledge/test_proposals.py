"""Examples are proposed of what people confirmed, without anybody's name, and of nothing that is given up."""

from datetime import timedelta

import pytest

from bot.desk.knowledge.library import Library
from bot.desk.knowledge.proposals import ExampleProposals, example_of, key_of
from bot.domain.drafts.names import KnownNames
from bot.domain.knowledge.decision import Tolerance
from bot.domain.knowledge.proposal import Confirmation, ExampleStatus, Held, ShownExample
from bot.storage.personal.erasure import Erasure
from bot.storage.personal.search import search
from bot.storage.schema.feedback import learned_examples
from tests.support.desk.helpdesk import Helpdesk
from tests.support.desk.outcomes import close_windows, press
from tests.support.desk.shadow import UNSURE
from tests.support.unknown import UNKNOWN

SOLVED = "Hi, I forgot my password after the holidays"
EXAMPLE = "I forgot my password after the holidays"
TARGET = "password-reset"


def propose(helpdesk: Helpdesk, library: Library) -> tuple[ExampleProposals, dict[Held, int]]:
    """Look at the last 90 days with the matcher that is there, so that nothing is learned."""
    content, matcher = library.snapshot.content, library.snapshot.matcher
    proposals = ExampleProposals(helpdesk.begin, content)
    since = helpdesk.clock() - timedelta(days=90)
    found = proposals.find(
        since, helpdesk.clock(), lambda _: matcher, Tolerance(0.05), lambda _done, _of: None
    )
    return proposals, dict(found.held)


def shown(helpdesk: Helpdesk, library: Library) -> list[ShownExample]:
    return list(propose(helpdesk, library)[0].listed(ExampleStatus.PROPOSED))


def solved(helpdesk: Helpdesk, person: str, text: str = SOLVED) -> None:
    helpdesk.say(person, text)
    press(helpdesk, person, "solved")


def test_what_was_solved_is_proposed_without_its_greeting(helpdesk: Helpdesk, library: Library) -> None:
    solved(helpdesk, "ana")
    helpdesk.say("bob", "I forgot my password again today")
    (one,) = shown(helpdesk, library)
    assert (one.text, one.kept.target, one.kept.language) == (EXAMPLE, TARGET, "en")
    assert (one.kept.confirmed, one.kept.people, one.kept.number) == (Confirmation.SOLVED, 1, 1)


def test_what_was_picked_counts_when_the_same_person_did_not_come_back(
    helpdesk: Helpdesk, library: Library
) -> None:
    helpdesk.say("ana", UNSURE)
    picked = helpdesk.button(helpdesk.last("ana"), "choose")
    helpdesk.click("ana", picked)
    assert shown(helpdesk, library) == [], "she may come back yet"
    close_windows(helpdesk)
    (one,) = shown(helpdesk, library)
    assert (one.kept.target, picked.label) == ("vpn-linux", "Linux")
    assert one.kept.confirmed is Confirmation.CHOSEN


def test_who_came_back_confirmed_nothing(helpdesk: Helpdesk, library: Library) -> None:
    solved(helpdesk, "ana")
    helpdesk.clock.move(days=1)
    helpdesk.say("ana", UNKNOWN)
    close_windows(helpdesk)
    assert shown(helpdesk, library) == []


def test_what_did_not_help_others_is_disputed(helpdesk: Helpdesk, library: Library) -> None:
    solved(helpdesk, "ana")
    helpdesk.say("bob", SOLVED)
    press(helpdesk, "bob", "not_helpful")
    proposals, held = propose(helpdesk, library)
    assert (proposals.listed(ExampleStatus.PROPOSED), held) == ((), {Held.DISPUTED: 1})
    solved(helpdesk, "cat")
    (one,) = shown(helpdesk, library)
    assert one.kept.people == 2


def test_the_same_words_are_proposed_once(helpdesk: Helpdesk, library: Library) -> None:
    solved(helpdesk, "ana")
    solved(helpdesk, "bob", SOLVED.upper() + "!")
    (one,) = shown(helpdesk, library)
    assert one.kept.people == 2


@pytest.mark.parametrize("text", ["forgot my pasword", "Forgot my pasword!"])
def test_what_is_an_example_already_is_known(helpdesk: Helpdesk, library: Library, text: str) -> None:
    examples = [
        one
        for intent in library.snapshot.content.intents.values()
        if intent.target == TARGET
        for one in intent.examples["en"]
    ]
    assert key_of(text) in map(key_of, examples)
    solved(helpdesk, "ana", text)
    proposals, held = propose(helpdesk, library)
    assert (proposals.listed(ExampleStatus.PROPOSED), held) == ((), {Held.KNOWN: 1})


def test_nobodys_name_address_or_secret_is_in_it(helpdesk: Helpdesk, library: Library) -> None:
    helpdesk.say("Rosalind", f"{EXAMPLE}, Rosalind. Mail me at r.f@example.com")
    helpdesk.click("Rosalind", helpdesk.button(helpdesk.last("Rosalind"), "choose"))
    close_windows(helpdesk)
    (one,) = shown(helpdesk, library)
    assert one.text.startswith(EXAMPLE)
    assert "rosalind" not in one.text.lower()
    assert "@" not in one.text


def test_no_words_are_kept(helpdesk: Helpdesk, library: Library) -> None:
    solved(helpdesk, "ana")
    assert shown(helpdesk, library)
    with helpdesk.database.transaction(reading=True) as db:
        rows = db.execute(learned_examples.select()).mappings().all()
    assert "holidays" not in str(rows).lower()


def test_of_somebody_who_was_erased_nothing_is_shown_or_proposed(
    helpdesk: Helpdesk, library: Library
) -> None:
    solved(helpdesk, "ana")
    proposals, _ = propose(helpdesk, library)
    erasure = Erasure(helpdesk.database, helpdesk.clock)
    with helpdesk.database.transaction(reading=True) as connection:
        (ana,) = search(connection, "ana")
    (number,) = erasure.begin(ana.id, "operator")
    while not erasure.step(number).finished:
        helpdesk.clock.move(minutes=1)
        helpdesk.deliver()
    assert [one.text for one in proposals.listed(ExampleStatus.PROPOSED)] == [""]
    assert shown(helpdesk, library) == []


def test_what_was_taken_back_is_not_proposed_again(helpdesk: Helpdesk, library: Library) -> None:
    solved(helpdesk, "ana")
    (one,) = shown(helpdesk, library)
    with helpdesk.begin() as work:
        assert not work.examples.take_back(one.kept.id, "op", helpdesk.clock()), "it is not approved"
        assert work.examples.approve([one.kept.id], "op", helpdesk.clock()) == 1
        assert work.examples.approve([one.kept.id], "op", helpdesk.clock()) == 0
    proposals, held = propose(helpdesk, library)
    assert held == {Held.KNOWN: 1}
    (approved,) = proposals.listed(ExampleStatus.APPROVED)
    assert (approved.text, approved.kept.approved_by) == (EXAMPLE, "op")
    with helpdesk.begin() as work:
        assert work.examples.take_back(one.kept.id, "op", helpdesk.clock())
        assert not work.examples.take_back(one.kept.id, "op", helpdesk.clock())
    assert shown(helpdesk, library) == []


def test_small_talk_teaches_nothing(helpdesk: Helpdesk, library: Library) -> None:
    helpdesk.say("ana", "hello")
    assert shown(helpdesk, library) == []


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("Hi Eva, the VPN is down. Thanks!", "the VPN is down."),
        ("my password is hunter2hunter2", ""),
        ("Hola, no me va la impresora", "no me va la impresora"),
    ],
)
def test_an_example_is_what_was_asked_alone(text: str, example: str) -> None:
    assert example_of(text, KnownNames()) == example
