"""What `make chaos` would find: each fault that is planted here, and none where there is none."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.chaos.books import Books, Sent, Shown
from bench.chaos.crowd import KNOWN, Said
from bench.chaos.races import inconsistent
from bench.chaos.reconcile import reconcile
from bench.chaos.scenarios import SCENARIOS
from bench.chaos.watch import Expected, Look, judge
from tests.support.paths import ROOT

QUESTION = "bakelomi prastotri 1"
ADDED = [f"and {number} about {QUESTION}" for number in (1, 2)]


def sound() -> Books:
    """Two people: one has an answer; the other a ticket with a card in both rooms, and two additions."""
    shown = [
        Shown("slack", "DU1", "1.0", 1.0, '"Solved"', source=1),
        Shown("slack", "DU2", "2.0", 2.0, "Your ticket is HELP-1001", source=2),
        Shown("slack", "CROOM", "3.0", 3.0, QUESTION, source=3),
        Shown("teams", "19:room@thread.tacv2", "4", 4.0, QUESTION),
    ]
    sent = [
        Sent(number, one.channel, number, 1, "reply", "sent", one.id) for number, one in enumerate(shown, 1)
    ]
    for text in ADDED:
        for conversation, channel, place in ((3, "slack", "CROOM"), (4, "teams", "19:room@thread.tacv2")):
            number = len(sent) + 1
            source = number if channel == "slack" else 0
            shown.append(
                Shown(channel, place, f"{number}", float(number), text, in_thread=True, source=source)
            )
            sent.append(Sent(number, channel, conversation, number, "reply", "sent", f"{number}"))
    said = [Said("slack", "DU1", KNOWN, acknowledged=True), Said("slack", "DU2", QUESTION, acknowledged=True)]
    said += [Said("slack", "DU2", text, QUESTION, acknowledged=True) for text in ADDED]
    books = Books(said, outbox=sent, shown=shown)
    books.tickets[QUESTION] = 1
    return books


def no_ticket(books: Books) -> None:
    del books.tickets[QUESTION]


def no_answer(books: Books) -> None:
    books.shown = [one for one in books.shown if one.place != "DU1"]


def no_card(books: Books) -> None:
    books.shown = [one for one in books.shown if one.id != "4"]


def no_addition(books: Books) -> None:
    books.said.append(Said("slack", "DU2", f"and 3 about {QUESTION}", QUESTION, acknowledged=True))


def two_tickets(books: Books) -> None:
    books.tickets[QUESTION] = 2


def a_reply_twice(books: Books) -> None:
    books.shown.append(replace(books.shown[1], id="99", order=99.0))


def a_post_that_nobody_knows(books: Books) -> None:
    books.shown.append(Shown("teams", "a:chat-p1", "77", 77.0, "hello"))


def changed_places(books: Books) -> None:
    first, second = (next(i for i, one in enumerate(books.shown) if text in one.words) for text in ADDED)
    one, other = books.shown[first], books.shown[second]
    books.shown[first], books.shown[second] = replace(one, order=other.order), replace(other, order=one.order)


def a_post_left_waiting(books: Books) -> None:
    books.outbox.append(Sent(50, "slack", 3, 50, "reply", "waiting", ""))


def a_dead_letter(books: Books) -> None:
    books.outbox.append(Sent(50, "slack", 3, 50, "reply", "dead", ""))


PLANTED: list[tuple[Callable[[Books], None], str]] = [
    (no_ticket, "lost"),
    (no_answer, "lost"),
    (no_card, "lost"),
    (no_addition, "lost"),
    (two_tickets, "doubled"),
    (a_reply_twice, "doubled"),
    (a_post_that_nobody_knows, "doubled"),
    (changed_places, "out_of_order"),
    (a_post_left_waiting, "left"),
    (a_dead_letter, "left"),
]


def test_books_that_agree_have_no_findings() -> None:
    found = reconcile(sound())
    assert (found.lost, found.doubled, found.out_of_order, found.left) == ([], [], [], [])


@pytest.mark.parametrize(("plant", "kind"), PLANTED, ids=[plant.__name__ for plant, _ in PLANTED])
def test_what_is_planted_is_found(plant: Callable[[Books], None], kind: str) -> None:
    books = sound()
    plant(books)
    assert getattr(reconcile(books), kind), "it was not found"


def test_what_nobody_acknowledged_may_be_missing_but_not_doubled() -> None:
    books = sound()
    books.said = [replace(said, acknowledged=False) for said in books.said]
    books.tickets.clear()
    books.shown.clear()
    books.outbox.clear()
    assert reconcile(books).lost == []
    books.tickets[QUESTION] = 2
    assert reconcile(books).doubled


@pytest.mark.parametrize(
    ("red", "expected", "faults"),
    [
        ([], Expected.GREEN, 0),
        ([], Expected.RED, 1),
        ([12.0], Expected.GREEN, 1),
        ([12.0, 20.5], Expected.RED, 0),
        ([12.0, 20.5], Expected.EITHER, 0),
        ([5.0], Expected.EITHER, 1),
        ([28.0], Expected.RED, 1),
        ([12.0, 40.0], Expected.RED, 1),
    ],
)
def test_readiness_is_red_where_it_should_be(red: list[float], expected: Expected, faults: int) -> None:
    looks = [Look(float(at), "server", 200) for at in range(60)] + [Look(at, "server", 503) for at in red]
    found = judge(looks, 10.0, 30.0 if red == [28.0] else 20.0, expected)[1]
    assert len(found) == faults, found


def test_a_history_that_could_not_have_happened_is_found() -> None:
    good = [(1, "opened"), (1, "claimed"), (1, "refused"), (1, "released"), (1, "claimed"), (1, "resolved")]
    assert inconsistent(good, {1: "resolved"}) == []
    assert inconsistent([*good, (1, "withdrawn")], {1: "withdrawn"})
    assert inconsistent([(1, "opened"), (1, "claimed"), (1, "claimed")], {1: "claimed"})
    assert inconsistent(good, {1: "open"})


def test_every_scenario_is_in_the_documentation() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    assert [scenario.name for scenario in SCENARIOS if f"`{scenario.name}`" not in page] == []
