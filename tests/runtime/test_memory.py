"""The collector rests while a start makes what stays, and works again afterwards, whatever happened."""

import gc
from collections.abc import Iterator

import pytest

from bot.runtime.memory import making_what_stays

OF_A_MESSAGE = 5_000  # objects at most


@pytest.fixture(autouse=True)
def _the_collector_is_as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_was_made_is_not_looked_at_again() -> None:
    before = gc.get_freeze_count()
    with making_what_stays():
        assert not gc.isenabled()
        made = [[number] for number in range(10_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + len(made)


def test_a_message_is_over_before_the_collector_looks_at_what_it_made() -> None:
    looks: list[str] = []
    with making_what_stays():
        pass
    gc.callbacks.append(lambda phase, _: looks.append(phase))
    try:
        made = [[number] for number in range(OF_A_MESSAGE)]
    finally:
        gc.callbacks.pop()
    assert (len(made), looks) == (OF_A_MESSAGE, [])


def test_the_collector_works_again_after_an_error() -> None:
    with pytest.raises(LookupError), making_what_stays():
        raise LookupError
    assert gc.isenabled()
