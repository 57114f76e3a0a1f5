"""Who an entry of an engineer means."""

import pytest

from bot.domain.people import Identity, plain_address


@pytest.mark.parametrize(
    ("entry", "matches"),
    [("U1", True), ("slack:T1/U1", True), ("slack:T2/U1", False), ("teams:T1/U1", False), ("U2", False)],
)
def test_an_engineers_entry_means_what_it_says(entry: str, matches: bool) -> None:
    assert matches is Identity.parse(entry).same_as(Identity("slack", "T1", "U1"))


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (" Ana.Ruiz+IT@Example.COM ", "ana.ruiz+it@example.com"),
        ("stra\u00dfe@example.com", "stra\u00dfe@example.com"),
        ("\u212aim@example.com", "\u212aim@example.com"),
        ("\u0130@example.com", "\u0130@example.com"),
        ("ana@b@example.com", ""),
        ("ana @example.com", ""),
        ("ana@example.com\u2028x", ""),
        ("@example.com", ""),
        ("ana@", ""),
        ("ana", ""),
        ("", ""),
    ],
)
def test_addresses_are_compared_by_the_small_letters_of_ascii(written: str, address: str) -> None:
    assert plain_address(written) == address
