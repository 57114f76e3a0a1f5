"""The collector rests while a start makes what stays, and works again afterwards, whatever happened."""

import gc
from collections.abc import Iterator

import pytest

from bot.runtime.memory import making_what_stays


@pytest.fixture(autouse=True)
def _nothing_stays_frozen() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_was_made_is_not_looked_at_again() -> None:
    before = gc.get_freeze_count()
    with making_what_stays():
        assert not gc.isenabled()
        made = [[number] for number in range(10_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + len(made)


def test_the_collector_works_again_after_an_error() -> None:
    with pytest.raises(LookupError), making_what_stays():
        raise LookupError
    assert gc.isenabled()
