"""Jobs run in processes of their own: they tell how far they are, may fail, wait, and end with the server."""

import os
import time
from collections.abc import Callable, Iterator
from threading import Event

import pytest

from bot.domain.errors import NothingToDraft, Overloaded
from bot.server.authoring.jobs import Job, Jobs, Reached
from tests.support.patience import PATIENCE


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs(most_waiting=1)
    yield made
    made.stop()


def add(reached: Reached, one: int, other: int) -> tuple[int, int]:
    reached(1, 2)
    return one + other, os.getpid()


def refuse(_reached: Reached, sentence: str) -> None:
    raise NothingToDraft(sentence)


def vanish(_reached: Reached) -> None:
    os._exit(1)


def stay(reached: Reached) -> None:
    reached(7, 10)
    while True:
        time.sleep(3600)  # until its process is ended


def over(job: Job) -> Job:
    wait_for(lambda: job.over)
    return job


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


def test_a_result_comes_from_another_process(jobs: Jobs) -> None:
    job = over(jobs.start(add, lambda: (2, 3)))
    assert job.result[0] == 5
    assert job.result[1] != os.getpid()
    assert (job.done, job.of, job.failed) == (1, 2, "")


def test_why_it_failed_is_told_and_the_next_one_runs(jobs: Jobs) -> None:
    assert over(jobs.start(refuse, lambda: ("Nothing there.",))).failed == "Nothing there."
    assert "ended" in over(jobs.start(vanish, tuple)).failed
    assert over(jobs.start(add, lambda: (1, 1))).result[0] == 2


def test_what_cannot_be_read_is_told(jobs: Jobs) -> None:
    def unreadable() -> tuple[object, ...]:
        raise NothingToDraft("The database is away.")

    assert over(jobs.start(add, unreadable)).failed == "The database is away."


def test_more_than_can_wait_is_refused_and_stopping_ends_what_runs() -> None:
    jobs, held = Jobs(most_waiting=1), Event()
    running = jobs.start(stay, tuple)
    wait_for(lambda: running.done == 7)

    def prepare() -> tuple[int, int]:
        held.set()
        return 1, 1

    waiting = jobs.start(add, prepare)
    with pytest.raises(Overloaded):
        jobs.start(add, lambda: (1, 1))
    jobs.stop()
    assert running.over
    assert (waiting.over, held.is_set()) == (False, False), "what waits is forgotten"
    with pytest.raises(Overloaded):
        jobs.start(add, lambda: (1, 1))
