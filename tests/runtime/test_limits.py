"""Rates, waits and places, with a clock that is moved by hand."""

import pytest

from bot.runtime.network.limits import Book, GrowingWait, Held, Rate
from tests.support.clock import Seconds


def test_a_rate_gives_some_at_once_and_then_one_after_the_other() -> None:
    clock = Seconds()
    rate = Rate(3, 0.5, clock)
    assert [rate.take("ana") for _ in range(3)] == [0, 0, 0]
    assert rate.take("ana") == pytest.approx(2)
    assert rate.wait("ana") == pytest.approx(2)
    assert rate.take("tom") == 0, "nobody waits for another"
    clock.now += 2
    assert rate.take("ana") == 0
    assert rate.take("ana") == pytest.approx(2)
    clock.now += 3600
    assert [rate.take("ana") > 0 for _ in range(4)] == [False, False, False, True]


def test_the_wait_doubles_with_each_failure_and_is_bounded() -> None:
    clock = Seconds()
    wait = GrowingWait(2, longest=60, forgiven_after=1e9, clock=clock)
    found = []
    for _ in range(10):
        wait.failed("10.0.0.7")
        found.append(round(wait.wait("10.0.0.7")))
    assert found == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert wait.wait("10.0.0.8") == 0
    for _ in range(2000):
        wait.failed("10.0.0.7")
    assert wait.wait("10.0.0.7") == 60


def test_quiet_time_forgives() -> None:
    clock = Seconds()
    wait = GrowingWait(2, forgiven_after=30, clock=clock)
    for _ in range(3):
        wait.failed("a")
    assert wait.wait("a") > 0
    clock.now += 61  # a second of them is the wait itself
    wait.failed("a")
    assert wait.wait("a") == 0, "two of them are forgiven"


def test_what_is_remembered_is_bounded_and_the_newest_stays() -> None:
    book: Book[list[object]] = Book(list, most=100)
    for number in range(1000):
        book.of(number).append(number)
        book.of("kept")
    assert len(book) == 100
    assert book.find("kept") is not None
    assert (book.find(999), book.find(0)) == ([999], None)


def test_places_are_given_back_whatever_happens() -> None:
    held = Held(1, 2)
    with held.holding("ana") as first, held.holding("ana") as second, held.holding("tom") as third:
        assert (first, second, third) == ("", "each", "")
        with held.holding("eva") as fourth:
            assert fourth == "all"
    with pytest.raises(KeyError), held.holding("ana"):
        raise KeyError
    with held.holding("ana") as full:
        assert full == ""
    assert not held._held, "nobody is remembered who holds nothing"
