"""Who an entry of an engineer means."""

import pytest

from bot.domain.people import Identity


@pytest.mark.parametrize(
    ("entry", "matches"),
    [("U1", True), ("slack:T1/U1", True), ("slack:T2/U1", False), ("teams:T1/U1", False), ("U2", False)],
)
def test_an_engineers_entry_means_what_it_says(entry: str, matches: bool) -> None:
    assert matches is Identity.parse(entry).same_as(Identity("slack", "T1", "U1"))
